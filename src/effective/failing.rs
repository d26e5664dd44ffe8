//! Values with which a chart does not render.

use super::{EffectiveValues, said_in};
use crate::{
    chart::{self, Accepts, RenderFailure, Topology, condition},
    yaml::{Map, Path, Segment, Value},
};

/// Why a chart does not render with values.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// The schema of the chart takes values of other types at this key.
    Type { path: Path, kind: &'static str, takes: Accepts },
    /// A template or the schema refuses these values together.
    Fail(RenderFailure),
    /// Helm itself takes nothing but a mapping here, where the values of the chart stand in those of another.
    NoMapping { at: Path, kind: &'static str },
}

impl Refusal {
    /// The keys whose values the chart refuses.
    pub fn keys(&self) -> Vec<Path> {
        match self {
            Self::Type { path, .. } => vec![path.clone()],
            Self::NoMapping { .. } => vec![Path::root()],
            Self::Fail(fail) => {
                let keys = condition::terms(fail.condition).flat_map(|term| term.keys());
                let mut keys: Vec<Path> = keys.filter_map(|key| key.parse().ok()).collect();
                keys.dedup();
                keys
            }
        }
    }
}

impl EffectiveValues {
    /// Everything that keeps the chart from rendering with these values, as far as values tell. Templates in values are
    /// not looked at: whether the chart runs a value as a template is not known.
    pub fn refusals(&self) -> Vec<Refusal> {
        let mut found = Vec::new();
        self.refused_below(&self.written, &mut Path::root(), &mut found);
        found.extend(self.failing().into_iter().map(Refusal::Fail));
        found
    }

    fn refused_below(&self, map: &Map, path: &mut Path, found: &mut Vec<Refusal>) {
        for (key, value) in map.iter() {
            path.push(Segment::Key(key.to_owned()));
            let text = path.to_string();
            match value {
                Value::Map(map) if !map.is_empty() && chart::is_key_parent(&text) => {
                    self.refused_below(map, path, found);
                }
                value => {
                    if let Some(takes) = self.chart.schema(&text).filter(|takes| !takes.takes(value)) {
                        found.push(Refusal::Type { path: path.clone(), kind: value.kind(), takes });
                    }
                }
            }
            path.pop();
        }
    }

    /// What keeps the chart from rendering, of that which these values say something about; each condition once. Types
    /// that the schema refuses are not among it: those are told key by key.
    pub fn failing(&self) -> Vec<RenderFailure> {
        let mut fails = self.chart.fails(self.topology);
        if self.on("sentinel.enabled") {
            fails.extend(self.chart.fails(Topology::Sentinel));
        }
        let mut found: Vec<RenderFailure> = Vec::new();
        for fail in fails {
            // Where nothing is said, it renders.
            let mut keys = condition::terms(fail.condition).flat_map(|term| term.keys());
            let is_said = keys.any(|key| self.is_near(key) && said_in(&self.written, key).is_some());
            if is_said && !found.contains(&fail) && self.holds(fail.condition) == Some(true) {
                found.push(fail);
            }
        }
        found
    }

    /// Whether something is said at the top above a key: cheaper to know than what holds.
    fn is_near(&self, key: &str) -> bool {
        self.written.contains_key(key.split(['.', '[']).next().unwrap_or(key))
    }
}
