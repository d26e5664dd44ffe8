package main

import (
{% if tls %}
	"crypto/tls"
	"crypto/x509"
	"log"
{% endif %}
{% if auth or tls %}
	"os"

{% endif %}
	"github.com/redis/go-redis/v9"
)

func connect() *redis.Client {
{% if tls %}
	ca, err := os.ReadFile("ca.crt")
	if err != nil {
		log.Fatal(err)
	}
	authorities := x509.NewCertPool()
	authorities.AppendCertsFromPEM(ca)
{% if mutual %}
	certificate, err := tls.LoadX509KeyPair("tls.crt", "tls.key")
	if err != nil {
		log.Fatal(err)
	}
	secure := &tls.Config{RootCAs: authorities, Certificates: []tls.Certificate{certificate}}
{% else %}
	secure := &tls.Config{RootCAs: authorities}
{% endif %}
{% endif %}
{% if sentinel %}
	options := &redis.FailoverOptions{}
	options.MasterName = {{ set }}
	options.SentinelAddrs = []string{ {{- (host ~ ":" ~ port) -}} }
{% if sentinel_auth %}
	options.SentinelPassword = os.Getenv("REDIS_PASSWORD")
{% endif %}
{% else %}
	options := &redis.Options{}
	options.Addr = {{ host ~ ":" ~ port }}
{% endif %}
{% if auth %}
	options.Password = os.Getenv("REDIS_PASSWORD")
{% endif %}
{% if tls %}
	options.TLSConfig = secure
{% endif %}
{% if sentinel %}
	return redis.NewFailoverClient(options)
{% else %}
	return redis.NewClient(options)
{% endif %}
}
