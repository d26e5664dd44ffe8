//! Two trees of values, compared key by key.

use super::{Change, ChangedBy, Life, Mode, SideValue, carry::Normalized, directives, printed};
use crate::{
    chart::{self, condition},
    effective::{KeyStatus, NoEffect},
    yaml::{Map, Path, Segment, Value},
};

/// All that differs between two sides that are in the same keys.
pub(super) fn compare(old: &Normalized, new: &Normalized, ground: Mode, found: &mut Vec<Change>) {
    let mut comparison = Comparison { old, new, ground, found };
    comparison.maps(&mut Path::root(), Some(&old.values), Some(&new.values));
}

struct Comparison<'a> {
    old: &'a Normalized<'a>,
    new: &'a Normalized<'a>,
    ground: Mode,
    found: &'a mut Vec<Change>,
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
            // Also where both say the same, it works on one side only.
            (Some(_), _) if self.old.is_lost(path) => self.change(path, old, new),
            (Some(Value::Map(old)), Some(Value::Map(new))) if !old.is_empty() && !new.is_empty() => {
                self.maps(path, Some(old), Some(new));
            }
            (Some(Value::Map(old)), None) if !old.is_empty() && self.is_block(path) => {
                self.maps(path, Some(old), None);
            }
            (None, Some(Value::Map(new))) if !new.is_empty() && self.is_block(path) => {
                self.maps(path, None, Some(new));
            }
            (old, new) if old == new && self.old.is_bare_text(path) == self.new.is_bare_text(path) => {}
            (old, new) => self.change(path, old, new),
        }
    }

    /// Whether a map is one of the chart's own, whose children are keys, so that it is compared child by child also
    /// where the other side has none.
    fn is_block(&self, path: &Path) -> bool {
        let has_keys = |laid: &Normalized| laid.chart().has_below(&path.to_string());
        !self.ground.raw && (has_keys(self.new) || self.old.is_lost_below(path))
    }

    fn change(&mut self, path: &Path, old: Option<&Value>, new: Option<&Value>) {
        let (old, new) = (self.old.said(path, old), self.new.said(path, new));
        let maker = if old.written || new.written { ChangedBy::Values } else { ChangedBy::Chart };
        let life = self.life(path, &old, &new, maker);
        self.found.push(Change { path: path.clone(), old, new, maker, life });
    }

    /// Whether a key is one of several that decide on the same thing, and both sides decide the same wherever it counts.
    fn comes_to_the_same(&self, path: &Path) -> bool {
        let text = path.to_string();
        let mut counts = false;
        for slot in self.new.slots().iter().filter(|slot| slot.order().any(|key| key == text)) {
            let keys: Vec<Path> = slot.order().filter_map(|key| key.parse().ok()).collect();
            let (Ok(of_new), of_old) =
                (slot.path.parse::<Path>(), keys.iter().map(|key| self.old.own(key).to_string()))
            else {
                return false;
            };
            let of_new = self.old.own(&of_new).to_string();
            let Some(other) = self.old.slots().iter().find(|other| other.path == of_new) else { return false };
            if !other.order().eq(of_old) {
                return false;
            }
            if self.old.is_idle(*other) && self.new.is_idle(*slot) {
                continue;
            }
            let decided = |laid: &Normalized| {
                keys.iter().find_map(|key| laid.values.get_at(key).filter(|value| !is_empty(value))).cloned()
            };
            if decided(self.old) != decided(self.new) {
                return false;
            }
            counts = true;
        }
        counts
    }

    fn life(&self, path: &Path, old: &SideValue, new: &SideValue, maker: ChangedBy) -> Life {
        // Of defaults also a map in which each key says nothing: the chart names keys that one may say.
        let says_nothing = if maker == ChangedBy::Chart { is_hollow } else { is_empty };
        let nothing = |said: &SideValue| said.value.as_ref().is_none_or(says_nothing);
        let is_told = |value: &Value| {
            let (from, topology) = (self.old.chart().version(), self.new.topology());
            chart::new_default(path, value, topology, from).is_some()
        };
        // A switch that is new and off does nothing either, unless Kubernetes has it on by itself.
        let is_off = |value: &Value| *value == Value::Bool(false) && !is_told(value);
        let off = |said: &SideValue| maker == ChangedBy::Chart && said.value.as_ref().is_some_and(is_off);
        let none = |said: &SideValue| said.value.is_none();
        let is_printed =
            |laid: &Normalized, said: &SideValue| printed::is_printed(laid.chart(), &said.path.to_string());
        let is_printed = || maker == ChangedBy::Values && (is_printed(self.old, old) || is_printed(self.new, new));
        let empty = nothing(old) && nothing(new) && !is_printed() || none(old) && off(new) || off(old) && none(new);
        if empty {
            return Life::Idle(NoEffect::Empty);
        }
        let of_template = |said: &SideValue| {
            said.value.as_ref().is_some_and(|value| {
                self.old.falls_back_to(&old.path, value) && self.new.falls_back_to(&new.path, value)
            })
        };
        let says_none = |said: &SideValue| none(said) || of_template(said) || nothing(said) && !is_printed();
        if !self.ground.raw && (of_template(old) || of_template(new)) && says_none(old) && says_none(new) {
            return Life::Idle(NoEffect::SameAsFallback);
        }
        if self.comes_to_the_same(path) {
            return Life::Idle(NoEffect::SetElsewhere);
        }
        // A key that was carried elsewhere is none of the older chart any more.
        let text = path.to_string();
        let is_carried = self.old.chart().takes(&text) && !self.old.is_lost(path) && !self.new.chart().takes(&text);
        let unknown = KeyStatus::NoEffect(NoEffect::UnknownKey);
        let of_old = if is_carried { unknown } else { self.old.status(&old.path) };
        let of_new = self.new.status(&new.path);
        let (KeyStatus::NoEffect(of_old), KeyStatus::NoEffect(of_new)) = (of_old, of_new) else {
            let effects = [self.old.effects(&old.path), self.new.effects(&new.path)];
            let of_values = directives::effects(self.new.chart(), old, new);
            return Life::Live(effects.into_iter().fold(of_values, |all, effects| all | effects));
        };
        // The nearest to an effect of both says why there is none; of two reasons that of the newer values.
        Life::Idle(if nearness(&of_old) > nearness(&of_new) { of_old } else { of_new })
    }
}

/// How near a key without an effect is to one with an effect.
fn nearness(why: &NoEffect) -> u8 {
    match why {
        NoEffect::NotReadInTopology(_) | NoEffect::Disabled(_) => 1,
        NoEffect::ValidationOnly => 2,
        NoEffect::NotesOnly => 3,
        _ => 0,
    }
}

/// Whether a value is a way to say nothing. A switch that is off and a zero say something.
fn is_empty(value: &Value) -> bool {
    !matches!(value, Value::Bool(_) | Value::Int(_) | Value::Float(_)) && !condition::is_truthy(Some(value))
}

/// Whether a value says nothing, or is a map of such values.
fn is_hollow(value: &Value) -> bool {
    match value {
        Value::Map(map) => map.iter().all(|(_, value)| is_hollow(value)),
        value => is_empty(value),
    }
}
