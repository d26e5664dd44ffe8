package main

import (
	"sort"
	"strings"
)

// cell is one chart version in one topology.
type cell struct {
	s         *source
	topology  string
	topo      settings
	probes    []*probe
	byPath    map[string]*probe
	baselines []*baseline
	facts     map[string]*fact
	previous  *result
	told      answers  // answers of the data for the previous version; nil: nothing is taken over
	fresh     []string // switches that the previous version does not have

	only map[string]bool                            // baselines to prepare; nil: all
	look func(w world, set settings, p *probe) bool // whether the key counts as read; nil: a change of a manifest
}

// fact is the knowledge about one key.
type fact struct {
	verdict string // read, notes, error, dead
	in      *baseline
	marked  bool // seen by its marker, together with others
	needs   string
	proof   *proof
}

// proof is the minimal settings in which a key is read, and the settings that prevent
// that.
type proof struct {
	Base    settings
	Kube    string
	Upgrade bool
	Marked  bool
	Choice  int
	Killers []settings // each one, added to Base, makes the key unused
}

var weight = map[string]int{"dead": 1, "error": 2, "notes": 3, "read": 4}

func (c *cell) learn(p *probe, verdict string, b *baseline, marked bool) {
	f := c.facts[p.path]
	if verdict == "" {
		return
	}
	if f == nil || weight[verdict] > weight[f.verdict] {
		c.facts[p.path] = &fact{verdict: verdict, in: b, marked: marked}
	}
}

func (c *cell) isRead(p *probe) bool {
	return c.facts[p.path] != nil && c.facts[p.path].verdict == "read"
}

// measure finds for every key whether it is read, and what it requires.
func (c *cell) measure() {
	c.facts = map[string]*fact{}
	c.topo = c.topologySettings()
	if c.told != nil {
		c.takeOver(c.told)
	} else {
		c.inherit()
	}
	for _, p := range c.probes {
		if c.facts[p.path] == nil {
			c.scratch()
			return
		}
	}
}

// scratch measures the keys without an answer from the previous version.
func (c *cell) scratch() {
	c.prepare()
	settled := map[string]bool{}
	for p := range c.facts {
		settled[p] = true
	}
	open := func(p *probe) bool { return !settled[p.path] }
	for i, b := range c.baselines {
		c.mark(b, func(p *probe) bool { return open(p) && p.marked && !p.rules && !p.node })
		c.mark(b, func(p *probe) bool { return open(p) && p.marked && p.rules && !p.node })
		c.mark(b, func(p *probe) bool { return open(p) && p.node })
		c.single(b, open, i == 0)
	}
	for _, b := range c.baselines {
		c.explain(b, open)
	}
	for _, p := range c.probes {
		if c.facts[p.path] == nil {
			c.facts[p.path] = &fact{verdict: "dead"}
		}
	}
}

func (c *cell) current(set settings, p *probe) any {
	if v, there := set[p.path]; there {
		return v
	}
	return p.standard
}

// mark sets many keys to their markers, and checks which markers appear in the output.
func (c *cell) mark(b *baseline, want func(p *probe) bool) {
	var list []*probe
	for _, p := range c.probes {
		if _, said := b.set[p.path]; !said && want(p) && !c.isRead(p) && len(c.s.lookers(p.path)) > 0 {
			list = append(list, p)
		}
	}
	if len(list) == 0 {
		return
	}
	// A key may require other keys to be set. The known used keys are therefore set, too.
	base := b.set
	if company := b.set.with(markers(c.company(b))); c.s.render(b.w, company).err == "" {
		base = company
	}
	good := c.fit(b.w, base, list)
	out := c.s.render(b.w, base.with(markers(good)))
	inManifests, inNotes := c.s.marked(out)
	for _, p := range good {
		if inManifests[p.id] {
			c.learn(p, "read", b, true)
		} else if inNotes[p.id] {
			c.learn(p, "notes", b, true)
		}
	}
}

// company are the used keys that do not override other keys.
func (c *cell) company(b *baseline) []*probe {
	var list []*probe
	for _, p := range c.probes {
		f := c.facts[p.path]
		if _, said := b.set[p.path]; !said && f != nil && f.verdict == "read" && p.marked && !p.rules && !p.node && (f.marked || f.proof != nil && f.proof.Marked) {
			list = append(list, p)
		}
	}
	return list
}

// ruling are the used keys that override other keys.
func (c *cell) ruling(b *baseline) []*probe {
	var list []*probe
	for _, p := range c.probes {
		f := c.facts[p.path]
		if _, said := b.set[p.path]; !said && f != nil && f.verdict == "read" && p.marked && p.rules && !p.node {
			list = append(list, p)
		}
	}
	return list
}

func markers(list []*probe) settings {
	set := settings{}
	for _, p := range list {
		set[p.path] = p.values[p.choice]
	}
	return set
}

// marked returns the markers in the manifests and in the notes.
func (s *source) marked(out *outcome) (manifests, notes map[int]bool) {
	manifests, notes = map[int]bool{}, map[int]bool{}
	for i, f := range s.files {
		if out.files[i] == nil {
			continue
		}
		for id := range out.files[i].markers {
			if f.notes {
				notes[id] = true
			} else {
				manifests[id] = true
			}
		}
	}
	return manifests, notes
}

// fit chooses values for the keys with which all render together. A key without such a
// value is left out.
func (c *cell) fit(w world, base settings, list []*probe) []*probe {
	if len(list) == 0 || c.s.render(w, base.with(markers(list))).err == "" {
		return list
	}
	if len(list) == 1 {
		p := list[0]
		old := p.choice
		for i := range p.values {
			p.choice = i
			if i != old && c.s.render(w, base.with(markers(list))).err == "" {
				return list
			}
		}
		p.choice = old
		return nil
	}
	half := len(list) / 2
	left := c.fit(w, base, list[:half])
	right := c.fit(w, base.with(markers(left)), list[half:])
	return append(append([]*probe{}, left...), right...)
}

// change compares two renderings.
func (s *source) change(a, b *outcome) (manifests, notes bool) {
	for i, f := range s.files {
		if a.files[i] != nil && b.files[i] != nil && a.files[i] != b.files[i] && a.files[i].text != b.files[i].text {
			if f.notes {
				notes = true
			} else {
				manifests = true
			}
		}
	}
	return manifests, notes
}

// breaks reports whether a manifest fails, and not only the checks in the notes.
func (s *source) breaks(out *outcome) bool {
	for i, f := range s.files {
		if !f.notes && out.files[i] != nil && out.files[i].err != "" {
			return true
		}
	}
	return false
}

// single changes keys that no marker has revealed, in groups as long as nothing happens.
func (c *cell) single(b *baseline, open func(p *probe) bool, each bool) {
	var quiet []*probe
	for _, p := range c.probes {
		if !open(p) || c.isRead(p) || p.node || c.topo[p.path] != nil || len(c.s.lookers(p.path)) == 0 {
			continue
		}
		if each || c.facts[p.path] != nil {
			c.classify(b, p)
		} else {
			quiet = append(quiet, p)
		}
	}
	c.hunt(b, quiet)
}

func (c *cell) hunt(b *baseline, list []*probe) {
	if len(list) == 0 {
		return
	}
	if len(list) == 1 {
		c.classify(b, list[0])
		return
	}
	// Different words may have different effects.
	quiet := true
	for turn := 0; quiet && turn < 3; turn++ {
		set := settings{}
		for _, p := range list {
			if set[p.path] = p.value(c.current(b.set, p)); p.kind == "choice" {
				set[p.path] = p.values[min(turn, len(p.values)-1)]
			}
		}
		out := c.s.render(b.w, b.set.with(set))
		manifests, notes := c.s.change(b.out, out)
		quiet = out.err == "" && !manifests && !notes
	}
	if quiet {
		return
	}
	c.hunt(b, list[:len(list)/2])
	c.hunt(b, list[len(list)/2:])
}

// classify changes one key to each of its values.
func (c *cell) classify(b *baseline, p *probe) {
	if p.kind == "bool" {
		c.learn(p, c.effect(b, p, p.value(c.current(b.set, p))), b, false)
		return
	}
	order := []int{p.choice}
	for i := range p.values {
		if i != p.choice {
			order = append(order, i)
		}
	}
	for _, i := range order {
		v := p.values[i]
		if shortJSON(v) == shortJSON(c.current(b.set, p)) {
			continue
		}
		verdict := c.effect(b, p, v)
		if verdict == "read" {
			p.choice = i
		}
		c.learn(p, verdict, b, false)
		if verdict == "read" || verdict == "" && p.marked {
			return
		}
	}
}

func (c *cell) effect(b *baseline, p *probe, value any) string {
	out := c.s.render(b.w, b.set.with(settings{p.path: value}))
	if out.err != "" {
		if _, said := b.set[p.path]; said && p.unset(value) && !p.unset(b.set[p.path]) && c.s.breaks(out) {
			return "read"
		}
		return "error"
	}
	manifests, notes := c.s.change(b.out, out)
	switch {
	case manifests:
		return "read"
	case notes:
		return "notes"
	}
	return ""
}

// reads reports whether changing the key changes a manifest with these settings.
func (c *cell) reads(w world, set settings, p *probe) bool {
	if c.look != nil {
		return c.look(w, set, p)
	}
	only := c.s.manifests(p)
	before := c.s.renderOnly(w, set, only)
	fails := before.err != ""
	list := []any{}
	if p.kind == "bool" {
		list = append(list, p.value(c.current(set, p)))
	} else {
		// If the key is set, unsetting it counts as a change.
		if empty(p.standard) && !empty(c.current(set, p)) {
			list = append(list, p.standard)
		}
		list = append(list, p.values[p.choice])
		if p.kind == "choice" {
			list = p.values
		}
	}
	for _, v := range list {
		if shortJSON(v) == shortJSON(c.current(set, p)) {
			continue
		}
		out := c.s.renderOnly(w, set.with(settings{p.path: v}), only)
		// A setting without which a manifest does not render has an effect.
		if fails || out.err != "" {
			if fails != (out.err != "") && fails != p.unset(v) && (fails || !p.unset(c.current(set, p))) {
				return true
			}
			continue
		}
		if manifests, _ := c.s.change(before, out); manifests {
			return true
		}
	}
	return false
}

// manifests are the files, except for the notes, that may read one of the keys.
func (s *source) manifests(list ...*probe) map[*file]bool {
	files := map[*file]bool{}
	for _, p := range list {
		for _, f := range s.lookers(p.path) {
			if !f.notes {
				files[f] = true
			}
		}
	}
	return files
}

// flip is one changed switch.
type flip struct {
	p     *probe
	value any
	set   settings // all settings after the change
}

// explain finds the requirements of the keys that this baseline was the first to reveal.
func (c *cell) explain(b *baseline, open func(p *probe) bool) {
	var plain, ruling, others []*probe
	for _, p := range c.probes {
		f := c.facts[p.path]
		if f == nil || f.verdict != "read" || f.in != b || p.node || !open(p) {
			continue
		}
		switch {
		case f.marked && !p.rules:
			plain = append(plain, p)
		case f.marked:
			ruling = append(ruling, p)
		default:
			others = append(others, p)
		}
	}
	if len(plain)+len(ruling)+len(others) == 0 {
		return
	}
	// A key that other keys hide in the common rendering is tested alone.
	alone := func(list []*probe) (kept []*probe) {
		seen, _ := c.s.marked(c.s.renderOnly(b.w, b.set.with(markers(list)), c.s.manifests(list...)))
		for _, p := range list {
			if seen[p.id] {
				kept = append(kept, p)
			} else {
				others = append(others, p)
			}
		}
		return kept
	}
	plain, ruling = alone(plain), alone(ruling)
	views := map[*probe]*view{}
	for _, p := range others {
		views[p] = c.view(b, p)
	}
	interest := append(append(append([]*probe{}, plain...), ruling...), others...)
	needs := map[*probe]map[string][]any{} // key -> switch -> values that make the key unused
	kill := func(p *probe, f flip) {
		if p == f.p {
			return
		}
		if needs[p] == nil {
			needs[p] = map[string][]any{}
		}
		needs[p][f.p.path] = append(needs[p][f.p.path], f.value)
	}
	concerned := c.s.manifests(interest...)
	bases := map[*baseline][]*probe{b: nil}
	for _, p := range others {
		bases[views[p].b] = append(bases[views[p].b], p)
	}
	for _, base := range c.sortedBaselines(bases) {
		for _, f := range c.flips(base, concerned) {
			now := c.s.renderOnly(base.w, f.set, concerned)
			if now.err != "" {
				continue
			}
			if base == b {
				for _, list := range [][]*probe{plain, ruling} {
					if len(list) == 0 {
						continue
					}
					set := f.set.with(markers(list))
					set[f.p.path] = f.value
					out := c.s.renderOnly(base.w, set, c.s.manifests(list...))
					if out.err != "" {
						continue
					}
					seen, _ := c.s.marked(out)
					for _, p := range list {
						if !seen[p.id] {
							kill(p, f)
						}
					}
				}
			}
			for _, p := range bases[base] {
				if p != f.p && !views[p].stands(c.s, now) && !c.reads(base.w, f.set, p) {
					kill(p, f)
				}
			}
		}
	}
	for _, p := range interest {
		base := b
		if v := views[p]; v != nil {
			base = v.b
		}
		c.settle(base, p, needs[p])
	}
}

// view is the place of the effect of one key: the lines that a change of the key removes,
// in a baseline in which it removes some.
type view struct {
	b     *baseline
	lines map[int][]string // by file
}

func (c *cell) view(b *baseline, p *probe) *view {
	first := &view{b: b, lines: map[int][]string{}}
	for _, base := range append([]*baseline{b}, c.baselines...) {
		v := &view{b: base, lines: map[int][]string{}}
		value := p.value(c.current(base.set, p))
		out := c.s.renderOnly(base.w, base.set.with(settings{p.path: value}), c.s.manifests(p))
		if out.err != "" {
			continue
		}
		for i, f := range c.s.files {
			if f.notes || out.files[i] == nil || out.files[i] == base.out.files[i] {
				continue
			}
			for line := range base.out.files[i].lines {
				if !out.files[i].lines[line] && !strings.Contains(line, "checksum/") {
					v.lines[i] = append(v.lines[i], line)
				}
			}
		}
		if len(v.lines) > 0 {
			return v
		}
	}
	return first
}

// stands reports whether all lines of the view still exist.
func (v *view) stands(s *source, out *outcome) bool {
	if len(v.lines) == 0 {
		return false
	}
	for i, lines := range v.lines {
		for _, line := range lines {
			if !out.files[i].lines[line] {
				return false
			}
		}
	}
	return true
}

func (c *cell) sortedBaselines(set map[*baseline][]*probe) []*baseline {
	var list []*baseline
	for _, b := range c.baselines {
		if _, there := set[b]; there {
			list = append(list, b)
		}
	}
	return list
}

// flips lists all other values of every switch of a baseline.
func (c *cell) flips(b *baseline, concerned map[*file]bool) []flip {
	var list []flip
	for _, p := range c.probes {
		_, said := b.set[p.path]
		if p.node || c.topo[p.path] != nil || p.kind != "bool" && p.kind != "choice" && !p.rules && !said {
			continue
		}
		near := false
		for _, f := range c.s.lookers(p.path) {
			near = near || concerned[f]
		}
		if !near {
			continue
		}
		var values []any
		switch {
		case p.kind == "bool":
			values = []any{p.value(c.current(b.set, p))}
		case p.kind == "choice":
			values = p.values
		case said:
			values = []any{p.standard}
		default:
			values = []any{p.values[p.choice]}
		}
		for _, v := range values {
			if shortJSON(v) == shortJSON(c.current(b.set, p)) {
				continue
			}
			list = append(list, flip{p, v, b.set.with(settings{p.path: v}).with(c.fixedPorts(p.path, v))})
		}
	}
	return list
}

// settle reduces the switches of a key to the minimal settings under which it is read.
func (c *cell) settle(b *baseline, p *probe, needs map[string][]any) {
	f := c.facts[p.path]
	base := c.topo.with(nil)
	for s := range needs {
		if v, said := b.set[s]; said {
			base[s] = v
		}
	}
	w := ordinary
	if !c.reads(w, base, p) {
		if c.reads(b.w, base, p) {
			w = b.w
		} else {
			w = b.w
			full := b.set
			if !c.reads(w, full, p) {
				// The key was read together with other marked keys. Those keys are set, too.
				full = full.with(markers(c.company(b)))
				delete(full, p.path)
				if !c.reads(w, full, p) {
					full = b.set.with(markers(c.ruling(b)))
					delete(full, p.path)
				}
			}
			base = c.shrink(w, full, p)
			if c.reads(ordinary, base, p) {
				w = ordinary
			}
		}
	}
	// Only switches that matter in the minimal settings are recorded.
	conditions := map[string]string{}
	var killers []settings
	for _, s := range sortedKeys(base) {
		if c.topo[s] != nil || s == p.path {
			continue
		}
		q := c.byPath[s]
		without := base.with(nil)
		delete(without, s)
		if shortJSON(base[s]) != shortJSON(q.standard) {
			if c.reads(w, without, p) {
				base = without
				continue
			}
			killers = append(killers, settings{s: q.standard})
			conditions[s] = c.tell(w, base, p, q, base[s])
		}
	}
	for _, s := range sortedKeys(needs) {
		if _, told := conditions[s]; told {
			continue
		}
		q := c.byPath[s]
		for _, v := range needs[s] {
			killer := settings{s: v}.with(c.fixedPorts(s, v))
			set := base.with(killer)
			if c.s.renderOnly(w, set, c.s.manifests(p)).err == "" && !c.reads(w, set, p) {
				conditions[s] = c.tell(w, base, p, q, c.current(base, q))
				killers = append(killers, killer)
				break
			}
		}
	}
	f.needs = w.needs(conditions)
	f.proof = &proof{Base: base, Kube: w.kube, Upgrade: w.upgrade, Marked: f.marked, Choice: p.choice, Killers: killers}
}

// fixedPorts accompanies a NodePort. Without fixed ports, a first installation with
// Sentinel renders almost nothing.
func (c *cell) fixedPorts(s string, v any) settings {
	if s != "sentinel.service.type" || v != "NodePort" {
		return nil
	}
	return c.there(settings{"sentinel.service.nodePorts.redis": "30001", "sentinel.service.nodePorts.sentinel": "30002"})
}

// tell formats a condition. For a switch with words, it lists all words with the same
// effect.
func (c *cell) tell(w world, base settings, p, q *probe, value any) string {
	if q.kind != "choice" {
		return condition(q.path, value, c.byPath)
	}
	words := []string{}
	for _, v := range q.values {
		if shortJSON(v) == shortJSON(value) || c.reads(w, base.with(settings{q.path: v}).with(c.fixedPorts(q.path, v)), p) {
			words = append(words, choiceWord(v))
		}
	}
	if len(words) == 0 {
		words = append(words, choiceWord(value))
	}
	sort.Strings(words)
	return q.path + "=" + strings.Join(words, ",")
}

func choiceWord(v any) string {
	if empty(v) {
		return `""`
	}
	return shortJSON(v)
}

// shrink removes settings, first in halves, as long as the key is still read.
func (c *cell) shrink(w world, set settings, p *probe) settings {
	base := c.topo.with(nil)
	var items []string
	for _, s := range sortedKeys(set) {
		if c.topo[s] == nil {
			items = append(items, s)
		}
	}
	with := func(items []string) settings {
		all := base.with(nil)
		for _, s := range items {
			all[s] = set[s]
		}
		return all
	}
	for size := (len(items) + 1) / 2; size >= 1 && len(items) > 0; {
		for from := 0; from < len(items); {
			to := min(from+size, len(items))
			rest := append(append([]string{}, items[:from]...), items[to:]...)
			if c.reads(w, with(rest), p) {
				items = rest
			} else {
				from = to
			}
		}
		if size == 1 {
			break
		}
		size = (size + 1) / 2
	}
	return with(items)
}

// needs formats the conditions of a key, and of the world in which it was read, in the
// syntax of reads.tsv.
func (w world) needs(conditions map[string]string) string {
	var list []string
	for _, s := range sortedKeys(conditions) {
		list = append(list, conditions[s])
	}
	if w.kube != ordinary.kube {
		list = append(list, "@kube=1.20")
	}
	if w.upgrade {
		list = append(list, "@upgrade=true")
	}
	sort.Strings(list)
	return strings.Join(list, " & ")
}
