//! See `removed_key.md`: the help text, the web page and the test of this rule.

use crate::{
    lint::{Finding, Fix, Group, Rule, Severity, Subject, keys::Why},
    yaml::edit::Edit,
};

pub(super) static RULE: Rule = Rule {
    id: "removed-key",
    group: Group::Structure,
    severity: Severity::Error,
    summary: "key that this chart version has no more, and for which nothing stands in",
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
                .finding(subject, format!("`{}` is no key of the chart any more since {at}", entry.text))
                .labelled(format!("chart {} never reads this", subject.chart.keys_of()))
                .help("nothing takes its place: see whether what it did is still needed, then delete it")
                .fix(Fix { title: "delete it".to_owned(), safe: false, edits: vec![delete] }),
        );
    }
    found
}
