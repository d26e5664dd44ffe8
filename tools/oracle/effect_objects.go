package main

import (
	"fmt"
	"regexp"
	"sort"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/yaml"
)

// object is one manifest.
type object map[string]any

var separator = regexp.MustCompile(`(?m)^---.*$`)

// objectsIn parses all manifests of a text.
func objectsIn(text string) ([]object, error) {
	var list []object
	for _, document := range separator.Split(text, -1) {
		var o object
		if err := yaml.Unmarshal([]byte(document), &o); err != nil {
			return nil, err
		}
		if len(o) > 0 {
			list = append(list, o)
		}
	}
	return list, nil
}

// byName indexes objects by their identity in a cluster, without the API group.
func byName(list []object) map[string]object {
	all := map[string]object{}
	for _, o := range list {
		all[o.kind()+" "+o.namespace()+"/"+o.name()] = o
	}
	return all
}

func (o object) kind() string      { return fmt.Sprint(o["kind"]) }
func (o object) name() string      { return fmt.Sprint(o.mapAt("metadata")["name"]) }
func (o object) namespace() string { return fmt.Sprint(o.mapAt("metadata")["namespace"]) }

// leads reports whether the object allows or restricts access to Redis.
func (o object) leads() bool {
	return o.kind() == "Service" || o.kind() == "NetworkPolicy" || o.kind() == "Ingress"
}

func (o object) workload() bool {
	return o.kind() == "StatefulSet" || o.kind() == "Deployment" || o.kind() == "DaemonSet"
}

func (o object) at(path ...string) any { return lookup(map[string]any(o), path) }

// mapAt is the map at a path, empty if there is none.
func (o object) mapAt(path ...string) map[string]any {
	m, _ := o.at(path...).(map[string]any)
	return m
}

// mapsAt are the maps in the list at a path.
func (o object) mapsAt(path ...string) (list []object) {
	items, _ := o.at(path...).([]any)
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			list = append(list, m)
		}
	}
	return list
}

func (o object) containers() []object { return o.mapsAt("spec", "template", "spec", "containers") }
func (o object) volumes() []object    { return o.mapsAt("spec", "template", "spec", "volumes") }

// shrinks reports whether the second size is smaller. Sizes that cannot be parsed are
// compared as text.
func shrinks(a, b string) bool {
	x, errX := resource.ParseQuantity(a)
	y, errY := resource.ParseQuantity(b)
	if errX != nil || errY != nil {
		return a != b
	}
	return y.Cmp(x) < 0
}

// installed is the information about all objects that a comparison of some objects needs.
type installed struct {
	pods        map[string]map[string]any // labels of the pods of each workload
	annotations map[string]bool           // annotations of objects that do not concern access
}

func newInstalled(list []object) *installed {
	r := &installed{map[string]map[string]any{}, map[string]bool{}}
	for _, o := range list {
		if o.workload() {
			r.pods[o.kind()+" "+o.name()] = o.mapAt("spec", "template", "metadata", "labels")
		}
		if !o.leads() {
			for name, v := range o.mapAt("metadata", "annotations") {
				r.annotations[name+"="+fmt.Sprint(v)] = true
			}
		}
	}
	return r
}

// replicas reports whether there are pods other than those of the master. It returns true
// if no pods are known.
func (r *installed) replicas() bool {
	for _, pod := range r.pods {
		if pod["app.kubernetes.io/component"] != "master" && pod["role"] != "master" {
			return true
		}
	}
	return len(r.pods) == 0
}

// service is the part of a Service that determines access. Annotations that every object
// has are left out.
func (r *installed) service(o object) map[string]any {
	spec := plain(o.mapAt("spec")).(map[string]any)
	annotations := map[string]any{}
	for name, v := range o.mapAt("metadata", "annotations") {
		if !r.annotations[name+"="+fmt.Sprint(v)] {
			annotations[name] = v
		}
	}
	if labels, ok := spec["selector"].(map[string]any); ok {
		spec["selector"] = r.selected(labels)
	}
	spec["annotations"] = annotations
	return spec
}

// policy is the part of a NetworkPolicy that determines access.
func (r *installed) policy(o object) any {
	var walk func(v any) any
	walk = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			m := map[string]any{}
			for name, c := range v {
				if labels, ok := c.(map[string]any); ok && name == "matchLabels" {
					m[name] = r.selected(labels)
				} else {
					m[name] = walk(c)
				}
			}
			return m
		case []any:
			list := []any{}
			for _, c := range v {
				list = append(list, walk(c))
			}
			return list
		}
		return v
	}
	return walk(o.mapAt("spec"))
}

// selected replaces labels by the workloads whose pods have them: a label that is new on
// pods and in selectors does not change access. Labels that no pod has stay unchanged.
func (r *installed) selected(labels map[string]any) []string {
	var known, list []string
	for name, v := range labels {
		for _, pod := range r.pods {
			if pod[name] == v {
				known = append(known, name)
				break
			}
		}
	}
	for name, v := range labels {
		if !contains(known, name) {
			list = append(list, name+"="+fmt.Sprint(v))
		}
	}
	for workload, pod := range r.pods {
		all := len(known) > 0
		for _, name := range known {
			all = all && pod[name] == labels[name]
		}
		if all {
			list = append(list, workload)
		}
	}
	sort.Strings(list)
	return list
}

// told lists the words of a set.
func told(set map[string]bool) string { return strings.Join(sortedKeys(set), "\n") }
