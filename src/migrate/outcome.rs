//! Decides the outcome of each setting of a migration.

use std::collections::HashMap;

use semver::Version;

use super::{
    labels::Labels,
    settings::{self, Setting},
    templates,
};
use crate::{
    chart::{self, ChangeKind, Chart, Image, KeyMapping, MappedKey, Transform, condition},
    effective::{EffectiveValues, KeyStatus, NoEffect},
    yaml::{Map, Path, Value, merge::Layers},
};

/// A setting of the source, with the outcome of its migration.
#[derive(Debug, Clone, PartialEq)]
pub struct Migration {
    /// The key of the source.
    pub path: Path,
    /// The value in the source, not redacted.
    pub value: Value,
    /// Line in the text of the source, counted from 1.
    pub line: Option<usize>,
    /// Number of values in the setting.
    pub leaves: usize,
    /// The key that was probably intended, if neither chart has the key of the setting.
    pub suggestion: Option<Path>,
    pub outcome: Outcome,
}

/// The outcome of one setting.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The setting stays.
    Unchanged,
    /// The setting stays and has an effect now: its key exists only in the new chart.
    Activated,
    /// The setting moves to other keys, or gets another value.
    Moved {
        to: Vec<Path>,
        /// The value at the new keys.
        value: Value,
        by: Vec<ChartChange>,
    },
    /// The setting is removed, and nothing is lost.
    Dropped(Dropped),
    /// The setting has no effect, and stays only because other settings use its anchor.
    KeptForAnchor(Dropped),
    /// The setting is removed, and the new chart has no equivalent.
    Unsupported(Unsupported),
    /// The setting stays because the text does not allow the change.
    Refused(String),
}

/// A change of the chart that affects a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartChange {
    pub version: Version,
    pub kind: ChangeKind,
    pub transform: Transform,
    /// The changed key of the catalogue, with its name in the older chart.
    pub old: &'static str,
}

/// KeepFailure a setting can be removed without a loss.
#[derive(Debug, Clone, PartialEq)]
pub enum Dropped {
    /// The setting has no effect in either chart: an unused key, or a key that neither chart has.
    NoEffect(NoEffect),
    /// The setting had no effect before, and would have an effect in the new chart.
    WouldActivate,
    /// The new chart has no such key, and the value is the default of the old chart.
    Default(Option<ChartChange>),
    /// The new chart has no such key, and the old chart did not use the key in this topology.
    WasUnused(Option<ChartChange>),
    /// Another setting already sets the same value at the new key.
    AlreadySet { at: Path },
    /// The setting takes an image from the frozen catalogue, and the registry serves the default images of the new chart.
    Frozen,
}

/// KeepFailure the new chart does not support a setting.
#[derive(Debug, Clone, PartialEq)]
pub enum Unsupported {
    /// The new chart removed the key without a replacement.
    Gone(Option<ChartChange>),
    /// The new chart does not read the key in this topology, or with this switch.
    Unread { at: Path, reason: NoEffect },
    /// Another setting sets another value at the new key.
    Overruled { at: Path, by: Path },
}

/// Migrates the other layers of the same release.
pub(super) fn migrate_other_layers(before: &EffectiveValues, mapping: &KeyMapping, to: &Chart) -> Layers {
    let migrated_layer = |layer: &Map, around: &Layers| {
        if layer.is_empty() {
            return Map::new();
        }
        let others = before.with(layer.clone(), around.clone(), &before.chart);
        // Settings without effect in another layer do not change the effect of this layer.
        values(&decide_outcomes(&others, mapping, to, &Layers::default(), true))
    };
    let Layers { under, over } = before.other_layers.clone();
    let above = Layers { under: Map::new(), over: over.clone() }.with(&before.written);
    let below = Layers { under: under.clone(), over: Map::new() }.with(&before.written);
    Layers {
        under: migrated_layer(&under, &Layers { under: Map::new(), over: above }),
        over: migrated_layer(&over, &Layers { under: below, over: Map::new() }),
    }
}

/// Decides the outcome of each setting. `around` are the other layers of the same release, migrated.
pub(super) fn decide_outcomes(
    before: &EffectiveValues,
    mapping: &KeyMapping,
    to: &Chart,
    around: &Layers,
    keep_unused: bool,
) -> Vec<Migration> {
    let is_already_migrated = is_already_migrated(before, to);
    let labels = Labels::between(before, to);
    let decide = |leaf: Setting| {
        let outcome = match is_already_migrated {
            true => Outcome::Unchanged,
            false => outcome_by_mapping(before, mapping, to, &leaf, keep_unused, &labels),
        };
        let leaves = settings::count_values(&leaf.value);
        Migration { path: leaf.path, value: leaf.value, line: None, leaves, suggestion: None, outcome }
    };
    let mut migrations: Vec<Migration> = settings::leaves(&before.written).into_iter().map(decide).collect();
    resolve_collisions(&mut migrations, before);
    if !keep_unused && !is_already_migrated {
        let after = before.with(values(&migrations), around.clone(), to);
        migrations.iter_mut().for_each(|migration| drop_if_without_effect(migration, before, &after));
    }
    migrations
}

/// Whether the values already fit the new chart.
pub(super) fn is_already_migrated(before: &EffectiveValues, to: &Chart) -> bool {
    before.chart.version() == to.version() || fits_only_new_chart(before, to)
}

/// Whether the values were written for the new chart: it has all their keys, and the old chart does not.
fn fits_only_new_chart(before: &EffectiveValues, to: &Chart) -> bool {
    let mut leaves = settings::leaves(&before.written);
    leaves.retain(|leaf| !before.is_for_others(&leaf.path));
    let all_in = |chart: &Chart| leaves.iter().all(|leaf| chart.takes(&leaf.path.to_string()));
    !leaves.is_empty() && all_in(to) && !all_in(&before.chart)
}

/// The outcome of a setting by the changes of its key alone.
fn outcome_by_mapping(
    before: &EffectiveValues,
    mapping: &KeyMapping,
    to: &Chart,
    leaf: &Setting,
    keep_unused: bool,
    labels: &Labels,
) -> Outcome {
    let (path, text) = (&leaf.path, leaf.path.to_string());
    if before.is_for_others(path) {
        return Outcome::Unchanged;
    }
    if !before.chart.takes(&text) {
        return match (keep_unused, to.takes(&text)) {
            (_, true) => Outcome::Activated,
            (true, false) => Outcome::Unchanged,
            (false, false) => Outcome::Dropped(Dropped::NoEffect(NoEffect::UnknownKey)),
        };
    }
    if is_of_frozen_image(before, to, &text) {
        return Outcome::Dropped(Dropped::Frozen);
    }
    let mapped_key = mapping.of(&text);
    let chart_changes = chart_changes(&mapped_key);
    let value = mapping.value(&mapped_key, leaf.value.clone());
    let (false, Some(value)) = (mapped_key.to.is_empty(), value) else {
        let last = chart_changes.last().cloned();
        if before.is_default(path) || !condition::is_truthy(Some(&leaf.value)) {
            return Outcome::Dropped(Dropped::Default(last));
        }
        return match before.status(path, &text) {
            KeyStatus::Active => Outcome::Unsupported(Unsupported::Gone(last)),
            _ => Outcome::Dropped(Dropped::WasUnused(last)),
        };
    };
    let value = templates::rename_in_value(labels.renamed(path, value), &before.chart, to, mapping);
    let value = frozen_repository(before, to, &text, &mapped_key).unwrap_or(value);
    let to: Vec<Path> = mapped_key.to.iter().filter_map(|path| path.parse().ok()).collect();
    if to == [path.clone()] && value == leaf.value {
        return Outcome::Unchanged;
    }
    Outcome::Moved { to, value, by: chart_changes }
}

/// Whether the setting is the repository or tag of an image in the frozen catalogue, and the registry serves the default
/// images of the new chart.
fn is_of_frozen_image(before: &EffectiveValues, to: &Chart, text: &str) -> bool {
    if before.chart.images_are_served() || !to.images_are_served() {
        return false;
    }
    let Some((key, "repository" | "tag")) = text.rsplit_once('.') else { return false };
    let image = image(&before.chart, key);
    let moved = image.and_then(|image| before.chart.moved_to(image, before.topology));
    moved.is_some() && before.text(&format!("{key}.repository")) == moved.as_deref()
}

fn image<'c>(chart: &'c Chart, key: &str) -> Option<&'c Image> {
    chart.images().iter().find(|image| image.path == key)
}

/// The repository in the frozen catalogue with the image of the new chart. `None` if the setting does not take the old
/// image from the frozen catalogue.
fn frozen_repository(before: &EffectiveValues, to: &Chart, text: &str, mapped_key: &MappedKey) -> Option<Value> {
    let old = image(&before.chart, text.strip_suffix(".repository")?)?;
    if before.text(text) != before.chart.moved_to(old, before.topology).as_deref() {
        return None;
    }
    let new = image(to, mapped_key.to.first()?.strip_suffix(".repository")?)?;
    to.moved_to(new, before.topology).map(Value::from)
}

fn chart_changes(mapped_key: &MappedKey) -> Vec<ChartChange> {
    let chart_change = |change: &&chart::Change| ChartChange {
        version: change.version.clone(),
        kind: change.kind,
        transform: change.transform,
        old: change.old,
    };
    mapped_key.by.iter().map(chart_change).collect()
}

/// Resolves settings with the same new key. A setting that stays wins, else a setting that was in effect before.
fn resolve_collisions(migrations: &mut [Migration], before: &EffectiveValues) {
    let mut occupied: HashMap<Path, (Path, Value)> = HashMap::new();
    for migration in migrations.iter().filter(|migration| migration.outcome == Outcome::Unchanged) {
        occupied.insert(migration.path.clone(), (migration.path.clone(), migration.value.clone()));
    }
    let is_active =
        |migration: &Migration| before.status(&migration.path, &migration.path.to_string()) == KeyStatus::Active;
    let mut order: Vec<(bool, usize)> =
        migrations.iter().enumerate().map(|(at, migration)| (!is_active(migration), at)).collect();
    order.sort_unstable();
    for (was_unused, at) in order {
        let migration = &mut migrations[at];
        let Outcome::Moved { to, value, .. } = &mut migration.outcome else { continue };
        let met = to.iter().find_map(|at| conflicting_setting(&occupied, at));
        if let Some((at, by, other)) = met {
            migration.outcome = match (other == *value, was_unused) {
                (true, _) => Outcome::Dropped(Dropped::AlreadySet { at }),
                (false, true) => Outcome::Dropped(Dropped::WouldActivate),
                (false, false) => Outcome::Unsupported(Unsupported::Overruled { at, by }),
            };
            continue;
        }
        for at in to {
            occupied.insert(at.clone(), (migration.path.clone(), value.clone()));
        }
    }
    // A setting that was in effect wins over a setting of a key that the old chart did not have.
    for migration in migrations.iter_mut().filter(|migration| migration.outcome == Outcome::Activated) {
        let meets = |at: &Path| at.starts_with(&migration.path) || migration.path.starts_with(at);
        if let Some((at, (_, other))) = occupied.iter().find(|(at, (by, _))| meets(at) && *by != migration.path) {
            let at = at.clone();
            migration.outcome = Outcome::Dropped(if *other == migration.value {
                Dropped::AlreadySet { at }
            } else {
                Dropped::WouldActivate
            });
        }
    }
}

/// The setting that occupies a path: at the path, or above it with a value that is not a map. The result has the path, the
/// key of the other setting, and its value.
fn conflicting_setting(occupied: &HashMap<Path, (Path, Value)>, at: &Path) -> Option<(Path, Path, Value)> {
    let here = occupied.get(at);
    let above = (1..at.len()).find_map(|length| occupied.get(&at.first(length)).filter(|(_, value)| !is_map(value)));
    here.or(above).map(|(by, value)| (at.clone(), by.clone(), value.clone()))
}

fn is_map(value: &Value) -> bool {
    matches!(value, Value::Map(_))
}

/// Drops a setting that has no effect at its new key.
fn drop_if_without_effect(migration: &mut Migration, before: &EffectiveValues, after: &EffectiveValues) {
    if before.is_for_others(&migration.path) || migration.value == Value::Null {
        return;
    }
    let (to, value) = match &migration.outcome {
        Outcome::Unchanged | Outcome::Activated => (vec![migration.path.clone()], migration.value.clone()),
        Outcome::Moved { to, value, .. } => (to.clone(), value.clone()),
        _ => return,
    };
    let was = before.status(&migration.path, &migration.path.to_string());
    let mut unused: Option<(Path, NoEffect)> = None;
    let mut left = Vec::new();
    for at in to {
        match after.status(&at, &at.to_string()) {
            KeyStatus::NoEffect(reason) if reason.is_unused() && !after.is_default(&at) => unused = Some((at, reason)),
            KeyStatus::Active
                if !after.is_default(&at) && was.is_unused() && migration.outcome != Outcome::Activated =>
            {
                migration.outcome = Outcome::Dropped(Dropped::WouldActivate);
                return;
            }
            _ => left.push(at),
        }
    }
    match (unused, left.is_empty()) {
        (None, _) => {}
        (Some((at, reason)), true) => {
            let was_in_effect = was == KeyStatus::Active && !before.is_default(&migration.path);
            migration.outcome = match was_in_effect {
                true => Outcome::Unsupported(Unsupported::Unread { at, reason }),
                false => Outcome::Dropped(Dropped::NoEffect(reason)),
            };
        }
        // Only some of the new keys have no effect.
        (Some(_), false) => {
            if let Outcome::Moved { to, .. } = &mut migration.outcome {
                *to = left;
            } else {
                migration.outcome = Outcome::Moved { to: left, value, by: Vec::new() };
            }
        }
    }
}

/// The values after the migrations.
pub(super) fn values(migrations: &[Migration]) -> Map {
    let mut values = Map::new();
    for migration in migrations {
        let (to, value): (&[Path], &Value) = match &migration.outcome {
            Outcome::Unchanged | Outcome::Activated | Outcome::KeptForAnchor(_) | Outcome::Refused(_) => {
                (std::slice::from_ref(&migration.path), &migration.value)
            }
            Outcome::Moved { to, value, .. } => (to, value),
            Outcome::Dropped(_) | Outcome::Unsupported(_) => continue,
        };
        for at in to {
            // Another setting may have added keys to an empty map.
            if value.as_map().is_some_and(Map::is_empty) && values.get_at(at).is_some_and(is_map) {
                continue;
            }
            // A value above the path comes from a setting that already won at this path.
            drop(values.insert_at(at, value.clone()));
        }
    }
    values
}
