//! What becomes of each setting on the way.

use std::collections::HashMap;

use semver::Version;

use super::{
    labels::Labels,
    settings::{self, Setting},
    templates,
};
use crate::{
    chart::{self, ChangeKind, Chart, KeyMapping, MappedKey, Transform, condition},
    effective::{EffectiveValues, KeyStatus, NoEffect},
    yaml::{Map, Path, Value, merge::Layers},
};

/// A setting of the source and what becomes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Migration {
    /// In the keys of the source.
    pub path: Path,
    /// As the source says it; never to be shown where it is a secret.
    pub value: Value,
    /// Counted from 1, in the source's text.
    pub line: Option<usize>,
    /// How many values stand in it.
    pub leaves: usize,
    /// The key that was probably meant, where no chart has this one.
    pub meant: Option<Path>,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It is as it was.
    Unchanged,
    /// It is as it was, and did nothing before: its key is one of the newer chart.
    Activated,
    /// It is said under other keys, or by another value.
    Moved {
        to: Vec<Path>,
        /// As it is said there.
        value: Value,
        by: Vec<ChartChange>,
    },
    /// It is left out, and nothing is lost.
    Dropped(Dropped),
    /// It should be left out, but others refer to its anchor: it stands where it stood, and does nothing.
    KeptForAnchor(Dropped),
    /// It is left out, and its meaning with it.
    Unsupported(Unsupported),
    /// It should go, but the text does not allow it: it stands where it stood.
    Refused(String),
}

/// A change of the chart that it met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartChange {
    pub version: Version,
    pub kind: ChangeKind,
    pub transform: Transform,
    /// The key of the catalogue that it is about, as the older chart calls it.
    pub old: &'static str,
}

/// Why nothing is lost with a setting that is left out.
#[derive(Debug, Clone, PartialEq)]
pub enum Dropped {
    /// It has no effect in the newer chart, and had none before: also a key that neither chart has.
    NoEffect(NoEffect),
    /// It did nothing before, and would do something now.
    WouldActivate,
    /// Its key is gone, and it only said what the chart did anyway.
    Default(Option<ChartChange>),
    /// Its key is gone, and did nothing in this topology.
    WasUnused(Option<ChartChange>),
    /// Another key that came to the same place says the same.
    AlreadySet { at: Path },
    /// It took an image from the frozen catalogue, which has none for the newer chart, whose own images are served.
    Frozen,
}

/// Why the meaning of a setting is lost.
#[derive(Debug, Clone, PartialEq)]
pub enum Unsupported {
    /// Nothing takes the place of its key.
    Gone(Option<ChartChange>),
    /// The chart does not read it any more, in this topology or behind this switch.
    Unread { at: Path, reason: NoEffect },
    /// Another key came to the same place and says something else.
    Overruled { at: Path, by: Path },
}

/// What other values of the same release say on the other side.
pub(super) fn carried_around(before: &EffectiveValues, way: &KeyMapping, to: &Chart) -> Layers {
    let there = |layer: &Map, around: &Layers| {
        if layer.is_empty() {
            return Map::new();
        }
        let others = before.with(layer.clone(), around.clone(), &before.chart);
        // What does nothing there does nothing to these either.
        values(&fates(&others, way, to, &Layers::default(), true))
    };
    let Layers { under, over } = before.around.clone();
    let above = Layers { under: Map::new(), over: over.clone() }.with(&before.written);
    let below = Layers { under: under.clone(), over: Map::new() }.with(&before.written);
    Layers {
        under: there(&under, &Layers { under: Map::new(), over: above }),
        over: there(&over, &Layers { under: below, over: Map::new() }),
    }
}

/// What becomes of each setting; `around` is what other values of the same release say on the other side.
pub(super) fn fates(
    before: &EffectiveValues,
    way: &KeyMapping,
    to: &Chart,
    around: &Layers,
    keep_idle: bool,
) -> Vec<Migration> {
    let is_there = is_there(before, to);
    let labels = Labels::between(before, to);
    let decide = |leaf: Setting| {
        let outcome = match is_there {
            true => Outcome::Unchanged,
            false => first_look(before, way, to, &leaf, keep_idle, &labels),
        };
        let leaves = settings::count(&leaf.value);
        Migration { path: leaf.path, value: leaf.value, line: None, leaves, meant: None, outcome }
    };
    let mut fates: Vec<Migration> = settings::leaves(&before.written).into_iter().map(decide).collect();
    meet(&mut fates, before);
    if !keep_idle && !is_there {
        let after = before.with(values(&fates), around.clone(), to);
        fates.iter_mut().for_each(|fate| second_look(fate, before, &after));
    }
    fates
}

/// Whether there is nothing to carry.
pub(super) fn is_there(before: &EffectiveValues, to: &Chart) -> bool {
    before.chart.version() == to.version() || has_arrived(before, to)
}

/// Whether values are for the other chart already: it has all their keys, and the one that they are said to be for has
/// not.
fn has_arrived(before: &EffectiveValues, to: &Chart) -> bool {
    let mut leaves = settings::leaves(&before.written);
    leaves.retain(|leaf| !before.is_for_others(&leaf.path));
    let all_in = |chart: &Chart| leaves.iter().all(|leaf| chart.takes(&leaf.path.to_string()));
    !leaves.is_empty() && all_in(to) && !all_in(&before.chart)
}

/// Where a setting leads by itself.
fn first_look(
    before: &EffectiveValues,
    way: &KeyMapping,
    to: &Chart,
    leaf: &Setting,
    keep_idle: bool,
    labels: &Labels,
) -> Outcome {
    let (path, text) = (&leaf.path, leaf.path.to_string());
    if before.is_for_others(path) {
        return Outcome::Unchanged;
    }
    if !before.chart.takes(&text) {
        return match (keep_idle, to.takes(&text)) {
            (_, true) => Outcome::Activated,
            (true, false) => Outcome::Unchanged,
            (false, false) => Outcome::Dropped(Dropped::NoEffect(NoEffect::UnknownKey)),
        };
    }
    if is_of_frozen_image(before, to, &text) {
        return Outcome::Dropped(Dropped::Frozen);
    }
    let route = way.of(&text);
    let steps = steps(&route);
    let value = way.value(&route, leaf.value.clone());
    let (false, Some(value)) = (route.to.is_empty(), value) else {
        let last = steps.last().cloned();
        if before.is_default(path) || !condition::is_truthy(Some(&leaf.value)) {
            return Outcome::Dropped(Dropped::Default(last));
        }
        return match before.status(path, &text) {
            KeyStatus::Active => Outcome::Unsupported(Unsupported::Gone(last)),
            _ => Outcome::Dropped(Dropped::WasUnused(last)),
        };
    };
    let value = templates::renamed(labels.renamed(path, value), &before.chart, to, way);
    let value = frozen_elsewhere(before, to, &text, &route).unwrap_or(value);
    let to: Vec<Path> = route.to.iter().filter_map(|path| path.parse().ok()).collect();
    if to == [path.clone()] && value == leaf.value {
        return Outcome::Unchanged;
    }
    Outcome::Moved { to, value, by: steps }
}

/// Whether a setting is the repository or the tag of an image from the frozen catalogue, and the newer chart's own image
/// is served.
fn is_of_frozen_image(before: &EffectiveValues, to: &Chart, text: &str) -> bool {
    if before.chart.images_are_served() || !to.images_are_served() {
        return false;
    }
    let Some((key, "repository" | "tag")) = text.rsplit_once('.') else { return false };
    let image = before.chart.images().into_iter().find(|image| image.path == key);
    let moved = image.and_then(|image| before.chart.moved_to(&image, before.topology));
    moved.is_some() && before.text(&format!("{key}.repository")) == moved
}

/// The repository of the frozen catalogue that has the image of the newer chart, for a setting that took the older image
/// from there.
fn frozen_elsewhere(before: &EffectiveValues, to: &Chart, text: &str, route: &MappedKey) -> Option<Value> {
    let image = |chart: &Chart, key: &str| chart.images().into_iter().find(|image| image.path == key);
    let old = image(&before.chart, text.strip_suffix(".repository")?)?;
    if before.text(text) != before.chart.moved_to(&old, before.topology) {
        return None;
    }
    let new = image(to, route.to.first()?.strip_suffix(".repository")?)?;
    to.moved_to(&new, before.topology).map(Value::from)
}

fn steps(route: &MappedKey) -> Vec<ChartChange> {
    let step = |change: &&chart::Change| ChartChange {
        version: change.version.clone(),
        kind: change.kind,
        transform: change.transform,
        old: change.old,
    };
    route.by.iter().map(step).collect()
}

/// Settings that come to one place: what stays there is said, else what was in effect before.
fn meet(fates: &mut [Migration], before: &EffectiveValues) {
    let mut taken: HashMap<Path, (Path, Value)> = HashMap::new();
    for fate in fates.iter().filter(|fate| fate.outcome == Outcome::Unchanged) {
        taken.insert(fate.path.clone(), (fate.path.clone(), fate.value.clone()));
    }
    let works = |fate: &Migration| before.status(&fate.path, &fate.path.to_string()) == KeyStatus::Active;
    let mut order: Vec<(bool, usize)> = fates.iter().enumerate().map(|(at, fate)| (!works(fate), at)).collect();
    order.sort_unstable();
    for (was_idle, at) in order {
        let fate = &mut fates[at];
        let Outcome::Moved { to, value, .. } = &mut fate.outcome else { continue };
        let met = to.iter().find_map(|at| in_the_way(&taken, at));
        if let Some((at, by, said)) = met {
            fate.outcome = match (said == *value, was_idle) {
                (true, _) => Outcome::Dropped(Dropped::AlreadySet { at }),
                (false, true) => Outcome::Dropped(Dropped::WouldActivate),
                (false, false) => Outcome::Unsupported(Unsupported::Overruled { at, by }),
            };
            continue;
        }
        for at in to {
            taken.insert(at.clone(), (fate.path.clone(), value.clone()));
        }
    }
    // What was in effect goes before what was not.
    for fate in fates.iter_mut().filter(|fate| fate.outcome == Outcome::Activated) {
        let meets = |at: &Path| at.starts_with(&fate.path) || fate.path.starts_with(at);
        if let Some((_, said)) = taken.iter().find(|(at, (by, _))| meets(at) && *by != fate.path) {
            let at = said.0.clone();
            fate.outcome = Outcome::Dropped(if said.1 == fate.value {
                Dropped::AlreadySet { at }
            } else {
                Dropped::WouldActivate
            });
        }
    }
}

/// What is said at a place already, or above it and is no map; with who says it.
fn in_the_way(taken: &HashMap<Path, (Path, Value)>, at: &Path) -> Option<(Path, Path, Value)> {
    let here = taken.get(at);
    let above = (1..at.len()).find_map(|length| taken.get(&at.first(length)).filter(|(_, said)| !is_map(said)));
    here.or(above).map(|(by, said)| (at.clone(), by.clone(), said.clone()))
}

fn is_map(value: &Value) -> bool {
    matches!(value, Value::Map(_))
}

/// What does nothing where it arrives is left out.
fn second_look(fate: &mut Migration, before: &EffectiveValues, after: &EffectiveValues) {
    if before.is_for_others(&fate.path) || fate.value == Value::Null {
        return;
    }
    let (to, value) = match &fate.outcome {
        Outcome::Unchanged | Outcome::Activated => (vec![fate.path.clone()], fate.value.clone()),
        Outcome::Moved { to, value, .. } => (to.clone(), value.clone()),
        _ => return,
    };
    let was = before.status(&fate.path, &fate.path.to_string());
    let mut idle: Option<(Path, NoEffect)> = None;
    let mut left = Vec::new();
    for at in to {
        match after.status(&at, &at.to_string()) {
            KeyStatus::NoEffect(reason) if reason.is_unused() && !after.is_default(&at) => idle = Some((at, reason)),
            KeyStatus::Active if !after.is_default(&at) && was.is_unused() && fate.outcome != Outcome::Activated => {
                fate.outcome = Outcome::Dropped(Dropped::WouldActivate);
                return;
            }
            _ => left.push(at),
        }
    }
    match (idle, left.is_empty()) {
        (None, _) => {}
        (Some((at, reason)), true) => {
            let meant = was == KeyStatus::Active && !before.is_default(&fate.path);
            fate.outcome = match meant {
                true => Outcome::Unsupported(Unsupported::Unread { at, reason }),
                false => Outcome::Dropped(Dropped::NoEffect(reason)),
            };
        }
        // Of a key that became several, some do nothing here.
        (Some(_), false) => {
            if let Outcome::Moved { to, .. } = &mut fate.outcome {
                *to = left;
            } else {
                fate.outcome = Outcome::Moved { to: left, value, by: Vec::new() };
            }
        }
    }
}

/// The values that fates come to.
pub(super) fn values(fates: &[Migration]) -> Map {
    let mut values = Map::new();
    for fate in fates {
        let (to, value): (&[Path], &Value) = match &fate.outcome {
            Outcome::Unchanged | Outcome::Activated | Outcome::KeptForAnchor(_) | Outcome::Refused(_) => {
                (std::slice::from_ref(&fate.path), &fate.value)
            }
            Outcome::Moved { to, value, .. } => (to, value),
            Outcome::Dropped(_) | Outcome::Unsupported(_) => continue,
        };
        for at in to {
            // A map in which nothing is said may have got something from elsewhere.
            if value.as_map().is_some_and(Map::is_empty) && values.get_at(at).is_some_and(is_map) {
                continue;
            }
            // What lies in the way was said at the same place, and has gone.
            drop(values.insert_at(at, value.clone()));
        }
    }
    values
}
