//! Minimal settings under which a key is read, and the switches among them.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{
    cell::Cell,
    known::shown,
    probe::{Kind, Probe, is_empty, same, word},
    render_cache::{HelmContext, RenderCache, RenderRequest, all},
    search::company,
    settings::{At, Settings},
    setups::{Setup, flips},
};

/// Minimal settings under which a key is read.
#[derive(Debug, Clone)]
pub(super) struct LeastSettings {
    pub world: HelmContext,
    pub settings: Settings,
}

/// Reduces the configuration that first revealed the key to the settings that the key needs.
pub(super) fn least(memo: &RenderCache, cell: &Cell, way: &Setup, key: At) -> RenderRequest<Option<LeastSettings>> {
    let ordinary = HelmContext::default();
    let reads = |world: HelmContext, settings: &Settings| cell.reads(memo, world, settings, key);
    if reads(ordinary, &cell.own)? {
        return Ok(Some(LeastSettings { world: ordinary, settings: cell.own.clone() }));
    }
    let mut full = way.settings.clone();
    if !reads(way.world, &full)? {
        // The key was read together with other marked keys. Those keys are set, too.
        full = way.settings.with(&cell.markers(memo, &company(memo, cell, way, false))).without(key);
        if !reads(way.world, &full)? {
            full = way.settings.with(&cell.markers(memo, &company(memo, cell, way, true))).without(key);
            if !reads(way.world, &full)? {
                return Ok(None);
            }
        }
    }
    let settings = shrink(memo, cell, way.world, &full, key)?;
    let world = if reads(ordinary, &settings)? { ordinary } else { way.world };
    // A remaining setting may affect the value of the key without being required for its use.
    let mut settings = settings;
    for other in settings.clone().keys().filter(|other| !cell.own.has(*other)) {
        let without = settings.without(other);
        if reads(world, &without)? {
            settings = without;
        }
    }
    Ok(Some(LeastSettings { world, settings }))
}

/// Removes settings, first in halves, as long as the key is still read.
fn shrink(
    memo: &RenderCache,
    cell: &Cell,
    world: HelmContext,
    settings: &Settings,
    key: At,
) -> RenderRequest<Settings> {
    let with = |items: &[At]| cell.own.with(&settings.filtered(|one| items.contains(&one)));
    let mut items: Vec<At> = settings.keys().filter(|one| !cell.own.has(*one)).collect();
    let mut size = items.len().div_ceil(2);
    while size >= 1 && !items.is_empty() {
        let mut from = 0;
        while from < items.len() {
            let to = (from + size).min(items.len());
            let rest = [&items[..from], &items[to..]].concat();
            if cell.reads(memo, world, &with(&rest), key)? {
                items = rest;
            } else {
                from = to;
            }
        }
        if size == 1 {
            break;
        }
        size = size.div_ceil(2);
    }
    Ok(with(&items))
}

/// Keys that are read under the same minimal settings.
#[derive(Debug)]
pub(super) struct KeyGroup {
    pub way: usize,
    pub least: LeastSettings,
    pub keys: Vec<At>,
}

/// Switches of these keys, in the syntax of `reads.tsv`.
pub(super) fn switches(
    memo: &RenderCache,
    cell: &Cell,
    way: &Setup,
    alike: &KeyGroup,
) -> RenderRequest<Vec<(At, String)>> {
    let KeyGroup { least, keys, .. } = alike;
    let set_keys: Vec<At> = least.settings.keys().filter(|one| !cell.own.has(*one)).collect();
    let files = memo.manifests(keys.iter().copied());
    // A switch at its default may be required as well.
    let mut killers: Vec<(At, Json)> = Vec::new();
    for switch in memo.keys() {
        let probe = memo.probe(switch);
        let is_near = memo.lookers[usize::from(switch)] & files != 0;
        if cell.own.has(switch) || !is_near || set_keys.contains(&switch) {
            continue;
        }
        let now = probe.current(switch, &least.settings);
        let values = flips(memo, &cell.choices, &way.settings, switch);
        killers.extend(values.into_iter().filter(|value| !same(value, now)).map(|value| (switch, value)));
    }
    let killed = all(killers.iter().map(|(switch, value)| {
        let killer = cell.ways.required_with(memo, *switch, value).and(*switch, value.clone());
        let settings = least.settings.with(&killer);
        if !memo.look(least.world, &settings, files)?.is_ok() {
            return Ok(Vec::new());
        }
        let living = keys_read(memo, cell, least.world, &settings, keys)?;
        // A count of 0 removes whole objects. It is a switch only for keys of the same top-level key.
        let is_told = |key: &At| !memo.probe(*switch).is_count() || memo.are_of_one_block(*key, *switch);
        Ok(keys.iter().copied().filter(|key| key != switch && !living.contains(key) && is_told(key)).collect())
    }))?;
    let mut by_key: BTreeMap<At, Vec<At>> = BTreeMap::new();
    for (killed, (switch, _)) in killed.iter().zip(&killers) {
        for key in killed {
            let switches = by_key.entry(*key).or_default();
            if !switches.contains(switch) {
                switches.push(*switch);
            }
        }
    }
    all(keys.iter().map(|key| {
        let mut needed: Vec<At> = set_keys.iter().copied().filter(|one| one != key).collect();
        needed.extend(by_key.get(key).into_iter().flatten());
        let mut terms = all(needed.iter().map(|switch| term(memo, cell, least, *key, *switch)))?;
        if least.world.old {
            terms.push("@kube=1.20".to_owned());
        }
        if least.world.upgrade {
            terms.push("@upgrade=true".to_owned());
        }
        terms.sort();
        Ok((*key, terms.join(" & ")))
    }))
}

/// Keys that are read with these settings.
fn keys_read(
    memo: &RenderCache,
    cell: &Cell,
    world: HelmContext,
    settings: &Settings,
    keys: &[At],
) -> RenderRequest<Vec<At>> {
    let (marked, others): (Vec<At>, Vec<At>) = keys.iter().partition(|key| memo.probe(**key).is_marked());
    let with_choice: Vec<_> = marked.iter().map(|key| (*key, cell.choices[usize::from(*key)])).collect();
    let seen = if with_choice.is_empty() { Ok(Vec::new()) } else { shown(memo, world, settings, &with_choice) };
    // A key whose marker does not appear in the output, for example because it is encoded, is tested alone.
    let unseen = |seen: &Vec<At>| -> Vec<At> {
        others.iter().chain(marked.iter().filter(|key| !seen.contains(key))).copied().collect()
    };
    let mut seen = seen?;
    let alone = unseen(&seen);
    let read = all(alone.iter().map(|key| cell.reads(memo, world, settings, *key)))?;
    seen.extend(alone.into_iter().zip(read).filter(|(_, read)| *read).map(|(key, _)| key));
    Ok(seen)
}

/// Condition on a switch. For a switch with words, the condition lists all words that have the same effect.
fn term(memo: &RenderCache, cell: &Cell, least: &LeastSettings, key: At, switch: At) -> RenderRequest<String> {
    let probe = memo.probe(switch);
    let current = probe.current(switch, &least.settings);
    if probe.kind != Kind::Choice {
        return Ok(condition(probe, current));
    }
    let does = all(probe.values.iter().map(|value| {
        let settings = cell.ways.required_with(memo, switch, value).and(switch, value.clone());
        Ok(same(value, current) || cell.reads(memo, least.world, &least.settings.with(&settings), key)?)
    }))?;
    let mut words: Vec<String> =
        probe.values.iter().zip(does).filter(|(_, does)| *does).map(|(value, _)| quoted(value)).collect();
    if words.is_empty() {
        words.push(quoted(current));
    }
    words.sort();
    Ok(format!("{}={}", probe.path, words.join(",")))
}

fn condition(probe: &Probe, value: &Json) -> String {
    let path = &probe.path;
    match value {
        _ if probe.is_count() => format!("{path}!=0"),
        Json::Bool(_) | Json::Number(_) => format!("{path}={value}"),
        // The key is not read with the word of the default.
        value if is_word(&probe.default) && !same(value, &probe.default) => format!("{path}!={}", word(&probe.default)),
        value if is_empty(value) && probe.kind == Kind::Bool => format!("{path}=false"),
        value if is_empty(value) => format!("{path}=\"\""),
        _ => format!("{path}!=\"\""),
    }
}

fn is_word(value: &Json) -> bool {
    value.as_str().is_some_and(|word| !word.is_empty())
}

fn quoted(value: &Json) -> String {
    if is_empty(value) { "\"\"".to_owned() } else { word(value) }
}
