package main

// beyond holds what rendering without a cluster cannot show of keys that it
// finds dead: what is true instead, and why.
var beyond = map[string]setting{
	// Before 21.1.7 the Secret is looked up in the cluster and nothing else
	// of the rendering depends on the key (20.12.0 templates/configmap.yaml).
	"auth.acl.userSecret": {"read", `auth.acl.enabled=true & auth.acl.users!="" & existingConfigmap=""`, "password,pods"},
	// It keeps the rendering from failing and changes nothing in it; the
	// rows insecure-image and insecure-image-allowed of fails.tsv prove both.
	"global.security.allowInsecureImages": {"error", "", ""},
}

type setting struct{ verdict, needs, effects string }
