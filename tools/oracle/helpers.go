package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// sameHelpers are helper templates with equal results, compared by reading
// templates/_helpers.tpl of 13.0.2 and _names.tpl and _tplvalues.tpl of the library chart
// of 14.0.0. The name of the library's helper stands for both.
var sameHelpers = map[string]string{
	"redis.chart":    "common.names.chart",
	"redis.fullname": "common.names.fullname",
	"redis.name":     "common.names.name",
	"redis.tplValue": "common.tplvalues.render",
}

var defined = regexp.MustCompile(`\bdefine\s+"([^"]+)"`)

// helpersCommand writes helpers.tsv: the helper templates that each version and its
// library chart define.
func helpersCommand(args []string) error {
	w, err := workOf("helpers", args)
	if err != nil {
		return err
	}
	facts := newIntervals(w.list)
	for i, version := range facts.versions {
		if !w.wanted[i] {
			continue
		}
		found := map[string]bool{}
		err := filepath.WalkDir(filepath.Join(w.charts, version, "redis"), func(path string, entry fs.DirEntry, err error) error {
			template := strings.Contains(filepath.ToSlash(path), "/templates/")
			if err != nil || entry.IsDir() || !template {
				return err
			}
			text, err := os.ReadFile(path)
			for _, match := range defined.FindAllSubmatch(text, -1) {
				found[string(match[1])] = true
			}
			return err
		})
		if err != nil {
			return err
		}
		for name := range found {
			means := name
			if same, there := sameHelpers[name]; there {
				means = same
			}
			facts.add(i, name, means)
		}
	}
	if err := w.carry(facts, "helpers.tsv"); err != nil {
		return err
	}
	return writeTable(filepath.Join(w.data, "helpers.tsv"), []string{
		"Helper templates of each version and its library chart (tools/oracle, helpers). Values with templates may include them.",
		"since: first version. until: first version after, `-` none. means: the same word for helpers with the same result, compared in 13.0.2 and in the library chart of 14.0.0.",
		"helper\tsince\tuntil\tmeans",
	}, facts.lines())
}
