//! Reasons why the new chart does not render with the migrated values, and the switches that it requires.

use super::settings;
use crate::{
    chart::{Accepts, Chart, RenderFailure, condition},
    effective::{EffectiveValues, ReferenceSource, references_in},
    yaml::{Path, Value, edit::Edit},
};

/// A reason why the chart does not render with the values.
#[derive(Debug, Clone, PartialEq)]
pub enum Incompatibility {
    /// The schema allows only other types at the path.
    Type { path: Path, kind: &'static str, takes: Accepts },
    /// A template of the chart fails with these values together.
    Fail(RenderFailure),
    /// A template in the value names a helper template that the chart does not have.
    Helper { path: Path, name: String },
    /// A template in the value names a key that the chart does not have.
    Key { path: Path, key: String },
    /// The chart evaluates the password as a template, and the password is none.
    Password { path: Path },
}

/// A switch of the new chart that the values require. The older chart has no such switch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredSwitch {
    pub path: Path,
    /// The reason in `fails.tsv`.
    pub reason: &'static str,
}

/// Finds the reasons why the chart does not render with these values.
pub fn incompatibilities(values: &EffectiveValues) -> Vec<Incompatibility> {
    let mut found = Vec::new();
    for leaf in settings::leaves(&values.written) {
        missing_references(&leaf.path, &leaf.value, &values.chart, &mut found);
        let takes = values.chart.schema(&leaf.path.to_string());
        if let Some(takes) = takes.filter(|takes| !takes.takes(&leaf.value)) {
            found.push(Incompatibility::Type { path: leaf.path, kind: leaf.value.kind(), takes });
        }
    }
    found.extend(values.render_failures().into_iter().map(Incompatibility::Fail));
    let passwords = values.invalid_passwords().into_iter().filter_map(|key| key.parse().ok());
    found.extend(passwords.map(|path| Incompatibility::Password { path }));
    found
}

/// Finds references in the templates of a value to helpers and keys that the chart does not have.
pub(super) fn missing_references(path: &Path, value: &Value, chart: &Chart, found: &mut Vec<Incompatibility>) {
    match value {
        Value::String(text) if text.contains("{{") => {
            found.extend(references_in(text).into_iter().filter_map(|(_, what)| missing_reference(path, &what, chart)));
        }
        Value::List(items) => items.iter().for_each(|item| missing_references(path, item, chart, found)),
        Value::Map(map) => map.iter().for_each(|(_, value)| missing_references(path, value, chart, found)),
        _ => {}
    }
}

fn missing_reference(path: &Path, what: &ReferenceSource, chart: &Chart) -> Option<Incompatibility> {
    let path = path.clone();
    what.is_missing(chart).then(|| match what {
        ReferenceSource::Helper(name) => Incompatibility::Helper { path, name: (*name).to_owned() },
        ReferenceSource::Key(key) => Incompatibility::Key { path, key: (*key).to_owned() },
    })
}

/// Finds the switches that are off by default and that the older chart does not have: the older chart behaves as if the
/// switches were on. Values that the older chart does not render either require no switch.
pub(super) fn required_switches(before: &EffectiveValues, after: &EffectiveValues) -> Vec<RequiredSwitch> {
    let broken = before.render_failures();
    let is_new = |fail: &RenderFailure| broken.iter().all(|known| known.reason != fail.reason);
    let mut switches: Vec<RequiredSwitch> = Vec::new();
    for fail in after.render_failures().into_iter().filter(is_new) {
        for term in condition::terms(fail.condition) {
            let condition::Term::OneOf { key, values } = &term else { continue };
            if values[..] != ["false"] || before.chart.takes(key) {
                continue;
            }
            let Ok(path) = key.parse::<Path>() else { continue };
            if after.written.get_at(&path).is_none() && switches.iter().all(|known| known.path != path) {
                switches.push(RequiredSwitch { path, reason: fail.reason });
            }
        }
    }
    switches
}

/// Turns on a switch in a text with values at `at`.
pub(super) fn turn_on(at: &Path, need: &RequiredSwitch, to: &Chart) -> Edit {
    let reason = need.reason.replace('-', " ");
    let comment = Some(format!("without it chart {} does not render ({reason})", to.version()));
    Edit::Insert { path: at.join(&need.path), value: Value::from(true), comment }
}
