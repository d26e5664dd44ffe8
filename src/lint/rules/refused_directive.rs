//! See `refused_directive.md`: the help text, the web page and the test of this rule.

use crate::{
    lint::{
        conf_lines::{self, RefusedLine},
        prelude::*,
    },
    redis::directives::Reason,
};

pub(super) static RULE: Rule = Rule {
    id: "refused-directive",
    group: Group::Availability,
    severity: Severity::Error,
    summary: "directive with arguments that Redis refuses: Redis does not start",
    docs: include_str!("refused_directive.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Keys,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    conf_lines::refused(subject).iter().filter_map(finding).collect()
}

fn finding(line: &RefusedLine) -> Option<Finding> {
    let (name, program) = (&line.name, line.program);
    let span = line.directive.span?;
    // No newer version is expected to accept another form of an argument.
    let (message, help, newer) = match &line.refusal.reason {
        Reason::Unknown { .. } => return None,
        Reason::Comment => (
            format!(
                "comment after the directive `{name}`: {program} reads the comment as arguments and does not start"
            ),
            "put the comment on a line of its own".to_owned(),
            Severity::Warning,
        ),
        Reason::Quotes => (
            format!("broken quotes after the directive `{name}`: {program} does not start"),
            "close each quote, and put a space after the closing quote".to_owned(),
            Severity::Error,
        ),
        Reason::NotOne(count) => (
            format!("`{name}` has {count} arguments: {program} expects 1 and does not start"),
            "put an argument with spaces between double quotes".to_owned(),
            Severity::Warning,
        ),
        Reason::Argument { found, expected } => (
            format!("`{name}` refuses `{found}`: {program} does not start"),
            format!("expected {}", expected.text),
            if expected.is_form { Severity::Warning } else { Severity::Info },
        ),
    };
    Some(Finding::at(span, message).help(help).severity(line.severity(newer)))
}
