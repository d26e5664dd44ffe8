package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"sort"
	"strconv"
	"strings"
	"time"

	"helm.sh/helm/v3/pkg/chart"
)

// equal is the result for one version and topology: the values of each key with which the
// chart renders the same as without the key.
type equal struct {
	Fallbacks map[string][]string // values as JSON, in order
}

// fallbacksCommand measures the defaults of the templates for keys without a value, and
// joins the results into fallbacks.tsv. Each version has one file of results.
func fallbacksCommand(args []string) error {
	if len(args) < 3 {
		return fmt.Errorf("usage: oracle fallbacks CHARTS_DIR DATA_DIR RESULTS_DIR [VERSION...]")
	}
	charts, data, results := args[0], args[1], args[2]
	book, err := newReadsBook(data)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(results, 0o755); err != nil {
		return err
	}
	work, err := newWork(charts, data, args[3:])
	if err != nil {
		return err
	}
	debug.SetGCPercent(400) // renderings are many and short-lived
	m := &memo{entries: map[string]*rendered{}}
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
		answer := map[string]equal{}
		for _, topology := range topologies {
			e := &effector{cell: newCell(s, topology, book.keys, i), read: book.read(i, topology), other: map[string]*probe{}}
			e.kinds = kindsAt(book.kinds, version)
			for _, p := range e.probes {
				e.other[p.path] = newProbe(p.path, e.kinds[p.path], p.id+2000, p.standard)
			}
			e.only = numbered
			e.prepare()
			answer[topology] = equal{e.fallbacks()}
			m.age()
		}
		text, err := json.Marshal(answer)
		if err != nil {
			return err
		}
		if err := os.WriteFile(target, text, 0o644); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "%s %.1fs, %d files run\n", version, time.Since(start).Seconds(), m.runs)
		m.runs, m.hits = 0, 0
	}
	return writeFallbacks(work, results, book)
}

// writeFallbacks joins the results. A version without results takes those of the nearest
// older version, or of the nearest newer one. If versions are added, the rows of other
// versions stay.
func writeFallbacks(work work, results string, book *readsBook) error {
	all := make([]map[string]equal, len(book.versions))
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
	facts := newIntervals(book.list)
	reads := make([]map[string]map[string][]string, len(book.versions))
	for i := range book.versions {
		reads[i] = map[string]map[string][]string{}
		for _, topology := range topologies {
			reads[i][topology] = book.read(i, topology)
		}
	}
	for i, version := range book.versions {
		if before != "" && !work.wanted[i] {
			continue
		}
		kinds := kindsAt(book.kinds, version)
		for _, topology := range topologies {
			for path := range reads[i][topology] {
				for _, at := range around(i, len(all)) {
					if _, read := reads[at][topology][path]; all[at] == nil || !read {
						continue
					}
					if values := likely(kinds[path], all[at][topology].Fallbacks[path]); len(values) > 0 {
						facts.add(i, path+"\t"+topology, "["+strings.Join(values, ",")+"]")
					}
					break
				}
			}
		}
	}
	if err := work.carry(facts, "fallbacks.tsv"); err != nil {
		return err
	}
	measured, err := withBefore(measuredOf(book.versions, all), "fallbacks.tsv", "# measured versions: ")
	if err != nil {
		return err
	}
	return writeTable(filepath.Join(work.data, "fallbacks.tsv"), []string{
		"Values with which a template renders the same as without a value, measured by rendering (tools/oracle, fallbacks).",
		"topologies: s standalone, r replication, n Sentinel. since: first version. until: first version after, `-` none.",
		"values: JSON, each with the same result as no value. Other values of the key change a manifest.",
		"measured versions: " + strings.Join(measured, " ") + "; all others are assumed to equal the nearest older version that reads the key.",
		"path\ttopologies\tsince\tuntil\tvalues",
	}, byTopologies(facts))
}

// likely are the values with the type of the key. If several words render the same as no
// value, so does every word that the templates do not mention.
func likely(kind string, values []string) (list []string) {
	words := 0
	for _, v := range values {
		word := strings.HasPrefix(v, `"`)
		if number := kind == "int" || kind == "float"; number && word {
			continue
		}
		if word {
			words++
		}
		list = append(list, v)
	}
	if words < 2 {
		return list
	}
	values, list = list, nil
	for _, v := range values {
		if !strings.HasPrefix(v, `"`) {
			list = append(list, v)
		}
	}
	return list
}

// measuredOf lists the versions with a result.
func measuredOf(versions []string, all []map[string]equal) (list []string) {
	for i, version := range versions {
		if all[i] != nil {
			list = append(list, version)
		}
	}
	return list
}

var (
	literal = regexp.MustCompile(`"([^"\\{}]{1,60})"|\b(\d{1,9})\b|\b(true|false)\b`)
	defines = regexp.MustCompile(`(?m)^\{\{-? *define `)
)

// literals are the words and numbers near a key in the templates.
func (s *source) literals(key string) (list []any) {
	seen := map[string]bool{}
	add := func(text string) {
		for _, m := range literal.FindAllStringSubmatch(text, -1) {
			var v any = m[1]
			if m[2] != "" {
				n, _ := strconv.ParseFloat(m[2], 64)
				v = n
			} else if m[3] != "" {
				v = m[3] == "true"
			}
			if name := compact(v); !seen[name] {
				seen[name] = true
				list = append(list, v)
			}
		}
	}
	parts := segments(key)
	tail := strings.Join(parts[max(0, len(parts)-2):], ".")
	var look func(c *chart.Chart)
	look = func(c *chart.Chart) {
		for _, t := range c.Templates {
			text := string(t.Data)
			if !strings.Contains(text, tail) || strings.HasSuffix(t.Name, "NOTES.txt") {
				continue
			}
			for _, block := range defines.Split(text, -1) {
				lines := strings.Split(block, "\n")
				for i, line := range lines {
					if !strings.Contains(line, tail) {
						continue
					}
					if len(lines) < 20 {
						add(block)
						break
					}
					add(strings.Join(lines[max(0, i-1):min(len(lines), i+2)], "\n"))
				}
			}
		}
	}
	look(s.root)
	return list
}

// fallbacks are the values of each used key that render the same as no value, in every
// configuration that reads the key.
func (e *effector) fallbacks() map[string][]string {
	all := map[string][]string{}
	for _, path := range sortedKeys(e.read) {
		p := e.byPath[path]
		if p == nil || e.topo[path] != nil {
			continue
		}
		ways := e.least(p)
		for _, b := range e.baselines {
			ways = append(ways, *b)
		}
		// A word may have an effect only together with another key of the same block, or on
		// another kind of cluster.
		parent, _ := cutLast(path)
		for _, b := range e.least(p) {
			for _, other := range sortedKeys(e.read) {
				if q := e.byPath[other]; q != nil && q.marked && p.kind != "bool" && other != path && strings.HasPrefix(other, parent+".") {
					ways = append(ways, baseline{w: b.w, set: b.set.with(settings{other: q.values[0]})})
				}
			}
			openshift := b.w
			openshift.apis = "security.openshift.io/v1"
			ways = append(ways, baseline{w: openshift, set: b.set})
		}
		only := e.s.manifests(p)
		tries := append([]any{p.standard}, e.s.literals(path)...)
		if p.kind == "bool" {
			tries = []any{false, true}
		}
		var left []any
		done := map[string]bool{"null": true}
		for _, v := range tries {
			// A value that is false in an `if` counts as no value, except for a boolean.
			if empty(v) || done[compact(v)] || p.kind != "bool" && (v == false || v == 0.0) {
				continue
			}
			if _, m := v.(map[string]any); m {
				continue
			}
			if _, l := v.([]any); l {
				continue
			}
			done[compact(v)] = true
			left = append(left, v)
		}
		live := map[string]bool{}
		for _, b := range ways {
			if len(left) == 0 {
				break
			}
			none := e.s.renderOnly(b.w, b.set.with(settings{path: deleted{}}), only)
			var same, other []any
			for _, v := range left {
				out := e.s.renderOnly(b.w, b.set.with(settings{path: v}), only)
				differs, _ := e.s.change(none, out)
				if none.err != out.err {
					differs = true
				}
				if differs {
					other = append(other, v)
				} else {
					same = append(same, v)
				}
			}
			left = same
			if none.err != "" {
				continue
			}
			// If no value changes the output, the configuration shows nothing.
			reads := len(other) > 0
			for _, ways := range e.values(b.set, p) {
				for _, v := range ways {
					out := e.s.renderOnly(b.w, b.set.with(settings{path: v}), only)
					differs, _ := e.s.change(none, out)
					reads = reads || differs && out.err == ""
				}
			}
			if reads {
				for _, v := range left {
					live[compact(v)] = true
				}
			}
		}
		var told []string
		for _, v := range left {
			if live[compact(v)] {
				told = append(told, compact(v))
			}
		}
		if len(told) > 0 {
			sort.Strings(told)
			all[path] = told
		}
	}
	return all
}

// slotsCommand measures which keys set the same thing, and writes slots.tsv.
func slotsCommand(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("usage: oracle slots CHARTS_DIR DATA_DIR [VERSION...]")
	}
	charts, data := args[0], args[1]
	book, err := newReadsBook(data)
	if err != nil {
		return err
	}
	work, err := newWork(charts, data, args[2:])
	if err != nil {
		return err
	}
	m := &memo{entries: map[string]*rendered{}}
	facts := newIntervals(book.list)
	var last map[string]map[string][]string
	measured := 0
	for i, version := range book.versions {
		if before != "" && !work.wanted[i] {
			continue
		}
		if last == nil || work.wanted[i] {
			s, err := openChart(charts, version, m)
			if err != nil {
				return fmt.Errorf("%s: %w", version, err)
			}
			last = map[string]map[string][]string{}
			for _, topology := range topologies {
				e := &effector{cell: newCell(s, topology, book.keys, i), read: book.read(i, topology), other: map[string]*probe{}}
				e.kinds = kindsAt(book.kinds, version)
				e.topo = e.topologySettings()
				for _, p := range e.probes {
					e.other[p.path] = newProbe(p.path, e.kinds[p.path], p.id+2000, p.standard)
				}
				last[topology] = e.slots()
			}
			m.age()
			measured++
		}
		for _, topology := range topologies {
			read := book.read(i, topology)
			for path, order := range last[topology] {
				var there []string
				for _, key := range order {
					if _, is := read[key]; is {
						there = append(there, key)
					}
				}
				if contains(there, path) && len(there) > 1 {
					facts.add(i, path+"\t"+topology, strings.Join(there, ","))
				}
			}
		}
	}
	fmt.Fprintf(os.Stderr, "%d versions measured, %d files run\n", measured, m.runs)
	if err := work.carry(facts, "slots.tsv"); err != nil {
		return err
	}
	return writeTable(filepath.Join(data, "slots.tsv"), []string{
		"Keys that set the same thing: the first key with a non-empty value has precedence. Measured by rendering (tools/oracle, slots).",
		"topologies: s standalone, r replication, n Sentinel. since: first version. until: first version after, `-` none.",
		"path\ttopologies\tsince\tuntil\torder",
	}, byTopologies(facts))
}

// slots are groups of keys that set the same thing, by one of their keys: keys with
// higher precedence, the key, and keys with lower precedence.
func (e *effector) slots() map[string][]string {
	firsts, seconds := map[string][]string{}, map[string][]string{}
	silent := map[string][]string{} // by the key with precedence
	spoiled := map[string]bool{}
	for _, path := range sortedKeys(e.read) {
		p := e.byPath[path]
		for _, term := range e.read[path] {
			first := strings.TrimSuffix(term, `=""`)
			if first == term || strings.HasSuffix(first, "!") || strings.Contains(term, "|") || e.byPath[first] == nil {
				continue
			}
			switch stands, covered := e.standsIn(first, p); {
			case stands:
				firsts[path] = append(firsts[path], first)
			case covered:
				silent[first] = append(silent[first], path)
			default:
				// A key with other effects does not replace another key.
				spoiled[first] = true
			}
		}
	}
	for path, before := range firsts {
		for _, other := range silent[before[0]] {
			if e.falls(before[0], path, other) {
				seconds[path] = append(seconds[path], other)
			}
		}
	}
	all := map[string][]string{}
	for path, before := range firsts {
		if len(before) == 1 && !spoiled[before[0]] && len(firsts[before[0]]) == 0 {
			all[path] = append([]string{before[0], path}, seconds[path]...)
		}
	}
	return all
}

// loose adds settings without which some values of every key are refused.
func (e *effector) loose(set settings) settings {
	return e.there(settings{
		"global.security.allowInsecureImages": true, "rbac.create": true, "serviceAccount.create": true,
		"replica.automountServiceAccountToken": true,
	}).with(set)
}

// group sets all keys that a key overrides to a word.
func (e *effector) group(first string, word any) settings {
	group := settings{}
	for path, terms := range e.read {
		if q := e.byPath[path]; q != nil && q.marked && contains(terms, first+`=""`) {
			group[path] = word
		}
	}
	return group
}

// standsIn reports whether a key, set to a word, has the effect of this key with that
// word while the first key is empty. Otherwise it reports whether this key has no effect
// while the other keys that the first one overrides are set.
func (e *effector) standsIn(first string, p *probe) (stands, covered bool) {
	if p == nil || !p.marked || p.kind == "list" || p.kind == "map" {
		return false, false
	}
	word, other := any(textMarker(p.id)), any(textMarker(p.id+2000))
	for _, b := range e.least(p) {
		set := e.loose(b.set).with(e.group(first, word)).with(settings{p.path: word})
		empty, full := settings{first: deleted{}}, settings{first: word}
		low := e.s.render(b.w, set.with(empty))
		if low.err != "" {
			// Some templates fail without the key: `global.redis` must not be empty.
			empty = settings{first: ""}
			low = e.s.render(b.w, set.with(empty))
		}
		high := e.s.render(b.w, set.with(full))
		lone := e.s.render(b.w, set.with(full).with(settings{p.path: other}))
		none := e.s.render(b.w, set.with(full).with(settings{p.path: deleted{}}))
		moved := e.s.render(b.w, set.with(empty).with(settings{p.path: other}))
		for _, out := range []*outcome{low, high, lone, none, moved} {
			if out.err != "" {
				return false, false
			}
		}
		differ := func(a, b *outcome) bool { differs, _ := e.s.change(a, b); return differs }
		if differ(low, high) || differ(high, lone) || differ(high, none) {
			return false, false
		}
		if !differ(low, moved) {
			return false, true
		}
		stands = true
	}
	return stands, false
}

// falls reports whether a key applies if another one is empty, and then has the effect of
// the other one.
func (e *effector) falls(first, path, other string) bool {
	p := e.byPath[path]
	word := any(textMarker(p.id))
	for _, b := range e.least(p) {
		set := e.loose(b.set).with(settings{first: deleted{}})
		low := e.s.render(b.w, set.with(e.group(first, word)).with(settings{path: deleted{}, other: word}))
		high := e.s.render(b.w, set.with(e.group(first, word)).with(settings{path: word, other: deleted{}}))
		none := e.s.render(b.w, set.with(e.group(first, word)).with(settings{path: deleted{}, other: deleted{}}))
		if low.err != "" || high.err != "" || none.err != "" {
			return false
		}
		if differs, _ := e.s.change(low, high); differs {
			return false
		}
		if differs, _ := e.s.change(low, none); !differs {
			return false
		}
	}
	return true
}
