//! Search for the keys without an answer from an older version: which of them are read, and in which configuration.

use serde_json::Value as Json;

use super::{
    cell::{Cell, Change},
    probe::{Kind, same},
    render_cache::{Files, RenderCache, RenderRequest, all},
    settings::{At, Settings},
    setups::{Setup, fit_markers, with_markers},
};
use crate::chart::Verdict;

/// Result of a marker or of a change of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    pub key: At,
    pub verdict: Verdict,
    pub choice: usize,
}

/// Sets many keys to their markers, and checks which markers appear in the output.
pub(super) fn mark(memo: &RenderCache, cell: &Cell, way: &Setup, keys: &[At]) -> RenderRequest<Vec<Seen>> {
    let keys: Vec<At> = keys.iter().copied().filter(|key| !way.settings.has(*key)).collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    // A key may require other keys to be set. The known used keys are therefore set, too.
    let mut base = way.settings.clone();
    let company = way.settings.with(&cell.markers(memo, &company(memo, cell, way, false)));
    if memo.look(way.world, &company, memo.all)?.is_ok() {
        base = company;
    }
    let good = fit_markers(memo, way.world, &base, &keys)?;
    let outcome = memo.look(way.world, &with_markers(memo, &base, &good), memo.all)?;
    let (manifests, notes) = (outcome.marked(!memo.notes), outcome.marked(memo.notes));
    let seen = |(key, choice): (At, usize)| {
        let verdict = if manifests.contains(&key) {
            Verdict::Read
        } else if notes.contains(&key) {
            Verdict::Notes
        } else {
            return None;
        };
        Some(Seen { key, verdict, choice })
    };
    Ok(good.into_iter().filter_map(seen).collect())
}

/// Keys with markers that are read in this topology and not set yet. With `replacing`, only keys that override
/// others, otherwise only the rest.
pub(super) fn company(memo: &RenderCache, cell: &Cell, way: &Setup, replacing: bool) -> Vec<At> {
    let is_company = |key: &At| {
        let probe = memo.probe(*key);
        probe.is_marked() && probe.replaces == replacing && cell.is_read(*key) && !way.settings.has(*key)
    };
    memo.keys().filter(is_company).collect()
}

/// Keys that may have an effect on these templates. Most keys have none: keys are changed together, and in halves as
/// long as something changes.
pub(super) fn hunt(memo: &RenderCache, way: &Setup, keys: &[At], files: Files) -> RenderRequest<Vec<At>> {
    hunt_by(keys, &|keys| {
        let files = files & keys.iter().fold(0, |files, key| files | memo.lookers[usize::from(*key)]);
        let before = memo.look(way.world, &way.settings, files);
        let changed = all(turns(memo, way, keys).iter().map(|settings| memo.look(way.world, settings, files)));
        let (before, changed) = (before?, changed?);
        Ok(changed.iter().any(|changed| Change::of(memo, &before, changed) != Change::None))
    })
}

/// Keys that a template reads although its text does not show it. With all keys changed, the output then differs from
/// the output with only the keys that the template is known to read.
pub(super) fn missed(memo: &RenderCache, way: &Setup, keys: &[At]) -> RenderRequest<Vec<At>> {
    hunt_by(keys, &|keys| {
        let settings = &turns(memo, way, keys)[0];
        let known = memo.look(way.world, settings, memo.all);
        let whole = memo.look_whole(way.world, settings, memo.all);
        let (known, whole) = (known?, whole?);
        if !known.is_ok() && !whole.is_ok() {
            return Ok(keys.len() > 1);
        }
        Ok(known.is_ok() != whole.is_ok() || known.differs(&whole, memo.all))
    })
}

fn hunt_by(keys: &[At], does: &impl Fn(&[At]) -> RenderRequest<bool>) -> RenderRequest<Vec<At>> {
    if keys.is_empty() || !does(keys)? {
        return Ok(Vec::new());
    }
    if keys.len() == 1 {
        return Ok(keys.to_vec());
    }
    let (left, right) = keys.split_at(keys.len() / 2);
    Ok(all([hunt_by(left, does), hunt_by(right, does)])?.concat())
}

/// Settings with all keys changed at once. If some keys accept only some words, there are several such settings,
/// because the words may have different effects.
fn turns(memo: &RenderCache, way: &Setup, keys: &[At]) -> Vec<Settings> {
    let words = keys.iter().map(|key| memo.probe(*key)).filter(|probe| probe.kind == Kind::Choice);
    let count = words.map(|probe| probe.values.len()).max().unwrap_or(1);
    let turn = |turn: usize| {
        let mut settings = way.settings.clone();
        for key in keys {
            let probe = memo.probe(*key);
            let value = match probe.kind {
                Kind::Choice => probe.values[turn.min(probe.values.len() - 1)].clone(),
                _ => probe.other_than(probe.current(*key, &way.settings), 0),
            };
            settings.set(*key, value);
        }
        settings
    };
    (0..count).map(turn).collect()
}

/// Changes one key to each of its values, and returns the strongest verdict.
pub(super) fn classify(memo: &RenderCache, cell: &Cell, way: &Setup, key: At) -> RenderRequest<Option<Seen>> {
    let probe = memo.probe(key);
    let current = probe.current(key, &way.settings);
    let values: Vec<(usize, Json)> = match probe.kind {
        Kind::Bool => vec![(0, probe.other_than(current, 0))],
        _ => probe.values.iter().cloned().enumerate().filter(|(_, value)| !same(value, current)).collect(),
    };
    let files = memo.lookers[usize::from(key)];
    let changes = all(values.iter().map(|(_, value)| {
        cell.change(memo, way.world, &way.settings, &Settings::default().and(key, value.clone()), files)
    }))?;
    let mut best: Option<Seen> = None;
    for ((choice, value), change) in values.iter().zip(changes) {
        let verdict = match change {
            Change::Manifests => Verdict::Read,
            Change::Notes => Verdict::Notes,
            // A setting without which a manifest does not render has an effect.
            Change::Fails { manifest: true }
                if way.settings.has(key) && probe.is_unset(value) && !probe.is_unset(current) =>
            {
                Verdict::Read
            }
            Change::Fails { .. } => Verdict::Error,
            // If a marker of one type has no effect, markers of other types have none either.
            Change::None if probe.is_marked() => break,
            Change::None => continue,
        };
        let seen = Seen { key, verdict, choice: *choice };
        let weight = |verdict| [Verdict::Error, Verdict::Notes, Verdict::Read].iter().position(|one| *one == verdict);
        if best.is_none_or(|best| weight(verdict) > weight(best.verdict)) {
            best = Some(seen);
        }
        if verdict == Verdict::Read {
            break;
        }
    }
    Ok(best)
}
