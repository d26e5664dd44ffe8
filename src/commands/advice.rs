//! Findings of lint for generated values, which the user sees before the install.

use std::collections::BTreeMap;

use crate::{
    chart::Chart,
    lint::{Diagnostic, engine},
    source::Hints,
};

/// What `redisgen lint` finds in generated values for `chart`, in the order of the text.
pub(super) fn findings(text: &str, chart: &Chart) -> Vec<Diagnostic> {
    let hints = Hints { version: chart.version().to_string().parse().ok(), ..Hints::default() };
    engine::lint_text(text, &hints, &|_| Ok(chart.clone())).diagnostics
}

/// Adds an ignore comment above each finding of an accepted rule. Each rule comes with the reason.
pub(super) fn accept(text: String, accepted: &[(&str, String)], chart: &Chart) -> String {
    if accepted.is_empty() {
        return text;
    }
    let mut comments: BTreeMap<usize, String> = BTreeMap::new();
    for found in findings(&text, chart) {
        if let Some((rule, reason)) = accepted.iter().find(|(rule, _)| *rule == found.rule) {
            comments.entry(found.place().line).or_insert_with(|| format!("# redisgen: ignore[{rule}] {reason}"));
        }
    }
    let mut lines = String::new();
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if let Some(comment) = comments.get(&(number + 1)) {
            let indent = &line[..line.len() - line.trim_start().len()];
            lines.extend([indent, comment, "\n"]);
        }
        lines.push_str(line);
    }
    lines
}
