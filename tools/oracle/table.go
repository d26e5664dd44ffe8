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
		"What the chart makes of each key, measured by rendering every version (tools/oracle, measure and reads).",
		"topologies: s standalone, r replication, n Sentinel (one StatefulSet of nodes). since incl., until excl., `-` is still so.",
		"verdict: read (a change of the key changes a manifest), notes (only NOTES.txt), error (only makes the rendering fail), dead.",
		"switches: what must hold for that, ` & ` between, `,` between words and `|` between switches of which any will do, `-` nothing; the least that is enough over the defaults.",
		"@kube=1.20 stands for an old cluster, @upgrade=true for an upgrade.",
		"measured: the versions that versions.tsv says are; a version with the same templates is as that one, and one that is not measured as versions.tsv says.",
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

// nearest is the answer for a version, else of the nearest older version that
// has one, else of the nearest newer.
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
