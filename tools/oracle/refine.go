package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// refineCommand compares results with those of a version that was measured without taking
// over answers. It carries new switches to the surrounding versions in which they apply,
// too: a proof shows that the old switches still matter, and does not show that there is
// no new one.
func refineCommand(args []string) error {
	if len(args) != 5 {
		return fmt.Errorf("usage: oracle refine CHARTS_DIR DATA_DIR RESULTS_DIR OWN_RESULTS_DIR VERSION")
	}
	charts, data, results, own, version := args[0], args[1], args[2], args[3], args[4]
	versions, err := catalogued(data)
	if err != nil {
		return err
	}
	keys, err := knownKeys(data, versions)
	if err != nil {
		return err
	}
	at := sort.Search(len(versions), func(i int) bool { return compareVersions(versions[i], version) >= 0 })
	old, err := readResult(results, version)
	if err != nil {
		return err
	}
	alone, err := readResult(own, version)
	if err != nil {
		return err
	}
	type place struct{ topology, path string }
	told, found := map[place]*stored{}, map[place]*stored{}
	for topology, rows := range alone.Topologies {
		for path, now := range rows {
			if was := old.Topologies[topology][path]; was != nil && now.Proof != nil && was.Needs != now.Needs {
				told[place{topology, path}], found[place{topology, path}] = was, now
			}
		}
	}
	m := &memo{entries: map[string]*rendered{}}
	for _, step := range []int{-1, 1} {
		open := map[place]bool{}
		for p := range found {
			open[p] = true
		}
		from := at
		if step > 0 {
			from++
		}
		for i := from; i >= 0 && i < len(versions) && len(open) > 0; i += step {
			r, err := readResult(results, versions[i])
			if err != nil {
				return err
			}
			s, err := openChart(charts, versions[i], m)
			if err != nil {
				return err
			}
			changed := false
			for _, topology := range topologies {
				c := newCell(s, topology, keys, i)
				c.topo = c.topologySettings()
				for p := range open {
					if p.topology != topology {
						continue
					}
					st := r.Topologies[topology][p.path]
					if st == nil || st.Needs != told[p].Needs || st.Verdict != "read" || c.afresh(c.byPath[p.path], found[p].Proof) != found[p].Needs {
						delete(open, p)
						continue
					}
					st.Needs, st.Proof = found[p].Needs, found[p].Proof
					changed = true
				}
			}
			if !changed {
				continue
			}
			text, err := json.Marshal(r)
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(results, versions[i]+".json"), text, 0o644); err != nil {
				return err
			}
		}
		m.age()
	}
	fmt.Fprintln(os.Stderr, version, len(found), "switches differ")
	return nil
}

// afresh formats the switches of a proof for this version. It returns a mark if the proof
// does not hold.
func (c *cell) afresh(p *probe, proof *proof) string {
	const broken = "?"
	if p == nil || proof.Choice >= max(1, len(p.values)) || len(c.holding(proof, []*probe{p})) == 0 {
		return broken
	}
	w := world{kube: proof.Kube, upgrade: proof.Upgrade}
	conditions := map[string]string{}
	for _, killer := range proof.Killers {
		for _, s := range sortedKeys(killer) {
			if q := c.byPath[s]; conditions[s] == "" && !strings.Contains(s, "nodePorts.") {
				conditions[s] = c.tell(w, proof.Base, p, q, c.current(proof.Base, q))
			}
		}
	}
	return w.needs(conditions)
}
