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
	if len(args) < 2 {
		return fmt.Errorf("usage: oracle [-before DATA_DIR] reads DATA_DIR RESULTS_DIR [VERSION...]")
	}
	data, results := args[0], args[1]
	work, err := newWork("", data, args[2:])
	if err != nil {
		return err
	}
	versions := names(work.list)
	known, err := knownKeys(data, versions)
	if err != nil {
		return err
	}
	all := make([]*result, len(versions))
	for i, version := range versions {
		if all[i], err = readResult(results, version); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	facts := newIntervals(work.list)
	for i := range versions {
		if !work.wanted[i] {
			continue
		}
		for _, k := range known {
			if k.node || i < k.from || i >= k.to {
				continue
			}
			for _, topology := range topologies {
				if s := nearest(all, i, topology, k.path); s != nil {
					verdict, needs := s.Verdict, s.Needs
					if truth, ok := beyond[k.path]; ok && verdict == "dead" {
						verdict, needs = truth.verdict, truth.needs
					}
					for _, a := range byHand {
						if a.holds(k.path, topology, versions[i]) {
							verdict, needs = "read", a.needs
						}
					}
					if verdict == "read" && ofMaster(k.path, topology, versions[i]) {
						needs = also(needs, withoutMaster)
					}
					facts.add(i, k.path+"\t"+topology, verdict+"\t"+orDash(needs))
				}
			}
		}
	}
	if err := work.carry(facts, "reads.tsv"); err != nil {
		return err
	}
	return writeTable(filepath.Join(data, "reads.tsv"), []string{
		"Use of each key by the templates, measured by rendering every version (tools/oracle, measure and reads).",
		"topologies: s standalone, r replication, n Sentinel (one StatefulSet of nodes). since: first version. until: first version after, `-` none.",
		"verdict: read (a change of the key changes a manifest), notes (only NOTES.txt), error (the key can only make rendering fail), dead (no effect).",
		"switches: the condition, `-` none. Terms are separated by ` & `, alternative words by `,` and alternative switches by `|`. Minimal settings relative to the defaults.",
		"@kube=1.20 means an old cluster, @upgrade=true an upgrade.",
		"measured: the versions that versions.tsv lists as measured. A version with the same templates has the same facts, and an unmeasured version those of the version in versions.tsv.",
		"path\ttopologies\tsince\tuntil\tverdict\tswitches",
	}, byTopologies(facts))
}

// also adds a switch, in order.
func also(needs, one string) string {
	var terms []string
	if needs != "" && needs != "-" {
		terms = strings.Split(needs, " & ")
	}
	if !contains(terms, one) {
		terms = append(terms, one)
	}
	sort.Strings(terms)
	return strings.Join(terms, " & ")
}

// nearest is the answer for a version, or for the nearest older version with one, or for
// the nearest newer one.
func nearest(all []*result, at int, topology, path string) *stored {
	for i := at; i >= 0; i-- {
		if all[i] != nil {
			if s := all[i].Topologies[topology][path]; s != nil {
				return s
			}
			break
		}
	}
	for i := at + 1; i < len(all); i++ {
		if all[i] != nil && all[i].Topologies[topology][path] != nil {
			return all[i].Topologies[topology][path]
		}
	}
	return nil
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

// order sorts topology sets in the order of topologies.
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

// openMaps lists the maps of a version that were measured to accept arbitrary children.
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
