package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// readsCommand joins the results of measure into reads.tsv.
func readsCommand(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: oracle reads DATA_DIR RESULTS_DIR")
	}
	data, results := args[0], args[1]
	versions, err := catalogued(data)
	if err != nil {
		return err
	}
	facts := newIntervals(versions)
	for i, version := range versions {
		r, err := readResult(results, version)
		if err != nil {
			return err
		}
		for _, topology := range topologies {
			for path, s := range r.Topologies[topology] {
				if !strings.Contains(path, ".zq") {
					facts.add(i, path+"\t"+topology, s.Verdict+"\t"+orDash(s.Needs))
				}
			}
		}
	}
	type row struct{ path, since, until, fact string }
	where := map[row][]string{}
	for _, r := range facts.sorted() {
		path, topology, _ := strings.Cut(r.subject, "\t")
		since, until := facts.span(r)
		key := row{path, since, until, r.fact}
		where[key] = append(where[key], topology)
	}
	var lines []row
	for key := range where {
		lines = append(lines, key)
	}
	sort.Slice(lines, func(i, j int) bool {
		a, b := lines[i], lines[j]
		if a.path != b.path {
			return a.path < b.path
		}
		if a.since != b.since {
			return compareVersions(a.since, b.since) < 0
		}
		return order(where[a]) < order(where[b])
	})
	var rows []string
	for _, key := range lines {
		rows = append(rows, strings.Join([]string{key.path, letters(where[key]), key.since, key.until, key.fact}, "\t"))
	}
	return writeTable(filepath.Join(data, "reads.tsv"), []string{
		"What the chart makes of each key, measured by rendering every version (tests/oracle, measure and reads).",
		"topologies: s standalone, r replication, n Sentinel (one StatefulSet of nodes). since incl., until excl., `-` is still so.",
		"verdict: read (a change of the key changes a manifest), notes (only NOTES.txt), error (only makes the rendering fail), dead.",
		"switches: what must hold for that, ` & ` between, `,` between words that do as well, `-` nothing; the least that is enough over the defaults.",
		"@kube=1.20 stands for an old cluster, @upgrade=true for an upgrade.",
		"path\ttopologies\tsince\tuntil\tverdict\tswitches",
	}, rows)
}

func letters(list []string) string {
	all := ""
	for _, t := range topologies {
		if contains(list, t) {
			all += map[string]string{"standalone": "s", "replication": "r", "sentinel": "n"}[t]
		}
	}
	return all
}

// order sorts topology sets as the topologies are listed.
func order(list []string) string {
	return strings.Map(func(r rune) rune { return map[rune]rune{'s': '1', 'r': '2', 'n': '3'}[r] }, letters(list))
}

func readResult(results, version string) (*result, error) {
	text, err := os.ReadFile(filepath.Join(results, version+".json"))
	if err != nil {
		return nil, err
	}
	var r result
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("%s: %w", version, err)
	}
	return &r, nil
}

// openMaps lists the maps of a version that were measured to take a child of
// any name.
func openMaps(r *result) map[string]bool {
	open := map[string]bool{}
	for _, rows := range r.Topologies {
		for path, s := range rows {
			parent, child := cutLast(path)
			switch {
			case strings.HasPrefix(child, "zq"):
				open[parent] = open[parent] || s.Verdict == "read"
			default:
				open[path] = open[path] || s.Verdict != "dead"
			}
		}
	}
	return open
}
