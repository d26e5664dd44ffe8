package main

import "strings"

// beyond corrects keys that rendering without a cluster reports as dead. The comments
// give the reasons.
var beyond = map[string]setting{
	// Before 21.1.7 the templates look up the Secret in the cluster, and nothing else in the
	// output depends on the key (20.12.0 templates/configmap.yaml).
	"auth.acl.userSecret": {"read", `auth.acl.enabled=true & auth.acl.users!="" & existingConfigmap=""`, "password,pods"},
	// This key only prevents failures, and changes nothing in the output. The rows
	// insecure-image and insecure-image-allowed of fails.tsv prove both.
	"global.security.allowInsecureImages": {"error", "", ""},
}

type setting struct{ verdict, needs, effects string }

// byHand holds switches that measure cannot find. It finds the minimal settings under
// which a key is read, relative to the defaults. It therefore finds no switch if either
// of two switches is enough and one is enabled by default, or if a rare key decides. Each
// row was rendered with Helm at its first and last version, with no switch enabled and
// with each of them.
var byHand = []rare{
	// The Secret and the annotation of 25.5.3 are made for a generated password only if the
	// ACL of the configuration set it before.
	{"secretChecksumAnnotations", "srn", "25.5.1", "26.0.0", `auth.acl.enabled=true|auth.password!=""|global.redis.password!="" & auth.enabled=true & auth.existingSecret=""`},
	{"secretChecksumAnnotations", "srn", "26.0.0", "-", `auth.enabled=true & auth.existingSecret="" & auth.password!=""|global.redis.password!=""`},
	{"kubectl.image.registry", "n", "19.2.0", "-", `global.imageRegistry="" & sentinel.service.createMaster=true|sentinel.masterService.enabled=true`},
	{"kubectl.image.repository", "n", "19.2.0", "-", "sentinel.service.createMaster=true|sentinel.masterService.enabled=true"},
	{"kubectl.image.tag", "n", "19.2.0", "-", `kubectl.image.digest="" & sentinel.service.createMaster=true|sentinel.masterService.enabled=true`},
	{"auth.acl.userSecret", "srn", "26.0.0", "-", `auth.acl.enabled=true|auth.acl.sentinel=true & auth.acl.users!=""`},
	{"auth.acl.users", "n", "20.9.0", "26.0.0", `auth.acl.enabled=true|auth.acl.sentinel=true & existingConfigmap=""`},
	{"auth.acl.users", "srn", "26.0.0", "-", "auth.acl.enabled=true|auth.acl.sentinel=true"},
	{"auth.password", "srn", "17.8.0", "20.7.0", `auth.enabled=true & auth.existingSecret=""|serviceBindings.enabled=true & global.redis.password=""`},
	{"auth.password", "srn", "20.7.0", "20.10.0", `auth.acl.enabled=true|auth.existingSecret=""|serviceBindings.enabled=true & auth.enabled=true & global.redis.password=""`},
	{"auth.password", "srn", "20.10.0", "-", `auth.acl.enabled=true|auth.existingSecret=""|serviceBindings.enabled=true & auth.acl.enabled=true|auth.usePasswordFileFromSecret=true|auth.usePasswordFiles=false|serviceBindings.enabled=true & auth.enabled=true & global.redis.password=""`},
	{"global.defaultStorageClass", "s", "19.6.2", "-", `global.storageClass="" & master.kind=Deployment,StatefulSet & master.persistence.enabled=true & master.persistence.existingClaim="" & master.persistence.storageClass=""`},
	{"global.defaultStorageClass", "r", "19.6.2", "-", `global.storageClass="" & master.persistence.enabled=true|replica.persistence.enabled=true & master.persistence.storageClass=""|replica.persistence.storageClass=""`},
	{"global.kubeVersion", "srn", "21.0.2", "-", "podSecurityPolicy.create=true|podSecurityPolicy.enabled=true"},
	{"global.redis.password", "srn", "17.8.0", "20.7.0", `auth.enabled=true|serviceBindings.enabled=true & auth.existingSecret=""|serviceBindings.enabled=true`},
	{"global.redis.password", "srn", "20.7.0", "20.10.0", `auth.acl.enabled=true|auth.enabled=true|serviceBindings.enabled=true & auth.acl.enabled=true|auth.existingSecret=""|serviceBindings.enabled=true`},
	{"global.redis.password", "srn", "20.10.0", "-", `auth.acl.enabled=true|auth.enabled=true|serviceBindings.enabled=true & auth.acl.enabled=true|auth.existingSecret=""|serviceBindings.enabled=true & auth.acl.enabled=true|auth.usePasswordFileFromSecret=true|auth.usePasswordFiles=false|serviceBindings.enabled=true`},
	{"global.storageClass", "r", "10.5.6", "14.0.0", "master.persistence.enabled=true|slave.persistence.enabled=true"},
	{"global.storageClass", "n", "10.5.6", "11.0.0", "master.persistence.enabled=true|slave.persistence.enabled=true"},
	{"global.storageClass", "r", "14.0.0", "-", "master.persistence.enabled=true|replica.persistence.enabled=true"},
	{"kubeVersion", "srn", "14.0.0", "21.0.2", `global.kubeVersion=""`},
	{"kubeVersion", "srn", "21.0.2", "-", `global.kubeVersion="" & podSecurityPolicy.create=true|podSecurityPolicy.enabled=true`},
	{"metrics.serviceMonitor.tlsConfig", "srn", "21.2.0", "25.0.0", "metrics.enabled=true & metrics.podMonitor.enabled=true|metrics.serviceMonitor.enabled=true"},
	// The default is the word `None`, with which the chart leaves both out.
	{"master.service.sessionAffinityConfig", "sr", "24.0.0", "-", "master.service.sessionAffinity!=None"},
	{"replica.service.sessionAffinityConfig", "r", "24.0.0", "-", "replica.service.sessionAffinity!=None"},
	{"sentinel.masterService.sessionAffinityConfig", "n", "24.0.0", "-", "sentinel.masterService.enabled=true & sentinel.masterService.sessionAffinity!=None"},
	{"sentinel.service.sessionAffinityConfig", "n", "24.0.0", "-", "sentinel.service.sessionAffinity!=None"},
	{"metrics.resources", "n", "12.10.1", "14.0.0", "metrics.enabled=true|sentinel.metrics.enabled=true"},
	// The template compares a number: `le ... 2000`.
	{"sentinel.automateClusterRecovery", "n", "15.4.0", "-", "sentinel.downAfterMilliseconds<=2000"},
	{"serviceAccount.create", "s", "17.1.5", "-", "master.serviceAccount.create=false|rbac.create=true"},
	{"serviceAccount.create", "r", "17.1.5", "-", "master.serviceAccount.create=false|rbac.create=true|replica.serviceAccount.create=false"},
	{"serviceAccount.name", "s", "17.1.5", "-", "master.serviceAccount.create=false|rbac.create=true"},
	{"serviceAccount.name", "r", "17.1.5", "-", "master.serviceAccount.create=false|rbac.create=true|replica.serviceAccount.create=false"},
	{"volumePermissions.enabled", "r", "10.5.6", "11.1.0", "master.persistence.enabled=true|slave.persistence.enabled=true & securityContext.enabled=true"},
	{"volumePermissions.enabled", "r", "11.1.0", "14.0.0", "containerSecurityContext.enabled=true & master.persistence.enabled=true|slave.persistence.enabled=true & securityContext.enabled=true"},
	{"volumePermissions.enabled", "r", "14.0.0", "-", "master.persistence.enabled=true|replica.persistence.enabled=true"},
}

// withoutMaster is the condition that there is a master. From 18.3.0 on, the templates of
// the master's pods and Service render nothing with a count of 0, and from 19.5.0 on also
// the template of its budget. measure does not treat numbers as switches. The condition
// was found by changing each key of the lint_oracle baselines with and without a count of
// 0.
const withoutMaster = "master.count!=0"

// readWithoutMaster are keys of the master that also affect scripts, the configuration,
// the accounts or, in a standalone release, the claim.
var readWithoutMaster = map[string]string{
	"master.command":                   "srn",
	"master.configuration":             "srn",
	"master.containerPorts.redis":      "srn",
	"master.count":                     "srn",
	"master.disableCommands":           "srn",
	"master.extraFlags":                "srn",
	"master.kind":                      "s",
	"master.persistence.accessModes":   "s",
	"master.persistence.annotations":   "s",
	"master.persistence.dataSource":    "s",
	"master.persistence.enabled":       "s",
	"master.persistence.existingClaim": "s",
	"master.persistence.labels":        "s",
	"master.persistence.path":          "srn",
	"master.persistence.selector":      "s",
	"master.persistence.size":          "s",
	"master.persistence.storageClass":  "s",
	"master.preExecCmds":               "srn",
	"master.service.ports.redis":       "srn",
}

// ofMaster reports whether a used key requires a master.
func ofMaster(path, topology, version string) bool {
	letter := letters([]string{topology})
	since := "18.3.0"
	if strings.HasPrefix(path, "master.pdb.") {
		since = "19.5.0"
	} else if letter == "n" {
		return false
	}
	return strings.HasPrefix(path, "master.") && !strings.HasPrefix(path, "master.serviceAccount.") &&
		!strings.Contains(readWithoutMaster[path], letter) && compareVersions(since, version) <= 0
}

type rare struct{ path, topologies, since, until, needs string }

func (a rare) holds(path, topology, version string) bool {
	return a.path == path && strings.Contains(a.topologies, letters([]string{topology})) &&
		compareVersions(a.since, version) <= 0 && (a.until == "-" || compareVersions(version, a.until) < 0)
}
