variable "name" {
  type = string
}

variable "namespace" {
  type = string
}

variable "chart_version" {
  type    = string
  default = "25.5.3"
}

variable "values" {
  type    = list(string)
  default = []
}
