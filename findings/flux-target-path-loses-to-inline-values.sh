#!/usr/bin/env bash
# Flux composes the values of a HelmRelease with github.com/fluxcd/pkg/chartutil (1.29.0). Its documentation says that
# an item of `valuesFrom` with `targetPath` overwrites everything before it, "including inline values". That holds only
# as long as no earlier item has the same map:
#     valuesFrom:
#       - {kind: ConfigMap, name: defaults}                                   # auth: {enabled: true}
#       - {kind: Secret, name: redis, valuesKey: p, targetPath: auth.password}
#     values:
#       auth: {password: inline}
# installs the password `inline`. Without the first item, or with one that has no `auth`, it is the one of the Secret.
# Of two paths below one map, only the first wins, too. Each target path is written into a merge of the values so far
# with the inline values, and the inline values are merged once more at the end. They only lose where the merge had
# taken over their own map, and the write therefore changed the inline values themselves.
set -euo pipefail
T=$(mktemp -d); trap 'chmod -R u+w "$T"; rm -rf "$T"' EXIT
cd "$T"
cat > go.mod <<'GO'
module example

go 1.26.0
GO
cat > main.go <<'GO'
package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/fluxcd/pkg/apis/meta"
	"github.com/fluxcd/pkg/chartutil"
	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// A cluster has one ConfigMap, whatever its name.
type cluster struct{ client.Client }

func (cluster) Get(_ context.Context, _ client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	into.(*corev1.ConfigMap).Data = map[string]string{"same": "auth: {enabled: true}", "other": "tls: {enabled: true}", "a": "reference", "b": "reference"}
	return nil
}

func main() {
	whole := func(key string) meta.ValuesReference { return meta.ValuesReference{Kind: "ConfigMap", Name: "c", ValuesKey: key} }
	path := func(key, path string) meta.ValuesReference {
		return meta.ValuesReference{Kind: "ConfigMap", Name: "c", ValuesKey: key, TargetPath: path}
	}
	for _, items := range [][]meta.ValuesReference{
		{path("a", "auth.password")},
		{whole("other"), path("a", "auth.password")},
		{whole("same"), path("a", "auth.password")},
		{path("a", "auth.password"), path("b", "auth.secret")},
	} {
		inline := map[string]any{"auth": map[string]any{"password": "inline", "secret": "inline"}}
		values, err := chartutil.ChartValuesFromReferences(context.Background(), logr.Discard(), cluster{}, "n", inline, items...)
		if err != nil {
			panic(err)
		}
		text, _ := json.Marshal(values["auth"])
		fmt.Println(string(text))
	}
}
GO
go get github.com/fluxcd/pkg/chartutil@v1.29.0 2> /dev/null
go mod tidy 2> /dev/null
go run . | tee out
cmp out - <<'OUT'
{"password":"reference","secret":"inline"}
{"password":"reference","secret":"inline"}
{"enabled":true,"password":"inline","secret":"inline"}
{"password":"reference","secret":"inline"}
OUT
