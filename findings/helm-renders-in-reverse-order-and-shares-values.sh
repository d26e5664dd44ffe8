#!/usr/bin/env bash
# Helm 3.21.4 and Helm 4.2.4 (helm.sh/helm) render the templates of a chart with one copy of the values, and what a
# template writes into them with `set` is there for the templates rendered after it. The order is the surprise: deeper
# folders come first, and within a folder the names go from Z to A, the other way round than in the output:
#   z: []            templates/sub/z.yaml is rendered first, and printed last
#   b: ["z"]         templates/b.yaml is rendered second
#   a: ["z","b"]     templates/a.yaml is rendered last, and printed first
# So a helper that keeps a generated password in the values (as the helper for passwords of a well-known Redis chart
# does) works for files that sort in front of the file that calls it first, and renaming a template changes manifests.
# A subchart gets a copy of `global`. The parent finds what the subchart wrote at .Values.x.global, not at .Values.global.
set -euo pipefail
T=$(mktemp -d); trap 'chmod -R u+w "$T"; rm -rf "$T"' EXIT
cd "$T"
mkdir three four
GOBIN=$T/three go install helm.sh/helm/v3/cmd/helm@v3.21.4 2> /dev/null
GOBIN=$T/four go install helm.sh/helm/v4/cmd/helm@v4.2.4 2> /dev/null

mkdir -p chart/templates/sub chart/charts/x/templates
printf 'apiVersion: v2\nname: chart\nversion: 1.0.0\n' > chart/Chart.yaml
printf 'apiVersion: v2\nname: x\nversion: 1.0.0\n' > chart/charts/x/Chart.yaml
printf 'seen: []\n' > chart/values.yaml
for file in a b sub/z; do
    name=${file##*/}
    printf '%s: {{ .Values.seen | toJson }}\n{{- $_ := set .Values "seen" (append .Values.seen "%s") }}\n' "$name" "$name" \
        > "chart/templates/$file.yaml"
done
printf 'subchart: {{ .Values.global | toJson }}\n{{- $_ := set .Values.global "from" "x" }}\n' \
    > chart/charts/x/templates/s.yaml
printf 'global: {{ .Values.global | toJson }}\nx: {{ .Values.x | toJson }}\n' > chart/templates/g.yaml

printf '%s\n' 'subchart: {"k":"v"}' 'a: ["z","b"]' 'b: ["z"]' \
    'global: {"k":"v"}' 'x: {"global":{"from":"x","k":"v"}}' 'z: []' > expected
for helm in three four; do
    echo "Helm $helm:"
    "$helm/helm" template release chart --set global.k=v | grep -v '^---\|^#\|^$' | tee "$helm.out"
    cmp expected "$helm.out"
done
