package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"log"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"helm.sh/helm/v3/pkg/chartutil"
	"sigs.k8s.io/yaml"
)

// perturbCommand changes every key of some versions in typical values, and writes the
// effects on the manifests. It shares only the parsed templates and the functions without
// random results with `measure`: every file is rendered again for every change, and no
// catalogue decides what is read.
//
// With -sample N, only one of N keys is changed in each baseline, and the seed selects
// the keys. This is meant for a first look, or for cases without rows. With -only, some
// keys are changed again, and the rows of all other keys stay.
func perturbCommand(args []string) error {
	flags := flag.NewFlagSet("perturb", flag.ContinueOnError)
	sample := flags.Int("sample", 1, "change one key of this number in each baseline")
	seed := flags.Int("seed", 0, "which ones")
	only := flags.String("only", "", "the keys to change, with commas; empty: all")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if args = flags.Args(); len(args) < 4 || *sample < 1 {
		return fmt.Errorf("usage: oracle perturb [-sample N] [-seed N] [-only KEY,...] CHARTS_DIR DATA_DIR BASELINES ROWS VERSION...")
	}
	asked := func(key string) bool { return *only == "" || contains(strings.Split(*only, ","), key) }
	drawn := func(k subject, b setup) bool {
		if !asked(k.path) {
			return false
		}
		sum := fnv.New32a()
		fmt.Fprintf(sum, "%d %s %s", *seed, b.name, k.path)
		return sum.Sum32()%uint32(*sample) == 0
	}
	charts, data, written := args[0], args[1], args[4:]
	book, err := readBook(args[2])
	if err != nil {
		return err
	}
	catalogue, err := cataloguedKeys(data)
	if err != nil {
		return err
	}
	log.SetOutput(io.Discard) // Helm's warnings about keys that override a map
	for _, version := range written {
		rows, err := perturbVersion(charts, version, book, catalogue, drawn)
		if err != nil {
			return err
		}
		if err := writeRows(args[3], version, rows, asked); err != nil {
			return err
		}
	}
	return nil
}

// baselineBook is tests/data/lint_oracle/baselines.yaml.
type baselineBook struct {
	Topology  []part `json:"topology"`
	Baselines []struct {
		Name  string `json:"name"`
		Parts []part `json:"parts"`
		scope
	} `json:"baselines"`
}

func readBook(file string) (book baselineBook, err error) {
	text, err := os.ReadFile(file)
	if err == nil {
		err = yaml.UnmarshalStrict(text, &book)
	}
	return book, err
}

type part struct {
	Values map[string]any `json:"values"`
	scope
}

// scope is the set of versions and topologies that something applies to; all of them if
// it is empty.
type scope struct {
	In     []string `json:"in"`
	Since  string   `json:"since"`
	Before string   `json:"before"`
}

func (s scope) holds(version, topology string) bool {
	return (len(s.In) == 0 || contains(s.In, topology)) &&
		(s.Since == "" || compareVersions(version, s.Since) >= 0) &&
		(s.Before == "" || compareVersions(version, s.Before) < 0)
}

// named are the baselines of one version and topology.
func (b baselineBook) named(version, topology string) []setup {
	var list []setup
	for _, baseline := range b.Baselines {
		if !baseline.holds(version, topology) {
			continue
		}
		values := map[string]any{}
		for _, part := range append(append([]part{}, b.Topology...), baseline.Parts...) {
			if part.holds(version, topology) {
				for name, v := range part.Values {
					assign(values, []string{name}, plain(v))
				}
			}
		}
		list = append(list, setup{baseline.Name, values})
	}
	return list
}

// setup is one baseline as a values file.
type setup struct {
	name   string
	values map[string]any
}

// row is the effect of one change of one key in one baseline: c changes a manifest, n
// only the notes, s nothing; f makes the rendering fail.
type row struct {
	key, value, version, topology, baseline string
	verdict                                 byte
}

// subject is a key that is changed.
type subject struct {
	path, kind string
	// strange keys are expected to do nothing, and are tried together.
	strange bool
}

func perturbVersion(
	charts, version string, book baselineBook, catalogue []catalogued1, drawn func(subject, setup) bool,
) ([]row, error) {
	folder := filepath.Join(charts, version, "redis")
	s, err := open(folder, version, &memo{entries: map[string]*rendered{}})
	if err != nil {
		return nil, err
	}
	declared, err := declaredKeys(filepath.Join(folder, "values.yaml"))
	if err != nil {
		return nil, err
	}
	subjects := subjectsOf(version, declared, catalogue)
	groups := grouped(subjects)
	var rows []row
	changes := map[string]string{}
	for _, topology := range topologies {
		for _, b := range book.named(version, topology) {
			base := s.whole(b.values, nil)
			if base.failed != "" {
				return nil, fmt.Errorf("%s %s %s: %s", version, topology, b.name, base.failed)
			}
			add := func(key subject, value any, verdict byte) {
				rows = append(rows, row{key.path, compact(value), version, topology, b.name, verdict})
			}
			try := trial{s, b, base, add, changes}
			for _, group := range groups {
				var some []subject
				for _, k := range group {
					if drawn(k, b) {
						some = append(some, k)
					}
				}
				try.together(some)
			}
		}
	}
	fmt.Fprintln(os.Stderr, version, len(subjects), "keys,", len(rows), "changes")
	return rows, nil
}

// catalogued1 is a row of keys.tsv.
type catalogued1 struct{ path, since, until, kind, flags string }

func cataloguedKeys(data string) ([]catalogued1, error) {
	file, err := os.Open(filepath.Join(data, "keys.tsv"))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var rows []catalogued1
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		cells := strings.Split(lines.Text(), "\t")
		if !strings.HasPrefix(cells[0], "#") {
			rows = append(rows, catalogued1{cells[0], cells[1], cells[2], cells[3], cells[6]})
		}
	}
	return rows, lines.Err()
}

// subjectsOf are the leaves of the chart's own values file, the other keys of the
// catalogue from this and other versions, and unknown names.
func subjectsOf(version string, declared []key, catalogue []catalogued1) []subject {
	var list []subject
	there := map[string]bool{}
	add := func(k subject) {
		if !there[k.path] {
			there[k.path] = true
			list = append(list, k)
		}
	}
	for _, k := range declared {
		if k.node {
			there[k.path] = true
		} else {
			add(subject{k.path, k.kind, false})
		}
	}
	// A key without an entry for this version has the type of its last version.
	for pass, strange := range []bool{false, true} {
		for i := len(catalogue) - 1; i >= 0; i-- {
			k := catalogue[i]
			here := compareVersions(k.since, version) <= 0 && (k.until == "-" || compareVersions(version, k.until) < 0)
			if !strings.Contains(k.flags, "map-node") && here == (pass == 0) {
				add(subject{k.path, k.kind, strange})
			}
		}
	}
	for _, k := range declared {
		above, name := cutLast(k.path)
		if above != "" {
			above += "."
		}
		if k.node {
			add(subject{k.path + ".nonsense", "string", true})
		}
		if len(name) > 4 {
			add(subject{above + name[:len(name)-2] + name[len(name)-1:], k.kind, true})
		}
	}
	add(subject{"nonsense", "string", true})
	return list
}

// candidates are values for a change of a key, most likely first. If sure is true, the
// first value that renders is enough. Otherwise values may have different effects.
func candidates(k subject, current any) (values []any, sure bool) {
	_, name := cutLast(k.path)
	if b, ok := current.(bool); ok {
		return []any{!b}, true
	}
	for _, c := range words {
		if c.name.MatchString(k.path) && k.kind != "map" && k.kind != "list" {
			for _, v := range c.values {
				if v != current {
					values = append(values, v)
				}
			}
			if len(values) > 0 {
				return values, false
			}
		}
	}
	switch {
	case k.kind == "bool":
		return []any{true}, true
	case strings.Contains(strings.ToLower(name), "nodeport"):
		return []any{30123.0, "30123"}, true
	case k.kind == "int" || k.kind == "float":
		if n, ok := current.(float64); ok {
			return []any{n + 1, "7"}, true
		}
		if n, ok := current.(int64); ok {
			return []any{n + 1, "7"}, true
		}
		return []any{7.0, "7"}, true
	case k.kind == "list" || name == "additionalEndpoints":
		return []any{
			[]any{map[string]any{"name": "changed", "value": "changed"}}, []any{"changed"},
			[]any{map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "changed"}}},
			[]any{map[string]any{"port": "changed", "path": "/changed", "interval": "9s", "relabelings": []any{}, "metricRelabelings": []any{}}},
			"changed",
		}, true
	case k.kind == "map":
		return []any{map[string]any{"changed": "yes"}, map[string]any{"changed": map[string]any{"deeper": "yes"}}, []any{"changed"}, "changed: true"}, true
	}
	return []any{"changed", 7.0, []any{"changed"}, map[string]any{"changed": "yes"}}, true
}

// words are keys that accept only some words.
var words = []struct {
	name   *regexp.Regexp
	values []any
}{
	{regexp.MustCompile(`(?i)service\.type$`), []any{"LoadBalancer", "NodePort", "ClusterIP"}},
	{regexp.MustCompile(`^architecture$`), []any{"standalone", "replication"}},
	{regexp.MustCompile(`updateStrategy(\.type)?$`), []any{"OnDelete"}},
	{regexp.MustCompile(`^(master|replica)\.kind$`), []any{"Deployment", "DaemonSet", "StatefulSet"}},
	{regexp.MustCompile(`\.resourcesPreset$`), []any{"large", "none"}},
	{regexp.MustCompile(`ffinityPreset(\.type)?$`), []any{"hard", "soft", ""}},
	{regexp.MustCompile(`\.adaptSecurityContext$`), []any{"force", "disabled"}},
	{regexp.MustCompile(`(^|\.)kubeVersion$`), []any{"1.20.0", "1.13.0"}},
	{regexp.MustCompile(`\.pullPolicy$`), []any{"Never"}},
	{regexp.MustCompile(`\.(external|internal)TrafficPolicy$`), []any{"Local"}},
	{regexp.MustCompile(`\.sessionAffinity$`), []any{"ClientIP"}},
	{regexp.MustCompile(`(^configmap|[cC]onfiguration)$`), []any{"appendonly no"}},
	{regexp.MustCompile(`\.(size|sizeLimit)$`), []any{"11Gi"}},
	{regexp.MustCompile(`(\.defaultFips|\.fips\.(openssl|golang))$`), []any{"restricted", "relaxed", "off"}},
}

// trial is one baseline of one version.
type trial struct {
	s    *source
	b    setup
	base *manifests
	add  func(k subject, value any, verdict byte)
	// Manifest that each key changed last, which is checked first; the notes for a key that
	// must be tested alone for another reason.
	changes map[string]string
}

// alone changes one key, and returns the value with the strongest effect, and this
// effect.
func (t trial) alone(k subject) {
	values, sure := candidates(k, lookup(t.base.values, segments(k.path)))
	var best any
	verdict := byte(0)
	for _, v := range values {
		got := t.differs(k, changed(t.b.values, k.path, v))
		if got == 'f' && t.changes[k.path] == "" {
			t.changes[k.path] = "NOTES.txt"
		}
		if verdict == 0 || got == 'c' || verdict == 'f' || verdict == 's' && got == 'n' {
			best, verdict = v, got
		}
		if verdict == 'c' || verdict != 'f' && sure {
			break
		}
	}
	if verdict == 's' && overrides(k, lookup(t.base.values, segments(k.path))) && t.differs(k, changed(t.b.values, k.path, false)) == 'c' {
		best, verdict = false, 'c'
	}
	t.add(k, best, verdict)
}

// overrides reports whether a key is a boolean without a default. Such a key may lie over
// another key that is true: then only false has an effect.
func overrides(k subject, current any) bool {
	return k.kind == "bool" && current == nil
}

// differs renders values with one changed key.
func (t trial) differs(k subject, values map[string]any) byte {
	if name := t.changes[k.path]; name != "" && name != "NOTES.txt" && t.base.alone(t.s, t.b.values, name) {
		m := t.s.wholeIn(ordinary, values, t.base, name)
		if text, there := m.files[name]; there && text != t.base.files[name] {
			return 'c'
		}
	}
	m := t.s.whole(values, t.base)
	verdict := t.base.differs(m)
	for name, text := range m.files {
		if verdict == 'c' && name != "NOTES.txt" && text != t.base.files[name] {
			t.changes[k.path] = name
		}
	}
	if verdict == 'n' {
		t.changes[k.path] = "NOTES.txt"
	}
	return verdict
}

// alone reports whether a file renders the same if no other file, which may modify the
// values, is rendered before it.
func (m *manifests) alone(s *source, values map[string]any, name string) bool {
	same, asked := m.lone[name]
	if !asked {
		same = s.wholeIn(ordinary, values, nil, name).files[name] == m.files[name]
		m.lone[name] = same
	}
	return same
}

// grouped groups keys that probably have no effect together: unknown keys, and keys of
// one block.
func grouped(subjects []subject) [][]subject {
	var order []string
	groups := map[string][]subject{}
	for _, k := range subjects {
		name := segments(k.path)[0]
		if k.strange {
			name = "strange " + name
		}
		if groups[name] == nil {
			order = append(order, name)
		}
		groups[name] = append(groups[name], k)
	}
	var list [][]subject
	for _, name := range order {
		list = append(list, groups[name])
	}
	return list
}

// together changes several keys at once. Keys with an effect, or with an effect in an
// earlier baseline, are tested in halves and finally one by one.
func (t trial) together(list []subject) {
	var quiet []subject
	for _, k := range list {
		// The notes warn only about the first image.
		if t.changes[k.path] != "" || strings.HasSuffix(k.path, ".tag") {
			t.alone(k)
		} else {
			quiet = append(quiet, k)
		}
	}
	switch {
	case len(quiet) == 0:
	case len(quiet) == 1:
		t.alone(quiet[0])
	case !apart(quiet) && t.nothing(quiet):
		for _, k := range quiet {
			values, _ := candidates(k, lookup(t.base.values, segments(k.path)))
			t.add(k, values[0], 's')
		}
	default:
		t.together(quiet[:len(quiet)/2])
		t.together(quiet[len(quiet)/2:])
	}
}

// nothing reports whether keys have no effect together, with each of their words.
func (t trial) nothing(list []subject) bool {
	for turn, more := 0, true; more; turn++ {
		more = false
		values := plain(t.b.values).(map[string]any)
		for _, k := range list {
			choices, sure := candidates(k, lookup(t.base.values, segments(k.path)))
			word := choices[0]
			if !sure {
				word = choices[min(turn, len(choices)-1)]
			}
			assign(values, segments(k.path), word)
			more = more || !sure && turn+1 < len(choices)
		}
		if t.base.differs(t.s.whole(values, t.base)) != 's' {
			return false
		}
	}
	values, some := plain(t.b.values).(map[string]any), false
	for _, k := range list {
		if overrides(k, lookup(t.base.values, segments(k.path))) {
			assign(values, segments(k.path), false)
			some = true
		}
	}
	return !some || t.base.differs(t.s.whole(values, t.base)) == 's'
}

// apart reports whether a key is below another one, whose value it would replace.
func apart(list []subject) bool {
	there := map[string]bool{}
	for _, k := range list {
		there[k.path] = true
	}
	return slices.ContainsFunc(list, func(k subject) bool {
		above, _ := cutLast(k.path)
		for above != "" && !there[above] {
			above, _ = cutLast(above)
		}
		return above != ""
	})
}

func changed(values map[string]any, key string, value any) map[string]any {
	values = plain(values).(map[string]any)
	assign(values, segments(key), value)
	return values
}

// manifests is the whole output for a values file.
type manifests struct {
	files  map[string]string
	lone   map[string]bool
	values map[string]any
	failed string
}

// whole renders all files as Helm does: Helm coalesces the values and checks the schema,
// and all files share the values and may modify them. If the result is only compared with
// base, rendering ends at the first manifest that differs.
func (s *source) whole(written map[string]any, base *manifests) *manifests {
	return s.wholeIn(ordinary, written, base)
}

func (s *source) wholeIn(w world, written map[string]any, base *manifests, only ...string) (m *manifests) {
	m = &manifests{files: map[string]string{}, lone: map[string]bool{}}
	defer func() {
		if problem := recover(); problem != nil {
			m.failed = fmt.Sprint(problem)
		}
	}()
	top, err := chartutil.ToRenderValuesWithSchemaValidation(s.root, plain(written).(map[string]any), chartutil.ReleaseOptions{}, nil, true)
	if err != nil {
		m.failed = err.Error()
		return m
	}
	values := plain(top["Values"]).(map[string]any)
	m.values = plain(values).(map[string]any)
	if m.failed = s.refused(m.values); m.failed != "" {
		return m
	}
	context := s.top(w, values)
	files := append([]*file{}, s.files...)
	// The notes contain the checks that refuse values.
	sort.SliceStable(files, func(i, j int) bool {
		return files[i].notes && !files[j].notes || files[i].notes == files[j].notes && files[i].full > files[j].full
	})
	for _, f := range files {
		if len(only) > 0 && !contains(only, f.name) {
			continue
		}
		context["Template"] = chartutil.Values{"Name": f.full, "BasePath": path.Join("redis", "templates")}
		var out strings.Builder
		if err := s.set.ExecuteTemplate(&out, f.full, context); err != nil {
			m.failed = f.name + ": " + err.Error()
			return m
		}
		m.files[f.name] = tidy(out.String())
		if base != nil && !f.notes && m.files[f.name] != base.files[f.name] {
			return m
		}
	}
	return m
}

// refused checks values against the schema of the chart, which is compiled once.
func (s *source) refused(values map[string]any) string {
	if s.root.Schema == nil {
		return ""
	}
	if s.schema == nil {
		read, err := jsonschema.UnmarshalJSON(bytes.NewReader(s.root.Schema))
		if err != nil {
			return err.Error()
		}
		compiler := jsonschema.NewCompiler()
		if err := compiler.AddResource("values.schema.json", read); err != nil {
			return err.Error()
		}
		if s.schema, err = compiler.Compile("values.schema.json"); err != nil {
			return err.Error()
		}
	}
	if err := s.schema.Validate(values); err != nil {
		return err.Error()
	}
	return ""
}

// tidy removes everything from a manifest that YAML readers ignore.
func tidy(text string) string {
	var lines []string
	for _, line := range strings.Split(strings.ReplaceAll(text, "<no value>", ""), "\n") {
		if line = strings.TrimRight(line, " \t\r"); line != "" && line != "---" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func (m *manifests) differs(other *manifests) byte {
	if other.failed != "" {
		return 'f'
	}
	verdict := byte('s')
	for name, text := range other.files {
		if text != m.files[name] {
			if name != "NOTES.txt" {
				return 'c'
			}
			verdict = 'n'
		}
	}
	return verdict
}

// writeRows writes the rows of the asked keys of a version into a file, which may have
// rows of other versions and keys. A line has a key, a value and the versions with the same result: one letter
// for each baseline, in the order of the book.
func writeRows(file, version string, rows []row, asked func(key string) bool) error {
	type change struct{ key, value string }
	order := map[string][]string{} // topology: baselines
	letter := map[row]byte{}
	changes := map[change]bool{}
	for _, r := range rows {
		known := r
		known.verdict = 0
		letter[known] = r.verdict
		changes[change{r.key, r.value}] = true
		if list := order[r.topology]; !contains(list, r.baseline) {
			order[r.topology] = append(list, r.baseline)
		}
	}
	where := map[[5]string][]string{}
	old, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	for _, line := range strings.Split(string(old), "\n") {
		if cells := strings.Split(line, "\t"); len(cells) == 6 && !strings.HasPrefix(line, "#") {
			for _, other := range strings.Split(cells[2], ",") {
				if key := [5]string{cells[0], cells[1], cells[3], cells[4], cells[5]}; other != version || !asked(cells[0]) {
					where[key] = append(where[key], other)
				}
			}
		}
	}
	for c := range changes {
		key := [5]string{c.key, c.value}
		for i, topology := range topologies {
			var group strings.Builder
			for _, baseline := range order[topology] {
				found, there := letter[row{c.key, c.value, version, topology, baseline, 0}]
				if !there {
					found = '.'
				}
				group.WriteByte(found)
			}
			key[2+i] = short(group.String())
		}
		where[key] = append(where[key], version)
	}
	var lines []string
	for l, list := range where {
		sort.Slice(list, func(i, j int) bool { return compareVersions(list[i], list[j]) < 0 })
		lines = append(lines, strings.Join([]string{l[0], l[1], strings.Join(list, ","), l[2], l[3], l[4]}, "\t"))
	}
	sort.Strings(lines)
	return writeTable(file, []string{
		"What changing a key does to the manifests, in the baselines of baselines.yaml (tools/oracle, perturb).",
		"value: what the key was changed to, as JSON. One letter for each baseline of the version and topology, in their order, or one for all:",
		"c changes a manifest (though another may fail then), n only the notes, s nothing, f the rendering fails, . was changed to",
		"another value.",
		"key\tvalue\tversions\tstandalone\treplication\tsentinel",
	}, lines)
}

// short shortens equal letters to one letter.
func short(letters string) string {
	if strings.Count(letters, letters[:1]) == len(letters) {
		return letters[:1]
	}
	return letters
}

// spotCommand renders changes of perturb with a helm program. Stdin has one change on
// each line: version, topology, baseline, key, value and letter.
func spotCommand(args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("usage: oracle spot CHARTS_DIR BASELINES HELM < changes")
	}
	book, err := readBook(args[1])
	if err != nil {
		return err
	}
	bases := map[string]*manifests{}
	asked, wrong := 0, 0
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		cells := strings.Split(lines.Text(), "\t")
		if len(cells) != 6 {
			return fmt.Errorf("a line needs six cells: %s", lines.Text())
		}
		version, topology, baseline, key := cells[0], cells[1], cells[2], cells[3]
		var value any
		if err := yaml.Unmarshal([]byte(cells[4]), &value); err != nil {
			return err
		}
		for _, b := range book.named(version, topology) {
			if b.name != baseline {
				continue
			}
			name := strings.Join(cells[:3], " ")
			chart := filepath.Join(args[0], version, "redis")
			if bases[name] == nil {
				bases[name] = program(args[2], chart, b.values)
				if bases[name].differs(program(args[2], chart, b.values)) != 's' {
					bases[name].failed = "something in it is random"
				}
			}
			if bases[name].failed != "" {
				continue
			}
			asked++
			if got := bases[name].differs(program(args[2], chart, changed(b.values, key, value))); string(got) != strings.Replace(cells[5], "n", "s", 1) {
				wrong++
				fmt.Println(lines.Text(), "helm says", string(got))
			}
		}
	}
	fmt.Println(asked, "changes asked,", wrong, "differ")
	return lines.Err()
}

// program renders with a helm program.
func program(helm, chart string, values map[string]any) *manifests {
	file, err := yaml.Marshal(values)
	if err != nil {
		return &manifests{failed: err.Error()}
	}
	command := exec.Command(helm, "template", "rel", chart, "--namespace", "ns", "--kube-version", ordinary.kube, "--values", "-")
	command.Stdin = bytes.NewReader(file)
	out, err := command.Output()
	if err != nil {
		return &manifests{failed: err.Error()}
	}
	return &manifests{files: map[string]string{"all": tidy(string(out))}}
}
