//! One side of a comparison, merged with its defaults and migrated to the keys of the newer chart.

use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

use foldhash::fast::RandomState;

use super::{EffectiveInput, Installed, Mode, SideValue};
use crate::{
    chart::{self, Chart, Effects, KeyMapping, KeyMappings, PrecedenceGroup, Topology},
    effective::{EffectiveValues, KeyStatus, defaults},
    yaml::{Map, Path, Segment, Value, merge},
};

/// A side with its effective values, in the keys that the comparison uses.
pub(super) struct Normalized<'a> {
    release: &'a EffectiveValues,
    /// All values that the layers of the release set.
    written: Map,
    /// The values that are compared.
    pub values: Map,
    /// The original path of each key that the newer chart names differently.
    old_paths: HashMap<Path, Path, RandomState>,
    /// The paths that the older chart reads and the newer chart has no key for.
    unmapped: HashSet<Path, RandomState>,
    /// The texts that repeat the directives of the chart's default without its comments.
    texts_without_comments: Vec<Path>,
    /// The groups of keys that set the same thing.
    precedence_groups: &'static [PrecedenceGroup],
}

impl<'a> Normalized<'a> {
    /// Merges a side with its defaults, and migrates the result to `newer` if that is another chart version.
    pub fn new(release: &'a EffectiveValues, newer: Option<(&Chart, &KeyMappings)>, mode: Mode) -> Self {
        let written = release.other_layers.with(&release.written);
        let mut values = written.clone();
        let texts_without_comments = normalize_default_texts(&mut values, &release.chart);
        if !mode.raw {
            values = merge::effective_values_for(mode.helm, values, &defaults(&release.chart));
            // Few values have an empty block, and the others need no copy.
            if has_empty_block(&values, &mut Path::root(), &release.chart) {
                drop_empty_blocks(&mut values, &mut Path::root(), &release.chart);
            }
        }
        let (old_paths, unmapped) = (HashMap::default(), HashSet::default());
        let precedence_groups = if mode.raw { &[][..] } else { release.chart.slots(release.topology) };
        let mut side =
            Self { release, written, values, old_paths, unmapped, texts_without_comments, precedence_groups };
        if let Some((newer, mappings)) = newer.filter(|(newer, _)| newer.version() != release.chart.version()) {
            side.migrate(newer, mappings);
        }
        side
    }

    pub fn chart(&self) -> &'a Chart {
        &self.release.chart
    }

    pub fn topology(&self) -> Topology {
        self.release.topology
    }

    /// The value of this side at a path of the comparison.
    pub fn side_value(&self, path: &Path, value: Option<&Value>) -> SideValue {
        let path = self.own_path(path);
        let written = self.writes(&path);
        SideValue { path, value: value.cloned(), written }
    }

    /// The status of a key, by its path in the side's own chart and the text of the path.
    pub fn status(&self, path: &Path, text: &str) -> KeyStatus {
        if self.release.read_by_parent.iter().any(|read| path.starts_with(read) || read.starts_with(path)) {
            return KeyStatus::Active;
        }
        self.release.status(path, text)
    }

    /// The effects of a change at a path of the side's own chart.
    pub fn effects(&self, path: &str) -> Effects {
        self.chart().effects(path, self.release.topology)
    }

    /// Whether the side's own chart renders the same with this value as without a value.
    pub fn falls_back_to(&self, path: &str, value: &Value) -> bool {
        self.chart().falls_back_to(path, self.release.topology, value)
    }

    /// The groups of keys that set the same thing, in the keys of the side's own chart.
    pub fn precedence_groups(&self) -> &[PrecedenceGroup] {
        self.precedence_groups
    }

    /// Whether the chart ignores what the keys of a group set, whichever key has precedence.
    pub fn is_unused(&self, group: PrecedenceGroup) -> bool {
        self.release.is_off_without(group.path, &group.order().collect::<Vec<_>>())
    }

    pub fn is_unmapped(&self, path: &Path) -> bool {
        self.unmapped.contains(path)
    }

    pub fn is_unmapped_below(&self, path: &Path) -> bool {
        self.unmapped.iter().any(|unmapped| unmapped.starts_with(path))
    }

    /// Whether the text at a path lacks the comments of the chart's default, which also reach the manifests.
    pub fn lacks_default_comments(&self, path: &Path) -> bool {
        !self.texts_without_comments.is_empty() && self.texts_without_comments.contains(&self.own_path(path))
    }

    pub fn into_input(self, mode: Mode, touches_objects: bool) -> EffectiveInput {
        EffectiveInput {
            chart: self.release.chart.clone(),
            topology: self.release.topology,
            topology_is_known: true,
            refusals: if mode.raw { Vec::new() } else { self.release.refusals() },
            installed: (touches_objects && !mode.raw).then(|| Installed::of(self.release)),
            values: self.values,
        }
    }

    /// The path in the keys of the side's own chart.
    pub fn own_path(&self, path: &Path) -> Path {
        let lengths = if self.old_paths.is_empty() { 0 } else { path.len() };
        let moved = (1..=lengths).rev().find_map(|length| {
            let (above, below) = path.segments().split_at(length);
            Some((self.old_paths.get(above)?, below))
        });
        moved.map_or_else(|| path.clone(), |(old_path, below)| old_path.join_segments(below))
    }

    /// Whether the values set a path of the side's own chart, or a value above the path that is no map.
    fn writes(&self, path: &Path) -> bool {
        let mut map = &self.written;
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

    fn migrate(&mut self, newer: &Chart, mappings: &KeyMappings) {
        let values = std::mem::take(&mut self.values);
        let mapping = mappings.between(self.chart(), newer, self.release.topology);
        let mut migration = Migration { mapping: &mapping, written: HashMap::default() };
        self.migrate_below(values, &mut Path::root(), &mut String::new(), &mut migration);
    }

    /// `text` is the text of `path`.
    fn migrate_below(&mut self, map: Map, path: &mut Path, text: &mut String, to: &mut Migration) {
        let above = text.len();
        for (key, value) in map {
            path.push(Segment::Key(key));
            path.write_last(text);
            match value {
                Value::Map(map) if !map.is_empty() && chart::is_key_parent(text) => {
                    self.migrate_below(map, path, text, to);
                }
                value => self.migrate_leaf(value, path, text, to),
            }
            text.truncate(above);
            path.pop();
        }
    }

    fn migrate_leaf(&mut self, value: Value, path: &Path, text: &str, migration: &mut Migration) {
        let mapped = migration.mapping.of_value(text);
        if !mapped.is_taken {
            // A key that the older chart ignores has no known meaning in the newer chart.
            if !mapped.is_taken_there {
                drop(self.values.insert_at(path, value));
            }
            return;
        }
        if mapped.to.is_empty() {
            self.unmapped.insert(path.clone());
            drop(self.values.insert_at(path, value));
            return;
        }
        let written = self.writes(path);
        let Some(value) = migration.mapping.converted(&mapped, value.clone()) else {
            self.unmapped.insert(path.clone());
            if written {
                drop(self.values.insert_at(path, value));
            }
            return;
        };
        for (to, text_of_to) in &mapped.to {
            // If several keys became one key, a written value has precedence over a default.
            if migration.written.get(text_of_to).is_some_and(|before| *before || !written) {
                continue;
            }
            if self.values.insert_at(to, value.clone()).is_err() {
                continue;
            }
            migration.written.insert(text_of_to.clone(), written);
            if **text_of_to == *text {
                self.old_paths.remove(to);
            } else {
                self.old_paths.insert(to.clone(), path.clone());
            }
        }
    }
}

/// The state of a migration to a newer chart.
struct Migration<'a> {
    mapping: &'a KeyMapping,
    /// The texts of the migrated paths, and whether their value was written.
    written: HashMap<Rc<str>, bool, RandomState>,
}

/// Whether a block of keys is empty.
fn has_empty_block(values: &Map, path: &mut Path, chart: &Chart) -> bool {
    values.iter().any(|(key, value)| {
        let Value::Map(map) = value else { return false };
        path.push(Segment::Key(key.to_owned()));
        let has_empty_block = match map.is_empty() {
            true => chart.has_below(&path.to_string()),
            false => has_empty_block(map, path, chart),
        };
        path.pop();
        has_empty_block
    })
}

/// Removes blocks of keys that are empty, because an empty block equals a missing block.
fn drop_empty_blocks(values: &mut Map, path: &mut Path, chart: &Chart) {
    values.retain(|key, value| {
        let Value::Map(map) = value else { return true };
        path.push(Segment::Key(key.to_owned()));
        drop_empty_blocks(map, path, chart);
        let has_keys = !map.is_empty() || !chart.has_below(&path.to_string());
        path.pop();
        has_keys
    });
}

/// Replaces each text that equals the chart's default by the known directives of the default.
///
/// Returns the paths of texts that were written with these directives alone.
fn normalize_default_texts(values: &mut Map, chart: &Chart) -> Vec<Path> {
    let mut texts = Vec::new();
    normalize_texts_below(values, &mut Path::root(), chart, &mut texts);
    texts
}

fn normalize_texts_below(values: &mut Map, path: &mut Path, chart: &Chart, texts: &mut Vec<Path>) {
    for (key, value) in values.iter_mut() {
        path.push(Segment::Key(key.to_owned()));
        match value {
            Value::Map(map) => normalize_texts_below(map, path, chart, texts),
            Value::String(text) => {
                let key = chart.key(&path.to_string()).filter(|key| key.text);
                let is_default = key.as_ref().is_some_and(|key| key.is_default_text(text));
                let default = key.and_then(|key| key.default);
                if default == Some(&*value) && !is_default {
                    texts.push(path.clone());
                } else if let (true, Some(default)) = (is_default, default) {
                    *value = default.clone();
                }
            }
            _ => {}
        }
        path.pop();
    }
}
