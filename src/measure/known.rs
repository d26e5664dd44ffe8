//! Answers of an older version, tested with this chart and reused if the test confirms them.

use serde_json::{Value as Json, json};

use super::{
    cell::{Cell, reads},
    probe::{Kind, word},
    render_cache::{HelmContext, RenderCache, RenderRequest, all},
    settings::{At, Settings},
};
use crate::chart::{Chart, Verdict, condition};

/// Minimal settings with which keys are read, and settings that prevent that.
#[derive(Debug, Clone)]
pub(super) struct Proof {
    pub world: HelmContext,
    pub base: Settings,
    /// Each of these settings, added to `base`, makes the keys unused.
    pub killers: Vec<Settings>,
}

/// Keys with the same answer in the older version, and the test of this answer.
#[derive(Debug)]
pub(super) struct Group {
    pub switches: &'static str,
    pub proof: Proof,
    pub is_marked: bool,
    pub choice: usize,
    pub keys: Vec<At>,
}

/// Switches that the older version does not have. Its answers do not consider them.
pub(super) fn new_switches(memo: &RenderCache, base: &Chart) -> Vec<At> {
    let is_new = |key: &At| {
        let probe = memo.probe(*key);
        let is_switch = matches!(probe.kind, Kind::Bool | Kind::Choice) || probe.replaces;
        is_switch && base.key(&probe.path).is_none()
    };
    memo.keys().filter(is_new).collect()
}

/// Groups the keys without an answer by the answer of `base`. `choice` is the index of the value to test.
pub(super) fn groups(memo: &RenderCache, base: &Chart, cell: &Cell, company: &Settings, choice: usize) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for key in memo.keys() {
        let probe = memo.probe(key);
        if cell.own.has(key) || cell.facts.contains_key(&key) || choice >= probe.values.len().max(1) {
            continue;
        }
        if base.key(&probe.path).is_none() {
            continue;
        }
        let read = base.read(&probe.path, cell.topology);
        if read.verdict != Verdict::Read {
            continue;
        }
        let is_marked = probe.is_marked();
        let is_alike =
            |group: &&mut Group| group.switches == read.switches && group.is_marked == is_marked && !company.has(key);
        if let Some(group) = groups.iter_mut().find(is_alike) {
            group.keys.push(key);
        } else if let Some(proof) = proof(memo, cell, read.switches, &company.without(key)) {
            groups.push(Group { switches: read.switches, proof, is_marked, choice, keys: vec![key] });
        }
    }
    groups
}

/// Keys of a group whose answer is confirmed.
pub(super) fn holding(memo: &RenderCache, group: &Group, new: &[At], choices: &[usize]) -> RenderRequest<Vec<At>> {
    let Group { proof, keys, .. } = group;
    let read_keys = keys_read(memo, group, &proof.base, keys)?;
    if read_keys.is_empty() {
        return Ok(read_keys);
    }
    // Among several keys that are set together, one may need another.
    let alone = read_keys.iter().map(|key| reads(memo, proof.world, &proof.base, *key, group.choice));
    let hidden = all(proof.killers.iter().map(|killer| keys_read(memo, group, &proof.base.with(killer), &read_keys)));
    let (alone, hidden) = (all(alone), hidden);
    let files = memo.manifests(read_keys.iter().copied());
    let flipped = all(new.iter().map(|switch| {
        let probe = memo.probe(*switch);
        let value = match probe.kind {
            Kind::Bool => json!(probe.default != json!(true)),
            _ => probe.other_than(&probe.default, choices[usize::from(*switch)]),
        };
        let settings = proof.base.clone().and(*switch, value);
        if !memo.look(proof.world, &settings, files)?.is_ok() {
            return Ok(None);
        }
        keys_read(memo, group, &settings, &read_keys).map(|living| Some((*switch, living)))
    }));
    let without = without_defaults(memo, group, &read_keys);
    let (alone, hidden, flipped, without) = (alone?, hidden?, flipped?, without?);
    let holds = |(at, key): &(usize, &At)| {
        alone[*at]
            && without.contains(key)
            && !hidden.iter().any(|read_keys| read_keys.contains(key))
            && flipped.iter().flatten().all(|(switch, read_keys)| switch == *key || read_keys.contains(key))
    };
    Ok(read_keys.iter().enumerate().filter(holds).map(|(_, key)| *key).collect())
}

/// Keys that are still read if every other switch that the chart enables by default is off. In this version an old
/// switch may affect the key for the first time.
fn without_defaults(memo: &RenderCache, group: &Group, keys: &[At]) -> RenderRequest<Vec<At>> {
    let files = memo.manifests(keys.iter().copied());
    let is_on = |switch: &At| {
        let probe = memo.probe(*switch);
        let is_near = memo.lookers[usize::from(*switch)] & files != 0;
        probe.kind == Kind::Bool && probe.default == json!(true) && is_near && !group.proof.base.has(*switch)
    };
    let on: Vec<At> = memo.keys().filter(|switch| is_on(switch) && !keys.contains(switch)).collect();
    without(memo, group, keys, &on)
}

/// Keys that are still read if these switches are off. Switches that cannot be off together are tested in halves.
fn without(memo: &RenderCache, group: &Group, keys: &[At], switches: &[At]) -> RenderRequest<Vec<At>> {
    let mut settings = group.proof.base.clone();
    for switch in switches {
        settings.set(*switch, json!(false));
    }
    let files = memo.manifests(keys.iter().copied());
    if memo.look(group.proof.world, &settings, files)?.is_ok() {
        return keys_read(memo, group, &settings, keys);
    }
    if switches.len() < 2 {
        return Ok(keys.to_vec());
    }
    let (left, right) = switches.split_at(switches.len() / 2);
    let both = all([without(memo, group, keys, left), without(memo, group, keys, right)])?;
    Ok(both[0].iter().filter(|key| both[1].contains(key)).copied().collect())
}

/// Keys that are read with these settings. Markers reveal many keys in one rendering.
fn keys_read(memo: &RenderCache, group: &Group, settings: &Settings, keys: &[At]) -> RenderRequest<Vec<At>> {
    let world = group.proof.world;
    if !group.is_marked {
        let read = all(keys.iter().map(|key| reads(memo, world, settings, *key, group.choice)))?;
        return Ok(keys.iter().zip(read).filter(|(_, read)| *read).map(|(key, _)| *key).collect());
    }
    shown(memo, world, settings, &keys.iter().map(|key| (*key, group.choice)).collect::<Vec<_>>())
}

/// Keys whose markers appear in the output. Keys that do not render together are tested in halves.
pub(super) fn shown(
    memo: &RenderCache,
    world: HelmContext,
    settings: &Settings,
    keys: &[(At, usize)],
) -> RenderRequest<Vec<At>> {
    let files = memo.manifests(keys.iter().map(|(key, _)| *key));
    let mut marked = settings.clone();
    for (key, choice) in keys {
        let probe = memo.probe(*key);
        let Some(value) = probe.values.get(*choice) else { continue };
        marked.set(*key, value.clone());
    }
    let outcome = memo.look(world, &marked, files)?;
    if outcome.is_ok() {
        let seen = outcome.marked(files);
        return Ok(keys.iter().map(|(key, _)| *key).filter(|key| seen.contains(key)).collect());
    }
    if keys.len() < 2 {
        return Ok(Vec::new());
    }
    let (left, right) = keys.split_at(keys.len() / 2);
    Ok(all([shown(memo, world, settings, left), shown(memo, world, settings, right)])?.concat())
}

/// Minimal settings that satisfy all terms, and settings that violate one term each. `None` if a term is about
/// something other than keys of this chart.
fn proof(memo: &RenderCache, cell: &Cell, switches: &str, company: &Settings) -> Option<Proof> {
    let mut proof = Proof { world: HelmContext::default(), base: cell.own.with(company), killers: Vec::new() };
    for term in switches.split(" & ").filter(|term| !term.is_empty() && *term != "-") {
        match term {
            "@upgrade=true" => proof.world.upgrade = true,
            _ if term.starts_with("@kube=") => proof.world.old = true,
            _ => {
                let mut killer = Settings::default();
                for (at, one) in term.split('|').enumerate() {
                    let (key, on, off) = values_for_term(memo, one)?;
                    if at == 0 {
                        proof.base = proof.base.with(&cell.ways.required_with(memo, key, &on)).and(key, on);
                    }
                    killer = killer.with(&cell.ways.required_with(memo, key, &off)).and(key, off);
                }
                proof.killers.push(killer);
            }
        }
    }
    Some(proof)
}

/// A value of the key that satisfies the term, and one that violates it.
fn values_for_term(memo: &RenderCache, term: &str) -> Option<(At, Json, Json)> {
    let mut terms = condition::terms(term);
    let (term, None) = (terms.next()?, terms.next()) else { return None };
    let path = term.key()?;
    let key = memo.keys().find(|key| memo.probe(*key).path == path)?;
    let probe = memo.probe(key);
    let filled = || if probe.kind == Kind::Bool { json!(true) } else { probe.values[0].clone() };
    let text = |value: &str| match value {
        "true" | "false" => json!(value == "true"),
        value => json!(value),
    };
    let other = |values: &[&str]| {
        let values = |value: &Json| values.contains(&word(value).as_str());
        if probe.kind == Kind::Bool {
            return [true, false].map(Json::from).into_iter().find(|value| !values(value));
        }
        probe.values.iter().find(|value| !values(value)).cloned()
    };
    use condition::Term;
    match &term {
        Term::NotEmpty { .. } => Some((key, filled(), probe.nothing())),
        Term::Empty { .. } => Some((key, probe.nothing(), filled())),
        Term::OneOf { values, .. } => Some((key, text(values.first()?), other(values)?)),
        Term::NoneOf { values, .. } => Some((key, other(values)?, text(values.first()?))),
        Term::AtMost { most, .. } => Some((key, json!(most), json!(most + 1))),
        _ => None,
    }
}
