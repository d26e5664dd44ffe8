//! What keeps the newer chart from rendering with values that were carried, and what is said so that it does.

use super::settings;
use crate::{
    chart::{Accepts, Chart, RenderFailure, condition},
    effective::{EffectiveValues, ReferenceSource, references_in},
    yaml::{
        Path, Value,
        edit::{self, Edit},
    },
};

/// A reason for which the chart does not render.
#[derive(Debug, Clone, PartialEq)]
pub enum Incompatibility {
    /// The schema takes values of another type there.
    Type { path: Path, kind: &'static str, takes: Accepts },
    /// It refuses these values together.
    Fail(RenderFailure),
    /// A template in the value names a helper template that the chart does not have.
    Helper { path: Path, name: String },
    /// A template in the value names a key that the chart does not have.
    Key { path: Path, key: String },
}

/// A switch that the newer chart came with, and without which it refuses what the older one took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredSwitch {
    pub path: Path,
    /// In the words of `fails.tsv`.
    pub reason: &'static str,
}

/// What keeps a chart from rendering with these values.
pub fn breaks(values: &EffectiveValues) -> Vec<Incompatibility> {
    let mut found = Vec::new();
    for leaf in settings::leaves(&values.written) {
        missing(&leaf.path, &leaf.value, &values.chart, &mut found);
        let takes = values.chart.schema(&leaf.path.to_string());
        if let Some(takes) = takes.filter(|takes| !takes.takes(&leaf.value)) {
            found.push(Incompatibility::Type { path: leaf.path, kind: leaf.value.kind(), takes });
        }
    }
    found.extend(values.failing().into_iter().map(Incompatibility::Fail));
    found
}

/// What the templates in a value name that the chart does not have.
pub(super) fn missing(path: &Path, value: &Value, chart: &Chart, found: &mut Vec<Incompatibility>) {
    match value {
        Value::String(text) if text.contains("{{") => {
            found.extend(references_in(text).into_iter().filter_map(|(_, what)| missed(path, &what, chart)));
        }
        Value::List(items) => items.iter().for_each(|item| missing(path, item, chart, found)),
        Value::Map(map) => map.iter().for_each(|(_, value)| missing(path, value, chart, found)),
        _ => {}
    }
}

fn missed(path: &Path, what: &ReferenceSource, chart: &Chart) -> Option<Incompatibility> {
    let path = path.clone();
    what.is_missing(chart).then(|| match what {
        ReferenceSource::Helper(name) => Incompatibility::Helper { path, name: (*name).to_owned() },
        ReferenceSource::Key(key) => Incompatibility::Key { path, key: (*key).to_owned() },
    })
}

/// The switches that are off by default, and were not there before: the older chart did as if they were on. What the
/// older chart did not render either, no switch mends.
pub(super) fn needs(before: &EffectiveValues, after: &EffectiveValues) -> Vec<RequiredSwitch> {
    let broken = before.failing();
    let is_new = |fail: &RenderFailure| broken.iter().all(|known| known.reason != fail.reason);
    let mut needs: Vec<RequiredSwitch> = Vec::new();
    for fail in after.failing().into_iter().filter(is_new) {
        for term in condition::terms(fail.condition) {
            let condition::Term::OneOf { key, values } = &term else { continue };
            if values[..] != ["false"] || before.chart.takes(key) {
                continue;
            }
            let Ok(path) = key.parse::<Path>() else { continue };
            if after.written.get_at(&path).is_none() && needs.iter().all(|need| need.path != path) {
                needs.push(RequiredSwitch { path, reason: fail.reason });
            }
        }
    }
    needs
}

/// Says a switch in a text of values that stand at `at`; none where the text does not allow it.
pub(super) fn said(text: &str, at: &Path, need: &RequiredSwitch, to: &Chart) -> Option<String> {
    let reason = need.reason.replace('-', " ");
    let comment = Some(format!("without it chart {} does not render ({reason})", to.version()));
    edit::apply(text, &[Edit::Insert { path: at.join(&need.path), value: Value::from(true), comment }]).ok()
}
