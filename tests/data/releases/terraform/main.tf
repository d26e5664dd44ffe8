resource "helm_release" "cache" {
  name             = "redis"
  namespace        = "cache"
  create_namespace = true
  repository       = "https://charts.bitnami.com/bitnami"
  chart            = "redis"
  version          = var.redis_chart_version

  values = [
    file("${path.module}/values/redis.yaml"),
    yamlencode({
      commonLabels = {
        team = "payments"
      }
    }),
    <<-EOT
      auth:
        existingSecret: redis-auth
    EOT
  ]

  set {
    name  = "auth.pasword"
    value = "none"
  }

  set {
    name  = "master.persistence.size"
    value = "16Gi"
  }
}

resource "helm_release" "web" {
  name       = "web"
  namespace  = "web"
  repository = "https://charts.bitnami.com/bitnami"
  chart      = "nginx"
  version    = "22.0.2"

  set {
    name  = "replicaCount"
    value = "2"
  }
}
