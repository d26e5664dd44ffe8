package main

import (
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"sigs.k8s.io/yaml"
)

// versionColumns are the columns of versions.tsv.
var versionColumns = []string{"version", "date", "app", "commit", "schema", "common", "common_commit", "line", "known", "as", "templates", "other_app"}

// versionTable is versions.tsv.
type versionTable struct {
	file string
	head []string
	rows map[string][]string
}

func readVersions(data string) (*versionTable, error) {
	t := &versionTable{file: filepath.Join(data, "versions.tsv"), rows: map[string][]string{}}
	text, err := os.ReadFile(t.file)
	if err != nil {
		return nil, err
	}
	for _, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		if comment, is := strings.CutPrefix(line, "# "); is {
			t.head = append(t.head, comment)
			continue
		}
		cells := strings.Split(line, "\t")
		if len(cells) != len(versionColumns) {
			return nil, fmt.Errorf("%s: %d columns at %s", t.file, len(cells), cells[0])
		}
		t.rows[cells[0]] = cells
	}
	return t, nil
}

func (t *versionTable) write() error {
	var versions, lines []string
	for version := range t.rows {
		versions = append(versions, version)
	}
	sort.Slice(versions, func(i, j int) bool { return compareVersions(versions[i], versions[j]) < 0 })
	for _, version := range versions {
		lines = append(lines, strings.Join(t.rows[version], "\t"))
	}
	return writeTable(t.file, t.head, lines)
}

// enterCommand adds versions to versions.tsv from their charts: as measured if the folder
// has templates, and as known by their keys if it only has a values.yaml.
func enterCommand(args []string) error {
	flags := flag.NewFlagSet("enter", flag.ContinueOnError)
	line := flags.String("line", "published", "git, published, or both")
	date := flags.String("date", "-", "the day on which it was seen, as 2026-01-31")
	source := flags.String("source", "-", "where the chart was found: a commit, or what names it")
	as := flags.String("as", "-", "the version whose measured facts are taken, for a version without templates")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() < 3 {
		return fmt.Errorf("usage: oracle enter [-line L] [-date D] [-source S] [-as VERSION] CHARTS_DIR DATA_DIR VERSION...")
	}
	charts, data := flags.Arg(0), flags.Arg(1)
	table, err := readVersions(data)
	if err != nil {
		return err
	}
	for _, version := range flags.Args()[2:] {
		folder := filepath.Join(charts, version, "redis")
		text, err := os.ReadFile(filepath.Join(folder, "Chart.yaml"))
		if err != nil {
			return err
		}
		var chart chartFile
		if err := yaml.Unmarshal(text, &chart); err != nil {
			return fmt.Errorf("%s: %w", version, err)
		}
		if chart.Version != version {
			return fmt.Errorf("%s: the chart is version %s", folder, chart.Version)
		}
		common, schema, known, facts := "-", "no", "measured", "-"
		for _, d := range chart.Dependencies {
			if d.Name == "common" {
				common = d.Version
			}
		}
		if exists(filepath.Join(folder, "values.schema.json")) {
			schema = "yes"
		}
		digest, err := templatesDigest(folder)
		if err != nil {
			return err
		}
		switch {
		case digest == "-" && *as == "-":
			return fmt.Errorf("%s has no templates: name the version whose facts are taken with -as", version)
		case digest == "-":
			known, facts = "keys", *as
		}
		row := []string{version, *date, chart.AppVersion, *source, schema, common, "-", *line, known, facts, digest, "-"}
		if old := table.rows[version]; old != nil {
			// Known data about the publication stays if no newer data is given.
			for i, column := range []int{1, 3} {
				if []string{*date, *source}[i] == "-" {
					row[column] = old[column]
				}
			}
		}
		table.rows[version] = row
	}
	return table.write()
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return !errors.Is(err, fs.ErrNotExist)
}

// templatesCommand fills the column of digests.
func templatesCommand(args []string) error {
	w, err := workOf("templates", args)
	if err != nil {
		return err
	}
	table, err := readVersions(w.data)
	if err != nil {
		return err
	}
	for i, v := range w.list {
		if !w.wanted[i] {
			continue
		}
		digest, err := templatesDigest(w.chart(i, ""))
		if err != nil {
			return err
		}
		table.rows[v.version][10] = digest
	}
	return table.write()
}

// templatesDigest is a 64-bit FNV-1a digest of everything except the values that
// determines how a chart renders: the templates, those of library charts, and the schema,
// each with its path, sorted by path. It is `-` without templates. src/chart/templates.rs
// computes the same digest.
func templatesDigest(folder string) (string, error) {
	var files []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		inner, _ := filepath.Rel(folder, path)
		inner = filepath.ToSlash(inner)
		parts := strings.Split(inner, "/")
		library := len(parts) > 3 && parts[0] == "charts" && parts[2] == "templates"
		if parts[0] == "templates" || library || inner == "values.schema.json" {
			files = append(files, inner)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	sort.Strings(files)
	if len(files) == 0 || !strings.Contains(strings.Join(files, "\n")+"\n", "templates/") {
		return "-", nil
	}
	digest := fnv.New64a()
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(file)))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(digest, "%s\x00", file)
		digest.Write(text)
		digest.Write([]byte{0})
	}
	return fmt.Sprintf("%016x", digest.Sum64()), nil
}

// freshCommand prints which of some versions must be measured: the newest one of each set
// of templates and defaults that no other version has.
func freshCommand(args []string) error {
	if len(args) < 2 || before == "" {
		return fmt.Errorf("usage: oracle -before DATA_DIR fresh DATA_DIR VERSION...")
	}
	w, err := newWork("", args[0], args[1:])
	if err != nil {
		return err
	}
	old, err := catalogue(before)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	facts := make([][]string, len(w.list))
	at := map[string]int{"-": len(w.list)}
	for i, v := range w.list {
		at[v.version] = i
	}
	// The rank does not affect how a chart renders.
	err = eachRow(filepath.Join(w.data, "keys.tsv"), func(cells []string) error {
		for i := at[cells[1]]; i < at[cells[2]]; i++ {
			facts[i] = append(facts[i], strings.Join(append([]string{cells[0]}, cells[3:7]...), "\t"))
		}
		return nil
	})
	if err != nil {
		return err
	}
	set := func(i int) string { return w.list[i].templates + "\n" + strings.Join(facts[i], "\n") }
	for _, v := range old {
		if i, there := at[v.version]; there && !w.wanted[i] && v.known == "measured" {
			known[set(i)] = true
		}
	}
	for i := len(w.list) - 1; i >= 0; i-- {
		if w.wanted[i] && w.list[i].known == "measured" && !known[set(i)] {
			known[set(i)] = true
			fmt.Println(w.list[i].version)
		}
	}
	return nil
}

// movedCommand prints the keys that some versions add and remove, and the defaults that
// they change. The replacements of removed keys are entered in changes.tsv by hand.
func movedCommand(args []string) error {
	if len(args) < 1 {
		return fmt.Errorf("usage: oracle moved DATA_DIR VERSION...")
	}
	list, err := catalogue(args[0])
	if err != nil {
		return err
	}
	declared := make([]map[string]string, len(list)) // the default of each key
	at := map[string]int{"-": len(list)}
	for i, v := range list {
		declared[i], at[v.version] = map[string]string{}, i
	}
	err = eachRow(filepath.Join(args[0], "keys.tsv"), func(cells []string) error {
		for i := at[cells[1]]; i < at[cells[2]] && cells[5] == "declared"; i++ {
			declared[i][cells[0]] = cells[4]
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, version := range args[1:] {
		i := at[version]
		if i == 0 {
			continue
		}
		for _, path := range sortedKeys(declared[i]) {
			now := declared[i][path]
			was, there := declared[i-1][path]
			switch {
			case !there:
				fmt.Println(version, "adds", path)
			case was != now:
				fmt.Printf("%s changes the default of %s: %s, not %s\n", version, path, now, was)
			}
		}
		for _, path := range sortedKeys(declared[i-1]) {
			if _, there := declared[i][path]; !there {
				fmt.Println(version, "removes", path+": enter its replacement in changes.tsv")
			}
		}
	}
	return nil
}
