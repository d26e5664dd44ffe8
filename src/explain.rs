//! The history of a key: its state in one chart version, its use, and its names in the other versions.
//!
//! Everything comes from the facts of [`chart`](crate::chart). This module prints nothing.

mod event;
mod step;

pub use event::{Event, EventKind, events};
pub use step::{Moved, Transition, moved, steps};

use semver::Version;

use crate::{
    chart::{self, Accepts, Chart, Key, KeyUse, RenderFailure, Topology, Type, Verdict, condition},
    yaml::Value,
};

/// The state and the history of a path.
#[derive(Debug, Clone)]
pub struct KeyHistory<'a> {
    pub path: String,
    /// The state of the path in the chart version. `None` if that version has no such key.
    pub state: Option<KeyState<'a>>,
    /// The events of the path, oldest first.
    pub events: Vec<Event>,
}

/// The state of a path in one chart version.
#[derive(Debug, Clone)]
pub struct KeyState<'a> {
    /// The key at the path, or the nearest key above it that takes any child.
    pub key: Key<'a>,
    /// Whether the key is at the path itself.
    pub exact: bool,
    pub readings: Vec<TopologyUse>,
    /// The types that the schema accepts. `None` if the schema accepts every type.
    pub schema: Option<Accepts>,
    /// The render failures that the key takes part in.
    pub failures: Vec<Failure>,
    /// The keys directly below the path, in the order of the chart's `values.yaml`.
    pub children: Vec<Key<'a>>,
}

/// How a chart uses a key in some topologies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopologyUse {
    pub topologies: Vec<Topology>,
    pub verdict: Verdict,
    /// The condition of that use, as the catalogue writes it.
    pub switches: &'static str,
    /// The number of keys below a map that the chart reads, and the number of all keys below it.
    pub below: Option<(usize, usize)>,
}

/// A render failure in some topologies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub topologies: Vec<Topology>,
    pub fail: RenderFailure,
}

/// The history of a path from the view of one chart. `None` for a path that no version takes.
pub fn key_history<'a>(path: &str, chart: &'a Chart) -> Option<KeyHistory<'a>> {
    let state = state(path, chart);
    let events = events(path);
    (state.is_some() || !events.is_empty() || last_with(path).is_some()).then(|| KeyHistory {
        path: path.to_owned(),
        state,
        events,
    })
}

/// The newest embedded version that takes a value at the path.
pub fn last_with(path: &str) -> Option<Version> {
    chart::version_numbers().rev().find(|version| takes(version, path))
}

fn takes(version: &Version, path: &str) -> bool {
    Chart::at(version).is_some_and(|chart| chart.takes(path))
}

/// The terms of a catalogue condition as plain text.
pub fn in_words(condition: &str) -> Vec<String> {
    condition::terms(condition).map(|term| term.to_string()).collect()
}

/// The terms of a catalogue condition as objects of "requires".
pub fn requirements(condition: &str) -> Vec<String> {
    condition::terms(condition).map(|term| term.requirement()).collect()
}

fn state<'a>(path: &str, chart: &'a Chart) -> Option<KeyState<'a>> {
    if !chart.takes(path) {
        return None;
    }
    let (at, key) = nearest(path, chart)?;
    let exact = at == path;
    let mut children: Vec<Key> =
        if exact { chart.keys().filter(|key| is_child(key.path, path)).collect() } else { Vec::new() };
    children.sort_by(|a, b| (a.rank, a.path).cmp(&(b.rank, b.path)));
    let failures = failures(at, chart);
    Some(KeyState {
        key,
        exact,
        readings: readings(at, chart),
        schema: chart.schema(at).filter(|accepts| !accepts.takes_all()),
        failures,
        children,
    })
}

/// The key at the path, or the nearest key above it.
fn nearest<'a, 'p>(path: &'p str, chart: &'a Chart) -> Option<(&'p str, Key<'a>)> {
    let mut ends = std::iter::successors(Some(path), |path| chart::above(path));
    ends.find_map(|path| Some((path, chart.key(path)?)))
}

fn is_child(key: &str, path: &str) -> bool {
    chart::above(key) == Some(path)
}

fn readings(path: &str, chart: &Chart) -> Vec<TopologyUse> {
    let leaves = leaves(path, chart);
    let mut readings: Vec<TopologyUse> = Vec::new();
    for topology in Topology::ALL {
        let KeyUse { verdict, switches, .. } = chart.read(path, topology);
        let reading = if leaves.is_empty() {
            TopologyUse { topologies: vec![topology], verdict, switches, below: None }
        } else {
            let read = leaves.iter().filter(|leaf| chart.read(leaf, topology).verdict == Verdict::Read).count();
            TopologyUse { topologies: vec![topology], verdict, switches: "", below: Some((read, leaves.len())) }
        };
        let same = readings.iter_mut().find(|known| {
            (known.verdict, known.switches, known.below) == (reading.verdict, reading.switches, reading.below)
        });
        match same {
            Some(known) => known.topologies.push(topology),
            None => readings.push(reading),
        }
    }
    readings
}

/// The keys below a map that have no keys below them.
fn leaves<'a>(path: &str, chart: &'a Chart) -> Vec<&'a str> {
    let prefix = format!("{path}.");
    let below = chart.keys().filter(|key| key.path.starts_with(&prefix));
    below.filter(|key| key.kind != Type::Map || key.default.is_some() || !key.declared).map(|key| key.path).collect()
}

fn failures(path: &str, chart: &Chart) -> Vec<Failure> {
    let mut failures: Vec<Failure> = Vec::new();
    for topology in Topology::ALL {
        for fail in chart.fails(topology).iter().copied().filter(|fail| is_about(fail.condition, path)) {
            match failures.iter_mut().find(|known| known.fail == fail) {
                Some(known) => known.topologies.push(topology),
                None => failures.push(Failure { topologies: vec![topology], fail }),
            }
        }
    }
    failures
}

fn is_about(condition: &str, path: &str) -> bool {
    condition::terms(condition).any(|term| term.names(path))
}

/// A value as JSON, the form of the catalogue.
pub fn json(value: &Value) -> serde_json::Value {
    value.into()
}
