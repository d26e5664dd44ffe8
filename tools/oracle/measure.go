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
	told      answers  // what the data says of the version before; nil: nothing is taken from it
	fresh     []string // switches that the previous version did not have

	only map[string]bool                            // the baselines to prepare; nil: all
	look func(w world, set settings, p *probe) bool // what counts as read; nil: a change of a manifest
}

// fact is what is known of one key.
type fact struct {
	verdict string // read, notes, error, dead
	in      *baseline
	marked  bool // seen by its marker, together with others
	needs   string
	proof   *proof
}

// proof is the smallest setting in which a key is read, and what ends that.
type proof struct {
	Base    settings
	Kube    string
	Upgrade bool
	Marked  bool
	Choice  int
	Killers []settings // each one, laid over Base, hides the key
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

// measure finds for every key whether it is read, and what it needs for that.
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

// scratch measures what the previous version does not answer for.
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

// mark sets many keys to their markers at once and looks which come out.
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
	// A key may need others to be set: those known to be read come along.
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

// company are the keys that are read and do not replace what others say.
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

// ruling are the keys that are read and replace what others say.
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

// marked gives the markers that stand in the manifests and in the notes.
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

// fit chooses values for the keys such that all render together; a key without one is left out.
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

// breaks says that a manifest fails, and not just the checks in the notes.
func (s *source) breaks(out *outcome) bool {
	for i, f := range s.files {
		if !f.notes && out.files[i] != nil && out.files[i].err != "" {
			return true
		}
	}
	return false
}

// single changes keys that no marker has shown, in groups while nothing happens.
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
	// A word may do what another does not.
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

// classify changes one key in all its ways.
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

// reads says whether changing the key changes a manifest with these settings.
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
		// Unset counts as a change where something is set.
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
		// What must be set for a manifest to be rendered has an effect.
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

// manifests are the files, without the notes, that may look at one of the keys.
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

// flip is one switch put another way.
type flip struct {
	p     *probe
	value any
	set   settings // the whole of what is set then
}

// explain finds what the keys need that this baseline was the first to show.
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
	// A key that others hide in the common rendering is looked at alone.
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
	needs := map[*probe]map[string][]any{} // key -> switch -> values that kill it
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

// view is where the effect of one key is looked at: the lines that a change
// of the key takes away, in a baseline where it takes some away.
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

// stands says that all lines of the view are still there.
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

// flips lists every switch of a baseline put in every other way.
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

// settle turns what kills a key into the smallest settings under which it is read.
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
				// It was read in company: others that take any value were set as well.
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
	// Only what counts in the smallest settings is told.
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

// fixedPorts goes with a NodePort: without, a first installation with
// Sentinel renders next to nothing.
func (c *cell) fixedPorts(s string, v any) settings {
	if s != "sentinel.service.type" || v != "NodePort" {
		return nil
	}
	return c.there(settings{"sentinel.service.nodePorts.redis": "30001", "sentinel.service.nodePorts.sentinel": "30002"})
}

// tell writes a condition; of a word, with every other word that does as well.
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

// shrink drops settings, halves first, while the key is still read.
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

// needs puts the conditions of a key and those of the world it was read in
// into the words of reads.tsv.
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
