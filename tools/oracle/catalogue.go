package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// intervals collects facts about subjects by version, and joins adjacent versions with
// equal facts. A version without facts takes those of the version that versions.tsv names
// for it, or of a version with the same templates.
type intervals struct {
	versions []string
	listed   []listed
	facts    [][]fact2 // by version
	rows     map[string][]*interval
}

type fact2 struct{ subject, fact string }

// interval is a fact that holds from since up to and excluding until. An empty until
// means that it holds for the newest version.
type interval struct {
	subject, fact string
	from, to      int // indices of versions, to is exclusive
}

func newIntervals(list []listed) *intervals {
	return &intervals{versions: names(list), listed: list, facts: make([][]fact2, len(list))}
}

// add records a fact about a subject for the version with this index.
func (s *intervals) add(index int, subject, fact string) {
	s.facts[index] = append(s.facts[index], fact2{subject, fact})
}

// join builds the rows.
func (s *intervals) join() {
	s.rows = map[string][]*interval{}
	for i := range s.versions {
		from := i
		if len(s.facts[i]) == 0 {
			from = s.source(i)
		}
		for _, f := range s.facts[from] {
			s.put(i, f.subject, f.fact)
		}
	}
}

// source is the index of the version whose facts another version takes.
func (s *intervals) source(index int) int {
	one := s.listed[index]
	for at, other := range s.listed {
		if other.version == one.as && len(s.facts[at]) == 0 {
			return s.source(at)
		}
	}
	for _, at := range around(index, len(s.listed)) {
		other := s.listed[at]
		like := one.as == other.version || one.as == "-" && one.templates != "-" && one.templates == other.templates
		if at != index && like && len(s.facts[at]) > 0 {
			return at
		}
	}
	return index
}

func (s *intervals) put(index int, subject, fact string) {
	rows := s.rows[subject]
	for _, r := range rows {
		if r.to == index && r.fact == fact {
			r.to++
			return
		}
	}
	s.rows[subject] = append(rows, &interval{subject, fact, index, index + 1})
}

// sorted lists all rows by subject, then by first version.
func (s *intervals) sorted() []*interval {
	s.join()
	var all []*interval
	for _, rows := range s.rows {
		all = append(all, rows...)
	}
	sort.Slice(all, func(i, j int) bool {
		a, b := all[i], all[j]
		if a.subject != b.subject {
			return a.subject < b.subject
		}
		if a.from != b.from {
			return a.from < b.from
		}
		return a.fact < b.fact
	})
	return all
}

// lines formats all rows: subject, since, until and fact.
func (s *intervals) lines() []string {
	var rows []string
	for _, r := range s.sorted() {
		since, until := s.span(r)
		rows = append(rows, strings.Join([]string{r.subject, since, until, r.fact}, "\t"))
	}
	return rows
}

// span returns since and until of a row as text.
func (s *intervals) span(r *interval) (since, until string) {
	if r.to == len(s.versions) {
		return s.versions[r.from], "-"
	}
	return s.versions[r.from], s.versions[r.to]
}

// listed is a row of versions.tsv, limited to the columns that decide what is measured.
type listed struct {
	version string
	known   string // measured, keys (only values.yaml), number
	as      string // version whose facts are taken, `-` for none
	// Digest of everything that a rendering runs, `-` if unknown: see templatesDigest.
	templates string
}

// catalogue reads versions.tsv, oldest first.
func catalogue(data string) ([]listed, error) {
	var list []listed
	err := eachRow(filepath.Join(data, "versions.tsv"), func(cells []string) error {
		if len(cells) != len(versionColumns) {
			return fmt.Errorf("versions.tsv: %d columns at %s", len(cells), cells[0])
		}
		list = append(list, listed{cells[0], cells[8], cells[9], cells[10]})
		return nil
	})
	return list, err
}

// catalogued lists the versions of versions.tsv, oldest first.
func catalogued(data string) ([]string, error) {
	list, err := catalogue(data)
	return names(list), err
}

func names(list []listed) (versions []string) {
	for _, v := range list {
		versions = append(versions, v.version)
	}
	return versions
}

func eachRow(file string, row func(cells []string) error) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for _, line := range strings.Split(string(text), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := row(strings.Split(line, "\t")); err != nil {
			return err
		}
	}
	return nil
}

// writeTable writes a whole file: header lines, then rows.
func writeTable(path string, header []string, rows []string) error {
	var text strings.Builder
	for _, line := range header {
		text.WriteString("# " + line + "\n")
	}
	for _, row := range rows {
		text.WriteString(row + "\n")
	}
	if err := os.WriteFile(path+".new", []byte(text.String()), 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// compact formats a value as JSON on one line.
func compact(value any) string {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(fmt.Sprintf("a value read from YAML is not JSON: %v", err))
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// work is the input of a subcommand that measures charts: the folder of charts, the data
// folder, the versions, and which versions are measured in this run.
type work struct {
	charts, data string
	list         []listed
	wanted       []bool
}

// newWork selects the named versions, or all measured versions if none is named.
func newWork(charts, data string, named []string) (w work, err error) {
	w = work{charts: charts, data: data}
	if w.list, err = catalogue(data); err != nil {
		return w, err
	}
	left := len(named)
	for _, v := range w.list {
		asked := contains(named, v.version)
		if asked {
			left--
		}
		w.wanted = append(w.wanted, asked || len(named) == 0 && before == "" && v.known == "measured")
	}
	if left > 0 {
		return w, fmt.Errorf("%d of the versions are not in versions.tsv", left)
	}
	return w, nil
}

func workOf(name string, args []string) (work, error) {
	if len(args) < 2 {
		return work{}, fmt.Errorf("usage: oracle [-before DATA_DIR] %s CHARTS_DIR DATA_DIR [VERSION...]", name)
	}
	return newWork(args[0], args[1], args[2:])
}

// facts are the empty facts of all versions, and the keys of each version.
func (w work) facts() (*intervals, []known, error) {
	facts := newIntervals(w.list)
	keys, err := knownKeys(w.data, facts.versions)
	return facts, keys, err
}

// eachChart opens the chart of each version that is measured in this run, oldest first.
func (w work) eachChart(m *memo, measure func(index int, s *source) error) error {
	for i, one := range w.list {
		if !w.wanted[i] {
			continue
		}
		s, err := openChart(w.charts, one.version, m)
		if err == nil {
			err = measure(i, s)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", one.version, err)
		}
		m.age()
	}
	return nil
}

// before is the folder with the data from before versions were added; empty if everything
// is measured. Its rows about other versions are kept.
var before string

// carry takes over the old rows for versions that are not measured in this run. The
// columns before since are the subject and the topologies.
func (w work) carry(facts *intervals, file string) error {
	if before == "" {
		return nil
	}
	old, err := catalogue(before)
	if err != nil {
		return err
	}
	was, now := map[string]int{"-": len(old)}, map[string]int{}
	for i, v := range old {
		was[v.version] = i
	}
	for i, v := range w.list {
		now[v.version] = i
	}
	return eachRow(filepath.Join(before, file), func(cells []string) error {
		subjects, rest := []string{cells[0]}, cells[1:]
		switch file {
		case "keys.tsv":
			rest = rest[:len(rest)-1] // the rank, which is computed again
		case "fails.tsv":
			subjects = []string{cells[0] + "\t" + cells[5]}
			rest = []string{cells[3], cells[4], cells[1], cells[2]}
		case "images.tsv", "schemas.tsv", "helpers.tsv", "presets.tsv":
		default:
			subjects = nil
			for i, topology := range topologies {
				if strings.Contains(cells[1], "srn"[i:i+1]) {
					subjects = append(subjects, cells[0]+"\t"+topology)
				}
			}
			rest = cells[2:]
		}
		since, known := was[rest[0]]
		until, ends := was[rest[1]]
		if !known || !ends {
			return fmt.Errorf("%s: %s and %s are not both versions", file, rest[0], rest[1])
		}
		for i := since; i < until; i++ {
			at, there := now[old[i].version]
			if !there || w.wanted[at] {
				continue
			}
			for _, subject := range subjects {
				facts.add(at, subject, strings.Join(rest[2:], "\t"))
			}
		}
		return nil
	})
}
