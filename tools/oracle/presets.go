package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"sigs.k8s.io/yaml"
)

// presetTemplate is the helper of the library chart with the presets.
const presetTemplate = "common.resources.preset"

var allowedPresets = regexp.MustCompile(`Allowed values are ([\w,]+)`)

// presetsCommand writes presets.tsv: the result of the library chart's helper for each
// preset.
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
		"Presets of `resources`, from the helper of the library chart `common` in each version (tools/oracle, presets).",
		"since: first version. until: first version after, `-` none. requests, limits: resource=quantity separated by commas.",
		"preset\tsince\tuntil\trequests\tlimits",
	}, facts.lines())
}

// presets are the names that the helper accepts. Its error message for an unknown name
// lists them.
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

// preset formats one preset for a row.
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

// quantities lists resources in their usual order.
func quantities(all map[string]string) string {
	var list []string
	for _, name := range []string{"cpu", "memory", "ephemeral-storage"} {
		if quantity, there := all[name]; there {
			list = append(list, name+"="+quantity)
		}
	}
	return strings.Join(list, ",")
}
