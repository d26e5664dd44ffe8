//! The life of a key: what it is in one chart version, what reads it, and what it was and became in the others.
//!
//! All of it is read off the facts about the [`chart`](crate::chart); it prints nothing.

mod event;
mod step;

pub use event::{Event, EventKind, events};
pub use step::{Moved, Transition, moved, steps};

use semver::Version;

use crate::{
    chart::{self, Accepts, Chart, Key, KeyUse, RenderFailure, Topology, Type, Verdict, condition},
    yaml::Value,
};

/// All that is known of a path.
#[derive(Debug, Clone)]
pub struct KeyHistory<'a> {
    pub path: String,
    /// What the path is in the version that is looked at; none where that version has no such key.
    pub state: Option<KeyState<'a>>,
    /// What happened to it, oldest first.
    pub events: Vec<Event>,
}

/// What a path is in one chart version.
#[derive(Debug, Clone)]
pub struct KeyState<'a> {
    /// The key itself, or the nearest above that takes it whole.
    pub key: Key<'a>,
    /// Whether the path itself is the key.
    pub exact: bool,
    pub readings: Vec<TopologyUse>,
    /// The types that the schema takes; none where it takes any.
    pub schema: Option<Accepts>,
    /// What makes rendering fail with it.
    pub failures: Vec<Failure>,
    /// The keys directly below, in the order of the chart's own file.
    pub children: Vec<Key<'a>>,
}

/// What is made of a key in some topologies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopologyUse {
    pub topologies: Vec<Topology>,
    pub verdict: Verdict,
    /// What has to hold for that, in the words of the chart's keys.
    pub switches: &'static str,
    /// For a map with keys of its own: how many of those below are read, of how many.
    pub below: Option<(usize, usize)>,
}

/// What makes rendering fail in some topologies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub topologies: Vec<Topology>,
    pub fail: RenderFailure,
}

/// The life of the path, looked at from this chart; none for a path that no version takes.
pub fn life<'a>(path: &str, chart: &'a Chart) -> Option<KeyHistory<'a>> {
    let state = state(path, chart);
    let events = events(path);
    (state.is_some() || !events.is_empty() || last_with(path).is_some()).then(|| KeyHistory {
        path: path.to_owned(),
        state,
        events,
    })
}

/// The newest embedded version that takes a value at this path.
pub fn last_with(path: &str) -> Option<Version> {
    chart::version_numbers().rev().find(|version| takes(version, path))
}

fn takes(version: &Version, path: &str) -> bool {
    Chart::at(version).is_some_and(|chart| chart.takes(path))
}

/// A condition of the catalogue, each of its terms in plain words.
pub fn in_words(condition: &str) -> Vec<String> {
    condition::terms(condition).map(|term| term.to_string()).collect()
}

/// A condition of the catalogue, each of its terms as the object of "requires".
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

/// The key of this path, or the nearest above it.
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
        let KeyUse { verdict, switches } = chart.read(path, topology);
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

/// The keys below a map that have none below themselves.
fn leaves<'a>(path: &str, chart: &'a Chart) -> Vec<&'a str> {
    let prefix = format!("{path}.");
    let below = chart.keys().filter(|key| key.path.starts_with(&prefix));
    below.filter(|key| key.kind != Type::Map || key.default.is_some() || !key.declared).map(|key| key.path).collect()
}

fn failures(path: &str, chart: &Chart) -> Vec<Failure> {
    let mut failures: Vec<Failure> = Vec::new();
    for topology in Topology::ALL {
        for fail in chart.fails(topology).into_iter().filter(|fail| is_about(fail.condition, path)) {
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

/// A value as the catalogue writes it: JSON in one line.
pub fn json(value: &Value) -> serde_json::Value {
    value.into()
}
