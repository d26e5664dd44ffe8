package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// typeOf returns an empty object of the Go type that the API server decodes a manifest into.
// Only the metadata of a custom resource is decoded.
func typeOf(kind string) any {
	switch kind {
	case "StatefulSet":
		return &appsv1.StatefulSet{}
	case "Deployment":
		return &appsv1.Deployment{}
	case "DaemonSet":
		return &appsv1.DaemonSet{}
	case "Service":
		return &corev1.Service{}
	case "ServiceAccount":
		return &corev1.ServiceAccount{}
	case "Secret":
		return &corev1.Secret{}
	case "ConfigMap":
		return &corev1.ConfigMap{}
	case "PersistentVolumeClaim":
		return &corev1.PersistentVolumeClaim{}
	case "NetworkPolicy":
		return &networkingv1.NetworkPolicy{}
	case "PodDisruptionBudget":
		return &policyv1.PodDisruptionBudget{}
	case "Role":
		return &rbacv1.Role{}
	case "RoleBinding":
		return &rbacv1.RoleBinding{}
	}
	return &metav1.PartialObjectMetadata{}
}

// decodes reports whether the API server can decode the objects.
func decodes(list []object) bool {
	for _, o := range list {
		text, err := json.Marshal(map[string]any(o))
		if err != nil || json.Unmarshal(text, typeOf(o.kind())) != nil {
			return false
		}
	}
	return true
}

// form is a shape of a value that has texts in it.
type form struct {
	name  string
	kinds []string           // types of the key
	value func(leaf any) any // the value with a leaf in it
	text  any                // a leaf that Kubernetes accepts
}

var forms = []form{
	{"map", []string{"map"}, func(leaf any) any { return map[string]any{"zqkey": leaf} }, "zqtext"},
	{"resources", []string{"map"}, func(leaf any) any { return map[string]any{"limits": map[string]any{"cpu": leaf}} }, "1"},
	{"list", []string{"list"}, func(leaf any) any { return []any{leaf} }, "zqtext"},
	{"items", []string{"list"}, func(leaf any) any { return []any{map[string]any{"name": "ZQ", "value": leaf}} }, "zqtext"},
	{"text", []string{"string"}, func(leaf any) any { return leaf }, "zqtext"},
}

// typesCommand finds the keys whose values reach a field that Kubernetes decodes as a text:
// it sets a boolean and a number at each key, in each shape, and decodes the manifests into
// the types of k8s.io/api.
func typesCommand(args []string) error {
	work, err := workOf("types", args)
	if err != nil {
		return err
	}
	facts, keys, err := work.facts()
	if err != nil {
		return err
	}
	measured := map[string]map[int]string{} // by key and topology: the form and the refused types, by version
	var at []int
	err = work.eachChart(&memo{entries: map[string]*rendered{}, raw: true}, func(i int, s *source) error {
		for _, topology := range topologies {
			c := newCell(s, topology, keys, i)
			c.only = map[string]bool{"default": true, "on": true, "LoadBalancer": true}
			c.prepare()
			c.types(func(key, form, refused string) {
				subject := key + "\t" + topology
				if measured[subject] == nil {
					measured[subject] = map[int]string{}
				}
				measured[subject][i] = form + "\t" + refused
			})
		}
		at = append(at, i)
		fmt.Fprintln(os.Stderr, s.version)
		return nil
	})
	if err != nil {
		return err
	}
	exists := map[string]map[int]bool{}
	for _, k := range keys {
		if exists[k.path] == nil {
			exists[k.path] = map[int]bool{}
		}
		for i := k.from; i < k.to; i++ {
			exists[k.path][i] = true
		}
	}
	for subject, results := range measured {
		key, _, _ := strings.Cut(subject, "\t")
		for i := range facts.versions {
			if before != "" && !work.wanted[i] {
				continue // the old row is carried over
			}
			if fact := between(i, at, results, exists[key]); fact != "" {
				facts.add(i, subject, fact)
			}
		}
	}
	if err := work.carry(facts, "types.tsv"); err != nil {
		return err
	}
	samples, err := measuredVersions(work, at)
	if err != nil {
		return err
	}
	return writeTable(filepath.Join(work.data, "types.tsv"), []string{
		"Keys with texts that reach a field that Kubernetes decodes as a text, measured by rendering and decoding with the types of k8s.io/api (tools/oracle, types).",
		"topologies: s standalone, r replication, n Sentinel. since: first version. until: first version after, `-` none.",
		"form: `text` the value, `map` each value of the map, `list` each item, `items` the `value` of each item, `resources` each quantity.",
		"refused: the types of a value that Kubernetes refuses.",
		samplesAre + strings.Join(samples, ", "),
		"key\ttopologies\tsince\tuntil\tform\trefused",
	}, byTopologies(facts))
}

// samplesAre starts the line of types.tsv with the measured versions.
const samplesAre = "measured versions: "

// measuredVersions are the versions that were measured in this run, after those of the
// table whose rows are carried over.
func measuredVersions(work work, at []int) ([]string, error) {
	var list []string
	if before != "" {
		text, err := os.ReadFile(filepath.Join(before, "types.tsv"))
		if err != nil {
			return nil, err
		}
		if _, rest, there := strings.Cut(string(text), "# "+samplesAre); there {
			line, _, _ := strings.Cut(rest, "\n")
			list = strings.Split(line, ", ")
		}
	}
	for _, i := range at {
		if version := work.list[i].version; !contains(list, version) {
			list = append(list, version)
		}
	}
	return list, nil
}

// between is the result for a version: that of the nearest measured versions before and
// after it, if both agree, or that of one of them if the other does not have the key.
func between(i int, measured []int, results map[int]string, exists map[int]bool) string {
	before, after := -1, -1
	for _, m := range measured {
		if m <= i {
			before = m
		}
		if m >= i && after < 0 {
			after = m
		}
	}
	known := func(m int) bool { return m >= 0 && exists[m] }
	switch {
	case !exists[i] || !known(before) && !known(after):
		return ""
	case !known(before):
		return results[after]
	case !known(after), results[before] == results[after]:
		return results[before]
	}
	return ""
}

func (c *cell) types(report func(key, form, refused string)) {
	for _, p := range c.probes {
		if c.topo[p.path] != nil || p.kind == "bool" || p.kind == "choice" {
			continue
		}
		for _, f := range forms {
			if !contains(f.kinds, p.kind) && p.kind != "null" && !(p.node && f.name == "text") {
				continue
			}
			refused := c.refusedLeaves(p, f)
			if refused == "" {
				continue
			}
			if p.node {
				// The probe is a child of an open map whose other children the chart declares.
				report(p.path[:strings.LastIndex(p.path, ".")], "map", refused)
			} else {
				report(p.path, f.name, refused)
			}
			break
		}
	}
}

// refusedLeaves returns the types that Kubernetes refuses in this form, in the first
// baseline in which a text is accepted and has an effect.
func (c *cell) refusedLeaves(p *probe, f form) string {
	for _, b := range c.baselines {
		render := func(leaf any) (changed, ok bool) {
			out := c.s.render(b.w, b.set.with(settings{p.path: f.value(leaf)}))
			if out.err != "" {
				return false, false
			}
			var objects []object
			for i, file := range c.s.files {
				r := out.files[i]
				if file.notes || r == nil || r == b.out.files[i] || r.text == b.out.files[i].text {
					continue
				}
				changed = true
				list, err := objectsIn(r.raw)
				if err != nil {
					return true, false
				}
				objects = append(objects, list...)
			}
			return changed, decodes(objects)
		}
		if changed, ok := render(f.text); !changed || !ok {
			continue
		}
		var refused []string
		for _, leaf := range []struct {
			name  string
			value any
		}{{"bool", true}, {"number", 7.0}} {
			if changed, ok := render(leaf.value); changed && !ok {
				refused = append(refused, leaf.name)
			}
		}
		return strings.Join(refused, ",")
	}
	return ""
}
