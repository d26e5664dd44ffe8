//! See `broken_yaml.md`: the help text, the web page and the test of this rule.

use crate::{
    lint::prelude::*,
    yaml::{Error, Span},
};

pub(super) static RULE: Rule = Rule {
    id: "broken-yaml",
    group: Group::Structure,
    severity: Severity::Error,
    summary: "file that Helm cannot read as values",
    docs: include_str!("broken_yaml.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Syntax(check),
    ..Rule::DEFAULTS
};

fn check(text: &str, error: &Error) -> Finding {
    let Error { line, column, message } = error;
    let at = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>();
    let start = text[at.min(text.len())..]
        .char_indices()
        .nth(column.saturating_sub(1))
        .map_or(text.len(), |(byte, _)| at + byte);
    Finding::at(Span { start, end: start, line: *line, column: *column }, message)
}
