locals {
  namespace = "cache"
}

resource "helm_release" "redis" {
  name       = "redis"
  namespace  = local.namespace
  chart      = "oci://registry-1.docker.io/bitnamicharts/redis"
  version    = "25.5.3"

  values = [file("redis.yaml")]

  set = [
    { name = "auth.existingSecret", value = "redis-auth" },
  ]

  set_sensitive = [
    { name = "auth.pasword", value = var.password },
  ]
}

variable "password" {
  type      = string
  sensitive = true
}
