resource "helm_release" "redis" {
  name       = "redis"
  repository = "https://charts.bitnami.com/bitnami"
  chart      = "redis"
  version    = "21.2.11"

  set {
    name  = "auth.password"
    value = var.redis_password
  }
  set {
    name  = "master.containerPort"
    value = "6379"
  }
}
