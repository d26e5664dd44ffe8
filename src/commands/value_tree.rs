//! The tree of values that a plan and an overlay come to.

use crate::{
    chart::{Chart, LEAST_EXPONENT},
    effective::EffectiveValues,
    intent::Field,
    plan::Plan,
    redact,
    values::{self, Rendered},
    yaml::{self, Map, Path, Value, merge::Layers},
};

/// The values of a plan with an overlay, and the rendering of the plan alone. `is_asked` is true for a field that a flag
/// sets, and `numbers` are the paths of whole numbers of `--set` in the overlay.
pub(super) fn make(
    plan: &Plan,
    chart: &Chart,
    overlay: &Map,
    numbers: &[Path],
    is_asked: impl Fn(Field) -> bool,
) -> (Map, Rendered) {
    let rendered = values::render(plan, chart, overlay, is_asked);
    let mut tree = rendered.values.clone();
    yaml::merge::merge_into(&mut tree, overlay.clone());
    keep_whole(&mut tree, numbers, chart);
    (tree, rendered)
}

/// Quotes the whole numbers of `--set` that the chart would otherwise print as `1e+06`. The chart prints the quoted text
/// like a number of Helm's own `--set`.
fn keep_whole(tree: &mut Map, numbers: &[Path], chart: &Chart) {
    if numbers.is_empty() {
        return;
    }
    let topology = EffectiveValues::new(tree.clone(), Layers::default(), chart).topology;
    for path in numbers {
        let Some(Value::Int(number)) = tree.get_at(path) else { continue };
        let is_printed = || chart.exponent(&path.to_string(), topology).is_some_and(|printed| printed.quoted);
        if number.unsigned_abs() >= LEAST_EXPONENT && is_printed() {
            let text = Value::from(number.to_string());
            // The path has a value already.
            drop(tree.insert_at(path, text));
        }
    }
}

/// The whole numbers that only Helm's own `--set` can express: the chart prints them as `1e+06` from a file, and accepts no
/// text.
pub(super) fn numbers_for_helm(tree: &Map, numbers: &[Path], chart: &Chart) -> Vec<String> {
    if numbers.is_empty() {
        return Vec::new();
    }
    let effective = EffectiveValues::new(tree.clone(), Layers::default(), chart);
    let lost = |path: &Path| {
        let Some(Value::Int(number)) = effective.written.get_at(path) else { return None };
        let printed = chart.exponent(&path.to_string(), effective.topology)?;
        let is_lost = number.unsigned_abs() >= LEAST_EXPONENT && effective.holds(printed.switches) == Some(true);
        is_lost.then(|| format!("{path}={number}"))
    };
    // A command must not contain a possible password.
    let is_public = |text: &String| redact::assignments(&[text.as_str()]) == [text.as_str()];
    let mut lost: Vec<String> = numbers.iter().filter_map(lost).filter(is_public).collect();
    lost.dedup();
    lost
}
