package main

import (
	"fmt"
	"path"
	"reflect"
	"regexp"
	"strings"
)

// claims says whether the pods of a workload keep something in claims.
func (o object) claims() bool {
	if len(o.mapsAt("spec", "volumeClaimTemplates")) > 0 {
		return true
	}
	for _, v := range o.volumes() {
		if v["persistentVolumeClaim"] != nil {
			return true
		}
	}
	return false
}

// dataVolume are the volumes of the chart that hold what must last.
var dataVolume = regexp.MustCompile(`-data$`)

// storage is where the pods of a workload keep the data, and where the
// containers that other pods have as well find it.
func storage(o, other object) map[string]any {
	all := map[string]any{}
	for _, claim := range o.mapsAt("spec", "volumeClaimTemplates") {
		all["volume "+claim.name()] = claim.mapAt("spec")
	}
	for _, v := range o.volumes() {
		name := fmt.Sprint(v["name"])
		if !dataVolume.MatchString(name) {
			continue
		}
		all["volume "+name] = plain(map[string]any(v))
		// How large it may grow in memory or on the node says nothing of what it keeps.
		if v["emptyDir"] != nil {
			all["volume "+name] = "emptyDir"
		}
	}
	for _, container := range shared(o, other) {
		for _, mount := range container.mapsAt("volumeMounts") {
			if name := fmt.Sprint(mount["name"]); dataVolume.MatchString(name) {
				all[fmt.Sprintf("mount %v %v %v", container["name"], name, mount["mountPath"])] = []any{mount["subPath"], mount["subPathExpr"]}
			}
		}
	}
	return all
}

// shared are the containers of o that the other one has as well: one that
// comes or goes beside them changes nothing for them.
func shared(o, other object) (list []object) {
	for _, container := range o.containers() {
		for _, c := range other.containers() {
			if c["name"] == container["name"] {
				list = append(list, container)
			}
		}
	}
	return list
}

// encryption is whether clients must speak TLS, and show a certificate.
var encryption = regexp.MustCompile(`_TLS_(ENABLED|AUTH_CLIENTS)$`)

// doors are the ways into the pods of a workload that no other object tells of.
func doors(o, other object) map[string]any {
	all := map[string]any{"hostNetwork": o.mapAt("spec", "template", "spec")["hostNetwork"]}
	for _, container := range shared(o, other) {
		name := fmt.Sprint(container["name"])
		for _, port := range container.mapsAt("ports") {
			if port["hostPort"] != nil {
				all[fmt.Sprintf("port %s %v", name, port["name"])] = port["hostPort"]
			}
		}
		for _, env := range container.mapsAt("env") {
			if variable := fmt.Sprint(env["name"]); encryption.MatchString(variable) {
				all[name+" "+variable] = env["value"]
			}
		}
	}
	return all
}

var passwordName = regexp.MustCompile(`(?i)password`)

// password says whether another password is asked for, or none any more: what
// stands in a Secret that stays, and where the containers that stay take it
// from. A Secret that comes or goes counts where pods are pointed at it.
func (c change) password() effects {
	for name, a := range c.before {
		b, stays := c.after[name]
		if !stays || a.kind() != "Secret" {
			continue
		}
		for _, field := range []string{"data", "stringData"} {
			before, after := a.mapAt(field), b.mapAt(field)
			for _, entry := range append(sortedKeys(before), sortedKeys(after)...) {
				if passwordName.MatchString(entry) && !reflect.DeepEqual(before[entry], after[entry]) {
					return otherPassword
				}
			}
		}
	}
	before, after := passwordSources(c.before), passwordSources(c.after)
	for container, sources := range before {
		// Old charts tell a container that reads a file of it nothing more.
		if other := after[container]; len(sources) > 0 && len(other) > 0 && told(sources) != told(other) {
			return otherPassword
		}
	}
	return 0
}

// passwordSources are, by the name of a container, all places that it takes a
// password from: the key of a Secret, as a variable or as a file of a volume,
// and what it is told of an empty one. How it gets there does not count.
func passwordSources(objects map[string]object) map[string]map[string]bool {
	all := map[string]map[string]bool{}
	for _, o := range objects {
		if !o.workload() {
			continue
		}
		for _, container := range o.containers() {
			name := fmt.Sprint(container["name"])
			if all[name] == nil {
				all[name] = map[string]bool{}
			}
			if asksPassword(fmt.Sprint(container["command"], container["args"])) {
				all[name]["asks"] = true
			}
			for _, env := range container.mapsAt("env") {
				if passwordName.MatchString(fmt.Sprint(env["name"])) {
					all[name][o.namespace()+" "+passwordSource(o, container, env)] = true
				}
			}
		}
	}
	return all
}

// asksPassword says whether a script or a configuration makes Redis or
// Sentinel ask for a password.
func asksPassword(text string) bool { return strings.Contains(text, "requirepass") }

func passwordSource(o, container, env object) string {
	if ref := env.mapAt("valueFrom", "secretKeyRef"); ref != nil {
		return fmt.Sprintf("%v/%v", ref["name"], ref["key"])
	}
	value := fmt.Sprint(env["value"])
	if !strings.HasSuffix(fmt.Sprint(env["name"]), "_FILE") {
		return value
	}
	for _, mount := range container.mapsAt("volumeMounts") {
		if path.Clean(fmt.Sprint(mount["mountPath"])) != path.Dir(value) {
			continue
		}
		for _, v := range o.volumes() {
			if v["name"] != mount["name"] {
				continue
			}
			secret := object(v.mapAt("secret"))
			key := path.Base(value)
			for _, item := range secret.mapsAt("items") {
				if item["path"] == key {
					key = fmt.Sprint(item["key"])
				}
			}
			if secret == nil {
				return "no secret"
			}
			return fmt.Sprintf("%v/%v", secret["secretName"], key)
		}
	}
	return value
}
