{% if auth %}
# The variable REDISCLI_AUTH has the password.
{% endif %}
{% set secured = " --tls --cacert ca.crt" if tls else "" %}
{% set mutual = " --cert tls.crt --key tls.key" if mutual else "" %}
{% if sentinel %}
redis-cli{{ (secured ~ mutual) | raw }} -h {{ host }} -p {{ port }} SENTINEL get-master-addr-by-name {{ set }}
{% else %}
redis-cli{{ (secured ~ mutual) | raw }} -h {{ host }} -p {{ port }}
{% endif %}
