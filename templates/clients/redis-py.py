import os

{% if sentinel %}
from redis.sentinel import Sentinel

sentinel = Sentinel(
    [({{ host }}, {{ port }})],
{% if sentinel_auth or tls %}
    sentinel_kwargs={
{% if sentinel_auth %}
        "password": os.environ["REDIS_PASSWORD"],
{% endif %}
{% if tls %}
        "ssl": True,
        "ssl_ca_certs": "ca.crt",
{% endif %}
{% if mutual %}
        "ssl_certfile": "tls.crt",
        "ssl_keyfile": "tls.key",
{% endif %}
    },
{% endif %}
{% if auth %}
    password=os.environ["REDIS_PASSWORD"],
{% endif %}
{% if tls %}
    ssl=True,
    ssl_ca_certs="ca.crt",
{% endif %}
{% if mutual %}
    ssl_certfile="tls.crt",
    ssl_keyfile="tls.key",
{% endif %}
)
primary = sentinel.master_for({{ set }})
replica = sentinel.slave_for({{ set }})
{% else %}
from redis import Redis

redis = Redis(
    host={{ host }},
    port={{ port }},
{% if auth %}
    password=os.environ["REDIS_PASSWORD"],
{% endif %}
{% if tls %}
    ssl=True,
    ssl_ca_certs="ca.crt",
{% endif %}
{% if mutual %}
    ssl_certfile="tls.crt",
    ssl_keyfile="tls.key",
{% endif %}
)
{% endif %}
