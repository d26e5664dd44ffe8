variable "name" {}
variable "chart" {}
variable "repository" {}
variable "release" {}

resource "helm_release" "this" {
  name       = var.name
  chart      = var.chart
  repository = var.repository
  version    = var.release
}
