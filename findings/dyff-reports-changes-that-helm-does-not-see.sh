#!/usr/bin/env bash
# dyff 1.10.2 (github.com/homeport/dyff) compares YAML as YAML 1.2 reads plain scalars; Helm 3.21.4 reads values files
# as YAML 1.1. Two values files that Helm takes for the same therefore show four differences:
#   off -> false and yes -> true   "type change from string to bool": Helm reads a Boolean in both files
#   0777 -> 511                    "value change": octal and decimal form of one number, for both programs
#   1e3 -> 1000                    "type change from float to int": Helm prints the same number
# A review of values files with dyff asks about changes that change no manifest, and `off` looks like a text there that
# a template would take for true.
set -euo pipefail
T=$(mktemp -d); trap 'chmod -R u+w "$T"; rm -rf "$T"' EXIT
cd "$T"
GOBIN=$T go install github.com/homeport/dyff/cmd/dyff@v1.10.2 2> /dev/null
GOBIN=$T go install helm.sh/helm/v3/cmd/helm@v3.21.4 2> /dev/null

printf 'enabled: off\nmode: 0777\nnumber: 1e3\nother: yes\n' > old.yaml
printf 'enabled: false\nmode: 511\nnumber: 1000\nother: true\n' > new.yaml

mkdir -p chart/templates
printf 'apiVersion: v2\nname: chart\nversion: 1.0.0\n' > chart/Chart.yaml
for key in enabled mode number other; do
    printf '%s: {{ kindOf .Values.%s }} {{ .Values.%s }}\n' "$key" "$key" "$key"
done > chart/templates/print.yaml

for file in old new; do
    ./helm template release chart --values "$file.yaml" > "$file.out"
done
echo "Helm, for both files:"
tail -n 4 old.out
cmp old.out new.out
printf 'enabled: bool false\nmode: float64 511\nnumber: float64 1000\nother: bool true\n' | cmp - <(tail -n 4 old.out)

echo "dyff:"
./dyff between --omit-header --color off old.yaml new.yaml | tee dyff.out
grep -A1 '^enabled' dyff.out | grep -q 'type change from string to bool'
grep -A1 '^mode' dyff.out | grep -q 'value change'
grep -A1 '^number' dyff.out | grep -q 'type change from float to int'
grep -A1 '^other' dyff.out | grep -q 'type change from string to bool'
