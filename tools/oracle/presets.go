package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"sigs.k8s.io/yaml"
)

// presetTemplate is the helper of the library chart that knows the presets.
const presetTemplate = "common.resources.preset"

var allowedPresets = regexp.MustCompile(`Allowed values are ([\w,]+)`)

// presetsCommand writes presets.tsv: what the helper of the library chart gives
// for each preset that it names.
func presetsCommand(args []string) error {
	w, err := workOf("presets", args)
	if err != nil {
		return err
	}
	facts := newIntervals(w.list)
	m := &memo{entries: map[string]*rendered{}}
	for i, version := range facts.versions {
		if !w.wanted[i] {
			continue
		}
		s, err := openChart(w.charts, version, m)
		if err != nil {
			return fmt.Errorf("%s: %w", version, err)
		}
		names, err := s.presets()
		if err != nil {
			return fmt.Errorf("%s: %w", version, err)
		}
		for _, name := range names {
			fact, err := s.preset(name)
			if err != nil {
				return fmt.Errorf("%s: preset %s: %w", version, name, err)
			}
			facts.add(i, name, fact)
		}
		m.age()
	}
	if err := w.carry(facts, "presets.tsv"); err != nil {
		return err
	}
	return writeTable(filepath.Join(w.data, "presets.tsv"), []string{
		"What a preset of `resources` stands for, by the helper of the library chart `common` in each version (tools/oracle, presets).",
		"since incl., until excl., `-` is still so. requests, limits: resource=quantity with commas between.",
		"preset\tsince\tuntil\trequests\tlimits",
	}, facts.lines())
}

// presets are the names that the helper takes. It says them when it is asked
// for one that it does not know.
func (s *source) presets() ([]string, error) {
	used := false
	for _, look := range s.looks() {
		used = used || look.includes[presetTemplate]
	}
	if !used {
		return nil, nil
	}
	err := s.set.ExecuteTemplate(&strings.Builder{}, presetTemplate, map[string]any{"type": "unheard-of"})
	if err == nil {
		return nil, fmt.Errorf("%s takes any preset", presetTemplate)
	}
	found := allowedPresets.FindStringSubmatch(err.Error())
	if found == nil {
		return nil, fmt.Errorf("%s names no presets: %w", presetTemplate, err)
	}
	return strings.Split(found[1], ","), nil
}

// preset is one of them, as a row has it.
func (s *source) preset(name string) (string, error) {
	var out strings.Builder
	if err := s.set.ExecuteTemplate(&out, presetTemplate, map[string]any{"type": name}); err != nil {
		return "", err
	}
	var resources struct{ Requests, Limits map[string]string }
	if err := yaml.Unmarshal([]byte(out.String()), &resources); err != nil {
		return "", err
	}
	return quantities(resources.Requests) + "\t" + quantities(resources.Limits), nil
}

// quantities lists resources in the order in which people name them.
func quantities(all map[string]string) string {
	var list []string
	for _, name := range []string{"cpu", "memory", "ephemeral-storage"} {
		if quantity, there := all[name]; there {
			list = append(list, name+"="+quantity)
		}
	}
	return strings.Join(list, ",")
}
