//! See `not_yet_known_key.md`: the help text, the web page and the test of this rule.

use crate::lint::{
    keys::{UnknownBecause, unknown_keys},
    prelude::*,
};

pub(super) static RULE: Rule = Rule {
    id: "not-yet-known-key",
    group: Group::Structure,
    severity: Severity::Error,
    summary: "key that only later chart versions have",
    docs: include_str!("not_yet_known_key.md"),
    fix: FixAvailability::None,
    scope: Scope::Line,
    facts: Facts::Keys,
    target: Target::Key,
    in_subchart: InSubchart::AtMost(|_, _| Severity::Warning),
    in_migration: InMigration::OwnSection,
    check: Check::Values(check),
};

fn check(subject: &Subject) -> Vec<Finding> {
    let mut found = Vec::new();
    for unknown in unknown_keys(subject) {
        let UnknownBecause::NotYet { since } = &unknown.because else { continue };
        let entry = unknown.entry(subject);
        let version = subject.chart.keys_of();
        let message = format!("`{}` needs chart {since} or later: chart {version} does not have this key", entry.text);
        found.push(
            unknown
                .finding(subject, message)
                .labelled(format!("chart {version} ignores this key"))
                .help(format!("upgrade to chart {since} or later, or remove the key")),
        );
    }
    found
}
