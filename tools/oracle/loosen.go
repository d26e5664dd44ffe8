package main

import (
	"cmp"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// loosenCommand removes switches from reads.tsv that decide nothing: switches without
// which typical values still read the key, because another switch is enough; and switches
// without which nothing renders. measure includes the latter, because it finds the
// minimal settings under which a key is read.
func loosenCommand(args []string) error {
	if len(args) < 3 {
		return fmt.Errorf("usage: oracle [-before DATA_DIR] loosen CHARTS_DIR DATA_DIR BASELINES [VERSION...]")
	}
	log.SetOutput(io.Discard) // Helm's warnings about keys that override a map
	charts, data := args[0], args[1]
	book, err := readBook(args[2])
	if err != nil {
		return err
	}
	catalogue, err := cataloguedKeys(data)
	if err != nil {
		return err
	}
	file := filepath.Join(data, "reads.tsv")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	lines = parted(lines, catalogue)
	list, err := catalogueOf(data)
	if err != nil {
		return err
	}
	// A row that starts when both switches exist has lost neither yet.
	if before != "" {
		for _, one := range alternatives {
			if lines, err = one.tell(charts, book, catalogue, lines, list, args[3:]); err != nil {
				return err
			}
		}
	}
	rows := map[string][]int{} // by first version
	for i, line := range lines {
		cells := strings.Split(line, "\t")
		if !strings.HasPrefix(line, "#") && cells[4] == "read" && cells[5] != "-" && begins(args[3:], list.chartOf(cells[2])) {
			rows[list.chartOf(cells[2])] = append(rows[list.chartOf(cells[2])], i)
		}
	}
	for _, version := range sortedKeys(rows) {
		s, err := open(filepath.Join(charts, version, "redis"), version, &memo{entries: map[string]*rendered{}})
		if err != nil {
			return err
		}
		l := loosener{s, book, kindsAt(catalogue, version), map[string]*manifests{}}
		for _, i := range rows[version] {
			cells := strings.Split(lines[i], "\t")
			kept := l.loosened(cells[0], cells[1], strings.Split(cells[5], " & "))
			if next := orDash(strings.Join(kept, " & ")); next != cells[5] {
				fmt.Println(strings.Join(cells[:4], " ")+":", cells[5], "->", next)
				cells[5] = next
				lines[i] = strings.Join(cells, "\t")
			}
		}
	}
	lines = joined(lines)
	for _, one := range alternatives {
		if lines, err = one.tell(charts, book, catalogue, lines, list, args[3:]); err != nil {
			return err
		}
	}
	slices.SortStableFunc(lines, func(a, b string) int {
		x, y := strings.Split(a, "\t"), strings.Split(b, "\t")
		if a[0] == '#' || b[0] == '#' {
			return cmp.Compare(a[0], b[0])
		}
		rank := strings.NewReplacer("s", "1", "r", "2", "n", "3")
		return cmp.Or(strings.Compare(x[0], y[0]), compareVersions(x[2], y[2]), strings.Compare(rank.Replace(x[1]), rank.Replace(y[1])))
	})
	return os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o644)
}

// sources has the version whose chart is read for each version: its own, or the version
// that its facts are from.
type sources map[string]string

func catalogueOf(data string) (sources, error) {
	list, err := catalogue(data)
	all := sources{}
	for _, v := range list {
		if all[v.version] = v.version; v.as != "-" {
			all[v.version] = v.as
		}
	}
	return all, err
}

func (s sources) chartOf(version string) string { return s[version] }

// begins reports whether rows that start with this version are examined.
func begins(named []string, version string) bool {
	return before == "" || slices.Contains(named, version)
}

// parted splits a row where the default of its key changes.
func parted(lines []string, catalogue []catalogued1) []string {
	var parts []string
	for _, line := range lines {
		cells := strings.Split(line, "\t")
		for _, k := range catalogue {
			if !strings.HasPrefix(line, "#") && k.path == cells[0] && compareVersions(cells[2], k.since) < 0 &&
				(cells[3] == "-" || compareVersions(k.since, cells[3]) < 0) {
				parts = append(parts, strings.Join([]string{cells[0], cells[1], cells[2], k.since, cells[4], cells[5]}, "\t"))
				cells[2] = k.since
			}
		}
		parts = append(parts, strings.Join(cells, "\t"))
	}
	return parts
}

// joined merges adjacent rows with equal content.
func joined(lines []string) []string {
	var whole []string
	for _, line := range lines {
		cells := strings.Split(line, "\t")
		if len(whole) > 0 && !strings.HasPrefix(line, "#") {
			last := strings.Split(whole[len(whole)-1], "\t")
			if len(last) == len(cells) && last[0] == cells[0] && last[1] == cells[1] && last[3] == cells[2] && last[4] == cells[4] && last[5] == cells[5] {
				last[3] = cells[3]
				whole[len(whole)-1] = strings.Join(last, "\t")
				continue
			}
		}
		whole = append(whole, line)
	}
	return whole
}

// alternative is a switch that is equivalent to another one from a version on.
type alternative struct{ term, other, since, topology, baseline string }

var alternatives = []alternative{
	{"sentinel.service.createMaster=true", "sentinel.masterService.enabled=true", "19.2.0", "sentinel", "master-service"},
}

// tell writes `term|other` into the rows of the keys that the baseline reads, in which
// only the other switch is enabled. A row that starts earlier is split.
func (a alternative) tell(charts string, book baselineBook, catalogue []catalogued1, lines []string, list sources, named []string) ([]string, error) {
	opened := map[string]loosener{}
	var told []string
	for _, line := range lines {
		cells := strings.Split(line, "\t")
		told = append(told, line)
		if strings.HasPrefix(line, "#") || cells[1] != letters([]string{a.topology}) || cells[4] != "read" ||
			!slices.Contains(strings.Split(cells[5], " & "), a.term) || cells[3] != "-" && compareVersions(cells[3], a.since) <= 0 {
			continue
		}
		version := a.since
		if compareVersions(cells[2], version) > 0 {
			version = cells[2]
		}
		if !begins(named, list.chartOf(version)) {
			continue
		}
		l, there := opened[version]
		if !there {
			chart := list.chartOf(version)
			s, err := open(filepath.Join(charts, chart, "redis"), chart, &memo{entries: map[string]*rendered{}})
			if err != nil {
				return nil, err
			}
			l = loosener{s, book, kindsAt(catalogue, version), nil}
			opened[version] = l
		}
		for _, b := range book.named(version, a.topology) {
			verdict := byte(0)
			try := trial{l.s, b, l.s.whole(b.values, nil), func(_ subject, _ any, v byte) { verdict = v }, map[string]string{}}
			if b.name == a.baseline {
				try.alone(subject{cells[0], l.kinds[cells[0]], false})
			}
			if verdict != 'c' {
				continue
			}
			told = told[:len(told)-1]
			if compareVersions(cells[2], version) < 0 {
				told = append(told, strings.Join([]string{cells[0], cells[1], cells[2], version, cells[4], cells[5]}, "\t"))
			}
			switches := strings.Replace(cells[5], a.term, a.term+"|"+a.other, 1)
			told = append(told, strings.Join([]string{cells[0], cells[1], version, cells[3], cells[4], switches}, "\t"))
			fmt.Println(cells[0], cells[1], version, switches)
		}
	}
	return told, nil
}

// kindsAt are the types of the keys of a version.
func kindsAt(catalogue []catalogued1, version string) map[string]string {
	kinds := map[string]string{}
	for _, k := range catalogue {
		if compareVersions(k.since, version) <= 0 && (k.until == "-" || compareVersions(version, k.until) < 0) {
			kinds[k.path] = k.kind
		}
	}
	return kinds
}

// loosened keeps the terms that decide whether the key is read, in at least one of the
// topologies.
func (l loosener) loosened(key, among string, terms []string) []string {
	var kept []string
	for _, term := range terms {
		decides := strings.HasPrefix(term, "@")
		for i, topology := range topologies {
			if strings.Contains(among, "srn"[i:i+1]) && !decides {
				decides = l.decides(key, topology, terms, term)
			}
		}
		if decides {
			kept = append(kept, term)
		}
	}
	return kept
}

// loosener is one version, with typical values for it.
type loosener struct {
	s     *source
	book  baselineBook
	kinds map[string]string // of the keys that it has
	bases map[string]*manifests
}

// decides reports whether a key is dead if one term is false and the others are true:
// according to the baselines of this kind, or otherwise by whether anything renders.
func (l loosener) decides(key, topology string, terms []string, but string) bool {
	silent := false
	for _, b := range l.book.named(l.s.version, topology) {
		name := topology + " " + b.name
		if l.bases[name] == nil {
			l.bases[name] = l.s.whole(b.values, nil)
		}
		base := l.bases[name]
		if !slices.ContainsFunc(terms, func(term string) bool { return holds(base.values, term) == (term == but) }) {
			result := byte(0)
			trial{l.s, b, base, func(_ subject, _ any, verdict byte) { result = verdict }, map[string]string{}}.alone(subject{key, l.kinds[key], false})
			if result == 'c' {
				return false
			}
			silent = silent || result != 'f'
		}
	}
	return silent || l.renders(key, topology, terms, but)
}

// holds reports whether a term is true for coalesced values. It is false for terms about
// the cluster and for terms that are no switches.
func holds(values map[string]any, term string) bool {
	if strings.Contains(term, "|") {
		return slices.ContainsFunc(strings.Split(term, "|"), func(one string) bool { return holds(values, one) })
	}
	if path, most, is := strings.Cut(term, "<="); is {
		number, _ := strconv.ParseFloat(fmt.Sprint(lookup(values, segments(path))), 64)
		limit, _ := strconv.ParseFloat(most, 64)
		return number <= limit
	}
	path, words, there := strings.Cut(term, "=")
	current := lookup(values, segments(strings.TrimSuffix(path, "!")))
	said := !empty(current) && current != false && current != 0.0
	switch {
	case !there || strings.HasPrefix(term, "@"):
		return false
	case words == `""`:
		return said == strings.HasSuffix(path, "!")
	case strings.HasSuffix(path, "!"):
		return !slices.Contains(strings.Split(words, ","), fmt.Sprint(current))
	}
	return slices.Contains(strings.Split(words, ","), fmt.Sprint(current))
}

// renders reports whether the chart renders with the key if all terms but one are true.
// It is true if that cannot be tested.
func (l loosener) renders(key, topology string, terms []string, but string) bool {
	set := settings{"sentinel.enabled": topology == "sentinel"}
	if l.kinds["cluster.enabled"] != "" {
		set["cluster.enabled"] = topology != "standalone"
	} else {
		set["architecture"] = map[bool]string{true: "standalone", false: "replication"}[topology == "standalone"]
	}
	w := ordinary
	for _, term := range terms {
		path, value, ok := holding(l.kinds, term, term == but)
		switch {
		case term == "@kube=1.20":
			w.kube = "v1.20.0"
		case !ok:
			return true
		default:
			set[path] = value
		}
	}
	values, _ := candidates(subject{key, l.kinds[key], false}, nil)
	some := func(set settings) bool {
		return slices.ContainsFunc(values, func(v any) bool {
			written := map[string]any{}
			for _, p := range sortedKeys(set) {
				assign(written, segments(p), set[p])
			}
			assign(written, segments(key), v)
			return l.s.wholeIn(w, written, nil).failed == ""
		})
	}
	// The missing term must be the reason why nothing renders.
	path, value, _ := holding(l.kinds, but, false)
	return some(set) || !some(set.with(settings{path: value}))
}

// holding returns a value with which a term is true, or false if not is set.
func holding(kinds map[string]string, term string, not bool) (path string, value any, ok bool) {
	switch {
	case strings.Contains(term, "|"):
		return "", nil, false
	case strings.Contains(term, "<="):
		path, most, _ := strings.Cut(term, "<=")
		limit, err := strconv.Atoi(most)
		if not {
			limit++
		}
		return path, limit, err == nil
	case strings.HasSuffix(term, `!=""`):
		path = strings.TrimSuffix(term, `!=""`)
		if not {
			return path, deleted{}, true
		}
		values, _ := candidates(subject{path, kinds[path], false}, nil)
		return path, values[0], true
	case strings.HasSuffix(term, `=""`):
		return strings.TrimSuffix(term, `=""`), deleted{}, !not
	case strings.HasSuffix(term, "=true"), strings.HasSuffix(term, "=false"):
		path, word, _ := strings.Cut(term, "=")
		return path, (word == "true") != not, true
	}
	path, word, is := strings.Cut(term, "=")
	word, _, _ = strings.Cut(word, ",")
	if other, there := strings.CutSuffix(path, "!"); there && is {
		return other, map[bool]any{true: word, false: "Another"}[not], true
	}
	return path, word, is && !not && !strings.HasSuffix(path, "!")
}
