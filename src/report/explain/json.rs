//! The history of a key as JSON.

use std::collections::HashSet;

use serde_json::{Value as Json, json};

use crate::{
    chart::{Chart, Key, Knowledge},
    effective::KeyStatus,
    explain::{self, Event, EventKind, Failure, KeyHistory, KeyState, Moved, TopologyUse, Transition, in_words},
    redact,
    yaml::Value,
};

/// How the facts of the chart are known, in the terms of `chart list --output json`.
fn known(chart: &Chart) -> &'static str {
    match chart.knowledge() {
        Knowledge::Measured | Knowledge::Alike { .. } | Knowledge::Recognised { .. } => "measured",
        Knowledge::KeysOnly { .. } => "keys-only",
        Knowledge::NumberOnly { .. } => "number-only",
        Knowledge::Imported { .. } => "imported",
        Knowledge::MeasuredHere { .. } => "measured-here",
        Knowledge::Unknown { .. } => "unknown",
    }
}

pub fn key_history(history: &KeyHistory, chart: &Chart, flags: &[String]) -> Json {
    let KeyHistory { path, state: state_now, events } = history;
    let history: Vec<_> = events.iter().map(|event_of_key| event(path, event_of_key)).collect();
    json!({
        "version": 1,
        "key": path,
        "chartVersion": chart.version(),
        "assumed": chart.assumed(),
        "known": known(chart),
        "line": chart.line(),
        "state": state_now.as_ref().map(|state_now| state(path, state_now)),
        "flags": flags,
        "history": history,
    })
}

fn state(path: &str, state: &KeyState) -> Json {
    let KeyState { key, exact, readings, schema, failures, children } = state;
    let readings: Vec<_> = readings.iter().map(reading).collect();
    let failures: Vec<_> = failures.iter().map(failure).collect();
    let children: Vec<_> = children.iter().map(child).collect();
    let allowed: Vec<_> = key.allowed.iter().map(explain::json).collect();
    json!({
        "within": (!exact).then_some(key.path),
        "type": key.kind,
        "default": if *exact { default(path, key.default) } else { Json::Null },
        "declared": key.declared,
        "open": key.open,
        "allowed": allowed,
        "schema": schema.map(|accepts| accepts.to_string()),
        "reads": readings,
        "failures": failures,
        "children": children,
    })
}

fn reading(reading: &TopologyUse) -> Json {
    let TopologyUse { topologies, verdict, switches, below } = reading;
    let below = below.map(|(read, all)| json!({ "read": read, "keys": all }));
    let status = KeyStatus::of_reading(*verdict, topologies).map_or("not-measured", |status| status.id());
    json!({ "topologies": topologies, "status": status, "when": in_words(switches), "below": below })
}

fn failure(failure: &Failure) -> Json {
    let Failure { topologies, fail } = failure;
    json!({ "reason": fail.reason, "by": fail.by, "topologies": topologies, "when": in_words(fail.condition) })
}

fn child(key: &Key) -> Json {
    json!({
        "key": key.path, "type": key.kind, "default": default(key.path, key.default),
        "declared": key.declared, "open": key.open,
    })
}

fn event(path: &str, event: &Event) -> Json {
    let Event { version, what } = event;
    match what {
        EventKind::Added { kind, default: value, declared } => json!({
            "version": version, "event": "added", "type": kind, "default": default(path, value.as_ref()),
            "declared": declared,
        }),
        EventKind::Type(kind) => json!({ "version": version, "event": "type", "type": kind }),
        EventKind::Default(value) => {
            json!({ "version": version, "event": "default", "default": default(path, value.as_ref()) })
        }
        EventKind::Declared(declared) => json!({ "version": version, "event": "declared", "declared": declared }),
        EventKind::Open(open) => json!({ "version": version, "event": "open", "open": open }),
        EventKind::Removed => json!({ "version": version, "event": "removed" }),
        EventKind::Step(Transition { version: _, old, new, kind, transform }) => json!({
            "version": version, "event": "changed", "old": old, "new": new, "kind": kind, "transform": transform,
        }),
        EventKind::Moved(Moved { version: _, maps, renamed, removed, is_outgoing }) => {
            let maps: Vec<_> = maps.iter().map(|(map, keys)| json!({ "map": map, "keys": keys })).collect();
            json!({
                "version": version, "event": if *is_outgoing { "keys-moved-out" } else { "keys-moved-in" }, "maps": maps,
                "otherNames": renamed, "noReplacement": removed,
            })
        }
    }
}

/// The default of a key, unless the default is a secret.
fn default(path: &str, value: Option<&Value>) -> Json {
    value.filter(|_| !redact::is_secret_key(path)).map_or(Json::Null, |value| {
        // A `redis.conf` text in a default can contain a secret.
        explain::json(&redact::redact_value(&[], value, None, &HashSet::new()))
    })
}
