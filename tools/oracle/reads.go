package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// known is one row of keys.tsv.
type known struct {
	path, kind string
	node       bool
	rank       int
	from, to   int
}

// knownKeys reads keys.tsv.
func knownKeys(data string, versions []string) ([]known, error) {
	at := map[string]int{"-": len(versions)}
	for i, v := range versions {
		at[v] = i
	}
	file, err := os.Open(filepath.Join(data, "keys.tsv"))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var keys []known
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		f := strings.Split(lines.Text(), "\t")
		rank, err := strconv.Atoi(f[7])
		if err != nil {
			return nil, err
		}
		keys = append(keys, known{f[0], f[3], strings.Contains(f[6], "map-node"), rank, at[f[1]], at[f[2]]})
	}
	return keys, lines.Err()
}

// measureCommand measures versions and writes one file for each version. A version with a
// file is not measured again.
func measureCommand(args []string) error {
	if len(args) < 3 {
		return fmt.Errorf("usage: oracle measure CHARTS_DIR DATA_DIR RESULTS_DIR [VERSION...]")
	}
	charts, data, results := args[0], args[1], args[2]
	versions, err := catalogued(data)
	if err != nil {
		return err
	}
	keys, err := knownKeys(data, versions)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(results, 0o755); err != nil {
		return err
	}
	wanted := map[string]bool{}
	for _, v := range args[3:] {
		wanted[v] = true
	}
	var book *readsBook
	var old []listed
	if before != "" {
		if book, err = newReadsBook(before); err != nil {
			return err
		}
		if old, err = catalogue(before); err != nil {
			return err
		}
	}
	debug.SetGCPercent(200)
	m := &memo{entries: map[string]*rendered{}}
	for i, version := range versions {
		if len(wanted) > 0 && !wanted[version] {
			continue
		}
		target := filepath.Join(results, version+".json")
		if _, err := os.Stat(target); err == nil {
			continue
		}
		start := time.Now()
		s, err := openChart(charts, version, m)
		if err != nil {
			return fmt.Errorf("%s: %w", version, err)
		}
		previous, err := nearestResult(results, versions, i)
		if err != nil {
			return err
		}
		answer := &result{Files: s.hashes(), Topologies: map[string]map[string]*stored{}}
		for _, topology := range topologies {
			c := newCell(s, topology, keys, i)
			c.previous = previous
			if book != nil && previous == nil {
				c.told = book.toldOf(nearestMeasured(old, version), topology)
			}
			c.measure()
			rows := map[string]*stored{}
			for _, p := range c.probes {
				f := c.facts[p.path]
				if c.topo[p.path] != nil {
					f.verdict = "read"
				}
				rows[p.path] = &stored{Verdict: f.verdict, Needs: f.needs, Lookers: s.lookerNames(p.path), Proof: f.proof}
			}
			answer.Topologies[topology] = rows
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
		fmt.Fprintf(os.Stderr, "%s %.1fs, %d files run, %d remembered, %d kept\n", version, time.Since(start).Seconds(), m.runs, m.hits, len(m.entries))
		m.runs, m.hits = 0, 0
		m.age()
	}
	return nil
}

// nearestMeasured is the newest measured version before another one, or the oldest
// measured one.
func nearestMeasured(list []listed, version string) (at int) {
	for i, v := range list {
		if v.known == "measured" && compareVersions(v.version, version) < 0 {
			at = i
		}
	}
	return at
}

// nearestResult loads the nearest older result, or the nearest newer one.
func nearestResult(results string, versions []string, at int) (*result, error) {
	for _, i := range around(at, len(versions)) {
		text, err := os.ReadFile(filepath.Join(results, versions[i]+".json"))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		var r result
		return &r, json.Unmarshal(text, &r)
	}
	return nil, nil
}

func openChart(charts, version string, m *memo) (*source, error) {
	return open(filepath.Join(charts, version, "redis"), version, m)
}

// newCell sets up the keys of the version with this index.
func newCell(s *source, topology string, keys []known, index int) *cell {
	c := &cell{s: s, topology: topology, byPath: map[string]*probe{}}
	for _, k := range keys {
		if index < k.from || index >= k.to {
			continue
		}
		if k.node {
			c.probes = append(c.probes, newOpenProbe(k.path, 1000+k.rank))
			continue
		}
		p := newProbe(k.path, k.kind, k.rank, lookup(s.base, segments(k.path)))
		c.probes = append(c.probes, p)
		c.byPath[p.path] = p
	}
	return c
}
