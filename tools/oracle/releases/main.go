// Command releases asks the tools themselves which values reach Helm, for the cases of tests/data/releases and for
// random repositories of the same forms. See README.md.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// An answer is the values of one release, as a tool gives them to Helm.
type answer struct {
	// Case is the folder of the case, or the name of a random repository.
	Case string `json:"case"`
	Tool string `json:"tool"`
	ID   string `json:"id"`
	// Files are the files of a random repository, by path.
	Files  map[string]string `json:"files,omitempty"`
	Values map[string]any    `json:"values"`
}

// tools names the judge of each case.
var tools = map[string]string{
	"argo-cd": "argo-cd", "argo-cd-ref": "argo-cd",
	"flux": "flux", "flux-oci": "flux", "flux-overlays": "flux", "flux-target-path": "flux",
	"helmfile": "helmfile", "helmfile-templates": "helmfile",
	"kustomize": "kustomize", "kustomize-generator": "kustomize", "kustomize-merge": "kustomize",
	"makefile": "make", "shell": "bash",
	"terraform": "terraform",
}

func main() {
	var err error
	if filepath.Base(os.Args[0]) == "helm" {
		err = helm(os.Args[1:])
	} else {
		err = record(os.Args[1:])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func record(arguments []string) error {
	if len(arguments) != 3 {
		return fmt.Errorf("usage: releases CASES_FOLDER HELMFILE_PROGRAM ARGOCD_PROGRAM")
	}
	cases := arguments[0]
	folder, err := os.MkdirTemp("", "releases")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	self, err := os.Executable()
	if err != nil {
		return err
	}
	j := judge{folder: folder, helmfile: arguments[1], argocd: arguments[2]}
	if err := os.Symlink(self, j.helm()); err != nil {
		return err
	}
	os.Setenv(recordVariable, j.record())
	os.Setenv("HOME", folder)

	var answers []answer
	for _, name := range names(tools) {
		root := filepath.Join(folder, name)
		if err := os.CopyFS(root, os.DirFS(filepath.Join(cases, name))); err != nil {
			return err
		}
		releases, err := j.ask(tools[name], root)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		found, err := matched(filepath.Join(root, "expected.json"), releases)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for id, values := range found {
			answers = append(answers, answer{Case: name, Tool: tools[name], ID: id, Values: values})
		}
	}
	random, err := j.random()
	if err != nil {
		return err
	}
	answers = append(answers, random...)
	sort.SliceStable(answers, func(a, b int) bool {
		if answers[a].Case != answers[b].Case {
			return answers[a].Case < answers[b].Case
		}
		return answers[a].ID < answers[b].ID
	})
	return write(filepath.Join(cases, "record.json"), answers)
}

func (j judge) ask(tool, root string) ([]release, error) {
	switch tool {
	case "kustomize":
		return j.kustomize(root)
	case "helmfile":
		return j.runHelmfile(root)
	case "flux":
		return j.flux(root)
	case "argo-cd":
		return j.command(root, j.argocd, root)
	case "make":
		return j.command(root, "make", "redis")
	case "bash":
		script := filepath.Join(root, "scripts", "deploy.sh")
		return j.command(root, "bash", script)
	case "terraform":
		return terraform(root)
	}
	return nil, fmt.Errorf("unknown tool %s", tool)
}

// matched finds the values of each expected release. Releases of other charts are not expected.
func matched(path string, releases []release) (map[string]map[string]any, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var expected []struct{ ID, Version, Namespace string }
	if err := json.Unmarshal(text, &expected); err != nil {
		return nil, err
	}
	found := map[string]map[string]any{}
	for _, one := range releases {
		if one.Chart != "redis" {
			continue
		}
		for _, wanted := range expected {
			_, name, _ := strings.Cut(wanted.ID, "#")
			name = name[strings.LastIndex(name, "/")+1:]
			if name == one.Name && wanted.Namespace == one.Namespace {
				if one.Version != "" && one.Version != wanted.Version {
					return nil, fmt.Errorf("%s: version %s", wanted.ID, one.Version)
				}
				found[wanted.ID] = one.Values
			}
		}
	}
	if len(found) != len(expected) {
		return nil, fmt.Errorf("found %d of %d releases in %v", len(found), len(expected), releases)
	}
	return found, nil
}

// write writes one answer a line.
func write(path string, answers []answer) error {
	var text bytes.Buffer
	text.WriteString("[\n")
	for at, one := range answers {
		line, err := json.Marshal(one)
		if err != nil {
			return err
		}
		text.Write(line)
		if at+1 < len(answers) {
			text.WriteString(",")
		}
		text.WriteString("\n")
	}
	text.WriteString("]\n")
	return os.WriteFile(path, text.Bytes(), 0o644)
}

func names[V any](of map[string]V) []string {
	var all []string
	for name := range of {
		all = append(all, name)
	}
	sort.Strings(all)
	return all
}
