# kubectl and helm use the current context. Each step runs only after all earlier steps succeeded.
# 1. install or upgrade release backend-redis with chart redis 23.1.1
(
  values=$(redisgen values --set 'a={b,c}') &&
  printf '%s\n' "$values" |
    helm upgrade --install backend-redis oci://registry-1.docker.io/bitnamicharts/redis \
      --version 23.1.1 \
      --namespace backend \
      --create-namespace \
      -f - \
      --rollback-on-failure \
      --timeout 10m
)
