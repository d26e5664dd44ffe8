//! Answers of an older version, tried on this chart: they hold where they are seen to.

use serde_json::{Value as Json, json};

use super::{
    cell::{Cell, reads},
    memo::{Asked, Memo, World, all},
    probe::{Kind, word},
    settings::{At, Settings},
};
use crate::chart::{Chart, Verdict, condition};

/// The least settings under which keys are read, and what ends that.
#[derive(Debug, Clone)]
pub(super) struct Proof {
    pub world: World,
    pub base: Settings,
    /// Each of them, laid over `base`, hides the keys.
    pub killers: Vec<Settings>,
}

/// Keys that the older version told the same of, with the proof of that.
#[derive(Debug)]
pub(super) struct Group {
    pub switches: &'static str,
    pub proof: Proof,
    pub is_marked: bool,
    pub choice: usize,
    pub keys: Vec<At>,
}

/// Switches that the older version did not have: none of its answers tells of them.
pub(super) fn new_switches(memo: &Memo, base: &Chart) -> Vec<At> {
    let is_new = |key: &At| {
        let probe = memo.probe(*key);
        let is_switch = matches!(probe.kind, Kind::Bool | Kind::Choice) || probe.replaces;
        is_switch && base.key(&probe.path).is_none()
    };
    memo.keys().filter(is_new).collect()
}

/// The keys that have no answer yet, by what `base` tells of them; `choice` is the value that they are tried with.
pub(super) fn groups(memo: &Memo, base: &Chart, cell: &Cell, company: &Settings, choice: usize) -> Vec<Group> {
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

/// The keys of a group for which its proof holds.
pub(super) fn holding(memo: &Memo, group: &Group, new: &[At], choices: &[usize]) -> Asked<Vec<At>> {
    let Group { proof, keys, .. } = group;
    let lives = alive(memo, group, &proof.base, keys)?;
    if lives.is_empty() {
        return Ok(lives);
    }
    // Of several that are set together one may need another.
    let alone = lives.iter().map(|key| reads(memo, proof.world, &proof.base, *key, group.choice));
    let hidden = all(proof.killers.iter().map(|killer| alive(memo, group, &proof.base.with(killer), &lives)));
    let (alone, hidden) = (all(alone), hidden);
    let files = memo.manifests(lives.iter().copied());
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
        alive(memo, group, &settings, &lives).map(|living| Some((*switch, living)))
    }));
    let without = without_defaults(memo, group, &lives);
    let (alone, hidden, flipped, without) = (alone?, hidden?, flipped?, without?);
    let holds = |(at, key): &(usize, &At)| {
        alone[*at]
            && without.contains(key)
            && !hidden.iter().any(|lives| lives.contains(key))
            && flipped.iter().flatten().all(|(switch, lives)| switch == *key || lives.contains(key))
    };
    Ok(lives.iter().enumerate().filter(holds).map(|(_, key)| *key).collect())
}

/// Those of the keys that are read with every other switch off that the chart has on: a switch that was there before may
/// decide of a key for the first time.
fn without_defaults(memo: &Memo, group: &Group, keys: &[At]) -> Asked<Vec<At>> {
    let files = memo.manifests(keys.iter().copied());
    let is_on = |switch: &At| {
        let probe = memo.probe(*switch);
        let is_near = memo.lookers[usize::from(*switch)] & files != 0;
        probe.kind == Kind::Bool && probe.default == json!(true) && is_near && !group.proof.base.has(*switch)
    };
    let on: Vec<At> = memo.keys().filter(|switch| is_on(switch) && !keys.contains(switch)).collect();
    without(memo, group, keys, &on)
}

/// Those of the keys that are read with these switches off; switches that must not be off together are tried in halves.
fn without(memo: &Memo, group: &Group, keys: &[At], switches: &[At]) -> Asked<Vec<At>> {
    let mut settings = group.proof.base.clone();
    for switch in switches {
        settings.set(*switch, json!(false));
    }
    let files = memo.manifests(keys.iter().copied());
    if memo.look(group.proof.world, &settings, files)?.is_ok() {
        return alive(memo, group, &settings, keys);
    }
    if switches.len() < 2 {
        return Ok(keys.to_vec());
    }
    let (left, right) = switches.split_at(switches.len() / 2);
    let both = all([without(memo, group, keys, left), without(memo, group, keys, right)])?;
    Ok(both[0].iter().filter(|key| both[1].contains(key)).copied().collect())
}

/// Those of the keys that are read with these settings. Markers show many keys in one rendering.
fn alive(memo: &Memo, group: &Group, settings: &Settings, keys: &[At]) -> Asked<Vec<At>> {
    let world = group.proof.world;
    if !group.is_marked {
        let read = all(keys.iter().map(|key| reads(memo, world, settings, *key, group.choice)))?;
        return Ok(keys.iter().zip(read).filter(|(_, read)| *read).map(|(key, _)| *key).collect());
    }
    shown(memo, world, settings, &keys.iter().map(|key| (*key, group.choice)).collect::<Vec<_>>())
}

/// Those of the keys whose markers come out; keys that do not render together are tried in halves.
pub(super) fn shown(memo: &Memo, world: World, settings: &Settings, keys: &[(At, usize)]) -> Asked<Vec<At>> {
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

/// The least settings in which all terms hold, and those in which one of them does not; none where a term speaks of
/// something else than keys of this chart.
fn proof(memo: &Memo, cell: &Cell, switches: &str, company: &Settings) -> Option<Proof> {
    let mut proof = Proof { world: World::default(), base: cell.own.with(company), killers: Vec::new() };
    for term in switches.split(" & ").filter(|term| !term.is_empty() && *term != "-") {
        match term {
            "@upgrade=true" => proof.world.upgrade = true,
            _ if term.starts_with("@kube=") => proof.world.old = true,
            _ => {
                let mut killer = Settings::default();
                for (at, one) in term.split('|').enumerate() {
                    let (key, on, off) = ways(memo, one)?;
                    if at == 0 {
                        proof.base = proof.base.with(&cell.ways.beside(memo, key, &on)).and(key, on);
                    }
                    killer = killer.with(&cell.ways.beside(memo, key, &off)).and(key, off);
                }
                proof.killers.push(killer);
            }
        }
    }
    Some(proof)
}

/// A value of a key with which a term holds, and one with which it does not.
fn ways(memo: &Memo, term: &str) -> Option<(At, Json, Json)> {
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
        Term::Filled { .. } => Some((key, filled(), probe.nothing())),
        Term::Empty { .. } => Some((key, probe.nothing(), filled())),
        Term::OneOf { values, .. } => Some((key, text(values.first()?), other(values)?)),
        Term::NoneOf { values, .. } => Some((key, other(values)?, text(values.first()?))),
        _ => None,
    }
}
