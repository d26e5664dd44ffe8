package main

import (
	"fmt"
	"os"
	"path"
	"regexp"
	"sort"
	"strings"
)

// today is a first installation in the cluster that src/chart/data/kubernetes.tsv names.
var today = world{kube: "v1.34.0"}

// integrityCommand renders every version in each topology with many sets of values, and
// looks up each name that an object has for another object of the same render. It prints a
// row for each name without an object: the problem, the topologies, the versions, and the
// smallest sets of values that lead to the problem.
func integrityCommand(args []string) error {
	work, err := workOf("integrity", args)
	if err != nil {
		return err
	}
	facts, keys, err := work.facts()
	if err != nil {
		return err
	}
	renders, failed := 0, 0
	last, lastIndex := "", 0
	err = work.eachChart(&memo{entries: map[string]*rendered{}, raw: true}, func(i int, s *source) error {
		// Equal templates and values have equal results.
		digest := ""
		for _, f := range s.files {
			digest += f.name + f.text + f.base
		}
		if digest == last {
			facts.facts[i] = facts.facts[lastIndex]
			return nil
		}
		last, lastIndex = digest, i
		for _, topology := range topologies {
			c := newCell(s, topology, keys, i)
			r, f := c.integrity(func(problem, scenes string) { facts.add(i, problem+"\t"+topology, scenes) })
			renders, failed = renders+r, failed+f
		}
		fmt.Fprintf(os.Stderr, "%s: %d renders, %d do not render\n", s.version, renders, failed)
		return nil
	})
	if err != nil {
		return err
	}
	for _, row := range byTopologies(facts) {
		fmt.Println(row)
	}
	return nil
}

// paired are the sets of values that are rendered in pairs, too.
var paired = []string{
	"metrics", "ServiceMonitor", "NetworkPolicy", "rbac", "budget", "auth off", "own Secret", "own key", "password files", "no password files",
	"autoscaling", "masterService", "externalAccess", "persistence off", "Sentinel persistence", "TLS", "TLS, own", "LoadBalancer", "Deployment", "DaemonSet", "other ports", "ACL",
}

// integrity reports the problems of one version in one topology, with the smallest sets of
// values that have each problem.
func (c *cell) integrity(report func(problem, scenes string)) (renders, failed int) {
	base := c.topologySettings().with(settings{"nameOverride": objectName})
	scenes := c.integrityScenes()
	found := map[string][]string{}
	render := func(name string, set settings, ignore map[string]bool) bool {
		renders++
		out := c.s.render(today, base.with(set))
		if out.err != "" {
			failed++
			return false
		}
		objects, broken := c.s.objectsOf(out)
		problems := map[string]bool{}
		if broken != "" {
			problems["not YAML: "+broken] = true
		}
		for _, p := range dangling(objects) {
			problems[p] = true
		}
		for _, p := range sortedKeys(problems) {
			if !ignore[p] {
				found[p] = append(found[p], name)
			}
		}
		return true
	}
	known := func(names ...string) map[string]bool {
		all := map[string]bool{}
		for p, where := range found {
			for _, w := range where {
				if w == "default" || contains(names, w) {
					all[p] = true
				}
			}
		}
		return all
	}
	render("default", settings{}, nil)
	var alone []string
	for _, name := range sortedKeys(scenes) {
		if len(scenes[name]) > 0 && render(name, scenes[name], known()) {
			alone = append(alone, name)
		}
	}
	for _, p := range c.probes {
		if p.kind == "bool" && c.byPath[p.path] != nil && c.topo[p.path] == nil && !contains(topologyKeys, p.path) {
			// The key may be one of a scene. Then the name of the scene is enough.
			set := settings{p.path: p.standard != true}
			render(p.path+"="+shortJSON(p.standard != true), set, known(alone...))
		}
	}
	for i, a := range paired {
		for _, b := range paired[i+1:] {
			if contains(alone, a) && contains(alone, b) {
				render(a+" + "+b, scenes[a].with(scenes[b]), known(a, b))
			}
		}
	}
	for _, p := range sortedKeys(found) {
		where := found[p]
		if len(where) > 6 {
			where = append(where[:6:6], "...")
		}
		report(p, strings.Join(where, " | "))
	}
	return renders, failed
}

// integrityScenes are the sets of values, without the keys that this version does not have.
func (c *cell) integrityScenes() map[string]settings {
	ends := func(value any, suffixes ...string) settings {
		set := settings{}
		for _, p := range c.probes {
			for _, s := range suffixes {
				if p.path == s || strings.HasSuffix(p.path, "."+s) {
					set[p.path] = value
				}
			}
		}
		return set
	}
	serviceType := func(word string, want func(string) bool) settings {
		set := settings{}
		for _, p := range c.probes {
			if strings.HasSuffix(strings.ToLower(p.path), "service.type") && want(p.path) {
				set[p.path] = word
			}
		}
		return set
	}
	any_ := func(string) bool { return true }
	addresses := []any{"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"}
	all := map[string]settings{
		"metrics":                          {"metrics.enabled": true},
		"ServiceMonitor":                   {"metrics.enabled": true, "metrics.serviceMonitor.enabled": true},
		"PodMonitor":                       {"metrics.enabled": true, "metrics.podMonitor.enabled": true},
		"NetworkPolicy":                    {"networkPolicy.enabled": true, "networkPolicy.allowExternal": false},
		"no NetworkPolicy":                 {"networkPolicy.enabled": false},
		"rbac":                             {"rbac.create": true},
		"accounts":                         ends(true, "serviceAccount.create"),
		"no accounts":                      ends(false, "serviceAccount.create"),
		"budget":                           ends(true, "pdb.create", "podDisruptionBudget.enabled"),
		"auth off":                         {"auth.enabled": false, "auth.sentinel": false, "usePassword": false, "sentinel.usePassword": false},
		"no Sentinel auth":                 {"auth.sentinel": false, "sentinel.usePassword": false},
		"own Secret":                       {"auth.existingSecret": "own", "existingSecret": "own"},
		"own key":                          {"auth.existingSecret": "own", "auth.existingSecretPasswordKey": "own-key", "existingSecret": "own", "existingSecretPasswordKey": "own-key"},
		"own key, other key of the values": {"auth.existingSecretPasswordKey": "own-key", "existingSecretPasswordKey": "own-key"},
		"password files":                   {"auth.usePasswordFiles": true, "usePasswordFile": true},
		"no password files":                {"auth.usePasswordFiles": false, "usePasswordFile": false},
		"files not from the Secret":        {"auth.usePasswordFiles": true, "auth.usePasswordFileFromSecret": false},
		"autoscaling":                      ends(true, "autoscaling.enabled", "autoscaling.hpa.enabled"),
		"vertical":                         ends(true, "autoscaling.vpa.enabled"),
		"masterService":                    {"sentinel.masterService.enabled": true, "sentinel.service.createMaster": true},
		"externalAccess":                   {"sentinel.externalAccess.enabled": true, "sentinel.externalAccess.service.loadBalancerIP": addresses, "sentinel.externalAccess.service.loadBalancerIPs": addresses},
		"external DNS":                     {"useExternalDNS.enabled": true, "useExternalDNS.suffix": "dns.test"},
		"external master":                  ends(true, "externalMaster.enabled").with(ends("own.example", "externalMaster.host")),
		"persistence off":                  ends(false, "persistence.enabled"),
		"Sentinel persistence":             {"sentinel.persistence.enabled": true},
		"own claim":                        ends("own", "existingClaim"),
		"TLS":                              {"tls.enabled": true, "tls.autoGenerated": true},
		"TLS, new key":                     {"tls.enabled": true, "tls.autoGenerated.enabled": true},
		"TLS, own":                         {"tls.enabled": true, "tls.existingSecret": "own", "tls.certificatesSecret": "own", "tls.certFilename": "c.pem", "tls.certKeyFilename": "k.pem", "tls.certCAFilename": "a.pem"},
		"TLS, own, new":                    {"tls.enabled": true, "tls.autoGenerated": false, "tls.existingSecret": "own", "tls.certFilename": "c.pem", "tls.certKeyFilename": "k.pem", "tls.certCAFilename": "a.pem"},
		"LoadBalancer":                     serviceType("LoadBalancer", any_),
		"NodePort":                         serviceType("NodePort", any_),
		"Deployment":                       ends("Deployment", "master.kind", "replica.kind"),
		"DaemonSet":                        ends("DaemonSet", "master.kind", "replica.kind"),
		"no primary":                       {"master.count": 0.0},
		"two primaries":                    {"master.count": 2.0},
		"no replicas":                      ends(0.0, "replica.replicaCount", "cluster.slaveCount"),
		"one replica":                      ends(1.0, "replica.replicaCount", "cluster.slaveCount"),
		"full name":                        {"fullnameOverride": "zqfull"},
		"other namespace":                  {"namespaceOverride": "zqspace"},
		"other ports":                      ends(7001.0, "containerPorts.redis", "master.service.port", "master.service.ports.redis").with(ends(7001.0, "redisPort")),
		"other Service ports":              ends(7002.0, "service.ports.redis").with(ends(7003.0, "service.ports.sentinel")),
		"other Sentinel port":              {"sentinel.containerPorts.sentinel": 7004.0, "sentinel.port": 7004.0},
		"other metrics port":               {"metrics.enabled": true, "metrics.containerPorts.http": 7005.0},
		"other metrics Service port":       {"metrics.enabled": true, "metrics.service.ports.http": 7006.0, "metrics.service.port": 7006.0},
		"ACL":                              {"auth.acl.enabled": true, "auth.acl.users": []any{map[string]any{"username": "u", "enabled": "on", "password": "pw", "keys": "~*", "channels": "&*", "commands": "+@all"}}},
		"ACL, own Secret":                  {"auth.acl.enabled": true, "auth.acl.userSecret": "own", "auth.acl.users": []any{map[string]any{"username": "u", "enabled": "on", "keys": "~*", "channels": "&*", "commands": "+@all"}}},
		"diagnostics":                      {"diagnosticMode.enabled": true},
		"sysctl":                           {"sysctl.enabled": true, "sysctlImage.enabled": true, "sysctlImage.mountHostSys": true, "sysctl.mountHostSys": true},
		"volume permissions":               {"volumePermissions.enabled": true},
		"own configuration":                {"existingConfigmap": "own"},
		"host network":                     ends(true, "hostNetwork"),
		"other image registry":             {"global.imageRegistry": "registry.example"},
		"host names off":                   {"useHostnames": false},
		"quick failover":                   {"sentinel.downAfterMilliseconds": 1000.0},
		"subPath":                          ends("sub", "persistence.subPath"),
		"data folder":                      ends("/zqdata", "persistence.path"),
	}
	for _, one := range []string{"master.", "replica.", "slave.", "sentinel."} {
		all[one+" NodePort"] = serviceType("NodePort", func(p string) bool { return strings.HasPrefix(p, one) })
		all[one+" LoadBalancer"] = serviceType("LoadBalancer", func(p string) bool { return strings.HasPrefix(p, one) })
	}
	for name := range all {
		all[name] = c.there(all[name])
	}
	return all
}

// objectsOf returns the objects of a render, and the file whose output is no YAML.
func (s *source) objectsOf(out *outcome) (all []object, broken string) {
	for i, f := range s.files {
		r := out.files[i]
		if f.notes || r == nil {
			continue
		}
		if r.objects == nil && !r.broken {
			list, err := objectsIn(r.raw)
			r.objects, r.broken = list, err != nil
		}
		if r.broken {
			broken = f.name
		}
		all = append(all, r.objects...)
	}
	return all, broken
}

// render is the objects of one render, by what others call them.
type lookups struct {
	list  []object
	named map[string]object
	found []string
}

// ownName reports whether a name comes from the values of the user.
func ownName(name string) bool { return strings.HasPrefix(name, "own") }

// served are the API versions of Kubernetes 1.34 of the objects that charts create.
var served = []string{
	"v1", "apps/v1", "autoscaling/v1", "autoscaling/v2", "batch/v1", "networking.k8s.io/v1", "policy/v1", "rbac.authorization.k8s.io/v1",
}

// dangling lists the names without an object.
func dangling(list []object) []string {
	m := &lookups{list: list, named: map[string]object{}}
	for _, o := range list {
		name := o.kind() + " " + o.name()
		if _, twice := m.named[name]; twice && o.namespace() == m.named[name].namespace() {
			m.say("two objects", name)
		}
		m.named[name] = o
	}
	sets := 0
	for _, o := range list {
		if version := fmt.Sprint(o["apiVersion"]); !contains(served, version) {
			m.say("API "+version, o.kind())
		}
		switch {
		case o.workload():
			sets++
			m.workload(o)
		case o.kind() == "Service":
			m.service(o)
		case o.kind() == "RoleBinding" || o.kind() == "ClusterRoleBinding":
			m.binding(o)
		case o.kind() == "HorizontalPodAutoscaler" || o.kind() == "VerticalPodAutoscaler":
			field := "scaleTargetRef"
			if o.kind() == "VerticalPodAutoscaler" {
				field = "targetRef"
			}
			m.object(o, fmt.Sprint(o.at("spec", field, "kind")), fmt.Sprint(o.at("spec", field, "name")), false)
		case o.kind() == "PodDisruptionBudget":
			m.pods(o, o.mapAt("spec", "selector", "matchLabels"))
		case o.kind() == "NetworkPolicy":
			m.policy(o)
		case o.kind() == "ServiceMonitor":
			m.monitor(o, "endpoints")
		case o.kind() == "PodMonitor":
			m.monitor(o, "podMetricsEndpoints")
		}
	}
	if sets == 0 {
		// Without pods, nothing else matters.
		return []string{"no pods <- release"}
	}
	return m.found
}

func (m *lookups) say(what, by string) {
	m.found = append(m.found, symbolic(what+" <- "+by))
}

func (o object) id() string { return o.kind() + " " + o.name() }

func (m *lookups) object(by object, kind, name string, optional bool) object {
	if o, there := m.named[kind+" "+name]; there {
		return o
	}
	if !optional && !ownName(name) && name != "default" {
		m.say(kind+" "+name, by.id())
	}
	return nil
}

func covers(selector, labels map[string]any) bool {
	for k, v := range selector {
		if fmt.Sprint(labels[k]) != fmt.Sprint(v) {
			return false
		}
	}
	return true
}

// pods returns the workloads whose pods have the labels.
func (m *lookups) pods(by object, selector map[string]any) (all []object) {
	for _, o := range m.list {
		if o.workload() && covers(selector, o.mapAt("spec", "template", "metadata", "labels")) {
			all = append(all, o)
		}
	}
	if len(all) == 0 {
		m.say("pods "+pairs(selector), by.id())
	}
	return all
}

func (m *lookups) binding(o object) {
	for _, subject := range o.mapsAt("subjects") {
		if subject["kind"] == "ServiceAccount" {
			m.object(o, "ServiceAccount", fmt.Sprint(subject["name"]), false)
		}
	}
	m.object(o, fmt.Sprint(o.at("roleRef", "kind")), fmt.Sprint(o.at("roleRef", "name")), false)
}

// portsOf are the ports of the containers of some workloads, by name.
func portsOf(pods []object) (names map[string]string, numbers map[string]bool) {
	names, numbers = map[string]string{}, map[string]bool{}
	for _, o := range pods {
		for _, c := range o.containers() {
			for _, p := range c.mapsAt("ports") {
				names[fmt.Sprint(p["name"])] = shortJSON(p["containerPort"])
				numbers[shortJSON(p["containerPort"])] = true
			}
		}
	}
	return names, numbers
}

func isNumber(v any) bool {
	_, is := v.(float64)
	return is
}

func (m *lookups) service(o object) {
	selector := o.mapAt("spec", "selector")
	if len(selector) == 0 {
		return
	}
	// Redis writes this label when a pod becomes the primary.
	rest := map[string]any{}
	for k, v := range selector {
		if k != "isMaster" {
			rest[k] = v
		}
	}
	// A Service for one pod names the pod, which exists only at run time.
	if pod, one := rest["statefulset.kubernetes.io/pod-name"]; one {
		delete(rest, "statefulset.kubernetes.io/pod-name")
		text := fmt.Sprint(pod)
		if at := strings.LastIndex(text, "-"); at > 0 {
			m.object(o, "StatefulSet", text[:at], false)
		}
	}
	pods := m.pods(o, rest)
	names, numbers := portsOf(pods)
	seen := map[string]bool{}
	for _, p := range o.mapsAt("spec", "ports") {
		for _, k := range []string{"name " + fmt.Sprint(p["name"]), "port " + shortJSON(p["port"])} {
			if seen[k] {
				m.say("Service port twice "+strings.Fields(k)[0], o.id())
			}
			seen[k] = true
		}
		target := p["targetPort"]
		if target == nil {
			target = p["port"]
		}
		if len(pods) == 0 {
			continue
		}
		if isNumber(target) {
			if !numbers[shortJSON(target)] {
				m.say("container port number "+shortJSON(target), o.id())
			}
		} else if names[fmt.Sprint(target)] == "" {
			m.say("container port "+fmt.Sprint(target), o.id())
		}
	}
}

// policy looks for pods, and for ports of containers that the policy closes for everyone.
func (m *lookups) policy(o object) {
	pods := m.pods(o, o.mapAt("spec", "podSelector", "matchLabels"))
	types, _ := o.at("spec", "policyTypes").([]any)
	ingress := len(types) == 0
	for _, t := range types {
		ingress = ingress || t == "Ingress"
	}
	if !ingress {
		return
	}
	names, numbers := portsOf(pods)
	open := map[string]bool{}
	for _, rule := range o.mapsAt("spec", "ingress") {
		ports := rule.mapsAt("ports")
		if len(ports) == 0 {
			return
		}
		for _, p := range ports {
			if isNumber(p["port"]) {
				open[shortJSON(p["port"])] = true
				if !numbers[shortJSON(p["port"])] && len(pods) > 0 {
					m.say("(opens) container port "+shortJSON(p["port"]), o.id())
				}
			} else {
				open[names[fmt.Sprint(p["port"])]] = true
			}
		}
	}
	for name, number := range names {
		if !open[number] {
			m.say("closed port "+name+" "+number, o.id())
		}
	}
}

func (m *lookups) monitor(o object, endpoints string) {
	selector := o.mapAt("spec", "selector", "matchLabels")
	ports := map[string]bool{}
	matched := 0
	for _, other := range m.list {
		if o.kind() == "ServiceMonitor" && other.kind() == "Service" && covers(selector, other.mapAt("metadata", "labels")) {
			matched++
			for _, p := range other.mapsAt("spec", "ports") {
				ports[fmt.Sprint(p["name"])] = true
			}
		}
		if o.kind() == "PodMonitor" && other.workload() && covers(selector, other.mapAt("spec", "template", "metadata", "labels")) {
			matched++
			names, _ := portsOf([]object{other})
			for name := range names {
				ports[name] = true
			}
		}
	}
	if matched == 0 {
		m.say("monitored "+pairs(selector), o.id())
		return
	}
	for _, e := range o.mapsAt("spec", endpoints) {
		if port := e["port"]; port != nil && !ports[fmt.Sprint(port)] {
			m.say("monitored port "+fmt.Sprint(port), o.id())
		}
	}
}

func (m *lookups) workload(o object) {
	spec := object(o.mapAt("spec", "template", "spec"))
	if account := spec["serviceAccountName"]; account != nil && account != "" {
		m.object(o, "ServiceAccount", fmt.Sprint(account), false)
	}
	if o.kind() == "StatefulSet" {
		m.object(o, "Service", fmt.Sprint(o.at("spec", "serviceName")), false)
	}
	if !covers(o.mapAt("spec", "selector", "matchLabels"), o.mapAt("spec", "template", "metadata", "labels")) {
		m.say("its own pods", o.id())
	}
	volumes := map[string]object{}
	for _, v := range spec.mapsAt("volumes") {
		if _, twice := volumes[v.nameOf()]; twice {
			m.say("two volumes "+v.nameOf(), o.id())
		}
		volumes[v.nameOf()] = v
		m.volume(o, v)
	}
	for _, claim := range o.mapsAt("spec", "volumeClaimTemplates") {
		if _, twice := volumes[claim.name()]; twice {
			m.say("two volumes "+claim.name(), o.id())
		}
		volumes[claim.name()] = object{"name": claim.name()}
	}
	names := map[string]bool{}
	for _, list := range []string{"initContainers", "containers"} {
		for _, c := range spec.mapsAt(list) {
			if names[c.nameOf()] {
				m.say("two containers "+c.nameOf(), o.id())
			}
			names[c.nameOf()] = true
			m.container(o, c, volumes)
		}
	}
}

func (o object) nameOf() string { return fmt.Sprint(o["name"]) }

// held returns the keys of a Secret or ConfigMap, nil if the render does not have it.
func (m *lookups) held(kind, name string) map[string]string {
	o, there := m.named[kind+" "+name]
	if !there {
		return nil
	}
	keys := map[string]string{}
	for _, field := range []string{"data", "stringData", "binaryData"} {
		for k, v := range o.mapAt(field) {
			keys[k] = fmt.Sprint(v)
		}
	}
	return keys
}

// content is what a volume has below its mount path: file names by path, nil if unknown.
func (m *lookups) content(v object) (files map[string]string, known bool) {
	one := func(kind, name string, items []object) (map[string]string, bool) {
		keys := m.held(kind, name)
		if len(items) > 0 {
			files := map[string]string{}
			for _, i := range items {
				files[fmt.Sprint(i["path"])] = keys[fmt.Sprint(i["key"])]
			}
			return files, true
		}
		return keys, keys != nil
	}
	switch {
	case v["secret"] != nil:
		return one("Secret", fmt.Sprint(v.at("secret", "secretName")), v.mapsAt("secret", "items"))
	case v["configMap"] != nil:
		return one("ConfigMap", fmt.Sprint(v.at("configMap", "name")), v.mapsAt("configMap", "items"))
	}
	return nil, false
}

func (m *lookups) volume(by, v object) {
	check := func(kind, name string, items []object, optional any) {
		if m.object(by, kind, name, optional == true) == nil {
			return
		}
		keys := m.held(kind, name)
		for _, i := range items {
			if _, there := keys[fmt.Sprint(i["key"])]; !there && optional != true {
				m.say(fmt.Sprintf("key %v of %s %s", i["key"], kind, name), by.id())
			}
		}
	}
	switch {
	case v["secret"] != nil:
		check("Secret", fmt.Sprint(v.at("secret", "secretName")), v.mapsAt("secret", "items"), v.at("secret", "optional"))
	case v["configMap"] != nil:
		check("ConfigMap", fmt.Sprint(v.at("configMap", "name")), v.mapsAt("configMap", "items"), v.at("configMap", "optional"))
	case v["persistentVolumeClaim"] != nil:
		m.object(by, "PersistentVolumeClaim", fmt.Sprint(v.at("persistentVolumeClaim", "claimName")), false)
	}
}

func (m *lookups) container(by, c object, volumes map[string]object) {
	where := by.id() + " " + c.nameOf()
	ports, mounts, env := map[string]bool{}, map[string]object{}, map[string]bool{}
	numbers := map[string]bool{}
	for _, p := range c.mapsAt("ports") {
		name := p.nameOf()
		if ports[name] && p["name"] != nil {
			m.say("port twice "+name, where)
		}
		if numbers[shortJSON(p["containerPort"])] {
			m.say("port number twice "+shortJSON(p["containerPort"]), where)
		}
		ports[name], numbers[shortJSON(p["containerPort"])] = true, true
	}
	for _, mount := range c.mapsAt("volumeMounts") {
		at := fmt.Sprint(mount["mountPath"])
		if _, twice := mounts[at]; twice {
			m.say("mount path twice "+at, where)
		}
		volume, there := volumes[mount.nameOf()]
		if !there {
			m.say("volume "+mount.nameOf(), where)
		}
		mounts[at] = object{"mount": map[string]any(mount), "volume": map[string]any(volume)}
		if files, known := m.content(volume); known && mount["subPath"] != nil {
			if _, there := files[fmt.Sprint(mount["subPath"])]; !there {
				m.say(fmt.Sprintf("file %v of volume %s", mount["subPath"], mount.nameOf()), where)
			}
		}
	}
	for _, e := range c.mapsAt("env") {
		if env[e.nameOf()] {
			m.say("variable twice "+e.nameOf(), where)
		}
		env[e.nameOf()] = true
		m.reference(by, "Secret", e.mapAt("valueFrom", "secretKeyRef"), where)
		m.reference(by, "ConfigMap", e.mapAt("valueFrom", "configMapKeyRef"), where)
		value := fmt.Sprint(e["value"])
		if strings.HasSuffix(e.nameOf(), "_FILE") && strings.HasPrefix(value, "/") {
			m.file(value, mounts, "variable "+e.nameOf(), where, true)
		}
	}
	for _, e := range c.mapsAt("envFrom") {
		for field, kind := range map[string]string{"secretRef": "Secret", "configMapRef": "ConfigMap"} {
			if ref := e.mapAt(field); len(ref) > 0 {
				m.object(by, kind, fmt.Sprint(ref["name"]), ref["optional"] == true)
			}
		}
	}
	for _, probe := range []string{"livenessProbe", "readinessProbe", "startupProbe"} {
		for _, kind := range []string{"httpGet", "tcpSocket"} {
			if port := c.at(probe, kind, "port"); port != nil {
				if isNumber(port) && !numbers[shortJSON(port)] || !isNumber(port) && !ports[fmt.Sprint(port)] {
					m.say(fmt.Sprintf("port %v of %s", shortJSON(port), probe), where)
				}
			}
		}
		m.scripts(c.at(probe, "exec", "command"), mounts, probe, where)
	}
	m.scripts(c["command"], mounts, "command", where)
	m.scripts(c["args"], mounts, "args", where)
	m.scripts(c.at("lifecycle", "preStop", "exec", "command"), mounts, "preStop", where)
	m.scripts(c.at("lifecycle", "postStart", "exec", "command"), mounts, "postStart", where)
}

func (m *lookups) reference(by object, kind string, ref map[string]any, where string) {
	if len(ref) == 0 {
		return
	}
	name := fmt.Sprint(ref["name"])
	if m.object(by, kind, name, ref["optional"] == true) == nil {
		return
	}
	if _, there := m.held(kind, name)[fmt.Sprint(ref["key"])]; !there && ref["optional"] != true {
		m.say(fmt.Sprintf("key %v of %s %s", ref["key"], kind, name), where)
	}
}

// file looks for a file in the mounts of a container.
func (m *lookups) file(name string, mounts map[string]object, what, where string, needed bool) {
	best := ""
	for at := range mounts {
		clean := path.Clean(at)
		if (name == clean || strings.HasPrefix(name, strings.TrimSuffix(clean, "/")+"/")) && len(clean) > len(path.Clean(best)) || best == "" && name == clean {
			best = at
		}
	}
	if best == "" {
		if needed {
			m.say("mount of "+name+" of "+what, where)
		}
		return
	}
	mount, volume := object(mounts[best].mapAt("mount")), object(mounts[best].mapAt("volume"))
	files, known := m.content(volume)
	if !known || mount["subPath"] != nil {
		return
	}
	rest := strings.TrimPrefix(strings.TrimPrefix(name, path.Clean(best)), "/")
	if _, there := files[rest]; !there && rest != "" {
		m.say("file "+name+" of "+what, where)
	}
}

// testedFile is a file that a script may lack: the script tests for it before its use.
var testedFile = regexp.MustCompile(`\[ -[ef] "?(/[^\s"\]]+)`)

// scripts looks for the files that a command names, and for those that these scripts name.
func (m *lookups) scripts(command any, mounts map[string]object, what, where string) {
	list, _ := command.([]any)
	seen := map[string]bool{}
	var look func(text string, deep int)
	look = func(text string, deep int) {
		for _, tested := range testedFile.FindAllStringSubmatch(text, -1) {
			seen[tested[1]] = true
		}
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\n\"'`$(){}=;|&<>,", r) }) {
			word = strings.TrimRight(word, ".:")
			if !strings.HasPrefix(word, "/") || seen[word] || strings.ContainsAny(word, "*[]") {
				continue
			}
			seen[word] = true
			if word = path.Clean(word); len(word) < 3 {
				continue
			}
			m.file(word, mounts, what, where, false)
			if deep < 3 {
				for at, mount := range mounts {
					files, known := m.content(object(mount.mapAt("volume")))
					if known && strings.HasPrefix(word, strings.TrimSuffix(path.Clean(at), "/")+"/") {
						look(files[strings.TrimPrefix(word, path.Clean(at)+"/")], deep+1)
					}
				}
			}
		}
	}
	for _, word := range list {
		look(fmt.Sprint(word), 0)
	}
	sort.Strings(m.found)
}
