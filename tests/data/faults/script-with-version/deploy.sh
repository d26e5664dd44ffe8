helm upgrade --install redis oci://registry-1.docker.io/bitnamicharts/redis \
  --namespace cache --version 19.0.2 \
  --values values.yaml \
  --set slave.replicaCount=1
