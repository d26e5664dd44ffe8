//! Compares two trees of values key by key.

use std::collections::HashSet;

use foldhash::fast::RandomState;

use super::{Change, ChangeStatus, ChangedBy, Mode, SideValue, directives, normalize::Normalized, printed};
use crate::{
    chart::{self, condition},
    effective::{KeyStatus, NoEffect},
    yaml::{Map, Path, Segment, Value},
};

/// Collects all changes between two sides that use the same keys.
pub(super) fn compare(old: &Normalized, new: &Normalized, mode: Mode, changes: &mut Vec<Change>) {
    let grouped = new.precedence_groups().iter().flat_map(|group| group.order()).collect();
    let mut comparison = Comparison { old, new, mode, grouped, changes };
    comparison.maps(&mut Path::root(), Some(&old.values), Some(&new.values));
}

/// The path of a change as text, and its paths in the keys of both charts.
#[derive(Clone, Copy)]
struct Texts<'t> {
    path: &'t str,
    old: &'t str,
    new: &'t str,
}

struct Comparison<'a> {
    old: &'a Normalized<'a>,
    new: &'a Normalized<'a>,
    mode: Mode,
    /// The keys of the newer side that belong to a group of keys for one setting.
    grouped: HashSet<&'a str, RandomState>,
    changes: &'a mut Vec<Change>,
}

impl Comparison<'_> {
    fn maps(&mut self, path: &mut Path, old: Option<&Map>, new: Option<&Map>) {
        let of_old = old.into_iter().flat_map(Map::iter).map(|(key, value)| (key, Some(value)));
        let others =
            new.into_iter().flat_map(Map::iter).filter(|(key, _)| old.is_none_or(|old| !old.contains_key(key)));
        for (key, value) in of_old.chain(others.map(|(key, _)| (key, None))) {
            path.push(Segment::Key(key.to_owned()));
            self.values(path, value, new.and_then(|new| new.get(key)));
            path.pop();
        }
    }

    fn values(&mut self, path: &mut Path, old: Option<&Value>, new: Option<&Value>) {
        match (old, new) {
            // A key that only one chart has is a change even if both values are equal.
            (Some(_), _) if self.old.is_unmapped(path) => self.change(path, old, new),
            (Some(Value::Map(old)), Some(Value::Map(new))) if !old.is_empty() && !new.is_empty() => {
                self.maps(path, Some(old), Some(new));
            }
            (Some(Value::Map(old)), None) if !old.is_empty() && self.is_block(path) => {
                self.maps(path, Some(old), None);
            }
            (None, Some(Value::Map(new))) if !new.is_empty() && self.is_block(path) => {
                self.maps(path, None, Some(new));
            }
            (old, new)
                if old == new && self.old.lacks_default_comments(path) == self.new.lacks_default_comments(path) => {}
            (old, new) => self.change(path, old, new),
        }
    }

    /// Whether a map is a block of keys of the chart. Its keys are compared one by one even if the other side has none.
    fn is_block(&self, path: &Path) -> bool {
        let has_keys = |side: &Normalized| side.chart().has_below(&path.to_string());
        !self.mode.raw && (has_keys(self.new) || self.old.is_unmapped_below(path))
    }

    fn change(&mut self, path: &Path, old: Option<&Value>, new: Option<&Value>) {
        let (old, new) = (self.old.side_value(path, old), self.new.side_value(path, new));
        let changed_by = if old.written || new.written { ChangedBy::Values } else { ChangedBy::Chart };
        let text = path.to_string();
        let own_text = |side: &SideValue| if side.path == *path { text.clone() } else { side.path.to_string() };
        let texts = Texts { old: &own_text(&old), new: &own_text(&new), path: &text };
        let status = self.status(path, texts, &old, &new, changed_by);
        self.changes.push(Change { path: path.clone(), old, new, changed_by, status });
    }

    /// Whether a key is one of several that set the same thing, and both sides come to the same value.
    fn sets_same_value(&self, text: &str) -> bool {
        if !self.grouped.contains(text) {
            return false;
        }
        let mut is_used = false;
        for group in self.new.precedence_groups().iter().filter(|group| group.order().any(|key| key == text)) {
            let keys: Vec<Path> = group.order().filter_map(|key| key.parse().ok()).collect();
            let (Ok(of_new), of_old) =
                (group.path.parse::<Path>(), keys.iter().map(|key| self.old.own_path(key).to_string()))
            else {
                return false;
            };
            let of_new = self.old.own_path(&of_new).to_string();
            let Some(other) = self.old.precedence_groups().iter().find(|other| other.path == of_new) else {
                return false;
            };
            if !other.order().eq(of_old) {
                return false;
            }
            if self.old.is_unused(*other) && self.new.is_unused(*group) {
                continue;
            }
            let decisive_value = |side: &Normalized| {
                keys.iter().find_map(|key| side.values.get_at(key).filter(|value| !is_empty(value))).cloned()
            };
            if decisive_value(self.old) != decisive_value(self.new) {
                return false;
            }
            is_used = true;
        }
        is_used
    }

    fn status(
        &self,
        path: &Path,
        texts: Texts,
        old: &SideValue,
        new: &SideValue,
        changed_by: ChangedBy,
    ) -> ChangeStatus {
        // A new default that is a map of empty values changes nothing, because the map only names keys that a user may
        // set.
        let is_unset = if changed_by == ChangedBy::Chart { is_deeply_empty } else { is_empty };
        let is_unset_on = |side: &SideValue| side.value.as_ref().is_none_or(is_unset);
        let has_known_effect = |value: &Value| {
            let (from, topology) = (self.old.chart().version(), self.new.topology());
            chart::new_default(path, value, topology, from).is_some()
        };
        // A new switch that is off changes nothing, unless Kubernetes turns the switch on by default.
        let is_off = |value: &Value| *value == Value::Bool(false) && !has_known_effect(value);
        let is_off_on = |side: &SideValue| changed_by == ChangedBy::Chart && side.value.as_ref().is_some_and(is_off);
        let is_missing = |side: &SideValue| side.value.is_none();
        let is_printed = |side: &Normalized, path: &str| printed::is_printed(side.chart(), path);
        let is_printed =
            || changed_by == ChangedBy::Values && (is_printed(self.old, texts.old) || is_printed(self.new, texts.new));
        let is_unset_on_both = is_unset_on(old) && is_unset_on(new) && !is_printed()
            || is_missing(old) && is_off_on(new)
            || is_off_on(old) && is_missing(new);
        if is_unset_on_both {
            return ChangeStatus::NoEffect(NoEffect::Empty);
        }
        let is_fallback = |side: &SideValue| {
            side.value.as_ref().is_some_and(|value| {
                self.old.falls_back_to(texts.old, value) && self.new.falls_back_to(texts.new, value)
            })
        };
        let has_no_value =
            |side: &SideValue| is_missing(side) || is_fallback(side) || is_unset_on(side) && !is_printed();
        if !self.mode.raw && (is_fallback(old) || is_fallback(new)) && has_no_value(old) && has_no_value(new) {
            return ChangeStatus::NoEffect(NoEffect::SameAsFallback);
        }
        if self.sets_same_value(texts.path) {
            return ChangeStatus::NoEffect(NoEffect::SetElsewhere);
        }
        // A key that was migrated to another path is unknown to the newer chart at its old path.
        let is_migrated =
            self.old.chart().takes(texts.path) && !self.old.is_unmapped(path) && !self.new.chart().takes(texts.path);
        let unknown = KeyStatus::NoEffect(NoEffect::UnknownKey);
        let of_old = if is_migrated { unknown } else { self.old.status(&old.path, texts.old) };
        let of_new = self.new.status(&new.path, texts.new);
        let (KeyStatus::NoEffect(of_old), KeyStatus::NoEffect(of_new)) = (of_old, of_new) else {
            let effects = [self.old.effects(texts.old), self.new.effects(texts.new)];
            let from_directives = directives::effects(self.new.chart(), old, new);
            return ChangeStatus::Active(effects.into_iter().fold(from_directives, |all, effects| all | effects));
        };
        // The reason of the side that is nearer to an effect is reported, and the newer side's reason if both are
        // equally near.
        ChangeStatus::NoEffect(if nearness(&of_old) > nearness(&of_new) { of_old } else { of_new })
    }
}

/// How near a key without an effect is to having an effect.
fn nearness(why: &NoEffect) -> u8 {
    match why {
        NoEffect::NotReadInTopology(_) | NoEffect::Disabled(_) => 1,
        NoEffect::ValidationOnly => 2,
        NoEffect::NotesOnly => 3,
        _ => 0,
    }
}

/// Whether a value is a form of "not set". A switch that is off and a zero are values.
fn is_empty(value: &Value) -> bool {
    !matches!(value, Value::Bool(_) | Value::Int(_) | Value::Float(_)) && !condition::is_truthy(Some(value))
}

/// Whether a value is empty, or a map of such values.
fn is_deeply_empty(value: &Value) -> bool {
    match value {
        Value::Map(map) => map.iter().all(|(_, value)| is_deeply_empty(value)),
        value => is_empty(value),
    }
}
