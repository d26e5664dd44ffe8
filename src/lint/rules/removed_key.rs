//! See `removed_key.md`: the help text, the web page and the test of this rule.

use crate::{
    lint::{
        keys::{UnknownBecause, severity_of_old_key, unknown_keys},
        prelude::*,
    },
    yaml::edit::Edit,
};

pub(super) static RULE: Rule = Rule {
    id: "removed-key",
    group: Group::Structure,
    severity: Severity::Error,
    summary: "key that this chart version no longer has, without a replacement",
    docs: include_str!("removed_key.md"),
    fix: FixAvailability::Unsafe,
    scope: Scope::Line,
    facts: Facts::Keys,
    target: Target::Key,
    in_subchart: InSubchart::AtMost(severity_of_old_key),
    in_migration: InMigration::OwnSection,
    check: Check::Values(check),
};

fn check(subject: &Subject) -> Vec<Finding> {
    let mut found = Vec::new();
    for unknown in unknown_keys(subject) {
        let UnknownBecause::Removed { at } = &unknown.because else { continue };
        let entry = unknown.entry(subject);
        let delete = Edit::Delete { path: entry.path.clone(), prune: true };
        found.push(
            unknown
                .finding(subject, format!("`{}` was removed in chart {at}", entry.text))
                .labelled(format!("chart {} ignores this key", subject.chart.keys_of()))
                .help("no key replaces this setting: check whether you still need it, then delete the key")
                .fix(Fix::new(Applicability::Unsafe, "delete the key", vec![delete])),
        );
    }
    found
}
