//! See `not_yet_known_key.md`: the help text, the web page and the test of this rule.

use crate::lint::{Finding, Group, Rule, Severity, Subject, keys::Why};

pub(super) static RULE: Rule = Rule {
    id: "not-yet-known-key",
    group: Group::Structure,
    severity: Severity::Error,
    summary: "key that only later chart versions have",
    docs: include_str!("not_yet_known_key.md"),
    check,
};

fn check(subject: &Subject) -> Vec<Finding> {
    let mut found = Vec::new();
    for stranger in subject.strangers() {
        let Why::NotYet { since } = &stranger.why else { continue };
        let entry = stranger.entry(subject);
        let version = subject.chart.keys_of();
        let message = format!("`{}` needs chart {since} or later: chart {version} does not have this key", entry.text);
        found.push(
            stranger
                .finding(subject, message)
                .labelled(format!("chart {version} ignores this key"))
                .help(format!("upgrade to chart {since} or later, or remove the key")),
        );
    }
    found
}
