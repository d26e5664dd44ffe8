const Redis = require("ioredis");
{% if tls %}
const fs = require("node:fs");

const tls = {
  ca: fs.readFileSync("ca.crt"),
{% if mutual %}
  cert: fs.readFileSync("tls.crt"),
  key: fs.readFileSync("tls.key"),
{% endif %}
};
{% endif %}

const redis = new Redis({
{% if sentinel %}
  sentinels: [{ host: {{ host }}, port: {{ port }} }],
  name: {{ set }},
{% if sentinel_auth %}
  sentinelPassword: process.env.REDIS_PASSWORD,
{% endif %}
{% if tls %}
  enableTLSForSentinelMode: true,
  sentinelTLS: tls,
{% endif %}
{% else %}
  host: {{ host }},
  port: {{ port }},
{% endif %}
{% if auth %}
  password: process.env.REDIS_PASSWORD,
{% endif %}
{% if tls %}
  tls,
{% endif %}
});
