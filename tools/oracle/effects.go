package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"
)

// effectsCommand measures the effects of a change of each used key, and joins the results
// into effects.tsv. Each version has one file of results, and is not measured again if
// the file exists.
func effectsCommand(args []string) error {
	if len(args) < 3 {
		return fmt.Errorf("usage: oracle effects CHARTS_DIR DATA_DIR RESULTS_DIR [VERSION...]")
	}
	charts, data, results := args[0], args[1], args[2]
	book, err := newReadsBook(data)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(results, 0o755); err != nil {
		return err
	}
	debug.SetGCPercent(400) // renderings are many and short-lived
	work, err := newWork(charts, data, args[3:])
	if err != nil {
		return err
	}
	known := map[[16]byte]effects{}
	m := &memo{entries: map[string]*rendered{}, raw: true}
	for i, version := range book.versions {
		target := filepath.Join(results, version+".json")
		if _, err := os.Stat(target); err == nil || !work.wanted[i] {
			continue
		}
		start := time.Now()
		s, err := openChart(charts, version, m)
		if err != nil {
			return fmt.Errorf("%s: %w", version, err)
		}
		answer := map[string]map[string]string{}
		for _, topology := range topologies {
			e := newEffector(s, topology, book, i)
			e.known = known
			answer[topology] = e.measure()
			m.age()
		}
		text, err := json.Marshal(answer)
		if err != nil {
			return err
		}
		if err := os.WriteFile(target+".new", text, 0o644); err != nil {
			return err
		}
		if err := os.Rename(target+".new", target); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "%s %.1fs, %d files run, %d answers\n", version, time.Since(start).Seconds(), m.runs, len(known))
		m.runs, m.hits = 0, 0
	}
	return writeEffects(work, results, book)
}

// writeEffects joins the results. A version without results takes those of the nearest
// older version, or of the nearest newer one.
func writeEffects(work work, results string, book *readsBook) error {
	all := make([]map[string]map[string]string, len(book.versions))
	for i, version := range book.versions {
		text, err := os.ReadFile(filepath.Join(results, version+".json"))
		if os.IsNotExist(err) {
			continue
		}
		if err == nil {
			err = json.Unmarshal(text, &all[i])
		}
		if err != nil {
			return fmt.Errorf("%s: %w", version, err)
		}
	}
	facts := newIntervals(work.list)
	for i := range book.versions {
		if !work.wanted[i] {
			continue
		}
		for _, topology := range topologies {
			for path := range book.read(i, topology) {
				for _, at := range around(i, len(all)) {
					if told, there := all[at][topology][path]; there {
						facts.add(i, path+"\t"+topology, told)
						break
					}
				}
			}
		}
	}
	if err := work.carry(facts, "effects.tsv"); err != nil {
		return err
	}
	return writeTable(filepath.Join(work.data, "effects.tsv"), []string{
		"Effects of a change of each used key, measured by rendering every version (tools/oracle, effects).",
		"topologies: s standalone, r replication, n Sentinel. since: first version. until: first version after, `-` none.",
		"effects: worst first, separated by `,`, `-` none: data (may lose data), workload (a StatefulSet, Deployment or DaemonSet is added, removed or renamed),",
		"immutable (the API server refuses the change), password, reach (access to Redis or its metrics), scale (the number of pods), pods (pods restart),",
		"at-restart (applies at the next restart of the pods, and no upgrade restarts them). A change of one value may have fewer effects than the row.",
		"path\ttopologies\tsince\tuntil\teffects",
	}, byTopologies(facts))
}

// around lists indices: from at downwards, then upwards.
func around(at, count int) (list []int) {
	for i := at; i >= 0; i-- {
		list = append(list, i)
	}
	for i := at + 1; i < count; i++ {
		list = append(list, i)
	}
	return list
}
