variable "redis_chart_version" {
  description = "Version of the Redis chart"
  type        = string
  default     = "25.5.3"
}
