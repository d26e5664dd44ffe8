# kubectl and helm act on the current context, and each step runs only when those before it have succeeded.
# 1. make namespace backend where it is missing: the Secret has to be there before the release
# 2. make Secret redis-auth where it is missing, redis-password from the variable REDIS_PASSWORD
# 3. install release backend-redis of chart redis 23.1.1, or upgrade it
{
  kubectl get namespace backend >/dev/null 2>&1 || {
    kubectl create namespace backend
  }
} &&
{
  kubectl get secret redis-auth --namespace backend >/dev/null 2>&1 || {
    : "${REDIS_PASSWORD:?is empty or not set}" &&
    printf %s "$REDIS_PASSWORD" |
      kubectl create secret generic redis-auth \
        --namespace backend \
        --from-file=redis-password=/dev/stdin
  }
} &&
helm upgrade --install backend-redis oci://registry-1.docker.io/bitnamicharts/redis \
  --version 23.1.1 \
  --namespace backend \
  --create-namespace \
  -f 'redis opts.yaml' \
  --rollback-on-failure \
  --timeout 10m
