package main

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"path"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"sync"
	"text/template"
	"text/template/parse"

	"github.com/Masterminds/sprig/v3"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"sigs.k8s.io/yaml"
)

// rendered is the output of one template file for some values.
type rendered struct {
	text    string // without blank lines and trailing spaces
	raw     string // raw output, only if the memo keeps it
	lines   map[string]bool
	markers map[int]bool // numbers of the markers in the text
	err     string
	used    int // generation, see memo

	objects []object // the objects of raw, parsed on demand
	broken  bool     // raw is not valid YAML
}

// memo caches renderings by everything that they depend on. A file is rendered again only
// if one of its values or its text has changed, even across chart versions.
type memo struct {
	entries    map[string]*rendered
	generation int
	runs, hits int
	raw        bool // keep the raw output, too
}

// age drops entries that the last chart version did not use.
func (m *memo) age() {
	for name, r := range m.entries {
		if r.used < m.generation {
			delete(m.entries, name)
		}
	}
	m.generation++
}

// source is one chart version, parsed once.
type source struct {
	version string
	root    *chart.Chart
	set     *template.Template
	files   []*file
	base    map[string]any // values as Helm coalesces them
	paths   map[string][]*file
	memo    *memo
	schema  *jsonschema.Schema // see refused
}

// file is a template that writes manifests or the notes.
type file struct {
	name  string // path below templates/
	full  string
	index int
	notes bool
	deps  map[string]bool // value paths that the file may read
	all   bool            // the file may read every value
	text  string          // hash of all templates that the file runs
	base  string          // hash of the chart's own values that the file reads
	seen  map[string]bool // cached results of dependsOn
}

// world are the conditions of a rendering outside of the values.
type world struct {
	kube    string
	upgrade bool
	apis    string
}

// open loads a chart folder.
func open(folder, version string, m *memo) (*source, error) {
	root, err := loader.Load(folder)
	if err != nil {
		return nil, err
	}
	// The versions of the chart and application do not count as differences.
	root.Metadata.Version, root.Metadata.AppVersion = "0.0.0", "0.0.0"
	values, err := chartutil.ToRenderValues(root, map[string]any{}, chartutil.ReleaseOptions{}, nil)
	if err != nil {
		return nil, err
	}
	s := &source{version: version, root: root, memo: m, paths: map[string][]*file{}}
	s.base = plain(values["Values"]).(map[string]any)
	sameTags(s.base)
	s.set = template.New("gotpl").Option("missingkey=zero")
	s.set.Funcs(functions(s.set))
	var names []string
	texts := map[string]string{}
	var collect func(c *chart.Chart)
	collect = func(c *chart.Chart) {
		for _, t := range c.Templates {
			if strings.EqualFold(c.Metadata.Type, "library") && !strings.HasPrefix(path.Base(t.Name), "_") {
				continue
			}
			name := path.Join(c.ChartFullPath(), t.Name)
			names = append(names, name)
			texts[name] = string(t.Data)
		}
		for _, d := range c.Dependencies() {
			collect(d)
		}
	}
	collect(root)
	// As in Helm, outer files take precedence if a name is defined twice.
	sort.Slice(names, func(i, j int) bool {
		a, b := strings.Count(names[i], "/"), strings.Count(names[j], "/")
		if a != b {
			return a > b
		}
		return names[i] > names[j]
	})
	for _, name := range names {
		if _, err := s.set.New(name).Parse(texts[name]); err != nil {
			return nil, err
		}
	}
	looks := s.looks()
	for _, name := range names {
		if strings.HasPrefix(path.Base(name), "_") {
			continue
		}
		inner := name[strings.Index(name, "templates/")+len("templates/"):]
		f := &file{name: inner, full: name, index: len(s.files), notes: inner == "NOTES.txt", deps: map[string]bool{}, seen: map[string]bool{}}
		hash := fnv.New128a()
		done := map[string]bool{}
		var visit func(name string)
		visit = func(name string) {
			if done[name] || looks[name] == nil {
				return
			}
			done[name] = true
			look := looks[name]
			f.all = f.all || look.all
			for p := range look.values {
				f.deps[p] = true
			}
			for _, next := range sortedKeys(look.includes) {
				visit(next)
			}
		}
		visit(name)
		for _, n := range sortedKeys(done) {
			hash.Write([]byte(n + "\x00" + looks[n].text))
		}
		f.text = string(hash.Sum(nil))
		hash.Reset()
		for _, p := range sortedKeys(f.deps) {
			fmt.Fprintf(hash, "%s=%s\n", p, compact(lookup(s.base, segments(p))))
		}
		if f.all {
			fmt.Fprint(hash, compact(s.base))
		}
		f.base = string(hash.Sum(nil))
		s.files = append(s.files, f)
	}
	return s, nil
}

// sameTags gives every image the same tag, because a new tag alone is not a difference.
func sameTags(values map[string]any) {
	for name, v := range values {
		if m, ok := v.(map[string]any); ok {
			sameTags(m)
		} else if _, image := values["repository"]; image && name == "tag" {
			values[name] = "1.0.0"
		}
	}
}

// look is what one named template mentions.
type look struct {
	values   map[string]bool
	includes map[string]bool
	all      bool
	text     string
}

// looks analyses the parsed templates: which values and which other templates they
// mention.
func (s *source) looks() map[string]*look {
	all := map[string]*look{}
	files := []string{}
	for _, t := range s.set.Templates() {
		if strings.Contains(t.Name(), "/templates/") {
			files = append(files, t.Name())
		}
	}
	for _, t := range s.set.Templates() {
		if t.Tree == nil || t.Root == nil {
			continue
		}
		l := &look{map[string]bool{}, map[string]bool{}, false, t.Root.String()}
		library := strings.HasPrefix(t.Name(), "common.")
		idents := func(names []string) {
			for i, n := range names {
				if n != "Values" {
					continue
				}
				if i+1 == len(names) {
					// Lookups by name in the library chart receive the name as a literal.
					l.all = l.all || !library
					return
				}
				l.values[strings.Join(names[i+1:], ".")] = true
			}
		}
		inspect(t.Root, func(n parse.Node) {
			switch n := n.(type) {
			case *parse.FieldNode:
				idents(n.Ident)
			case *parse.VariableNode:
				idents(n.Ident)
			case *parse.ChainNode:
				idents(n.Field)
			case *parse.TemplateNode:
				l.includes[n.Name] = true
			case *parse.StringNode:
				// A string may be the name of a template or value, or the end of a file path.
				l.includes[n.Text] = true
				if strings.Contains(n.Text, ".") && !strings.ContainsAny(n.Text, " /:") {
					l.values[n.Text] = true
				}
				// The notes warn by the bare names of sections.
				if strings.HasSuffix(t.Name(), "/NOTES.txt") && section.MatchString(n.Text) {
					l.values[n.Text] = true
				}
				if strings.HasPrefix(n.Text, "/") {
					for _, f := range files {
						if strings.HasSuffix(f, n.Text) {
							l.includes[f] = true
						}
					}
				}
			}
		})
		all[t.Name()] = l
	}
	return all
}

var section = regexp.MustCompile(`^[A-Za-z]+$`)

// inspect visits every node below n.
func inspect(n parse.Node, visit func(parse.Node)) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, c := range n.Nodes {
				inspect(c, visit)
			}
		}
	case *parse.ActionNode:
		inspect(n.Pipe, visit)
	case *parse.PipeNode:
		if n != nil {
			for _, c := range n.Cmds {
				inspect(c, visit)
			}
		}
	case *parse.CommandNode:
		for _, c := range n.Args {
			inspect(c, visit)
		}
	case *parse.ChainNode:
		visit(n)
		inspect(n.Node, visit)
	case *parse.IfNode:
		inspectBranch(&n.BranchNode, visit)
	case *parse.RangeNode:
		inspectBranch(&n.BranchNode, visit)
	case *parse.WithNode:
		inspectBranch(&n.BranchNode, visit)
	case *parse.TemplateNode:
		visit(n)
		inspect(n.Pipe, visit)
	default:
		visit(n)
	}
}

func inspectBranch(n *parse.BranchNode, visit func(parse.Node)) {
	inspect(n.Pipe, visit)
	inspect(n.List, visit)
	inspect(n.ElseList, visit)
}

// dependsOn reports whether the file may read a value path, a parent of it or a child of
// it.
func (f *file) dependsOn(p string) bool {
	if f.all {
		return true
	}
	known, there := f.seen[p]
	if !there {
		for d := range f.deps {
			if d == p || strings.HasPrefix(p, d+".") || strings.HasPrefix(d, p+".") {
				known = true
				break
			}
		}
		f.seen[p] = known
	}
	return known
}

// lookers are the files that may read a value path.
func (s *source) lookers(p string) []*file {
	list, there := s.paths[p]
	if !there {
		for _, f := range s.files {
			if f.dependsOn(p) {
				list = append(list, f)
			}
		}
		s.paths[p] = list
	}
	return list
}

// settings are values by path that override the chart's own.
type settings map[string]any

func (a settings) with(b settings) settings {
	both := make(settings, len(a)+len(b))
	for k, v := range a {
		both[k] = v
	}
	for k, v := range b {
		both[k] = v
	}
	return both
}

// outcome is a rendering of the whole chart.
type outcome struct {
	files []*rendered // in the order of source.files
	err   string
}

// render renders the chart. Only the files that may differ from earlier renderings are
// run.
func (s *source) render(w world, set settings) *outcome { return s.renderOnly(w, set, nil) }

// renderOnly renders the given files, or all files for nil.
func (s *source) renderOnly(w world, set settings, only map[*file]bool) *outcome {
	out := &outcome{files: make([]*rendered, len(s.files))}
	for i, name := range s.names(w, set, only) {
		if name == "" {
			continue
		}
		f := s.files[i]
		r := s.memo.entries[name]
		if r == nil {
			r = s.run(f, w, set)
			s.memo.entries[name] = r
			s.memo.runs++
		} else {
			s.memo.hits++
		}
		r.used = s.memo.generation
		out.files[i] = r
		if r.err != "" && out.err == "" {
			out.err = f.name + ": " + r.err
		}
	}
	return out
}

// names returns a digest input for each given file (all files for nil): everything that
// its rendering depends on. Other files have an empty name.
func (s *source) names(w world, set settings, only map[*file]bool) []string {
	paths := sortedKeys(set)
	extra := make([]strings.Builder, len(s.files))
	for _, p := range paths {
		looking := s.lookers(p)
		if len(looking) == 0 {
			continue
		}
		value := exactJSON(set[p])
		for _, f := range looking {
			if only != nil && !only[f] {
				continue
			}
			b := &extra[f.index]
			b.WriteString(p)
			b.WriteByte('=')
			b.WriteString(value)
			b.WriteByte('\n')
		}
	}
	names := make([]string, len(s.files))
	for i, f := range s.files {
		if only == nil || only[f] {
			names[i] = f.text + f.base + w.kube + strconv.FormatBool(w.upgrade) + w.apis + "\x00" + extra[i].String()
		}
	}
	return names
}

// run executes one file on a copy of the values, because templates modify them.
func (s *source) run(f *file, w world, set settings) (r *rendered) {
	r = &rendered{}
	defer func() {
		if problem := recover(); problem != nil {
			r.err = fmt.Sprint(problem)
		}
	}()
	values := plain(s.base).(map[string]any)
	for _, p := range sortedKeys(set) {
		if f.dependsOn(p) {
			assign(values, segments(p), set[p])
		}
	}
	top := s.top(w, values)
	top["Template"] = chartutil.Values{"Name": f.full, "BasePath": path.Join("redis", "templates")}
	var out strings.Builder
	if err := s.set.ExecuteTemplate(&out, f.full, top); err != nil {
		r.err = err.Error()
		return r
	}
	r.lines = map[string]bool{}
	raw := strings.ReplaceAll(out.String(), "<no value>", "")
	if s.memo.raw {
		r.raw = raw
	}
	var text strings.Builder
	for _, line := range strings.Split(raw, "\n") {
		line = strings.TrimRight(line, " \t\r")
		if line == "" || line == "---" {
			continue
		}
		r.lines[line] = true
		text.WriteString(line)
		text.WriteByte('\n')
	}
	r.text = text.String()
	r.markers = markersIn(r.text)
	return r
}

func (s *source) top(w world, values map[string]any) map[string]any {
	kube, err := chartutil.ParseKubeVersion(w.kube)
	if err != nil {
		panic(err)
	}
	apis := append(chartutil.VersionSet{}, chartutil.DefaultVersionSet...)
	if w.apis != "" {
		apis = append(apis, strings.Split(w.apis, ",")...)
	}
	return map[string]any{
		"Values": chartutil.Values(values),
		"Chart": struct {
			chart.Metadata
			IsRoot bool
		}{*s.root.Metadata, true},
		"Files": struct{}{},
		"Release": map[string]any{
			"Name": "rel", "Namespace": "ns", "IsUpgrade": w.upgrade, "IsInstall": !w.upgrade, "Revision": 1, "Service": "Helm",
		},
		"Capabilities": &chartutil.Capabilities{KubeVersion: *kube, APIVersions: apis, HelmVersion: chartutil.DefaultCapabilities.HelmVersion},
		"Subcharts":    map[string]any{},
	}
}

// functions are Helm's template functions, with constant results for everything random,
// and without access to a cluster.
func functions(set *template.Template) template.FuncMap {
	f := sprig.TxtFuncMap()
	delete(f, "env")
	delete(f, "expandenv")
	written := map[string]string{} // by JSON, from which Helm makes the YAML
	var writing sync.Mutex
	f["toYaml"] = func(v any) string {
		data, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		writing.Lock()
		defer writing.Unlock()
		text, there := written[string(data)]
		if !there {
			out, err := yaml.JSONToYAML(data)
			if err != nil {
				return ""
			}
			text = strings.TrimSuffix(string(out), "\n")
			written[string(data)] = text
		}
		return text
	}
	f["toYamlPretty"] = f["toYaml"]
	read := map[string]map[string]any{}
	f["fromYaml"] = func(text string) map[string]any {
		writing.Lock()
		defer writing.Unlock()
		m, there := read[text]
		if !there {
			m = map[string]any{}
			if err := yaml.Unmarshal([]byte(text), &m); err != nil {
				m["Error"] = err.Error()
			}
			read[text] = m
		}
		if m == nil {
			return nil
		}
		// Templates may modify the result.
		return plain(m).(map[string]any)
	}
	f["fromYamlArray"] = func(text string) []any {
		a := []any{}
		if err := yaml.Unmarshal([]byte(text), &a); err != nil {
			a = []any{err.Error()}
		}
		return a
	}
	f["toJson"] = func(v any) string { return compact(v) }
	f["fromJson"] = f["fromYaml"]
	f["fromJsonArray"] = f["fromYamlArray"]
	f["lookup"] = func(string, string, string, string) (map[string]any, error) { return map[string]any{}, nil }
	f["getHostByName"] = func(string) string { return "" }
	f["required"] = func(message string, v any) (any, error) {
		if v == nil || v == "" {
			return v, fmt.Errorf("%s", message)
		}
		return v, nil
	}
	f["fail"] = func(message string) (string, error) { return "", fmt.Errorf("%s", message) }
	for _, name := range []string{"randAlphaNum", "randAlpha", "randAscii", "randNumeric"} {
		f[name] = func(n int) string { return strings.Repeat("7", n) }
	}
	type certificate struct{ Cert, Key string }
	f["genCA"] = func(name string, _ int) certificate { return certificate{"ca " + name, "key"} }
	f["genSelfSignedCert"] = func(name string, ips, names []any, _ int) certificate {
		return certificate{fmt.Sprint(name, ips, names), "key"}
	}
	f["genSignedCert"] = func(name string, ips, names []any, _ int, ca any) certificate {
		return certificate{fmt.Sprint(name, ips, names, ca), "key"}
	}
	f["genPrivateKey"] = func(string) string { return "key" }
	f["uuidv4"] = func() string { return "uuid" }
	f["bcrypt"] = func(text string) string { return "bcrypt " + text }
	f["htpasswd"] = func(user, text string) string { return "htpasswd " + user + text }
	f["keys"] = func(maps ...map[string]any) []string {
		var names []string
		for _, m := range maps {
			names = append(names, sortedKeys(m)...)
		}
		return names
	}
	f["include"] = include(set)
	f["tpl"] = tpl(set)
	return f
}

func include(set *template.Template) func(string, any) (string, error) {
	return func(name string, data any) (string, error) {
		var out strings.Builder
		err := set.ExecuteTemplate(&out, name, data)
		return out.String(), err
	}
}

func tpl(parent *template.Template) func(string, any) (string, error) {
	return func(text string, data any) (string, error) {
		if !strings.Contains(text, "{{") {
			return text, nil
		}
		set, err := parent.Clone()
		if err != nil {
			return "", err
		}
		set.Option("missingkey=zero")
		set.Funcs(template.FuncMap{"include": include(set), "tpl": tpl(set)})
		if set, err = set.New(parent.Name()).Parse(text); err != nil {
			return "", err
		}
		var out strings.Builder
		if err := set.Execute(&out, data); err != nil {
			return "", err
		}
		return strings.ReplaceAll(out.String(), "<no value>", ""), nil
	}
}

// plain copies a value and converts every map to a plain map.
func plain(v any) any {
	switch v := v.(type) {
	case chartutil.Values:
		return plain(map[string]any(v))
	case map[string]any:
		m := make(map[string]any, len(v))
		for k, c := range v {
			m[k] = plain(c)
		}
		return m
	case []any:
		l := make([]any, len(v))
		for i, c := range v {
			l[i] = plain(c)
		}
		return l
	default:
		return v
	}
}

// lookup is the value at a path, nil if there is none.
func lookup(values any, path []string) any {
	for _, name := range path {
		m, ok := values.(map[string]any)
		if !ok {
			return nil
		}
		values = m[name]
	}
	return values
}

// assign sets the value at a path as Helm does: maps merge.
func assign(values map[string]any, path []string, value any) {
	for _, name := range path[:len(path)-1] {
		next, ok := values[name].(map[string]any)
		if !ok {
			next = map[string]any{}
			values[name] = next
		}
		values = next
	}
	name := path[len(path)-1]
	if _, gone := value.(deleted); gone {
		delete(values, name)
		return
	}
	if m, ok := value.(map[string]any); ok {
		if old, ok := values[name].(map[string]any); ok {
			for k, v := range m {
				assign(old, []string{k}, plain(v))
			}
			return
		}
	}
	values[name] = plain(value)
}

// exactJSON keeps a text apart from the number or the word in it, and a key that is removed
// from an empty map.
func exactJSON(v any) string {
	switch v := v.(type) {
	case deleted:
		return "deleted"
	case string:
		return strconv.Quote(v)
	}
	return shortJSON(v)
}

// shortJSON is for the eye: a text has no quotes.
func shortJSON(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return compact(v)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
