package main

import (
	"os"
	"path/filepath"
	"strings"
)

// readsBook is reads.tsv with the data for its interpretation.
type readsBook struct {
	list     []listed
	versions []string
	keys     []known
	kinds    []catalogued1
	rows     []readRow
}

// readRow is a row with the first columns of reads.tsv.
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
	list, err := catalogue(data)
	if err != nil {
		return nil, err
	}
	versions := names(list)
	b := &readsBook{list: list, versions: versions}
	if b.keys, err = knownKeys(data, versions); err != nil {
		return nil, err
	}
	if b.kinds, err = cataloguedKeys(data); err != nil {
		return nil, err
	}
	b.rows, err = b.readRows(filepath.Join(data, "reads.tsv"), 6)
	return b, err
}

// read are the keys that are read in a version and topology, with their conditions.
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
