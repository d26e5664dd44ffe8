#!/usr/bin/env bash
set -euo pipefail

NAMESPACE=cache
CHART_VERSION=25.5.3

helm repo add stable-charts https://charts.bitnami.com/bitnami
helm repo update

helm upgrade --install redis stable-charts/redis \
  --namespace "$NAMESPACE" --create-namespace \
  --version "${CHART_VERSION}" \
  -f values/redis.yaml \
  --set auth.existingSecret=redis-auth,auth.pasword=none

helm upgrade --install web stable-charts/nginx --namespace web --version 22.0.2 --set replicaCount=2
