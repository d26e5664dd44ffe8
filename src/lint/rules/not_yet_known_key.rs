//! See `not_yet_known_key.md`: the help text, the web page and the test of this rule.

use crate::lint::{Finding, Group, Rule, Severity, Subject, keys::Why};

pub(super) static RULE: Rule = Rule {
    id: "not-yet-known-key",
    group: Group::Structure,
    severity: Severity::Error,
    summary: "key that only a later chart version has",
    docs: include_str!("not_yet_known_key.md"),
    check,
};

fn check(subject: &Subject) -> Vec<Finding> {
    let mut found = Vec::new();
    for stranger in subject.strangers() {
        let Why::NotYet { since } = &stranger.why else { continue };
        let entry = stranger.entry(subject);
        let version = subject.chart.keys_of();
        let message = format!("`{}` arrives with chart {since}: {version} does not have it", entry.text);
        found.push(
            stranger
                .finding(subject, message)
                .labelled(format!("chart {version} never reads this"))
                .help(format!("upgrade the chart to {since} or later, or leave the key out")),
        );
    }
    found
}
