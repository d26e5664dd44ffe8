package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Helm reads the numbers of a values file as floating point. A large number that a
// template writes into a text (a line of a script or of redis.conf, a quoted word, the
// name of an image) becomes 1e+06. As the whole value of a field it is written like that,
// too, but the reader of the manifest converts it back to a number.

// largeMarker is a whole number that identifies one key. It has no trailing zeros, and is
// recognized as 1.00000nnn1e+09.
func largeMarker(id int) float64 { return float64(1_000_000_001 + 10*id) }

var (
	exponent = regexp.MustCompile(`1\.(\d{9})e\+09`)
	whole    = regexp.MustCompile(`^\s*(- )*([\w./-]+: )?1\.\d{9}e\+09$`)
	encoded  = regexp.MustCompile(`[A-Za-z0-9+/]{8,}={0,2}`)
)

// exponentsIn lists the keys whose numbers have an exponent in a text within the
// manifest.
func exponentsIn(manifest string) map[int]bool {
	found := map[int]bool{}
	look := func(text string) {
		for _, match := range exponent.FindAllStringSubmatch(text, -1) {
			if number, err := strconv.Atoi(match[1]); err == nil {
				found[(number-1)/10] = true
			}
		}
	}
	for _, line := range strings.Split(manifest, "\n") {
		if whole.MatchString(line) {
			continue
		}
		look(line)
		for _, word := range encoded.FindAllString(line, -1) {
			if text, err := base64.StdEncoding.DecodeString(word); err == nil {
				look(string(text))
			}
		}
	}
	return found
}

// exponents lists the keys whose numbers have an exponent in a rendering.
func (s *source) exponents(out *outcome) map[int]bool {
	found := map[int]bool{}
	for i, f := range s.files {
		if out.files[i] == nil || f.notes {
			continue
		}
		if strings.Contains(out.files[i].text, "e+09") || f.name == "secret.yaml" {
			for id := range exponentsIn(out.files[i].text) {
				found[id] = true
			}
		}
	}
	return found
}

// counted matches keys with the number of objects to render.
var counted = regexp.MustCompile(`(^|\.)(replicaCount|slaveCount|count)$`)

// numbered are the configurations in which numbers are searched.
var numbered = map[string]bool{
	"default": true, "on": true, "LoadBalancer": true, "NodePort": true, "persistence off": true, "existing secret": true,
	"password files": true, "Deployment": true, "external master": true, "auth off": true, "master service": true,
	"external access": true, "quick failover": true, "own certificates": true,
}

// newNumbers makes a cell that tests for large numbers instead of effects.
func newNumbers(s *source, topology string, keys []known, at int, checked map[string]string) *cell {
	c := newCell(s, topology, keys, at)
	c.only = numbered
	for _, p := range c.probes {
		if p.kind == "string" || p.kind == "int" || p.kind == "float" || p.kind == "null" {
			p.values, p.choice = []any{largeMarker(p.id)}, 0
		}
	}
	c.look = func(w world, set settings, p *probe) bool {
		set = set.with(settings{p.path: p.values[0]})
		return !s.invalid(settings{p.path: p.values[0]}, checked) && s.exponents(s.renderOnly(w, set, s.manifests(p)))[p.id]
	}
	return c
}

// search finds the keys whose numbers are printed with an exponent, and their
// requirements.
func (c *cell) search() {
	c.facts = map[string]*fact{}
	scalar := func(p *probe) bool {
		if p.node || p.kind == "bool" || p.kind == "choice" || counted.MatchString(p.path) || len(p.values) != 1 {
			return false
		}
		_, number := p.values[0].(float64)
		return number && c.topo[p.path] == nil && len(c.s.lookers(p.path)) > 0
	}
	c.prepare()
	for _, b := range c.baselines {
		for _, rules := range []bool{false, true} {
			var list []*probe
			for _, p := range c.probes {
				if _, said := b.set[p.path]; !said && scalar(p) && p.rules == rules && c.facts[p.path] == nil {
					list = append(list, p)
				}
			}
			good := c.fit(b.w, b.set, list)
			seen := c.s.exponents(c.s.render(b.w, b.set.with(markers(good))))
			for _, p := range good {
				if seen[p.id] && c.look(b.w, b.set, p) {
					c.facts[p.path] = &fact{verdict: "read", in: b}
					needs := map[string][]any{}
					for _, f := range c.flips(b, c.s.manifests(p)) {
						if f.p != p && c.s.renderOnly(b.w, f.set, c.s.manifests(p)).err == "" && !c.look(b.w, f.set, p) {
							needs[f.p.path] = append(needs[f.p.path], f.value)
						}
					}
					c.settle(b, p, needs)
				}
			}
		}
	}
}

// shown lists the keys whose numbers are printed with an exponent with these settings,
// all in one rendering.
func (c *cell) shown(w world, set settings, group []*probe) map[*probe]bool {
	found := map[*probe]bool{}
	out := c.s.renderOnly(w, set.with(markers(group)), c.s.manifests(group...))
	if out.err == "" {
		seen := c.s.exponents(out)
		for _, p := range group {
			found[p] = seen[p.id]
		}
	}
	return found
}

// confirm takes over results of other versions, nearest version first, if their proof
// holds here: the number is printed with an exponent with the minimal settings, and not
// without one of them.
func (c *cell) confirm(others []map[string]*fact, checked map[string]string) {
	c.facts = map[string]*fact{}
	for _, other := range others {
		groups := map[string][]*probe{}
		for _, path := range sortedKeys(other) {
			p := c.byPath[path]
			if p == nil || c.facts[path] != nil || len(c.s.lookers(path)) == 0 || c.s.invalid(settings{path: p.values[0]}, checked) {
				continue
			}
			groups[compact(other[path].proof)] = append(groups[compact(other[path].proof)], p)
		}
		for _, name := range sortedKeys(groups) {
			group := groups[name]
			proof := other[group[0].path].proof
			w := world{kube: proof.Kube, upgrade: proof.Upgrade}
			unknown := func(set settings) bool {
				for s := range set {
					if c.byPath[s] == nil && c.topo[s] == nil {
						return true
					}
				}
				return false
			}
			if unknown(proof.Base) {
				continue
			}
			kept := c.shown(w, proof.Base, group)
			for _, killer := range proof.Killers {
				// A key that this version does not have cannot prevent anything here.
				if unknown(killer) {
					continue
				}
				if len(kept) == 0 {
					break
				}
				for p, alive := range c.shown(w, proof.Base.with(killer), group) {
					if alive {
						delete(kept, p)
					}
				}
			}
			for _, p := range group {
				if kept[p] {
					c.facts[p.path] = other[p.path]
				}
			}
		}
	}
}

// quoted reports whether the quoted number renders as the whole number does with --set: a
// template prints both alike, and a field of a manifest keeps the quotes.
func (c *cell) quoted(f *fact, p *probe) bool {
	w := world{kube: f.proof.Kube, upgrade: f.proof.Upgrade}
	with := func(value any) *outcome {
		return c.s.renderOnly(w, f.proof.Base.with(settings{p.path: value}), c.s.manifests(p))
	}
	number, text := with(int64(1234567)), with("1234567")
	if number.err != "" || text.err != "" {
		return false
	}
	for i := range number.files {
		if number.files[i] != nil && text.files[i] != nil && number.files[i].text != text.files[i].text {
			return false
		}
	}
	return true
}

// numbersCommand writes numbers.tsv: some versions are searched, and the results are
// confirmed in the others.
func numbersCommand(args []string) error {
	if len(args) < 2 || len(args) < 3 && before == "" {
		return fmt.Errorf("usage: oracle numbers CHARTS_DIR DATA_DIR VERSION...")
	}
	charts, data, searched := args[0], args[1], args[2:]
	named := searched
	if before == "" {
		named = nil
	}
	work, err := newWork(charts, data, named)
	if err != nil {
		return err
	}
	versions := names(work.list)
	keys, err := knownKeys(data, versions)
	if err != nil {
		return err
	}
	m := &memo{entries: map[string]*rendered{}}
	checked := map[string]string{}
	found := map[int]map[string]map[string]*fact{} // version, topology, key
	for i, version := range versions {
		if !contains(searched, version) {
			continue
		}
		s, err := openChart(charts, version, m)
		if err != nil {
			return fmt.Errorf("%s: %w", version, err)
		}
		found[i] = map[string]map[string]*fact{}
		for _, topology := range topologies {
			c := newNumbers(s, topology, keys, i, checked)
			c.search()
			found[i][topology] = c.facts
		}
		fmt.Fprintf(os.Stderr, "%s searched\n", version)
		m.age()
	}
	facts := newIntervals(work.list)
	var last map[string]map[string]string
	lastHashes := ""
	for i, version := range versions {
		if !work.wanted[i] {
			continue
		}
		s, err := openChart(charts, version, m)
		if err != nil {
			return fmt.Errorf("%s: %w", version, err)
		}
		// A version with the same files and the same schema prints the same.
		if same := compact(s.hashes()) + string(s.root.Schema); same != lastHashes {
			lastHashes, last = same, map[string]map[string]string{}
			for _, topology := range topologies {
				c := newNumbers(s, topology, keys, i, checked)
				c.topo = c.topologySettings()
				var others []map[string]*fact
				for _, at := range nearestFirst(found, i) {
					others = append(others, found[at][topology])
				}
				c.confirm(others, checked)
				last[topology] = map[string]string{}
				for path, f := range c.facts {
					quoted := "-"
					if c.quoted(f, c.byPath[path]) {
						quoted = "same"
					}
					last[topology][path] = orDash(f.needs) + "\t" + quoted
				}
			}
			m.age()
		}
		for topology, rows := range last {
			for path, fact := range rows {
				facts.add(i, path+"\t"+topology, fact)
			}
		}
	}
	if err := work.carry(facts, "numbers.tsv"); err != nil {
		return err
	}
	if searched, err = withBefore(searched, "numbers.tsv", "# searched versions: "); err != nil {
		return err
	}
	return writeTable(filepath.Join(data, "numbers.tsv"), []string{
		"Keys whose large numbers are printed as 1e+06 in a text, measured by rendering every version (tools/oracle, numbers).",
		"topologies: s standalone, r replication, n Sentinel. since: first version. until: first version after, `-` none.",
		"switches: the condition, in the syntax of reads.tsv; `-` none.",
		"quoted: `same` if the quoted number renders like the number with --set; otherwise `-`. The schema is not considered.",
		"searched versions: " + strings.Join(searched, " ") + "; the results were confirmed in all others.",
		"path\ttopologies\tsince\tuntil\tswitches\tquoted",
	}, byTopologies(facts))
}

// withBefore adds the versions that a line in the head of the old file names.
func withBefore(now []string, file, line string) ([]string, error) {
	if before == "" {
		return now, nil
	}
	text, err := os.ReadFile(filepath.Join(before, file))
	if err != nil {
		return nil, err
	}
	_, named, _ := strings.Cut(string(text), line)
	named, _, _ = strings.Cut(named, ";")
	all := append(strings.Fields(named), now...)
	sort.Slice(all, func(i, j int) bool { return compareVersions(all[i], all[j]) < 0 })
	return slices.Compact(all), nil
}

// nearestFirst lists the searched versions, the nearest first.
func nearestFirst[V any](found map[int]V, at int) []int {
	var list []int
	for i := range found {
		list = append(list, i)
	}
	sort.Slice(list, func(a, b int) bool {
		x, y := max(list[a]-at, at-list[a]), max(list[b]-at, at-list[b])
		return x < y || x == y && list[a] < list[b]
	})
	return list
}

// byTopologies formats facts of `path TAB topology`, and merges several topologies into
// one row.
func byTopologies(facts *intervals) []string {
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
		if order(where[a]) != order(where[b]) {
			return order(where[a]) < order(where[b])
		}
		return a.fact < b.fact
	})
	var rows []string
	for _, key := range lines {
		rows = append(rows, strings.Join([]string{key.path, letters(where[key]), key.since, key.until, key.fact}, "\t"))
	}
	return rows
}
