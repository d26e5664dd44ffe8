package main

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// result is the measurement of one version.
type result struct {
	Files      map[string]string             // template file -> hash of all templates that it runs and of the values that it reads
	Topologies map[string]map[string]*stored // topology -> key
}

// stored is one answer, with the data for taking it over to the next version.
type stored struct {
	Verdict string
	Needs   string
	Lookers string // template files that may read the key
	Proof   *proof `json:",omitempty"`
}

func (s *source) hashes() map[string]string {
	all := map[string]string{}
	for _, f := range s.files {
		sum := sha256.Sum256([]byte(f.text + f.base))
		all[f.name] = hex.EncodeToString(sum[:8])
	}
	return all
}

func (s *source) lookerNames(path string) string {
	var names []string
	for _, f := range s.lookers(path) {
		names = append(names, f.name)
	}
	return strings.Join(names, " ")
}

// inherit takes over answers of the previous version: unchanged if no file that reads the
// key has changed, otherwise if their proof still holds.
func (c *cell) inherit() {
	if c.previous == nil {
		return
	}
	old := c.previous.Topologies[c.topology]
	now := c.s.hashes()
	groups := map[string][]*probe{}
	for _, p := range c.probes {
		was := old[p.path]
		if was == nil {
			if p.kind == "bool" || p.kind == "choice" || p.rules {
				c.fresh = append(c.fresh, p.path)
			}
			continue
		}
		same := was.Lookers == c.s.lookerNames(p.path)
		for _, name := range strings.Fields(was.Lookers) {
			same = same && now[name] == c.previous.Files[name]
		}
		switch {
		case same:
			c.facts[p.path] = &fact{verdict: was.Verdict, needs: was.Needs, proof: was.Proof}
			if was.Proof != nil {
				p.choice = was.Proof.Choice
			}
		case was.Proof != nil && was.Proof.Choice < max(1, len(p.values)):
			groups[compact(was.Proof)] = append(groups[compact(was.Proof)], p)
		}
	}
	for _, name := range sortedKeys(groups) {
		group := groups[name]
		proof := old[group[0].path].Proof
		for _, p := range c.holding(proof, group) {
			was := old[p.path]
			c.facts[p.path] = &fact{verdict: was.Verdict, needs: was.Needs, proof: was.Proof}
		}
	}
}

// holding lists the keys whose proof still holds.
func (c *cell) holding(proof *proof, group []*probe) []*probe {
	for s := range proof.Base {
		if c.byPath[s] == nil {
			return nil
		}
	}
	w := world{kube: proof.Kube, upgrade: proof.Upgrade}
	for _, p := range group {
		p.choice = proof.Choice
	}
	// Markers reveal many keys in one rendering.
	only := c.s.manifests(group...)
	alive := func(set settings, group []*probe) map[*probe]bool {
		found := map[*probe]bool{}
		if proof.Marked {
			all := set.with(markers(group))
			out := c.s.renderOnly(w, all, only)
			seen, _ := c.s.marked(out)
			for _, p := range group {
				if out.err == "" && seen[p.id] {
					found[p] = true
				}
			}
			return found
		}
		for _, p := range group {
			if c.reads(w, set, p) {
				found[p] = true
			}
		}
		return found
	}
	kept := map[*probe]bool{}
	for p := range alive(proof.Base, group) {
		kept[p] = true
	}
	for _, killer := range proof.Killers {
		for s := range killer {
			if c.byPath[s] == nil {
				return nil
			}
		}
		for p := range alive(proof.Base.with(killer), group) {
			delete(kept, p)
		}
	}
	for _, s := range c.fresh {
		q := c.byPath[s]
		set := settings{s: q.value(c.current(proof.Base, q))}
		if c.s.renderOnly(w, proof.Base.with(set), only).err != "" {
			continue
		}
		living := alive(proof.Base.with(set), group)
		for p := range kept {
			if p != q && !living[p] {
				delete(kept, p)
			}
		}
	}
	var list []*probe
	for _, p := range group {
		if kept[p] {
			list = append(list, p)
		}
	}
	return list
}
