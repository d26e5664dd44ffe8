#!/usr/bin/env bash
# SOPS 3.11.0 (github.com/getsops/sops/v3) rewrites a plain `off` as the text "off", also a value that it leaves in
# clear: `sops encrypt --encrypted-regex '^password$'` and `sops decrypt` of
#     sentinel: {enabled: off}
# give `enabled: "off"`. Helm 3.21.4 reads the first as false; the second is a text, which a template takes for true. So
# a values file that is only encrypted and decrypted turns a component on (`helm secrets`, Argo CD and Flux decrypt so).
# Octal numbers come back as decimal numbers (0640 as 416), which Helm reads alike.
set -euo pipefail
T=$(mktemp -d); trap 'chmod -R u+w "$T"; rm -rf "$T"' EXIT
cd "$T"
GOBIN=$T go install github.com/getsops/sops/v3/cmd/sops@v3.11.0 2> /dev/null
GOBIN=$T go install filippo.io/age/cmd/age-keygen@v1.2.1 2> /dev/null
GOBIN=$T go install helm.sh/helm/v3/cmd/helm@v3.21.4 2> /dev/null

./age-keygen -o key.txt 2> /dev/null
export SOPS_AGE_KEY_FILE=$T/key.txt
recipient=$(sed -n 's/^# public key: //p' key.txt)

printf 'sentinel:\n    enabled: off\nmode: 0640\npassword: example\n' > before.yaml
./sops encrypt --age "$recipient" --encrypted-regex '^password$' before.yaml > encrypted.yaml
echo "encrypted:"
sed -n 1,3p encrypted.yaml
sed -n 2p encrypted.yaml | grep -qx '    enabled: "off"'
./sops decrypt encrypted.yaml > after.yaml
echo "decrypted:"
cat after.yaml
printf 'sentinel:\n    enabled: "off"\nmode: 416\npassword: example\n' | cmp - after.yaml

mkdir -p chart/templates
printf 'apiVersion: v2\nname: chart\nversion: 1.0.0\n' > chart/Chart.yaml
printf 'sentinel: {{ if .Values.sentinel.enabled }}on{{ else }}off{{ end }}, mode %s\n' '{{ .Values.mode }}' \
    > chart/templates/print.yaml
echo "Helm:"
for file in before after; do
    ./helm template release chart --values "$file.yaml" | tail -n 1 | sed "s/^/$file: /"
done | tee helm.out
printf 'before: sentinel: off, mode 416\nafter: sentinel: on, mode 416\n' | cmp - helm.out
