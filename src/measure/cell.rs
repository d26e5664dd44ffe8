//! Measurement of one topology: the facts about each key.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{
    probe::{Kind, is_empty, same},
    render_cache::{Files, HelmContext, Outcome, RenderCache, RenderRequest, all},
    settings::{At, Settings},
    setups::Setups,
};
use crate::chart::{Topology, Verdict};

#[derive(Debug)]
pub(super) struct Cell {
    pub topology: Topology,
    /// Settings that make the topology.
    pub own: Settings,
    pub ways: Setups,
    pub facts: BTreeMap<At, Fact>,
    /// Index of the value that each key is set to.
    pub choices: Vec<usize>,
}

/// Facts about one key.
#[derive(Debug, Clone)]
pub(super) struct Fact {
    pub verdict: Verdict,
    /// Index of the configuration that first revealed the key. `None` if the answer of an older version applies.
    pub way: Option<usize>,
    pub switches: String,
}

impl Cell {
    pub fn is_read(&self, key: At) -> bool {
        self.facts.get(&key).is_some_and(|fact| fact.verdict == Verdict::Read)
    }

    /// Records a verdict if it is stronger than the known verdict.
    pub fn learn(&mut self, key: At, verdict: Verdict, way: usize) {
        let weight = |verdict: Verdict| match verdict {
            Verdict::Read => 3,
            Verdict::Notes => 2,
            Verdict::Error => 1,
            _ => 0,
        };
        if self.facts.get(&key).is_none_or(|fact| weight(verdict) > weight(fact.verdict)) {
            self.facts.insert(key, Fact { verdict, way: Some(way), switches: String::new() });
        }
    }

    /// Settings with the markers of these keys.
    pub fn markers(&self, memo: &RenderCache, keys: &[At]) -> Settings {
        let mut settings = Settings::default();
        for key in keys {
            settings.set(*key, self.value(memo, *key));
        }
        settings
    }

    pub fn value(&self, memo: &RenderCache, key: At) -> Json {
        memo.probe(key).values[self.choices[usize::from(key)]].clone()
    }

    /// Whether a change of the key changes a manifest with these settings.
    pub fn reads(&self, memo: &RenderCache, world: HelmContext, settings: &Settings, key: At) -> RenderRequest<bool> {
        let choice = self.choices[usize::from(key)];
        reads(memo, world, settings, key, choice)
    }

    /// Effect of setting one or several keys in addition to `settings`.
    pub fn change(
        &self,
        memo: &RenderCache,
        world: HelmContext,
        settings: &Settings,
        over: &Settings,
        files: Files,
    ) -> RenderRequest<Change> {
        let both = all([memo.look(world, settings, files), memo.look(world, &settings.with(over), files)])?;
        Ok(Change::of(memo, &both[0], &both[1]))
    }
}

/// Difference between two renderings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    None,
    Notes,
    Manifests,
    /// Rendering fails. `manifest` is true if a manifest fails, and false if only a check in the notes fails.
    Fails {
        manifest: bool,
    },
}

impl Change {
    pub fn of(memo: &RenderCache, before: &Outcome, after: &Outcome) -> Self {
        if !after.is_ok() {
            return Self::Fails { manifest: after.fails_in(!memo.notes) };
        }
        match (before.differs(after, !memo.notes), before.differs(after, memo.notes)) {
            (true, _) => Self::Manifests,
            (false, true) => Self::Notes,
            (false, false) => Self::None,
        }
    }
}

/// Whether a change of the key changes a manifest with these settings. `choice` is the index of the value to set.
pub(super) fn reads(
    memo: &RenderCache,
    world: HelmContext,
    settings: &Settings,
    key: At,
    choice: usize,
) -> RenderRequest<bool> {
    let probe = memo.probe(key);
    let files = memo.manifests([key]);
    if files == 0 {
        return Ok(false);
    }
    let current = probe.current(key, settings);
    let mut values = Vec::new();
    if probe.kind == Kind::Bool {
        values.push(json!(current != &json!(true)));
    } else {
        // If the key is set, unsetting it counts as a change.
        if is_empty(&probe.default) && !is_empty(current) {
            values.push(probe.default.clone());
        }
        match probe.kind {
            Kind::Choice => values.extend(probe.values.iter().cloned()),
            _ => values.push(probe.values[choice].clone()),
        }
    }
    values.retain(|value| !same(value, current));
    let settings_of = |value: &Json| settings.clone().and(key, value.clone());
    let requests = std::iter::once(memo.look(world, settings, files))
        .chain(values.iter().map(|value| memo.look(world, &settings_of(value), files)));
    let outcomes = all(requests)?;
    let (before, after) = (&outcomes[0], &outcomes[1..]);
    let fails = !before.is_ok();
    Ok(values.iter().zip(after).any(|(value, outcome)| {
        // A setting without which a manifest does not render has an effect.
        if fails || !outcome.is_ok() {
            return fails == outcome.is_ok() && fails != probe.is_unset(value) && (fails || !probe.is_unset(current));
        }
        before.differs(outcome, files)
    }))
}
