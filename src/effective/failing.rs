//! Values that keep a chart from rendering.

use super::{EffectiveValues, KeyStatus, explicit_value_in, names};
use crate::{
    chart::{self, Accepts, RenderFailure, Setting, Topology, condition::Term},
    yaml::{Map, Path, Segment, Value},
};

/// Why a chart does not render with the values.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// The schema of the chart accepts only other types for this key.
    Type { path: Path, kind: &'static str, takes: Accepts },
    /// A template or the schema rejects the combination of values.
    Fail(RenderFailure),
    /// Helm accepts only a mapping as the values of a subchart.
    NoMapping { at: Path, kind: &'static str },
}

impl Refusal {
    /// The keys with the rejected values.
    pub fn keys(&self) -> Vec<Path> {
        match self {
            Self::Type { path, .. } => vec![path.clone()],
            Self::NoMapping { .. } => vec![Path::root()],
            Self::Fail(fail) => {
                let keys = fail.all_terms.iter().flat_map(Term::keys);
                let mut keys: Vec<Path> = keys.filter_map(|key| key.parse().ok()).collect();
                keys.dedup();
                keys
            }
        }
    }
}

impl EffectiveValues {
    /// Everything in the values that keeps the chart from rendering.
    ///
    /// Templates in values are not checked, because it is unknown whether the chart renders a value as a template.
    pub fn refusals(&self) -> Vec<Refusal> {
        let mut failures = Vec::new();
        self.refused_below(&self.written, &mut Path::root(), &mut failures);
        failures.extend(self.render_failures().into_iter().map(Refusal::Fail));
        failures
    }

    /// The keys of passwords that the chart evaluates as templates, and that are none: rendering fails.
    pub fn invalid_passwords(&self) -> Vec<&'static str> {
        if self.places(Setting::PasswordIsTemplate).is_empty() {
            return Vec::new();
        }
        let is_repeated = self.evaluates_passwords_again();
        let keys = self.places(Setting::Password).into_iter().chain(self.places(Setting::PasswordGlobal));
        let is_read = |key: &&str| key.parse().is_ok_and(|path| self.status(&path, key) == KeyStatus::Active);
        let is_invalid = |key: &&str| self.text(key).is_some_and(|text| names::is_invalid_template(text, is_repeated));
        keys.filter(is_invalid).filter(is_read).collect()
    }

    /// Whether the chart evaluates the result of a password with a template again.
    pub fn evaluates_passwords_again(&self) -> bool {
        self.places(Setting::PasswordWithBraces).is_empty()
    }

    fn refused_below(&self, map: &Map, path: &mut Path, failures: &mut Vec<Refusal>) {
        for (key, value) in map.iter() {
            path.push(Segment::Key(key.to_owned()));
            let text = path.to_string();
            match value {
                Value::Map(map) if !map.is_empty() && chart::is_key_parent(&text) => {
                    self.refused_below(map, path, failures);
                }
                value => {
                    if let Some(takes) = self.chart.schema(&text).filter(|takes| !takes.takes(value)) {
                        failures.push(Refusal::Type { path: path.clone(), kind: value.kind(), takes });
                    }
                }
            }
            path.pop();
        }
    }

    /// The render failures that a written value takes part in, each condition once.
    ///
    /// Types that the schema rejects are not included, because they are reported per key.
    pub fn render_failures(&self) -> Vec<RenderFailure> {
        let with_sentinel = if self.on("sentinel.enabled") { self.chart.fails(Topology::Sentinel) } else { &[] };
        let mut failures: Vec<RenderFailure> = Vec::new();
        for fail in self.chart.fails(self.topology).iter().chain(with_sentinel) {
            // Few conditions hold. The chart renders with its own defaults.
            if self.all_hold(fail.all_terms) == Some(true)
                && fail.all_terms.iter().any(|term| term.any_key(&|key| self.is_written(key)))
                && !failures.contains(fail)
            {
                failures.push(*fail);
            }
        }
        failures
    }

    /// Whether a key, or a value above it that is no map, is written.
    fn is_written(&self, key: &str) -> bool {
        explicit_value_in(&self.written, key).is_some()
    }
}
