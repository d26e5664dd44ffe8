package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	ctyyaml "github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"helm.sh/helm/v3/pkg/strvals"
	"sigs.k8s.io/yaml"
)

// terraform evaluates the `helm_release` resources of a folder with Terraform's parser and its `yamlencode`, and joins
// the values in the order of the Helm provider (getValues in helm/resource_release.go): `values`, then `set`.
func terraform(root string) ([]release, error) {
	paths, err := filepath.Glob(filepath.Join(root, "*.tf"))
	if err != nil {
		return nil, err
	}
	variables := map[string]cty.Value{}
	var resources []*hclsyntax.Block
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		file, problems := hclsyntax.ParseConfig(text, path, hcl.InitialPos)
		if problems.HasErrors() {
			return nil, problems
		}
		for _, block := range file.Body.(*hclsyntax.Body).Blocks {
			switch {
			case block.Type == "variable":
				if start, has := block.Body.Attributes["default"]; has {
					value, problems := start.Expr.Value(nil)
					if problems.HasErrors() {
						return nil, problems
					}
					variables[block.Labels[0]] = value
				}
			case block.Type == "resource" && block.Labels[0] == "helm_release":
				resources = append(resources, block)
			}
		}
	}
	context := &hcl.EvalContext{
		Variables: map[string]cty.Value{
			"path": cty.ObjectVal(map[string]cty.Value{"module": cty.StringVal(root)}),
			"var":  cty.ObjectVal(variables),
		},
		Functions: map[string]function.Function{"file": readFile, "yamlencode": ctyyaml.YAMLEncodeFunc},
	}
	var releases []release
	for _, block := range resources {
		one, err := helmReleaseOf(block.Body, context)
		if err != nil {
			return nil, fmt.Errorf("%v: %w", block.Labels, err)
		}
		releases = append(releases, one)
	}
	return releases, nil
}

func helmReleaseOf(body *hclsyntax.Body, context *hcl.EvalContext) (release, error) {
	text := func(body *hclsyntax.Body, name string) string {
		attribute, has := body.Attributes[name]
		if !has {
			return ""
		}
		value, problems := attribute.Expr.Value(context)
		if problems.HasErrors() {
			return ""
		}
		return value.AsString()
	}
	base := map[string]any{}
	if attribute, has := body.Attributes["values"]; has {
		list, problems := attribute.Expr.Value(context)
		if problems.HasErrors() {
			return release{}, problems
		}
		for _, one := range list.AsValueSlice() {
			values := map[string]any{}
			if err := yaml.Unmarshal([]byte(one.AsString()), &values); err != nil {
				return release{}, err
			}
			base = mergeMaps(base, values)
		}
	}
	for _, block := range body.Blocks {
		if block.Type != "set" {
			continue
		}
		set := fmt.Sprintf("%s=%s", text(block.Body, "name"), text(block.Body, "value"))
		parse := strvals.ParseInto
		if text(block.Body, "type") == "string" {
			parse = strvals.ParseIntoString
		}
		if err := parse(set, base); err != nil {
			return release{}, err
		}
	}
	return release{text(body, "name"), text(body, "namespace"), text(body, "chart"), text(body, "version"), base}, nil
}

// mergeMaps merges as Helm and its provider do: `over` wins, and maps are joined.
func mergeMaps(under, over map[string]any) map[string]any {
	merged := map[string]any{}
	for key, value := range under {
		merged[key] = value
	}
	for key, value := range over {
		if inner, is := value.(map[string]any); is {
			if below, is := merged[key].(map[string]any); is {
				merged[key] = mergeMaps(below, inner)
				continue
			}
		}
		merged[key] = value
	}
	return merged
}

var readFile = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "path", Type: cty.String}},
	Type:   function.StaticReturnType(cty.String),
	Impl: func(arguments []cty.Value, _ cty.Type) (cty.Value, error) {
		text, err := os.ReadFile(arguments[0].AsString())
		return cty.StringVal(string(text)), err
	},
})
