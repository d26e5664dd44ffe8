package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// probe is one tested key, with the values that it is set to.
type probe struct {
	path     string
	id       int
	kind     string
	standard any   // the chart's own value
	values   []any // values to set, most likely first
	choice   int   // index in values of a value that renders
	marked   bool  // the values contain the key's marker
	rules    bool  // the key overrides other keys
	node     bool  // an unknown child of a map with declared children
}

// unset reports whether a value equals the default, or both are empty.
func (p *probe) unset(value any) bool {
	if p.kind == "bool" {
		return (value == true) == (p.standard == true)
	}
	if empty(p.standard) || empty(value) {
		return empty(p.standard) && empty(value)
	}
	return shortJSON(value) == shortJSON(p.standard)
}

// value is the value to set if the current value is current.
func (p *probe) value(current any) any {
	if p.kind == "bool" {
		return current != true
	}
	v := p.values[p.choice]
	if shortJSON(v) == shortJSON(current) && len(p.values) > 1 {
		return p.values[(p.choice+1)%len(p.values)]
	}
	return v
}

// choices are keys that accept only a few words.
var choices = []struct {
	path   *regexp.Regexp
	values []string
}{
	{regexp.MustCompile(`(?i)service\.type$`), []string{"LoadBalancer", "NodePort", "ClusterIP"}},
	{regexp.MustCompile(`(^|\.)(updateStrategy(\.type)?)$`), []string{"OnDelete", "RollingUpdate"}},
	{regexp.MustCompile(`^(master|replica)\.kind$`), []string{"Deployment", "DaemonSet", "StatefulSet"}},
	{regexp.MustCompile(`\.resourcesPreset$`), []string{"large", "none"}},
	{regexp.MustCompile(`ffinityPreset(\.type)?$`), []string{"hard", "soft", ""}},
	{regexp.MustCompile(`\.adaptSecurityContext$`), []string{"force", "disabled", "auto"}},
	{regexp.MustCompile(`^global\.defaultFips$|\.fips\.(openssl|golang)$`), []string{"relaxed", "off", "restricted"}},
	{regexp.MustCompile(`(^|\.)kubeVersion$`), []string{"1.20.0", "1.13.0"}},
}

// ruling matches keys that override other keys.
var ruling = regexp.MustCompile(`(^|\.)(command|args|custom[A-Z][a-z]*Probe|existing[A-Z][A-Za-z]*|affinity|resources|pdb|digest|lifecycleHooks|clusterIP|certificatesSecret|fullnameOverride|namespaceOverride|imageRegistry|subPathExpr|userSecret|configmap)$|^global\.(storageClass|redis\.password)$`)

func newProbe(path, kind string, id int, standard any) *probe {
	p := &probe{path: path, kind: kind, id: id, standard: standard, rules: ruling.MatchString(path)}
	if kind == "bool" {
		return p
	}
	for _, c := range choices {
		if c.path.MatchString(path) && kind != "map" {
			p.kind = "choice"
			for _, v := range c.values {
				p.values = append(p.values, v)
			}
			return p
		}
	}
	text, number := textMarker(id), numberMarker(id)
	p.marked = true
	is := func(suffixes ...string) bool {
		for _, s := range suffixes {
			if path == s || strings.HasSuffix(path, "."+s) {
				return true
			}
		}
		return false
	}
	switch {
	case is("replicaCount", "slaveCount"):
		p.marked, p.values = false, []any{5.0}
	case path == "master.count":
		p.marked, p.values = false, []any{2.0, 0.0}
	case is("additionalEndpoints"):
		p.values = []any{[]any{map[string]any{"port": text, "path": "/p", "interval": "9s", "relabelings": []any{}, "relabellings": []any{}, "metricRelabelings": []any{}}}}
	case path == "auth.acl.users":
		p.values = []any{[]any{map[string]any{"username": text, "enabled": "on", "password": "pw", "keys": "~*", "channels": "&*", "commands": "+@all"}}}
	case path == "sentinel.externalAccess.service.loadBalancerIP", path == "sentinel.externalAccess.service.loadBalancerIPs":
		p.values = []any{[]any{text, text, text, text, text, text}}
	case is("extraDeploy"):
		p.values = []any{[]any{map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": text}}}}
	case path == "pdb":
		p.values = []any{map[string]any{"create": true, "minAvailable": text}}
	case strings.Contains(path, "odePort"):
		p.values = []any{strconv.Itoa(int(number)), number}
	case kind == "int" || kind == "float":
		p.values = []any{number, text}
	case kind == "list":
		p.values = []any{[]any{text}, []any{map[string]any{"name": text}}, text}
	case kind == "map":
		p.values = []any{map[string]any{text: text}, map[string]any{text: map[string]any{text: text}}, text, []any{text}}
	default: // string, null
		p.values = []any{text, number, []any{text}, map[string]any{text: text}}
	}
	return p
}

// newOpenProbe adds an unknown child to a map.
func newOpenProbe(path string, id int) *probe {
	text := textMarker(id)
	return &probe{path: path + "." + text, id: id, kind: "string", marked: true, node: true, values: []any{text, map[string]any{text: text}}}
}

// condition formats the condition on a key under which another key is read.
func condition(path string, value any, kinds map[string]*probe) string {
	p := kinds[path]
	if b, ok := value.(bool); ok {
		return fmt.Sprintf("%s=%t", path, b)
	}
	if p != nil && p.kind == "choice" {
		return fmt.Sprintf("%s=%v", path, value)
	}
	if n, ok := value.(float64); ok {
		return fmt.Sprintf("%s=%v", path, n)
	}
	if empty(value) && p != nil && p.kind == "bool" {
		return path + "=false"
	}
	if empty(value) {
		return path + `=""`
	}
	return path + `!=""`
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}
