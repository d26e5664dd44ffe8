package main

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
)

var (
	// workingFolder matches the folder in which Redis stores its data.
	workingFolder = regexp.MustCompile(`^\s*dir\s+(\S+)`)
	// aclUser matches a user of Redis with a password, its digest, or no password.
	aclUser = regexp.MustCompile(`^\s*user\s+(\S+)\s+(.*)$`)
	secret  = regexp.MustCompile(`(^|\s)(#\S+|>\S+|nopass)`)
)

// configuration is the part of a ConfigMap that concerns the data and the users of Redis:
// the folder of each file, and for each file and user the password and the rest of the
// line.
type configuration struct {
	folders   map[string]string
	passwords map[string]string
	rights    map[string]string
}

func configurationOf(o object) configuration {
	c := configuration{map[string]string{}, map[string]string{}, map[string]string{}}
	texts := o.files()
	for _, file := range sortedKeys(texts) {
		if !strings.HasSuffix(file, ".conf") && !strings.HasSuffix(file, ".acl") {
			continue
		}
		for _, line := range strings.Split(fmt.Sprint(texts[file]), "\n") {
			if match := workingFolder.FindStringSubmatch(line); match != nil {
				c.folders[file] = match[1]
			}
			// The default user exists even without a line.
			if match := aclUser.FindStringSubmatch(line); match != nil && match[1] != "default" {
				user := file + " " + match[1]
				c.passwords[user] = strings.TrimSpace(secret.FindString(match[2]))
				c.rights[user] = secret.ReplaceAllString(match[2], "")
			}
		}
	}
	return c
}

// files are the texts of a ConfigMap, or the unencoded texts of a Secret.
func (o object) files() map[string]any {
	if o.kind() == "Secret" {
		return o.mapAt("stringData")
	}
	return o.mapAt("data")
}

// replicaFile matches files that are read by pods that are or may become replicas.
var replicaFile = regexp.MustCompile(`^(replica|slave)\.conf$`)

// configuration returns the effects of a change of a ConfigMap.
func (c change) configuration(before, after object) (all effects) {
	a, b := configurationOf(before), configurationOf(after)
	for file, folder := range a.folders {
		if other, stays := b.folders[file]; stays && other != folder && (!replicaFile.MatchString(file) || c.old.replicas()) {
			all |= losesData
		}
	}
	if !reflect.DeepEqual(a.rights, b.rights) {
		all |= otherReach
	}
	for file, text := range before.files() {
		if other, stays := after.files()[file]; stays && asksPassword(fmt.Sprint(text)) != asksPassword(fmt.Sprint(other)) {
			all |= otherPassword
		}
	}
	for user, password := range a.passwords {
		if other, stays := b.passwords[user]; stays && other != password {
			all |= otherPassword
		}
	}
	return all
}
