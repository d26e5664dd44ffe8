package main

import (
	"fmt"
	"reflect"
	"strings"
)

// effects is the effect of a change of manifests, as a set of bits.
type effects uint16

// The effects are sorted worst first. src/chart/pack.rs has the same order.
const (
	losesData effects = 1 << iota
	otherWorkload
	refused
	otherPassword
	otherReach
	otherScale
	restartsPods
	atRestart
)

var effectNames = []string{"data", "workload", "immutable", "password", "reach", "scale", "pods", "at-restart"}

func (e effects) String() string {
	var names []string
	for i, name := range effectNames {
		if e&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return orDash(strings.Join(names, ","))
}

func parseEffects(text string) (all effects, err error) {
	for _, name := range strings.Split(text, ",") {
		found := name == "-"
		for i, known := range effectNames {
			if name == known {
				all, found = all|1<<i, true
			}
		}
		if !found {
			return 0, fmt.Errorf("`%s` is no effect", name)
		}
	}
	return all, nil
}

// change is a pair of states of the objects of a release.
type change struct {
	before, after map[string]object
	old, new      *installed
}

// effectsBetween returns the effects of an upgrade from some objects to others.
func effectsBetween(before, after []object) effects {
	c := change{byName(before), byName(after), newInstalled(before), newInstalled(after)}
	all := c.password()
	for name, a := range c.before {
		b, stays := c.after[name]
		switch {
		case !stays:
			all |= c.gone(a)
		case !reflect.DeepEqual(a, b):
			all |= c.changed(a, b)
		}
	}
	for name, b := range c.after {
		if _, there := c.before[name]; !there {
			all |= c.comes(b)
		}
	}
	// Redis reads its ACL file when it starts.
	if c.otherUsers() && all&(restartsPods|otherWorkload) == 0 {
		all |= atRestart
	}
	return all
}

// otherUsers reports whether an ACL file changes that exists before and after.
func (c change) otherUsers() bool {
	for name, a := range c.before {
		b, stays := c.after[name]
		if !stays || a.kind() != "ConfigMap" && a.kind() != "Secret" {
			continue
		}
		x, y := configurationOf(a), configurationOf(b)
		if !reflect.DeepEqual(x.passwords, y.passwords) || !reflect.DeepEqual(x.rights, y.rights) {
			return true
		}
	}
	return false
}

func (c change) gone(a object) effects {
	all := c.comes(a)
	if a.workload() && a.claims() {
		all |= losesData
	}
	return all
}

func (c change) comes(b object) effects {
	switch {
	case b.workload():
		return otherWorkload
	case b.leads():
		return otherReach
	case b.kind() == "PersistentVolumeClaim":
		return losesData
	case b.kind() == "HorizontalPodAutoscaler":
		// The scaled workload may be new itself.
		if !c.otherWorkloads() {
			return otherScale
		}
	}
	return 0
}

// otherWorkloads reports whether a workload is added or removed.
func (c change) otherWorkloads() bool {
	for name, o := range c.before {
		if _, stays := c.after[name]; o.workload() && !stays {
			return true
		}
	}
	for name, o := range c.after {
		if _, there := c.before[name]; o.workload() && !there {
			return true
		}
	}
	return false
}

// changed returns the effects of a change of one object. README.md lists the fields that
// the API server refuses to change.
func (c change) changed(a, b object) (all effects) {
	differ := func(path ...string) bool { return !reflect.DeepEqual(a.at(path...), b.at(path...)) }
	when := func(holds bool, e effects) {
		if holds {
			all |= e
		}
	}
	switch a.kind() {
	case "StatefulSet", "Deployment", "DaemonSet":
		when(differ("spec", "template"), restartsPods)
		when(differ("spec", "replicas"), otherScale)
		if a.kind() == "StatefulSet" {
			when(!reflect.DeepEqual(fixedSpec(a), fixedSpec(b)), refused)
			when(differ("spec", "persistentVolumeClaimRetentionPolicy"), losesData)
		} else {
			when(differ("spec", "selector"), refused)
		}
		when(!reflect.DeepEqual(storage(a, b), storage(b, a)), losesData)
		when(!reflect.DeepEqual(doors(a, b), doors(b, a)), otherReach)
	case "Service":
		when(!reflect.DeepEqual(c.old.service(a), c.new.service(b)), otherReach)
		when(refusedService(a, b), refused)
	case "NetworkPolicy":
		when(!reflect.DeepEqual(c.old.policy(a), c.new.policy(b)), otherReach)
	case "Ingress":
		when(differ("spec") || differ("metadata", "annotations"), otherReach)
	case "PersistentVolumeClaim":
		when(differ("spec"), losesData)
		when(refusedClaim(a, b), refused)
	case "HorizontalPodAutoscaler":
		when(differ("spec", "minReplicas") || differ("spec", "maxReplicas"), otherScale)
	case "ConfigMap":
		all |= c.configuration(a, b)
	case "Secret":
		all |= c.configuration(a, b)
		when(differ("type"), refused)
	case "RoleBinding", "ClusterRoleBinding":
		when(differ("roleRef"), refused)
	}
	return all
}

// fixedSpec returns the fields of a StatefulSet that the API server refuses to change.
// The API server drops unknown fields.
func fixedSpec(o object) (fixed []any) {
	for _, name := range []string{"selector", "serviceName", "podManagementPolicy", "volumeClaimTemplates"} {
		fixed = append(fixed, o.at("spec", name))
	}
	return fixed
}

// refusedService reports whether the API server refuses the change of a Service. If no
// address was set, the cluster assigned one: setting an address is then a change, and
// removing the address keeps the assigned one.
func refusedService(a, b object) bool {
	before, after := a.mapAt("spec"), b.mapAt("spec")
	kind := func(spec map[string]any, word string) bool { return spec["type"] == word }
	if kind(before, "ExternalName") || kind(after, "ExternalName") {
		return false
	}
	if !empty(after["clusterIP"]) && after["clusterIP"] != before["clusterIP"] {
		return true
	}
	if kind(before, "LoadBalancer") && kind(after, "LoadBalancer") && !reflect.DeepEqual(before["loadBalancerClass"], after["loadBalancerClass"]) {
		return true
	}
	first := func(spec map[string]any) any {
		list, _ := spec["ipFamilies"].([]any)
		if len(list) == 0 || spec["clusterIP"] == "None" {
			return nil
		}
		return list[0]
	}
	return first(before) != nil && first(after) != nil && first(before) != first(after)
}

// refusedClaim reports whether the API server refuses the change of a claim: only the
// size may change, and it may only grow.
func refusedClaim(a, b object) bool {
	rest := func(o object) map[string]any {
		spec := plain(o.mapAt("spec")).(map[string]any)
		if requests, ok := lookup(spec, []string{"resources", "requests"}).(map[string]any); ok {
			delete(requests, "storage")
		}
		return spec
	}
	size := func(o object) string {
		return fmt.Sprint(o.at("spec", "resources", "requests", "storage"))
	}
	return !reflect.DeepEqual(rest(a), rest(b)) || shrinks(size(a), size(b))
}
