package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"helm.sh/helm/v3/pkg/chartutil"
	"sigs.k8s.io/yaml"
)

// perturbCommand changes every key of some versions in values as people write
// them, and writes what that does to the manifests. It shares with `measure`
// only the parsed templates and the functions in which nothing is random:
// every file is run again for every change, no catalogue says what is read.
func perturbCommand(args []string) error {
	if len(args) < 4 {
		return fmt.Errorf("usage: oracle perturb CHARTS_DIR DATA_DIR BASELINES ROWS VERSION...")
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
	log.SetOutput(io.Discard) // what Helm says of keys that lie over a map
	var wait sync.WaitGroup
	results, failures := make([][]row, len(written)), make([]error, len(written))
	slots := make(chan struct{}, 2)
	for i, version := range written {
		wait.Add(1)
		go func() {
			defer wait.Done()
			slots <- struct{}{}
			defer func() { <-slots }()
			results[i], failures[i] = perturbVersion(charts, version, book, catalogue)
		}()
	}
	wait.Wait()
	if err := errors.Join(failures...); err != nil {
		return err
	}
	var all []row
	for _, rows := range results {
		all = append(all, rows...)
	}
	return writeRows(args[3], written, all)
}

// baselineBook is tests/lint_oracle/baselines.yaml.
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

// scope is where something holds; everywhere where nothing is said.
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

// row says what one change of one key does in one baseline: c changes a
// manifest, n only the notes, s nothing; f makes the rendering fail.
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

func perturbVersion(charts, version string, book baselineBook, catalogue []catalogued1) ([]row, error) {
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
	for _, topology := range topologies {
		for _, b := range book.named(version, topology) {
			base := s.whole(b.values, nil)
			if base.failed != "" {
				return nil, fmt.Errorf("%s %s %s: %s", version, topology, b.name, base.failed)
			}
			add := func(key subject, value any, verdict byte) {
				rows = append(rows, row{key.path, compact(value), version, topology, b.name, verdict})
			}
			try := trial{s, b, base, add}
			for _, group := range groups {
				try.together(group)
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

// subjectsOf are the leaves of the chart's own file, the other keys of the
// catalogue, of this version and of others, and names that nobody knows.
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
	// Of a key that came and went, the type that it has here, else the last.
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

// candidates are values to change a key to, the likeliest first; with sure,
// the first that renders tells all, else another may do what it does not.
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
			return values, false
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

// words are keys that take one of some words.
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
}

// trial is one baseline of one version.
type trial struct {
	s    *source
	b    setup
	base *manifests
	add  func(k subject, value any, verdict byte)
}

// alone changes one key: the value that does most, and what it does.
func (t trial) alone(k subject) {
	values, sure := candidates(k, lookup(t.base.values, segments(k.path)))
	var best any
	verdict := byte(0)
	for _, v := range values {
		got := t.base.differs(t.s.whole(changed(t.b.values, k.path, v), t.base))
		if verdict == 0 || got == 'c' || verdict == 'f' || verdict == 's' && got == 'n' {
			best, verdict = v, got
		}
		if verdict == 'c' || verdict != 'f' && sure {
			break
		}
	}
	t.add(k, best, verdict)
}

// grouped puts together what may well do nothing together: strange keys, and
// those of one block.
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

// together changes keys at once. Where that does something, they are changed
// block by block, then one by one.
func (t trial) together(list []subject) {
	if len(list) == 1 {
		t.alone(list[0])
		return
	}
	first := make([]any, len(list))
	values := plain(t.b.values).(map[string]any)
	for i, k := range list {
		choices, _ := candidates(k, lookup(t.base.values, segments(k.path)))
		first[i] = choices[0]
		assign(values, segments(k.path), first[i])
	}
	// A key below another one of the list may have pushed it aside.
	apart := false
	for i, k := range list {
		got := lookup(values, segments(k.path))
		apart = apart || compact(got) != compact(lookup(changed(t.b.values, k.path, first[i]), segments(k.path)))
	}
	if !apart && t.base.differs(t.s.whole(values, t.base)) == 's' {
		for i, k := range list {
			// Words of which one may do what another does not are tried alone.
			if _, sure := candidates(k, lookup(t.base.values, segments(k.path))); sure {
				t.add(k, first[i], 's')
			} else {
				t.alone(k)
			}
		}
		return
	}
	depth := len(segments(list[0].path))
	for _, k := range list {
		for depth > 0 && !strings.HasPrefix(k.path+".", strings.Join(strings.Split(list[0].path, ".")[:depth], ".")+".") {
			depth--
		}
	}
	var order []string
	blocks := map[string][]subject{}
	for _, k := range list {
		parts := strings.Split(k.path, ".")
		name := strings.Join(parts[:min(depth+1, len(parts))], ".")
		if blocks[name] == nil {
			order = append(order, name)
		}
		blocks[name] = append(blocks[name], k)
	}
	for _, name := range order {
		if block := blocks[name]; len(block) < len(list) && (len(block) > 3 || list[0].strange) {
			t.together(block)
		} else {
			for _, k := range block {
				t.alone(k)
			}
		}
	}
}

func changed(values map[string]any, key string, value any) map[string]any {
	values = plain(values).(map[string]any)
	assign(values, segments(key), value)
	return values
}

// manifests is everything that a values file renders to.
type manifests struct {
	files  map[string]string
	values map[string]any
	failed string
}

// whole renders all files as Helm does: the values coalesced and held against
// the schema by Helm, shared by all files, which may write into them. Where it
// is only asked whether something is as it was in base, it ends at the first
// manifest that is not.
func (s *source) whole(written map[string]any, base *manifests) *manifests {
	return s.wholeIn(ordinary, written, base)
}

func (s *source) wholeIn(w world, written map[string]any, base *manifests) (m *manifests) {
	m = &manifests{files: map[string]string{}}
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
	// The notes hold the checks that refuse values.
	sort.SliceStable(files, func(i, j int) bool {
		return files[i].notes && !files[j].notes || files[i].notes == files[j].notes && files[i].full > files[j].full
	})
	for _, f := range files {
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

// refused holds values against the schema of the chart, which is compiled once.
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

// tidy is a manifest without what no reader of YAML sees.
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

// writeRows writes one line for a key, a value and the versions of which the
// same is to be said: a letter for each baseline, in the order of the book.
func writeRows(file string, versions []string, rows []row) error {
	type line struct{ key, value, letters string }
	type change struct{ key, value, version string }
	order := map[string]map[string][]string{} // version, topology: baselines
	letter := map[row]byte{}
	changes := map[change]bool{}
	for _, r := range rows {
		known := r
		known.verdict = 0
		letter[known] = r.verdict
		changes[change{r.key, r.value, r.version}] = true
		if order[r.version] == nil {
			order[r.version] = map[string][]string{}
		}
		if list := order[r.version][r.topology]; !contains(list, r.baseline) {
			order[r.version][r.topology] = append(list, r.baseline)
		}
	}
	where := map[line][]string{}
	for _, version := range versions {
		for c := range changes {
			if c.version != version {
				continue
			}
			var groups []string
			for _, topology := range topologies {
				var group strings.Builder
				for _, baseline := range order[version][topology] {
					found, there := letter[row{c.key, c.value, version, topology, baseline, 0}]
					if !there {
						found = '.'
					}
					group.WriteByte(found)
				}
				groups = append(groups, short(group.String()))
			}
			l := line{c.key, c.value, strings.Join(groups, "\t")}
			where[l] = append(where[l], version)
		}
	}
	var lines []string
	for l, list := range where {
		lines = append(lines, strings.Join([]string{l.key, l.value, strings.Join(list, ","), l.letters}, "\t"))
	}
	sort.Strings(lines)
	return writeTable(file, []string{
		"What changing a key does to the manifests, in the baselines of baselines.yaml (tests/oracle, perturb).",
		"value: what the key was changed to, as JSON. One letter for each baseline of the version and topology, in their order, or one for all:",
		"c changes a manifest, n only the notes, s nothing, f the rendering fails, . was changed to another value.",
		"key\tvalue\tversions\tstandalone\treplication\tsentinel",
	}, lines)
}

// short is one letter where all are the same.
func short(letters string) string {
	if strings.Count(letters, letters[:1]) == len(letters) {
		return letters[:1]
	}
	return letters
}

// spotCommand asks a helm program about changes of perturb that are named on
// stdin as lines of version, topology, baseline, key, value and letter.
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
