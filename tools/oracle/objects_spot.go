package main

import (
	"fmt"
	"path/filepath"
	"slices"
)

// objectsSpotCommand renders some versions with a helm program: the objects must be those
// of objects.tsv.
func objectsSpotCommand(args []string) error {
	if len(args) < 4 {
		return fmt.Errorf("usage: oracle objects-spot CHARTS_DIR DATA_DIR HELM VERSION...")
	}
	charts, data, helm := args[0], args[1], args[2]
	book, err := newReadsBook(data)
	if err != nil {
		return err
	}
	rows, err := book.readRows(filepath.Join(data, "objects.tsv"), 6)
	if err != nil {
		return err
	}
	asked, wrong := 0, 0
	for _, version := range args[3:] {
		at := slices.Index(book.versions, version)
		if at < 0 {
			return fmt.Errorf("`%s` is not a published version", version)
		}
		s, err := openChart(charts, version, &memo{entries: map[string]*rendered{}})
		if err != nil {
			return err
		}
		spot := effectsSpot{helm: helm, chart: filepath.Join(charts, version, "redis")}
		for _, topology := range topologies {
			for _, on := range []bool{false, true} {
				list, err := spot.program(ordinary, newCell(s, topology, book.keys, at).objectSettings(on))
				if err != nil {
					return fmt.Errorf("%s, %s: %w", version, topology, err)
				}
				theirs, err := identitiesOf(list)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", version, topology, err)
				}
				ours := map[string]string{}
				for _, row := range rows {
					when, identity := row.rest[0], row.rest[1]
					if row.holds(at, topology) && (when == "-" || when == fmt.Sprintf("%s=%v", objectSwitch, on)) {
						ours[row.path] = identity
					}
				}
				for _, name := range union(ours, theirs) {
					asked++
					if ours[name] != theirs[name] {
						wrong++
						fmt.Printf("%s %s %s, %s=%v\n  told: %s\n  helm: %s\n", version, topology, name, objectSwitch, on, ours[name], theirs[name])
					}
				}
			}
		}
	}
	fmt.Printf("%d objects asked, %d differ\n", asked, wrong)
	return nil
}

// union are the names of both, sorted.
func union(a, b map[string]string) []string {
	names := append(sortedKeys(a), sortedKeys(b)...)
	slices.Sort(names)
	return slices.Compact(names)
}
