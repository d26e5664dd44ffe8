package main

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
)

var (
	// workingFolder is where Redis writes what it keeps.
	workingFolder = regexp.MustCompile(`^\s*dir\s+(\S+)`)
	// aclUser is a user of Redis, with a password, its digest or none.
	aclUser = regexp.MustCompile(`^\s*user\s+(\S+)\s+(.*)$`)
	secret  = regexp.MustCompile(`(^|\s)(#\S+|>\S+|nopass)`)
)

// configuration is what the files of a ConfigMap tell Redis of the data and of
// its users: by file, the folder; by file and
// user, the password and the rest of the line.
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
			// The default user is there without a line as well.
			if match := aclUser.FindStringSubmatch(line); match != nil && match[1] != "default" {
				user := file + " " + match[1]
				c.passwords[user] = strings.TrimSpace(secret.FindString(match[2]))
				c.rights[user] = secret.ReplaceAllString(match[2], "")
			}
		}
	}
	return c
}

// files are the texts of a ConfigMap, or those of a Secret that stand in clear.
func (o object) files() map[string]any {
	if o.kind() == "Secret" {
		return o.mapAt("stringData")
	}
	return o.mapAt("data")
}

// replicaFile is read by pods that are, or may become, replicas.
var replicaFile = regexp.MustCompile(`^(replica|slave)\.conf$`)

// configuration says what it does that a ConfigMap changes.
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
