# kubectl and helm act on the current context, and each step runs only when those before it have succeeded.
# 1. install release backend-redis of chart redis 23.1.1, or upgrade it
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
