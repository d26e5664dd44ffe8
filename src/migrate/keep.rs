//! Selects the old defaults that can be set for the new chart (`--keep-behaviour`).
//!
//! A default is set only if it has an effect. A default is reported and not set if the new chart does not render with it,
//! or if objects of the chart then refer to an object that the chart does not make.

use super::PinnedDefault;
use crate::{
    chart::{MissingObject, RenderFailure, condition},
    effective::{EffectiveValues, KeyStatus},
    yaml::Path,
};

/// The old defaults that can be set, and those that cannot.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KeptDefaults {
    pub pins: Vec<PinnedDefault>,
    /// Defaults that the new chart does not support.
    pub not_kept: Vec<ChangedDefault>,
}

/// A default that changes with the new chart.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangedDefault {
    pub path: Path,
    pub why: KeepFailure,
}

/// KeepFailure an old default cannot be set for the new chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeepFailure {
    /// The chart does not render with the default.
    Fails(RenderFailure),
    /// Objects of the chart then refer to an object that the chart does not make.
    Dangles(MissingObject),
}

/// Selects the pins that the new chart supports together with the migrated values.
pub fn keep(after: &EffectiveValues, mut pins: Vec<PinnedDefault>) -> KeptDefaults {
    let mut not_kept = Vec::new();
    let with = |pins: &[PinnedDefault]| {
        let mut values = after.written.clone();
        for pin in pins {
            // A value above the path is set by the user and wins.
            drop(values.insert_at(&pin.path, pin.value.clone()));
        }
        after.with(values, after.other_layers.clone(), &after.chart)
    };
    let without = with(&[]);
    let (broken, missing) = (without.render_failures(), without.missing_objects());
    loop {
        let now = with(&pins);
        let fails = now
            .render_failures()
            .into_iter()
            .filter(|fail| !broken.contains(fail))
            .map(|fail| (fail.condition, KeepFailure::Fails(fail)));
        let dangles = now.missing_objects().into_iter().filter(|found| !missing.contains(found));
        let dangles = dangles.map(|found| (found.condition, KeepFailure::Dangles(found)));
        let rejected = fails.chain(dangles).find_map(|(condition, why)| {
            let keys: Vec<&str> = condition::terms(condition).flat_map(|term| term.keys()).collect();
            let at = pins.iter().position(|pin| keys.contains(&pin.path.to_string().as_str()))?;
            Some((at, why))
        });
        if let Some((at, why)) = rejected {
            not_kept.push(ChangedDefault { path: pins.remove(at).path, why });
            continue;
        }
        // A pin without effect next to the other pins is not set.
        let unused = pins.iter().position(|pin| now.status(&pin.path, &pin.path.to_string()) != KeyStatus::Active);
        match unused {
            Some(at) => drop(pins.remove(at)),
            None => return KeptDefaults { pins, not_kept },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chart::Chart,
        yaml::{Value, read_values},
    };

    fn kept(version: &str, text: &str, pins: &[(&str, Value)]) -> (Vec<String>, Vec<String>) {
        let chart = Chart::at(&version.parse().unwrap()).unwrap();
        let pin = |(path, value): &(&str, Value)| PinnedDefault { path: path.parse().unwrap(), value: value.clone() };
        let pins = pins.iter().map(pin).collect();
        let kept = keep(&EffectiveValues::of(read_values(text).unwrap(), &chart), pins);
        let text = |path: &Path| path.to_string();
        (
            kept.pins.iter().map(|pin| text(&pin.path)).collect(),
            kept.not_kept.iter().map(|not_kept| text(&not_kept.path)).collect(),
        )
    }

    #[test]
    fn an_account_that_nothing_would_make_is_not_kept() {
        let off = Value::from(false);
        let create = [("master.serviceAccount.create", off.clone()), ("replica.serviceAccount.create", off)];
        let standalone = "architecture: standalone\n";
        let paths = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            kept("23.1.1", standalone, &create),
            (paths(&[]), paths(&["master.serviceAccount.create"])),
            "the key of the replicas has no effect"
        );
        let replication = "architecture: replication\n";
        let both = paths(&["master.serviceAccount.create", "replica.serviceAccount.create"]);
        assert_eq!(kept("23.1.1", replication, &create), (paths(&[]), both.clone()));
        let own = "architecture: replication\nserviceAccount: {create: false}\n";
        assert_eq!(kept("23.1.1", own, &create), (both, paths(&[])));
    }

    #[test]
    fn a_default_behind_a_switch_is_set_with_the_switch_or_not_at_all() {
        let preset = ("metrics.resourcesPreset", Value::from("none"));
        let (pins, _) = kept("23.1.1", "architecture: standalone\n", std::slice::from_ref(&preset));
        assert!(pins.is_empty(), "{pins:?}");
        let with = [preset, ("metrics.enabled", Value::from(true))];
        let (pins, _) = kept("23.1.1", "architecture: standalone\n", &with);
        assert_eq!(pins.len(), 2, "{pins:?}");
    }
}
