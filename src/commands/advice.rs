//! Findings of lint for generated values, which the user sees before the install.

use std::collections::BTreeSet;

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

/// Adds an ignore comment above each finding of an accepted rule, and returns the other findings. Each rule comes with the
/// reason.
pub(super) fn accept(text: String, accepted: &[(&str, String)], chart: &Chart) -> (String, Vec<Diagnostic>) {
    let reason = |rule: &str| accepted.iter().find(|(accepted, _)| *accepted == rule).map(|(_, reason)| reason);
    let (found, left): (Vec<_>, Vec<_>) =
        findings(&text, chart).into_iter().partition(|found| reason(found.rule).is_some());
    if found.is_empty() {
        return (text, left);
    }
    let comment = |found: &Diagnostic| {
        let reason = reason(found.rule)?;
        Some((found.place().line, format!("# redisgen: ignore[{}] {reason}", found.rule)))
    };
    let comments: BTreeSet<(usize, String)> = found.iter().filter_map(comment).collect();
    let mut lines = String::new();
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let indent = &line[..line.len() - line.trim_start().len()];
        for (_, comment) in comments.iter().filter(|(at, _)| *at == number + 1) {
            lines.extend([indent, comment, "\n"]);
        }
        lines.push_str(line);
    }
    (lines, left)
}
