package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"time"
)

// effectsCommand measures what a change of each key does that is read, one
// file of results a version, which is not measured again while it is there;
// and joins them into effects.tsv.
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
	known := map[[16]byte]effects{}
	m := &memo{entries: map[string]*rendered{}, raw: true}
	for i, version := range book.versions {
		target := filepath.Join(results, version+".json")
		if _, err := os.Stat(target); err == nil || len(args) > 3 && !contains(args[3:], version) {
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
	return writeEffects(data, results, book)
}

// writeEffects joins the results. A version without any is as the nearest
// older one, else the nearest newer.
func writeEffects(data, results string, book *readsBook) error {
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
	facts := newIntervals(book.versions)
	for i := range book.versions {
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
	return writeTable(filepath.Join(data, "effects.tsv"), []string{
		"What a change of each key does that is read, measured by rendering every version (tests/oracle, effects).",
		"topologies: s standalone, r replication, n Sentinel. since incl., until excl., `-` is still so.",
		"effects, from the worst to the least, `,` between, `-` none of them: data (may lose data), workload (a StatefulSet, Deployment or",
		"DaemonSet comes, goes or has another name), immutable (the API server refuses it in place), password, reach (who can reach Redis or",
		"its metrics), scale (the number of pods), pods (they restart). What a change of the key can do: one value may do less than another.",
		"path\ttopologies\tsince\tuntil\teffects",
	}, byTopologies(facts))
}

// around lists positions: from one downwards, then upwards.
func around(at, count int) (list []int) {
	for i := at; i >= 0; i-- {
		list = append(list, i)
	}
	for i := at + 1; i < count; i++ {
		list = append(list, i)
	}
	return list
}

// readsBook is reads.tsv with what is needed to read it.
type readsBook struct {
	versions []string
	keys     []known
	kinds    []catalogued1
	rows     []readRow
}

// readRow is a row that begins as those of reads.tsv do.
type readRow struct {
	path, topologies string
	from, to         int
	rest             []string
}

func (r readRow) holds(version int, topology string) bool {
	return r.from <= version && version < r.to && strings.Contains(r.topologies, letters([]string{topology}))
}

func (b *readsBook) readRows(file string, columns int) (rows []readRow, err error) {
	at := map[string]int{"-": len(b.versions)}
	for i, v := range b.versions {
		at[v] = i
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	for _, line := range strings.Split(string(text), "\n") {
		if cells := strings.Split(line, "\t"); len(cells) == columns && !strings.HasPrefix(line, "#") {
			rows = append(rows, readRow{cells[0], cells[1], at[cells[2]], at[cells[3]], cells[4:]})
		}
	}
	return rows, nil
}

func newReadsBook(data string) (*readsBook, error) {
	versions, err := catalogued(data)
	if err != nil {
		return nil, err
	}
	b := &readsBook{versions: versions}
	if b.keys, err = knownKeys(data, versions); err != nil {
		return nil, err
	}
	if b.kinds, err = cataloguedKeys(data); err != nil {
		return nil, err
	}
	b.rows, err = b.readRows(filepath.Join(data, "reads.tsv"), 6)
	return b, err
}

// read are the keys that are read in a version and topology, with what must
// hold for that.
func (b *readsBook) read(version int, topology string) map[string][]string {
	all := map[string][]string{}
	for _, row := range b.rows {
		if row.rest[0] == "read" && row.holds(version, topology) {
			all[row.path] = nil
			if row.rest[1] != "-" {
				all[row.path] = strings.Split(row.rest[1], " & ")
			}
		}
	}
	return all
}

// effector measures one version in one topology.
type effector struct {
	*cell
	read  map[string][]string
	kinds map[string]string
	other map[string]*probe    // the same keys with other markers
	known map[[16]byte]effects // by everything that an answer depends on
}

// fuller are the ways to set the chart up in which keys are tried beside the
// least that they need, and which keys. What a key does only where something
// rare is set as well is not told of it.
var fuller = map[string]*regexp.Regexp{
	"on":                        regexp.MustCompile(``),
	"own certificates, old key": regexp.MustCompile(`^tls\.`),
	"no service accounts":       regexp.MustCompile(`(?i)serviceAccount`),
	"Deployment":                regexp.MustCompile(`persistence|[sS]torageClass`),
}

func newEffector(s *source, topology string, book *readsBook, version int) *effector {
	e := &effector{cell: newCell(s, topology, book.keys, version), read: book.read(version, topology), other: map[string]*probe{}}
	e.kinds = kindsAt(book.kinds, book.versions[version])
	for _, p := range e.probes {
		e.other[p.path] = newProbe(p.path, e.kinds[p.path], p.id+2000, p.standard)
	}
	e.prepare()
	return e
}

// measure gives the effects of every key that is read.
func (e *effector) measure() map[string]string {
	all := map[string]string{}
	for _, path := range sortedKeys(e.read) {
		p := e.byPath[path]
		if p == nil {
			continue
		}
		found, seen := e.effects(p)
		truth := beyond[path].effects
		if !seen && truth == "" {
			fmt.Fprintln(os.Stderr, e.s.version, e.topology, path, "changed nothing,", orDash(strings.Join(e.read[path], " & ")))
		}
		if all[path] = found.String(); !seen && truth != "" {
			all[path] = truth
		}
	}
	return all
}

// needed are settings without which a key can be put that way by nobody:
// whose certificates are not made by the chart has some.
func (e *effector) needed(key string, value any) settings {
	if key == "tls.autoGenerated" && value == false {
		return e.there(settings{"tls.existingSecret": "own", "tls.certFilename": "c.pem", "tls.certKeyFilename": "k.pem", "tls.certCAFilename": "a.pem"})
	}
	return e.fixedPorts(key, value)
}

// effects is what a change of a key does: with the least that it needs, in
// some fuller ways to set the chart up, and in all others where none of these
// shows anything.
func (e *effector) effects(p *probe) (all effects, seen bool) {
	for _, w := range e.least(p) {
		found, moves := e.in(w.w, w.set, p)
		all, seen = all|found, seen || moves
	}
	var others []*baseline
	for _, b := range e.baselines {
		// Of another topology nothing but the topology is asked.
		if keys := fuller[b.name]; keys == nil || !keys.MatchString(p.path) || e.topo[p.path] != nil {
			others = append(others, b)
			continue
		}
		found, moves := e.in(b.w, b.set, p)
		all, seen = all|found, seen || moves
	}
	for _, b := range others {
		if seen {
			break
		}
		found, moves := e.in(b.w, b.set, p)
		all, seen = all|found, seen || moves
	}
	return all, seen
}

// least are the settings that a row of reads.tsv asks for, over the topology.
func (e *effector) least(p *probe) []baseline {
	b := baseline{w: ordinary, set: e.topo.with(nil)}
	values := plain(e.s.base).(map[string]any)
	for path, v := range b.set {
		assign(values, segments(path), v)
	}
	for _, term := range e.read[p.path] {
		if holds(values, term) {
			continue
		}
		term, _, _ = strings.Cut(term, "|")
		path, value, ok := holding(e.kinds, term, false)
		switch {
		case term == "@kube=1.20":
			b.w.kube = "v1.20.0"
		case term == "@upgrade=true":
			b.w.upgrade = true
		case !ok:
			return nil
		default:
			b.set[path] = value
			b.set = b.set.with(e.needed(path, value))
			assign(values, segments(path), value)
		}
	}
	return []baseline{b}
}

// in says what changes of a key do to what these settings render, and whether
// any of them changes anything.
func (e *effector) in(w world, set settings, p *probe) (all effects, seen bool) {
	only := e.s.manifests(p)
	values := e.values(set, p)
	hash := sha256.New()
	fmt.Fprintf(hash, "%s\x00%s\x00%s", p.path, compact(values), strings.Join(e.s.names(w, set, only), "\x01"))
	var name [16]byte
	copy(name[:], hash.Sum(nil))
	if answer, there := e.known[name]; there {
		return answer &^ changesNothing, answer&changesNothing == 0
	}
	defer func() {
		answer := all
		if !seen {
			answer |= changesNothing
		}
		e.known[name] = answer
	}()
	renderings := []*outcome{e.s.renderOnly(w, set, only)}
	if renderings[0].err != "" && p.marked {
		// What must be set is changed from one value to another.
		values = append(values, e.other[p.path].values)
	}
	for _, ways := range values {
		// Of several shapes of a value, the first that does anything.
		for _, v := range ways {
			out := e.s.renderOnly(w, set.with(settings{p.path: v}).with(e.needed(p.path, v)), only)
			if out.err != "" {
				continue
			}
			manifests, _ := e.s.change(renderings[0], out)
			if _, _, ok := e.s.objects(renderings[0], out); ok && manifests || renderings[0].err != "" {
				renderings = append(renderings, out)
				break
			}
		}
	}
	for i, a := range renderings {
		for _, b := range renderings[i+1:] {
			if manifests, _ := e.s.change(a, b); a.err != "" || b.err != "" || !manifests {
				continue
			}
			before, after, ok := e.s.objects(a, b)
			if !ok {
				continue
			}
			seen = true
			all |= e.both(p, before, after)
		}
	}
	return all, seen
}

// both says what a change of a key and its way back do. A key that makes the
// topology is not what it was on the way back, and has an answer of its own.
func (e *effector) both(p *probe, before, after []object) effects {
	if e.topo[p.path] != nil {
		return effectsBetween(before, after)
	}
	return effectsBetween(before, after) | effectsBetween(after, before)
}

// changesNothing stands in a remembered answer.
const changesNothing effects = 1 << 7

// values are what a key is changed to; each with other shapes of it, of which
// the first that does anything is enough.
func (e *effector) values(set settings, p *probe) (list [][]any) {
	current := e.current(set, p)
	add := func(ways ...any) {
		var other []any
		for _, v := range ways {
			if shortJSON(v) != shortJSON(current) {
				other = append(other, v)
			}
		}
		if len(other) > 0 {
			list = append(list, other)
		}
	}
	switch {
	case p.kind == "bool":
		add(p.value(current))
	case p.path == "architecture":
		add("standalone")
		add("replication")
	case p.marked:
		add(p.values...)
	default:
		for _, v := range p.values {
			add(v)
		}
	}
	if _, said := set[p.path]; said && p.kind != "bool" && e.topo[p.path] == nil {
		add(p.standard)
	}
	return list
}

// objects are those of the files that differ; none where one of them is no
// YAML, which Helm refuses as well.
func (s *source) objects(a, b *outcome) (before, after []object, ok bool) {
	read := func(r *rendered) []object {
		if r.objects == nil {
			list, err := objectsIn(r.raw)
			if err != nil {
				r.err = err.Error()
			}
			r.objects = append([]object{}, list...)
		}
		return r.objects
	}
	for i := range s.files {
		if a.files[i] != nil && b.files[i] != nil && !s.files[i].notes && a.files[i].text != b.files[i].text {
			before = append(before, read(a.files[i])...)
			after = append(after, read(b.files[i])...)
			if a.files[i].err != "" || b.files[i].err != "" {
				return nil, nil, false
			}
		}
	}
	return before, after, true
}
