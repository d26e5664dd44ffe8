//! A side laid over the defaults of its chart; the older of two in the keys of the newer chart.

use std::collections::{HashMap, HashSet};

use super::{EffectiveInput, Installed, Mode, SideValue};
use crate::{
    chart::{self, Chart, Effects, KeyMapping, PrecedenceGroup, Topology},
    effective::{EffectiveValues, KeyStatus, defaults},
    yaml::{Map, Path, Segment, Value, merge},
};

/// A side as its chart takes it, in the keys in which it is compared.
pub(super) struct Normalized<'a> {
    release: &'a EffectiveValues,
    /// All that is written for the release.
    said: Map,
    /// What is compared.
    pub values: Map,
    /// Where a path comes from that its own chart calls otherwise.
    from: HashMap<Path, Path>,
    /// What its own chart reads and the newer one has no key for.
    lost: HashSet<Path>,
    /// Where a text has the directives of the chart's own and not its comments.
    bare_texts: Vec<Path>,
    /// The keys that decide on the same thing.
    slots: Vec<PrecedenceGroup>,
}

impl<'a> Normalized<'a> {
    /// Lays a side over its defaults and, where the other one is for a newer chart, carries it there.
    pub fn new(release: &'a EffectiveValues, newer: Option<&Chart>, ground: Mode) -> Self {
        let said = release.around.with(&release.written);
        let mut values = said.clone();
        let bare_texts = one_text(&mut values, &release.chart);
        if !ground.raw {
            values = merge::effective_values_for(ground.helm, values, &defaults(&release.chart));
            drop_empty_blocks(&mut values, &mut Path::root(), &release.chart);
        }
        let (from, lost) = (HashMap::new(), HashSet::new());
        let slots = if ground.raw { Vec::new() } else { release.chart.slots(release.topology) };
        let mut laid = Self { release, said, values, from, lost, bare_texts, slots };
        if let Some(newer) = newer.filter(|newer| newer.version() != release.chart.version()) {
            laid.carry(newer);
        }
        laid
    }

    pub fn chart(&self) -> &'a Chart {
        &self.release.chart
    }

    pub fn topology(&self) -> Topology {
        self.release.topology
    }

    /// What it says at a path of the comparison.
    pub fn said(&self, path: &Path, value: Option<&Value>) -> SideValue {
        let path = self.own(path);
        let written = self.writes(&path);
        SideValue { path, value: value.cloned(), written }
    }

    /// What a key at a path of its own chart does.
    pub fn status(&self, path: &Path) -> KeyStatus {
        if self.release.read_by_parent.iter().any(|read| path.starts_with(read) || read.starts_with(path)) {
            return KeyStatus::Active;
        }
        self.release.status(path, &path.to_string())
    }

    /// What a change at a path of its own chart does.
    pub fn effects(&self, path: &Path) -> Effects {
        self.chart().effects(&path.to_string(), self.release.topology)
    }

    /// Whether its chart renders the same with a value at a path of its own as with none.
    pub fn falls_back_to(&self, path: &Path, value: &Value) -> bool {
        self.chart().falls_back_to(&path.to_string(), self.release.topology, value)
    }

    /// The keys that decide on the same thing, in the keys of its own chart.
    pub fn slots(&self) -> &[PrecedenceGroup] {
        &self.slots
    }

    /// Whether nothing reads the thing that keys decide on, whichever of the keys decides.
    pub fn is_idle(&self, slot: PrecedenceGroup) -> bool {
        self.release.is_off_besides(slot.path, &slot.order().collect::<Vec<_>>())
    }

    pub fn is_lost(&self, path: &Path) -> bool {
        self.lost.contains(path)
    }

    pub fn is_lost_below(&self, path: &Path) -> bool {
        self.lost.iter().any(|lost| lost.starts_with(path))
    }

    /// Whether what stands there as the chart's own text lacks the comments of it, which reach the manifests too.
    pub fn is_bare_text(&self, path: &Path) -> bool {
        !self.bare_texts.is_empty() && self.bare_texts.contains(&self.own(path))
    }

    pub fn taken(self, ground: Mode, of_objects: bool) -> EffectiveInput {
        EffectiveInput {
            chart: self.release.chart.clone(),
            topology: self.release.topology,
            topology_is_known: true,
            refusals: if ground.raw { Vec::new() } else { self.release.refusals() },
            installed: (of_objects && !ground.raw).then(|| Installed::of(self.release)),
            values: self.values,
        }
    }

    /// The path as its own chart calls it.
    pub fn own(&self, path: &Path) -> Path {
        let mut above = path.clone();
        while !above.is_root() {
            if let Some(from) = self.from.get(&above) {
                return path.strip_prefix(&above).map_or_else(|| from.clone(), |below| from.join(&below));
            }
            above.pop();
        }
        path.clone()
    }

    /// Whether values say something at a path of its own chart: there, or with something above it that is no map.
    fn writes(&self, path: &Path) -> bool {
        let mut map = &self.said;
        for segment in path.segments() {
            let Segment::Key(key) = segment else { return true };
            match map.get(key) {
                Some(Value::Map(below)) => map = below,
                Some(_) => return true,
                None => return false,
            }
        }
        true
    }

    fn carry(&mut self, newer: &Chart) {
        let values = std::mem::take(&mut self.values);
        let way = KeyMapping::between(self.chart(), newer, self.release.topology);
        self.carry_below(values, &mut Path::root(), &mut MigratedInput { newer, way, written: HashMap::new() });
    }

    fn carry_below(&mut self, map: Map, path: &mut Path, to: &mut MigratedInput) {
        for (key, value) in map {
            path.push(Segment::Key(key));
            let text = path.to_string();
            match value {
                Value::Map(map) if !map.is_empty() && chart::is_key_parent(&text) => self.carry_below(map, path, to),
                value => self.carry_leaf(value, path, &text, to),
            }
            path.pop();
        }
    }

    fn carry_leaf(&mut self, value: Value, path: &Path, text: &str, carried: &mut MigratedInput) {
        let (newer, written) = (carried.newer, self.writes(path));
        if !self.chart().takes(text) {
            // What the older chart does not read says nothing yet of what the newer one would make of it.
            if !newer.takes(text) {
                drop(self.values.insert_at(path, value));
            }
            return;
        }
        let route = carried.way.of(text);
        if route.to.is_empty() {
            self.lost.insert(path.clone());
            drop(self.values.insert_at(path, value));
            return;
        }
        let Some(value) = carried.way.value(&route, value.clone()) else {
            self.lost.insert(path.clone());
            if written {
                drop(self.values.insert_at(path, value));
            }
            return;
        };
        for to in route.to {
            let Ok(to) = to.parse::<Path>() else { continue };
            // Of several keys that became one, what is written goes before a default.
            if carried.written.get(&to).is_some_and(|before| *before || !written) {
                continue;
            }
            if self.values.insert_at(&to, value.clone()).is_err() {
                continue;
            }
            carried.written.insert(to.clone(), written);
            if to == *path {
                self.from.remove(&to);
            } else {
                self.from.insert(to, path.clone());
            }
        }
    }
}

/// What was carried to a newer chart so far.
struct MigratedInput<'a> {
    newer: &'a Chart,
    way: KeyMapping,
    /// The paths that something leads to already, and whether that was written.
    written: HashMap<Path, bool>,
}

/// A block of keys without any says what none says: that there are no keys.
fn drop_empty_blocks(values: &mut Map, path: &mut Path, chart: &Chart) {
    values.retain(|key, value| {
        let Value::Map(map) = value else { return true };
        path.push(Segment::Key(key.to_owned()));
        drop_empty_blocks(map, path, chart);
        let keep = !map.is_empty() || !chart.has_below(&path.to_string());
        path.pop();
        keep
    });
}

/// A text that is the chart's own to the byte becomes what is known of it: the directives. Where that is what is
/// written, it is told.
fn one_text(values: &mut Map, chart: &Chart) -> Vec<Path> {
    let mut bare = Vec::new();
    for key in chart.keys().filter(|key| key.text) {
        let (Ok(path), Some(default)) = (key.path.parse::<Path>(), &key.default) else { continue };
        let Some(value) = values.get_at_mut(&path) else { continue };
        if value.as_str().is_some_and(|text| key.is_default_text(text)) {
            *value = default.clone();
        } else if value == default {
            bare.push(path);
        }
    }
    bare
}
