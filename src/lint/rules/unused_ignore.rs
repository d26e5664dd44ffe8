//! See `unused_ignore.md`: the help text, the web page and the test of this rule.

use crate::{lint::prelude::*, yaml::Span};

pub(super) static RULE: Rule = Rule {
    id: "unused-ignore",
    group: Group::Comments,
    severity: Severity::Warning,
    summary: "ignore comment for a rule that finds nothing here",
    docs: include_str!("unused_ignore.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::UnusedIgnore(check),
    ..Rule::DEFAULTS
};

fn check(place: Span, rule: &str) -> Finding {
    Finding::at(place, format!("`ignore[{rule}]` ignores nothing"))
        .labelled("the rule finds nothing here")
        .help("remove the comment, or put it on the line of the finding or directly above that line")
}
