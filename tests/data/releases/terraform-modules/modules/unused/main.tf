variable "name" {
  type    = string
  default = "unused"
}

resource "helm_release" "redis" {
  name    = var.name
  chart   = "oci://registry-1.docker.io/bitnamicharts/redis"
  version = "25.5.3"
}
