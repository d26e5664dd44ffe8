//! A side laid over the defaults of its chart; the older of two in the keys of the newer chart.

use std::collections::{HashMap, HashSet};

use super::{Ground, Said, Side, Taken};
use crate::{
    chart::{self, Change, ChangeKind, Chart, Effects, Transform},
    effective::{Effective, Work, defaults},
    yaml::{Map, Path, Segment, Value, merge},
};

/// A side as its chart takes it, in the keys in which it is compared.
pub(super) struct Laid<'a> {
    side: &'a Side,
    effective: Effective<'a>,
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
}

impl<'a> Laid<'a> {
    /// Lays a side over its defaults and, where the other one is for a newer chart, carries it there.
    pub fn new(side: &'a Side, newer: Option<&Chart>, ground: Ground) -> Self {
        let mut said = side.around.clone();
        merge::overlay(&mut said, side.written.clone());
        let effective = Effective::new(side.written.clone(), side.around.clone(), &side.chart);
        let mut values = said.clone();
        let bare_texts = one_text(&mut values, &side.chart);
        if !ground.raw {
            values = merge::coalesce_for(ground.helm, values, &defaults(&side.chart));
            drop_empty_blocks(&mut values, &mut Path::root(), &side.chart);
        }
        let (from, lost) = (HashMap::new(), HashSet::new());
        let mut laid = Self { side, effective, said, values, from, lost, bare_texts };
        if let Some(newer) = newer.filter(|newer| newer.version() != side.chart.version()) {
            laid.carry(newer);
        }
        laid
    }

    pub fn chart(&self) -> &'a Chart {
        &self.side.chart
    }

    /// What it says at a path of the comparison.
    pub fn said(&self, path: &Path, value: Option<&Value>) -> Said {
        let path = self.own(path);
        let written = self.writes(&path);
        Said { path, value: value.cloned(), written }
    }

    /// What a setting at a path of its own chart does.
    pub fn work(&self, path: &Path) -> Work {
        if self.side.read_by_parent.iter().any(|read| path.starts_with(read) || read.starts_with(path)) {
            return Work::Works;
        }
        self.effective.work(path, &path.to_string())
    }

    /// What a change at a path of its own chart does.
    pub fn effects(&self, path: &Path) -> Effects {
        self.chart().effects(&path.to_string(), self.effective.topology)
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

    pub fn taken(self) -> Taken {
        Taken { chart: self.side.chart.clone(), topology: self.effective.topology, values: self.values }
    }

    /// The path as its own chart calls it.
    fn own(&self, path: &Path) -> Path {
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
        let history = chart::changes(self.chart().version(), newer.version());
        let values = std::mem::take(&mut self.values);
        let mut way = Way { newer, history: &history, written: HashMap::new() };
        self.carry_below(values, &mut Path::root(), &mut way);
    }

    fn carry_below(&mut self, map: Map, path: &mut Path, way: &mut Way) {
        for (key, value) in map {
            path.push(Segment::Key(key));
            let text = path.to_string();
            match value {
                Value::Map(map) if !map.is_empty() && chart::is_key_parent(&text) => self.carry_below(map, path, way),
                value => self.carry_leaf(value, path, &text, way),
            }
            path.pop();
        }
    }

    fn carry_leaf(&mut self, value: Value, path: &Path, text: &str, way: &mut Way) {
        let (newer, written) = (way.newer, self.writes(path));
        if !self.chart().takes(text) {
            // What the older chart does not read says nothing yet of what the newer one would make of it.
            if !newer.takes(text) {
                drop(self.values.insert_at(path, value));
            }
            return;
        }
        let Some((to, transform)) = way.to(text) else {
            self.lost.insert(path.clone());
            drop(self.values.insert_at(path, value));
            return;
        };
        let Some(value) = transform.carried(value, self.effective.topology) else {
            self.lost.insert(path.clone());
            return;
        };
        for to in to {
            let Ok(to) = to.parse::<Path>() else { continue };
            // Of several keys that became one, what is written goes before a default.
            if way.written.get(&to).is_some_and(|before| *before || !written) {
                continue;
            }
            if self.values.insert_at(&to, value.clone()).is_err() {
                continue;
            }
            way.written.insert(to.clone(), written);
            if to == *path {
                self.from.remove(&to);
            } else {
                self.from.insert(to, path.clone());
            }
        }
    }
}

/// From one chart to a newer one.
struct Way<'a> {
    newer: &'a Chart,
    history: &'a [Change],
    /// The paths that something leads to already, and whether that was written.
    written: HashMap<Path, bool>,
}

impl Way<'_> {
    /// Where a key leads, and what becomes of its value.
    fn to(&self, path: &str) -> Option<(Vec<String>, Transform)> {
        let of_itself =
            |kind| self.history.iter().find(|change| change.kind == kind && change.old == path && change.new != [path]);
        if let Some(meant) = of_itself(ChangeKind::Semantic).filter(|change| change.transform == Transform::Same) {
            return Some((meant.new.iter().map(|new| (*new).to_owned()).collect(), Transform::Same));
        }
        if self.newer.takes(path) {
            let shape = self.history.iter().find(|change| change.kind == ChangeKind::Type && change.old == path);
            return Some((vec![path.to_owned()], shape.map_or(Transform::Same, |change| change.transform)));
        }
        let (change, to) = self.newer.carried(path, self.history)?;
        Some((to, change.transform))
    }
}

/// A block of keys without any says what none says: that there are no keys.
fn drop_empty_blocks(values: &mut Map, path: &mut Path, chart: &Chart) {
    values.retain(|key, value| {
        let Value::Map(map) = value else { return true };
        path.push(Segment::Key(key.to_owned()));
        let is_block = map.is_empty() || chart::is_key_parent(&path.to_string());
        if is_block {
            drop_empty_blocks(map, path, chart);
        }
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
