# kubectl and helm use the current context. Each step runs only after all earlier steps succeeded.
# 1. create namespace backend if it is missing, for the Secret
# 2. create Secret redis-auth if it is missing, with key redis-password from the variable REDIS_PASSWORD
# 3. install or upgrade release backend-redis with chart redis 23.1.1
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
