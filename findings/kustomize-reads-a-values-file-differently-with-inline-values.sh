#!/usr/bin/env bash
# Kustomize 5.8.2 (sigs.k8s.io/kustomize) gives a values file of `helmCharts` to Helm as it is. As soon as the chart has
# one value in `valuesInline`, Kustomize reads the file itself, by YAML 1.2, and writes a new file:
#     metrics: {enabled: off}     # values.yaml
#     released: 2024-01-02
# Helm then gets the text "off", which a template takes for true, and "2024-01-02T00:00:00Z". So an unrelated inline
# value turns a component on. The same `off` below `valuesInline` is false, because Kustomize reads its own file by
# YAML 1.1.
# With `valuesMerge: merge` and no values file, the defaults of the chart win over `valuesInline`, which then only adds
# keys that the chart does not have.
set -euo pipefail
T=$(mktemp -d); trap 'chmod -R u+w "$T"; rm -rf "$T"' EXIT
cd "$T"
GOBIN=$T go install sigs.k8s.io/kustomize/kustomize/v5@v5.8.2 2> /dev/null
GOBIN=$T go install helm.sh/helm/v3/cmd/helm@v3.21.4 2> /dev/null

mkdir -p charts/chart/templates
printf 'apiVersion: v2\nname: chart\nversion: 1.0.0\n' > charts/chart/Chart.yaml
printf 'metrics:\n  enabled: true\nreplicas: 1\nreleased: never\n' > charts/chart/values.yaml
cat > charts/chart/templates/print.yaml <<'TEMPLATE'
apiVersion: v1
kind: ConfigMap
metadata: {name: print}
data:
  text: "metrics {{ if .Values.metrics.enabled }}on{{ else }}off{{ end }}, released {{ .Values.released }}, replicas {{ .Values.replicas }}"
TEMPLATE
printf 'metrics:\n  enabled: off\nreleased: 2024-01-02\n' > values.yaml

build() {
    printf 'helmCharts:\n  - name: chart\n    releaseName: release\n' > kustomization.yaml
    printf '    %s\n' "$@" >> kustomization.yaml
    ./kustomize build --enable-helm --helm-command ./helm . | sed -n "s/^  text: //p"
}
{
    build 'valuesFile: values.yaml'
    build 'valuesFile: values.yaml' 'valuesInline: {replicas: 2}'
    build 'valuesInline: {metrics: {enabled: off}}'
    build 'valuesInline: {replicas: 2}' 'valuesMerge: merge'
} | tee out
cmp out - <<'OUT'
metrics off, released 2024-01-02, replicas 1
metrics on, released 2024-01-02T00:00:00Z, replicas 2
metrics off, released never, replicas 1
metrics on, released never, replicas 1
OUT
