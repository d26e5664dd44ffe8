//! See `unknown_directive.md`: the help text, the web page and the test of this rule.

use crate::{
    lint::{
        conf_lines::{self, RefusedLine},
        prelude::*,
    },
    redis::directives::Reason,
};

pub(super) static RULE: Rule = Rule {
    id: "unknown-directive",
    group: Group::Availability,
    severity: Severity::Error,
    summary: "directive that Redis or Sentinel does not know: it does not start",
    docs: include_str!("unknown_directive.md"),
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
    let Reason::Unknown { near, since } = &line.refusal.reason else { return None };
    let (name, program) = (&line.name, line.program);
    let is_certain = line.refusal.is_certain && !line.has_modules;
    let message = match (is_certain, line.has_modules) {
        (true, _) => format!("unknown directive `{name}`: {program} does not start"),
        (false, true) => format!("unknown directive `{name}`: {program} starts only if a module adds the directive"),
        (false, false) => format!("unknown directive `{name}` in the newest {program} that redisgen knows"),
    };
    let mut finding = Finding::at(line.directive.span?, message);
    if !is_certain {
        finding = finding.severity(Severity::Info);
    }
    if let Some(near) = near {
        let near = if name.starts_with("sentinel ") { format!("sentinel {near}") } else { near.clone() };
        finding = finding.help(format!("did you mean `{near}`?"));
    }
    if let Some(since) = since {
        finding = finding.help(format!("the directive exists in Redis {since}, but not in this version"));
    }
    Some(finding)
}
