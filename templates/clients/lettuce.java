{% if tls %}
import io.lettuce.core.ClientOptions;
{% endif %}
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
{% if tls %}
import io.lettuce.core.SslOptions;
import java.io.File;
{% endif %}

class Connection {
    static RedisClient open() {
{% if sentinel %}
        var sentinel = RedisURI.Builder.redis({{ host }}, {{ port }})
{% if sentinel_auth %}
                .withPassword(System.getenv("REDIS_PASSWORD").toCharArray())
{% endif %}
{% if tls %}
                .withSsl(true)
{% endif %}
                .build();
        var uri = RedisURI.builder()
                .withSentinelMasterId({{ set }})
                .withSentinel(sentinel)
{% else %}
        var uri = RedisURI.Builder.redis({{ host }}, {{ port }})
{% endif %}
{% if auth %}
                .withPassword(System.getenv("REDIS_PASSWORD").toCharArray())
{% endif %}
{% if tls %}
                .withSsl(true)
{% endif %}
                .build();
        var client = RedisClient.create(uri);
{% if tls %}
        client.setOptions(ClientOptions.builder()
                .sslOptions(SslOptions.builder()
                        .trustManager(new File("ca.crt"))
{% if mutual %}
                        .keyManager(new File("tls.crt"), new File("tls.key"), new char[0])
{% endif %}
                        .build())
                .build());
{% endif %}
        return client;
    }
}
