package main

import (
	"fmt"
	"path"
	"reflect"
	"regexp"
	"strings"
)

// claims reports whether the pods of a workload store data in claims.
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

// dataVolume matches the volumes of the chart with data that must persist.
var dataVolume = regexp.MustCompile(`-data$`)

// storage describes where the pods of a workload store the data, and where containers of
// both workloads mount it.
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
		// The size limit of an emptyDir does not affect its data.
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

// shared are the containers of o that the other workload has, too. An added or removed
// container does not affect these.
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

// encryption matches variables for TLS and for client certificates.
var encryption = regexp.MustCompile(`_TLS_(ENABLED|AUTH_CLIENTS)$`)

// doors are the ways into the pods of a workload that no other object shows.
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

// password returns the effect on passwords: the content of a Secret that exists before
// and after, and the source from which remaining containers take the password. An added
// or removed Secret counts only if pods refer to it.
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
		// Old charts give a container that reads a password file no other information.
		if other := after[container]; len(sources) > 0 && len(other) > 0 && told(sources) != told(other) {
			return otherPassword
		}
	}
	return 0
}

// passwordSources lists, by container name, all sources of a password: the key of a
// Secret as a variable or as a file of a volume, and settings for an empty password. The
// mount path does not count.
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

// asksPassword reports whether a script or configuration makes Redis or Sentinel require
// a password.
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
