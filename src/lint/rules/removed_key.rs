//! See `removed_key.md`: the help text, the web page and the test of this rule.

use crate::{
    lint::{Finding, Fix, Group, Rule, Severity, Subject, keys::Why},
    yaml::edit::Edit,
};

pub(super) static RULE: Rule = Rule {
    id: "removed-key",
    group: Group::Structure,
    severity: Severity::Error,
    summary: "key that this chart version no longer has, without a replacement",
    docs: include_str!("removed_key.md"),
    check,
};

fn check(subject: &Subject) -> Vec<Finding> {
    let mut found = Vec::new();
    for stranger in subject.strangers() {
        let Why::Removed { at } = &stranger.why else { continue };
        let entry = stranger.entry(subject);
        let delete = Edit::Delete { path: entry.path.clone(), prune: true };
        found.push(
            stranger
                .finding(subject, format!("`{}` was removed in chart {at}", entry.text))
                .labelled(format!("chart {} ignores this key", subject.chart.keys_of()))
                .help("no key replaces this setting: check whether you still need it, then delete the key")
                .fix(Fix { title: "delete the key".to_owned(), safe: false, edits: vec![delete] }),
        );
    }
    found
}
