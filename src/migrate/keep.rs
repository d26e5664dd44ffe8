//! Old defaults that are said in the newer chart, made a set that holds together there.
//!
//! A default is said only where it does something; one that keeps the newer chart from rendering, or with which its
//! objects would name what nothing makes, is left out and told.

use super::PinnedDefault;
use crate::{
    chart::{MissingObject, RenderFailure, condition},
    effective::{EffectiveValues, KeyStatus},
    yaml::Path,
};

/// What of the old defaults can be kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KeptDefaults {
    pub pins: Vec<PinnedDefault>,
    /// Those that the newer chart cannot keep.
    pub given_up: Vec<ChangedDefault>,
}

/// A default that is not kept.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangedDefault {
    pub path: Path,
    pub why: Why,
}

/// Why a default cannot be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// With it, the chart does not render.
    Fails(RenderFailure),
    /// With it, objects name what the chart does not make.
    Dangles(MissingObject),
}

/// The pins that hold together in the newer chart beside the values that were carried there.
pub fn keep(after: &EffectiveValues, mut pins: Vec<PinnedDefault>) -> KeptDefaults {
    let mut given_up = Vec::new();
    let with = |pins: &[PinnedDefault]| {
        let mut values = after.written.clone();
        for pin in pins {
            // What stands in the way is said already.
            drop(values.insert_at(&pin.path, pin.value.clone()));
        }
        after.with(values, after.around.clone(), &after.chart)
    };
    let without = with(&[]);
    let (broken, missing) = (without.failing(), without.dangling());
    loop {
        let now = with(&pins);
        let fails = now
            .failing()
            .into_iter()
            .filter(|fail| !broken.contains(fail))
            .map(|fail| (fail.condition, Why::Fails(fail)));
        let dangles = now.dangling().into_iter().filter(|found| !missing.contains(found));
        let dangles = dangles.map(|found| (found.condition, Why::Dangles(found)));
        let guilty = fails.chain(dangles).find_map(|(condition, why)| {
            let keys: Vec<&str> = condition::terms(condition).flat_map(|term| term.keys()).collect();
            let at = pins.iter().position(|pin| keys.contains(&pin.path.to_string().as_str()))?;
            Some((at, why))
        });
        if let Some((at, why)) = guilty {
            given_up.push(ChangedDefault { path: pins.remove(at).path, why });
            continue;
        }
        // A pin that does nothing beside the others is not said.
        let idle = pins.iter().position(|pin| now.status(&pin.path, &pin.path.to_string()) != KeyStatus::Active);
        match idle {
            Some(at) => drop(pins.remove(at)),
            None => return KeptDefaults { pins, given_up },
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
            kept.given_up.iter().map(|given_up| text(&given_up.path)).collect(),
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
            "that of the replicas does nothing"
        );
        let replication = "architecture: replication\n";
        let both = paths(&["master.serviceAccount.create", "replica.serviceAccount.create"]);
        assert_eq!(kept("23.1.1", replication, &create), (paths(&[]), both.clone()));
        let own = "architecture: replication\nserviceAccount: {create: false}\n";
        assert_eq!(kept("23.1.1", own, &create), (both, paths(&[])));
    }

    #[test]
    fn a_default_behind_a_switch_is_said_with_the_switch_or_not_at_all() {
        let preset = ("metrics.resourcesPreset", Value::from("none"));
        let (pins, _) = kept("23.1.1", "architecture: standalone\n", std::slice::from_ref(&preset));
        assert!(pins.is_empty(), "{pins:?}");
        let with = [preset, ("metrics.enabled", Value::from(true))];
        let (pins, _) = kept("23.1.1", "architecture: standalone\n", &with);
        assert_eq!(pins.len(), 2, "{pins:?}");
    }
}
