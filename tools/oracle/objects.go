package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
)

// objectKinds are the kinds in objects.tsv: objects that hold data, that others reach or
// name, or that select pods.
var objectKinds = []string{
	"DaemonSet", "Deployment", "NetworkPolicy", "PersistentVolumeClaim", "PodDisruptionBudget", "Secret", "Service",
	"ServiceAccount", "StatefulSet",
}

// objectSwitch is the key whose two values are both rendered.
const objectSwitch = "metrics.enabled"

// objectName is the value of nameOverride. It differs from all words in the chart.
const objectName = "zqname"

// objectsCommand renders every version with its own values, in each topology, with and
// without metrics. It writes the objects with their names, and the fields that the API
// server or other objects depend on.
func objectsCommand(args []string) error {
	work, err := workOf("objects", args)
	if err != nil {
		return err
	}
	facts, keys, err := work.facts()
	if err != nil {
		return err
	}
	err = work.eachChart(&memo{entries: map[string]*rendered{}, raw: true}, func(i int, s *source) error {
		for _, topology := range topologies {
			both := map[bool]map[string]string{}
			for _, on := range []bool{false, true} {
				var err error
				set := newCell(s, topology, keys, i).objectSettings(on)
				if both[on], err = s.identities(set); err != nil {
					return fmt.Errorf("%s: %w", topology, err)
				}
			}
			off, on := both[false], both[true]
			for object, identity := range off {
				if on[object] == identity {
					facts.add(i, object+"\t"+topology, "-\t"+identity)
				} else {
					facts.add(i, object+"\t"+topology, objectSwitch+"=false\t"+identity)
				}
			}
			for object, identity := range on {
				if off[object] != identity {
					facts.add(i, object+"\t"+topology, objectSwitch+"=true\t"+identity)
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := work.carry(facts, "objects.tsv"); err != nil {
		return err
	}
	return writeTable(filepath.Join(work.data, "objects.tsv"), []string{
		"Objects of each version with its own values, measured by rendering (tools/oracle, objects): kind and name.",
		"topologies: s standalone, r replication, n Sentinel. since: first version. until: first version after, `-` none. when: the required state of the switch, `-` any.",
		"{f} the full name, {name} the name of the chart or nameOverride, {release} the name of the release. identity: field=value separated by `; `, `-` none.",
		"StatefulSet: all fields that the API server refuses to change, except the size of claims. Deployment, DaemonSet: the selector. Other kinds: fields that",
		"users and other objects depend on: type, address (None or given), ports and selector of a Service, keys of a Secret, the pods of a policy.",
		"object\ttopologies\tsince\tuntil\twhen\tidentity",
	}, byTopologies(facts))
}

// objectSettings are the settings of a topology, with a recognizable name.
func (c *cell) objectSettings(on bool) settings {
	return c.topologySettings().with(settings{"nameOverride": objectName, objectSwitch: on})
}

// identities are the objects for these settings, each with its identity.
func (s *source) identities(set settings) (map[string]string, error) {
	out := s.render(ordinary, set)
	if out.err != "" {
		return nil, fmt.Errorf("%s", out.err)
	}
	var all []object
	for i, f := range s.files {
		if f.notes {
			continue
		}
		list, err := objectsIn(out.files[i].raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
		all = append(all, list...)
	}
	return identitiesOf(all)
}

func identitiesOf(list []object) (map[string]string, error) {
	all := map[string]string{}
	for _, o := range list {
		if !contains(objectKinds, o.kind()) {
			continue
		}
		name := o.kind() + " " + symbolic(o.name())
		if _, twice := all[name]; twice {
			return nil, fmt.Errorf("there are two of %s", name)
		}
		var err error
		if all[name], err = o.identity(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return all, nil
}

// symbols replace the names that differ between releases, the longest first.
var symbols = []struct {
	text   *regexp.Regexp
	symbol string
}{
	{regexp.MustCompile(`\brel-` + objectName + `\b`), "{f}"},
	{regexp.MustCompile(`\brel\b`), "{release}"},
	{regexp.MustCompile(`\b` + objectName + `\b`), "{name}"},
}

func symbolic(text string) string {
	for _, s := range symbols {
		text = s.text.ReplaceAllLiteralString(text, s.symbol)
	}
	return text
}

// identity is a line of fields in a fixed order.
type identity struct {
	fields []string
	err    error
}

func (i *identity) say(field, value string) {
	value = symbolic(value)
	switch {
	case value == "":
	case strings.ContainsAny(field, "=; \t") || strings.Contains(value, ";") || strings.ContainsAny(value, "\t\n"):
		i.err = fmt.Errorf("`%s=%s` cannot stand in a row", field, value)
	default:
		i.fields = append(i.fields, field+"="+value)
	}
}

// free are the fields of a StatefulSet that may be changed, and those that are written
// separately.
var free = []string{
	"replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds",
	"serviceName", "podManagementPolicy", "selector", "volumeClaimTemplates",
}

func (o object) identity() (string, error) {
	var i identity
	text := func(path ...string) string {
		if v := o.at(path...); v != nil {
			return fmt.Sprint(v)
		}
		return ""
	}
	switch o.kind() {
	case "StatefulSet":
		i.say("serviceName", text("spec", "serviceName"))
		i.say("podManagementPolicy", orElse(text("spec", "podManagementPolicy"), "OrderedReady"))
		i.labels("selector", o.mapAt("spec", "selector"))
		for _, claim := range o.mapsAt("spec", "volumeClaimTemplates") {
			i.claim("volumeClaimTemplates."+symbolic(claim.name())+".", claim)
		}
		for field := range o.mapAt("spec") {
			if !contains(free, field) {
				// The API server drops a field that a StatefulSet does not have.
				fmt.Fprintln(os.Stderr, o.name(), "has a field", field)
			}
		}
	case "Deployment", "DaemonSet":
		i.labels("selector", o.mapAt("spec", "selector"))
	case "PersistentVolumeClaim":
		i.claim("", o)
	case "Service":
		i.say("type", orElse(text("spec", "type"), "ClusterIP"))
		address := text("spec", "clusterIP")
		if address != "None" {
			address = "given"
		}
		i.say("clusterIP", address)
		var ports []string
		for _, port := range o.mapsAt("spec", "ports") {
			ports = append(ports, fmt.Sprintf("%v:%v", port["name"], port["port"]))
		}
		i.say("ports", strings.Join(ports, ","))
		i.say("selector", pairs(o.mapAt("spec", "selector")))
	case "Secret":
		i.say("type", orElse(text("type"), "Opaque"))
		keys := append(sortedKeys(o.mapAt("data")), sortedKeys(o.mapAt("stringData"))...)
		sort.Strings(keys)
		i.say("keys", strings.Join(keys, ","))
	case "NetworkPolicy":
		i.labels("podSelector", o.mapAt("spec", "podSelector"))
	case "PodDisruptionBudget":
		i.labels("selector", o.mapAt("spec", "selector"))
	}
	return orDash(strings.Join(i.fields, "; ")), i.err
}

// labels writes a selector. No version uses expressions in selectors.
func (i *identity) labels(field string, selector map[string]any) {
	for name := range selector {
		if name != "matchLabels" {
			i.err = fmt.Errorf("a selector with %s", name)
		}
	}
	labels, _ := selector["matchLabels"].(map[string]any)
	i.say(field, pairs(labels))
}

// claim writes a claim or a claim template, without the size, which is a key of its own,
// and without the kind, which the API server does not compare.
func (i *identity) claim(prefix string, o object) {
	i.say(prefix+"labels", pairs(o.mapAt("metadata", "labels")))
	i.say(prefix+"annotations", pairs(o.mapAt("metadata", "annotations")))
	spec := o.mapAt("spec")
	for _, field := range sortedKeys(spec) {
		list, isList := spec[field].([]any)
		switch {
		case field == "resources" || empty(spec[field]):
		case isList:
			var words []string
			for _, v := range list {
				words = append(words, fmt.Sprint(v))
			}
			i.say(prefix+field, strings.Join(words, ","))
		default:
			i.say(prefix+field, shortJSON(spec[field]))
		}
	}
}

func pairs(labels map[string]any) string {
	var list []string
	for _, name := range sortedKeys(labels) {
		list = append(list, name+"="+fmt.Sprint(labels[name]))
	}
	return strings.Join(list, ",")
}

func orElse(text, standard string) string {
	if text == "" {
		return standard
	}
	return text
}
