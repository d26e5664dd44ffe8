package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// intervals collects, version by version from the oldest, the facts that hold
// for a subject, and joins neighbours that are equal.
type intervals struct {
	versions []string
	rows     map[string][]*interval
}

// interval is a fact that holds from since (incl.) to until (excl., empty:
// to the newest version).
type interval struct {
	subject, fact string
	from, to      int // indices of versions, to excl.
}

func newIntervals(versions []string) *intervals {
	return &intervals{versions, map[string][]*interval{}}
}

// add states a fact of a subject at the version of that index.
func (s *intervals) add(index int, subject, fact string) {
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

// lines gives all rows as they are written: subject, since, until and fact.
func (s *intervals) lines() []string {
	var rows []string
	for _, r := range s.sorted() {
		since, until := s.span(r)
		rows = append(rows, strings.Join([]string{r.subject, since, until, r.fact}, "\t"))
	}
	return rows
}

// span gives since and until of a row as text.
func (s *intervals) span(r *interval) (since, until string) {
	if r.to == len(s.versions) {
		return s.versions[r.from], "-"
	}
	return s.versions[r.from], s.versions[r.to]
}

// catalogued reads the versions of versions.tsv, oldest first.
func catalogued(data string) ([]string, error) {
	file, err := os.Open(filepath.Join(data, "versions.tsv"))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var versions []string
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if version, _, _ := strings.Cut(lines.Text(), "\t"); !strings.HasPrefix(version, "#") {
			versions = append(versions, version)
		}
	}
	return versions, lines.Err()
}

// writeTable writes a file whole: header lines, then rows.
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

// compact is a value as JSON on one line.
func compact(value any) string {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(fmt.Sprintf("a value read from YAML is not JSON: %v", err))
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// measured gives what a subcommand works with that reads every chart: the
// folder of the charts, that of the data, and the versions.
func measured(name string, args []string) (charts, data string, versions []string, err error) {
	if len(args) != 2 {
		return "", "", nil, fmt.Errorf("usage: oracle %s CHARTS_DIR DATA_DIR", name)
	}
	versions, err = catalogued(args[1])
	return args[0], args[1], versions, err
}
