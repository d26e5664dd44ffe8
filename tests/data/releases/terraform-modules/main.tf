module "sessions" {
  source        = "./modules/redis"
  name          = "sessions"
  namespace     = "web"
  chart_version = local.chart_version
  values        = [file("${path.module}/values/sessions.yaml")]
}

module "queue" {
  source    = "./modules/redis"
  name      = "queue"
  namespace = "jobs"
  values = [yamlencode({
    architecture = "standalone"
  })]
}

module "cache" {
  source        = "./modules/redis"
  for_each      = { eu = { version = "24.1.2" }, us = { version = "25.5.3" } }
  name          = "cache"
  namespace     = "cache-${each.key}"
  chart_version = each.value.version
}

module "spare" {
  source    = "./modules/redis"
  for_each  = var.spares
  name      = each.key
  namespace = "spare"
}

module "limits" {
  source     = "./modules/chart"
  name       = "limits"
  chart      = "redis"
  repository = "oci://registry-1.docker.io/bitnamicharts"
  release    = "25.5.3"
}

module "web" {
  source     = "./modules/chart"
  name       = "web"
  chart      = "nginx"
  repository = "oci://registry-1.docker.io/bitnamicharts"
  release    = "22.0.2"
}

locals {
  chart_version = "24.1.2"
}

variable "spares" {
  type = map(string)
}
