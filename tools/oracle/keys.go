package main

import (
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"

	yamlnode "gopkg.in/yaml.v3"
	"sigs.k8s.io/yaml"
)

// key is one path that a version's values.yaml declares.
type key struct {
	path  string
	kind  string // string, int, float, bool, null, list, map
	value any
	node  bool // a map with declared children
}

// keysCommand writes keys.tsv and images.tsv.
func keysCommand(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("usage: oracle [-before DATA_DIR] keys CHARTS_DIR DATA_DIR [RESULTS_DIR|- [VERSION...]]")
	}
	results := "-"
	if len(args) > 2 {
		results = args[2]
	}
	work, err := newWork(args[0], args[1], args[min(len(args), 3):])
	if err != nil {
		return err
	}
	data, versions := work.data, names(work.list)
	facts, images := newIntervals(work.list), newIntervals(work.list)
	order := &ranking{children: map[string][]string{}}
	later := map[string]string{}
	told, err := keysBefore(later)
	if err != nil {
		return err
	}
	declared := make([][]key, len(versions))
	for i, version := range versions {
		// A version with known keys has a values.yaml.
		work.wanted[i] = work.wanted[i] || before == "" && work.list[i].known == "keys"
		if !work.wanted[i] {
			continue
		}
		if declared[i], err = declaredKeys(work.chart(i, "values.yaml")); err != nil {
			return fmt.Errorf("%s: %w", version, err)
		}
		for _, k := range declared[i] {
			if !k.node && k.kind != "null" {
				later[k.path] = k.kind
			}
		}
	}
	for i := len(versions) - 1; i >= 0; i-- {
		order.merge(declared[i])
	}
	order.merge(told)
	opened, err := openedMaps(results, work.list)
	if err != nil {
		return err
	}
	for i, version := range versions {
		if !work.wanted[i] {
			continue
		}
		there := map[string]key{}
		for _, k := range declared[i] {
			there[k.path] = k
		}
		// Without a measurement, a map without declared children counts as open.
		open := map[string]bool{}
		for _, k := range declared[i] {
			open[k.path] = !k.node
			if answer, there := opened[i][k.path]; there {
				open[k.path] = answer
			}
		}
		for _, k := range declared[i] {
			facts.add(i, k.path, strings.Join(keyFact(k, open[k.path]), "\t"))
		}
		for image, fact := range imageFacts(there) {
			images.add(i, image, fact)
		}
		from := work.templatesOf(i)
		undeclared, err := undeclaredKeys(work.chart(from, ""), there)
		if err != nil {
			return fmt.Errorf("%s: %w", version, err)
		}
		for _, path := range undeclared {
			kind := guessKind(path, later)
			facts.add(i, path, strings.Join([]string{kind, "-", "undeclared", "-"}, "\t"))
			order.place(path)
		}
	}
	if err := work.carry(facts, "keys.tsv"); err != nil {
		return err
	}
	if err := work.carry(images, "images.tsv"); err != nil {
		return err
	}
	facts.otherwise()
	rank := order.ranks()
	var rows []string
	for _, r := range facts.sorted() {
		since, until := facts.span(r)
		rows = append(rows, fmt.Sprintf("%s\t%s\t%s\t%s\t%d", r.subject, since, until, r.fact, rank[r.subject]))
	}
	if err := writeTable(filepath.Join(data, "keys.tsv"), []string{
		"Every key of the chart: keys that values.yaml declares, and other keys that templates read or the README lists.",
		"Written by tools/oracle (keys) from the published charts. since: first version. until: first version after, `-` none.",
		"default: compact JSON; `-` for an undeclared key, a map with declared children and an image tag (images.tsv).",
		"flags: map-node (a map with declared children), open (a map with arbitrary children), text=DIGEST (the default has only the directives; FNV-1a of the whole text), tag, or `-`.",
		"rank: order of the chart's own values file, one order for all versions.",
		"path\tsince\tuntil\ttype\tdefault\torigin\tflags\trank",
	}, rows); err != nil {
		return err
	}
	rows = nil
	for _, r := range images.sorted() {
		since, until := images.span(r)
		rows = append(rows, strings.Join([]string{r.subject, since, until, r.fact}, "\t"))
	}
	return writeTable(filepath.Join(data, "images.tsv"), []string{
		"Default images of the chart. Written by tools/oracle (keys) from the published charts.",
		"image: the key of the map with registry, repository and tag. since: first version. until: first version after, `-` none.",
		"image\tsince\tuntil\tregistry\trepository\ttag",
	}, rows)
}

// chart is a file of the chart of a version.
func (w work) chart(at int, file string) string {
	return filepath.Join(w.charts, w.list[at].version, "redis", file)
}

// templatesOf is the version whose templates are read for this version.
func (w work) templatesOf(at int) int {
	for i, other := range w.list {
		if w.list[at].known != "measured" && other.version == w.list[at].as {
			return i
		}
	}
	return at
}

// keysBefore returns the keys that were known before, in the order of their ranks, and
// adds their types to later.
func keysBefore(later map[string]string) (told []key, err error) {
	if before == "" {
		return nil, nil
	}
	ranks := map[string]int{}
	err = eachRow(filepath.Join(before, "keys.tsv"), func(cells []string) error {
		rank, err := strconv.Atoi(cells[7])
		ranks[cells[0]] = rank
		if cells[5] == "declared" && !strings.Contains(cells[6], "map-node") && cells[3] != "null" {
			later[cells[0]] = cells[3]
		}
		return err
	})
	for path := range ranks {
		told = append(told, key{path: path})
	}
	sort.Slice(told, func(i, j int) bool { return ranks[told[i].path] < ranks[told[j].path] })
	return told, err
}

// openedMaps are the maps of each version that were measured to accept arbitrary
// children: from the version itself, a version with the same templates, the version in
// the column `as`, or the nearest older version.
func openedMaps(results string, list []listed) ([]map[string]bool, error) {
	opened := make([]map[string]bool, len(list))
	if results == "-" {
		return opened, nil
	}
	own := map[string]map[string]bool{}
	for _, v := range list {
		r, err := readResult(results, v.version)
		switch {
		case err == nil:
			own[v.version], own[v.templates] = openMaps(r), openMaps(r)
		case !os.IsNotExist(err):
			return nil, err
		}
	}
	var last map[string]bool
	for i, v := range list {
		for _, name := range []string{v.as, v.templates, v.version} {
			if found, there := own[name]; there && name != "-" {
				last = found
			}
		}
		opened[i] = last
	}
	return opened, nil
}

// declaredOtherwise has known defaults of versions without a known values.yaml, with the
// version whose default it is.
var declaredOtherwise = map[string]map[string]string{
	// The published 23.1.1 loads the modules of 24.1.2 (bitnami/charts#36553).
	"23.2.2": {"commonConfiguration": "24.1.2"},
	"23.2.3": {"commonConfiguration": "24.1.2"},
}

// otherwise overrides the facts that these versions take from another version.
func (s *intervals) otherwise() {
	at := map[string]int{}
	for i, version := range s.versions {
		at[version] = i
	}
	for i, version := range s.versions {
		if len(declaredOtherwise[version]) == 0 || len(s.facts[i]) > 0 {
			continue
		}
		for _, f := range s.facts[s.source(i)] {
			if from, there := declaredOtherwise[version][f.subject]; there {
				for _, other := range s.facts[at[from]] {
					if other.subject == f.subject {
						f = other
					}
				}
			}
			s.facts[i] = append(s.facts[i], f)
		}
	}
}

// declaredKeys reads a values.yaml as Helm does, in the order of the file.
func declaredKeys(file string) ([]key, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var document yamlnode.Node
	if err := yamlnode.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	var values map[string]any
	if err := yaml.Unmarshal(text, &values); err != nil {
		return nil, err
	}
	var keys []key
	var walk func(node *yamlnode.Node, value map[string]any, prefix string)
	walk = func(node *yamlnode.Node, value map[string]any, prefix string) {
		for i := 0; i+1 < len(node.Content); i += 2 {
			name := node.Content[i].Value
			k := key{path: prefix + escape(name), value: value[name]}
			child := node.Content[i+1]
			switch v := k.value.(type) {
			case nil:
				k.kind = "null"
			case string:
				k.kind = "string"
			case bool:
				k.kind = "bool"
			case float64:
				k.kind = "int"
				if child.Tag == "!!float" {
					k.kind = "float"
				}
			case []any:
				k.kind = "list"
			case map[string]any:
				k.kind, k.node = "map", len(v) > 0
			}
			keys = append(keys, k)
			if k.node {
				walk(child, k.value.(map[string]any), k.path+".")
			}
		}
	}
	walk(document.Content[0], values, "")
	return keys, nil
}

var comment = regexp.MustCompile(`(?m)^\s*(#.*)?\n?`)

// keyFact is the type, default, origin and flags of a declared key.
func keyFact(k key, open bool) []string {
	flags, value := "-", ""
	switch {
	case k.node:
		flags, value = "map-node", "-"
		if open {
			flags = "map-node,open"
		}
	case strings.HasSuffix(k.path, ".tag") || k.path == "tag":
		flags, value = "tag", "-"
	default:
		if k.kind == "map" && open {
			flags = "open"
		}
		if text, ok := k.value.(string); ok && strings.Contains(text, "\n") {
			// The omitted lines may matter byte by byte.
			digest := fnv.New64a()
			digest.Write([]byte(text))
			flags = fmt.Sprintf("text=%016x", digest.Sum64())
			k.value = strings.TrimSuffix(comment.ReplaceAllString(text+"\n", ""), "\n")
		}
		value = compact(k.value)
	}
	return []string{k.kind, value, "declared", flags}
}

// imageFacts finds the maps with a repository and a tag.
func imageFacts(keys map[string]key) map[string]string {
	facts := map[string]string{}
	for path := range keys {
		image, found := strings.CutSuffix(path, ".repository")
		if !found {
			continue
		}
		fact := []string{}
		for _, part := range []string{"registry", "repository", "tag"} {
			fact = append(fact, orDash(fmt.Sprint(keys[image+"."+part].value)))
		}
		facts[image] = strings.Join(fact, "\t")
	}
	return facts
}

var (
	readPattern   = regexp.MustCompile(`\.Values((?:\.[A-Za-z_][A-Za-z0-9_]*)+)`)
	readmePattern = regexp.MustCompile("(?m)^\\|\\s*`([A-Za-z][A-Za-z0-9_.]*)`\\s*\\|")
	tplComment    = regexp.MustCompile(`(?s)\{\{-?\s*/\*.*?\*/\s*-?\}\}`)
)

// undeclaredKeys finds paths that templates name or the README lists, and that
// values.yaml does not declare.
func undeclaredKeys(chart string, declared map[string]key) ([]string, error) {
	found := map[string]bool{}
	err := filepath.WalkDir(chart, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		inner, _ := filepath.Rel(chart, path)
		template := strings.HasPrefix(inner, "templates/") || strings.HasPrefix(inner, "charts/common/templates/")
		if !template && inner != "README.md" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !template {
			for _, m := range readmePattern.FindAllStringSubmatch(string(text), -1) {
				found[m[1]] = true
			}
			return nil
		}
		plain := tplComment.ReplaceAllString(string(text), "")
		// The library chart guards against values without `global`.
		plain = strings.ReplaceAll(plain, "(.Values.global)", ".Values.global")
		for _, m := range readPattern.FindAllStringSubmatch(plain, -1) {
			name := strings.TrimPrefix(m[1], ".")
			// Only the global keys and the Kubernetes version of the library chart apply to every
			// chart. Its validations are for other databases.
			common := strings.HasPrefix(name, "global.") || name == "kubeVersion"
			if strings.HasPrefix(inner, "charts/") && (!common || strings.Contains(inner, "/validations/")) {
				continue
			}
			found[name] = true
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var paths []string
	for path := range found {
		if _, there := declared[path]; there || !settable(path, declared) {
			continue
		}
		// A map above a declared or found key is not a separate key.
		inner := false
		for other := range found {
			inner = inner || strings.HasPrefix(other, path+".")
		}
		if !inner {
			paths = append(paths, path)
		}
	}
	sort.Strings(paths)
	return paths, nil
}

// settable is false below a declared scalar or list.
func settable(path string, declared map[string]key) bool {
	for i, c := range path {
		if c != '.' {
			continue
		}
		if k, there := declared[path[:i]]; there && k.kind != "map" && k.kind != "null" {
			return false
		}
	}
	return true
}

// guessKind returns the type of the key in some version, or of declared keys with the
// same last segments, or string.
func guessKind(path string, declared map[string]string) string {
	segments := strings.Split(path, ".")
	if segments[len(segments)-1] == "priorityClassName" {
		return "string" // declared as an empty map in some versions
	}
	for from := range segments {
		suffix := "." + strings.Join(segments[from:], ".")
		kinds := map[string]int{}
		best := ""
		for other, kind := range declared {
			if strings.HasSuffix("."+other, suffix) {
				kinds[kind]++
			}
		}
		for kind, count := range kinds {
			if best == "" || count > kinds[best] || count == kinds[best] && kind < best {
				best = kind
			}
		}
		if best != "" {
			return best
		}
	}
	return "string"
}

// ranking merges the order of keys of all versions, the newest first.
type ranking struct{ children map[string][]string }

func (r *ranking) merge(keys []key) {
	last := map[string]string{}
	for _, k := range keys {
		parent, name := cutLast(k.path)
		if !contains(r.children[parent], name) {
			r.insert(parent, name, last[parent])
		}
		last[parent] = name
	}
}

// place appends an undeclared path, and the maps on its way, to their siblings.
func (r *ranking) place(path string) {
	for path != "" {
		parent, name := cutLast(path)
		if !contains(r.children[parent], name) {
			r.insert(parent, name, "\x00end")
		}
		path = parent
	}
}

// insert adds name after its predecessor, or at the front without one.
func (r *ranking) insert(parent, name, after string) {
	siblings := r.children[parent]
	at := 0
	for i, s := range siblings {
		if s == after || after == "\x00end" {
			at = i + 1
		}
	}
	siblings = append(siblings, "")
	copy(siblings[at+1:], siblings[at:])
	siblings[at] = name
	r.children[parent] = siblings
}

func (r *ranking) ranks() map[string]int {
	ranks := map[string]int{}
	var walk func(parent, prefix string)
	walk = func(parent, prefix string) {
		for _, name := range r.children[parent] {
			path := prefix + name
			ranks[path] = len(ranks) + 1
			walk(path, path+".")
		}
	}
	walk("", "")
	return ranks
}

// escape formats a key as one segment of a path.
func escape(name string) string { return strings.ReplaceAll(name, ".", `\.`) }

// segments splits a path at its unescaped dots.
func segments(path string) []string {
	parts := strings.Split(strings.ReplaceAll(path, `\.`, "\x00"), ".")
	for i := range parts {
		parts[i] = strings.ReplaceAll(parts[i], "\x00", ".")
	}
	return parts
}

func cutLast(path string) (parent, name string) {
	hidden := strings.ReplaceAll(path, `\.`, "\x00\x00")
	at := strings.LastIndex(hidden, ".")
	if at < 0 {
		return "", path
	}
	return path[:at], path[at+1:]
}

func contains(list []string, name string) bool {
	for _, s := range list {
		if s == name {
			return true
		}
	}
	return false
}
