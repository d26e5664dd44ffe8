resource "helm_release" "redis" {
  name       = var.name
  namespace  = var.namespace
  repository = "https://charts.bitnami.com/bitnami"
  chart      = "redis"
  version    = var.chart_version
  values     = var.values

  set {
    name  = "auth.existingSecret"
    value = "${var.name}-redis"
  }

  set {
    name  = "auth.existingSecretPasswordKye"
    value = "password"
  }
}
