{% if tls %}
import java.io.File;
{% endif %}
{% if sentinel %}
import java.util.Set;
{% endif %}
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
{% if sentinel %}
import redis.clients.jedis.RedisSentinelClient;
{% else %}
import redis.clients.jedis.RedisClient;
{% endif %}
{% if tls %}
import redis.clients.jedis.SslOptions;
{% endif %}

class Connection {
{% if sentinel %}
    static RedisSentinelClient open() {
{% else %}
    static RedisClient open() {
{% endif %}
{% if tls %}
        var tls = SslOptions.builder()
                .trustStoreType("PKCS12")
                .truststore(new File("truststore.p12"))
{% if mutual %}
                .keyStoreType("PKCS12")
                .keystore(new File("keystore.p12"))
{% endif %}
                .build();
{% endif %}
        var config = DefaultJedisClientConfig.builder()
{% if auth %}
                .password(System.getenv("REDIS_PASSWORD"))
{% endif %}
{% if tls %}
                .sslOptions(tls)
{% endif %}
                .build();
{% if sentinel %}
        var sentinelConfig = DefaultJedisClientConfig.builder()
{% if sentinel_auth %}
                .password(System.getenv("REDIS_PASSWORD"))
{% endif %}
{% if tls %}
                .sslOptions(tls)
{% endif %}
                .build();
        return RedisSentinelClient.builder()
                .masterName({{ set }})
                .sentinels(Set.of(new HostAndPort({{ host }}, {{ port }})))
                .sentinelClientConfig(sentinelConfig)
                .clientConfig(config)
                .build();
{% else %}
        return RedisClient.builder()
                .hostAndPort(new HostAndPort({{ host }}, {{ port }}))
                .clientConfig(config)
                .build();
{% endif %}
    }
}
