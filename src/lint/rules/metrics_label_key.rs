//! See `metrics_label_key.md`: the help text, the web page and the test of this rule.

use crate::{
    lint::{Finding, Fix, Group, Rule, Severity, Subject, keys::Why},
    yaml::{Path, Segment, Value, edit::Edit},
};

pub(super) static RULE: Rule = Rule {
    id: "metrics-label-key",
    group: Group::Monitoring,
    severity: Severity::Error,
    summary: "labels of a monitor at a key that this chart version does not read",
    docs: include_str!("metrics_label_key.md"),
    check,
};

fn check(subject: &Subject) -> Vec<Finding> {
    let mut found = Vec::new();
    for stranger in subject.strangers() {
        let Why::LabelKey { to } = &stranger.why else { continue };
        let entry = stranger.entry(subject);
        let version = subject.chart.keys_of();
        let message = format!("chart {version} reads these labels from `{to}`, not from `{}`", entry.text);
        let finding = Finding::at(entry.key, message).labelled("the chart ignores this key");
        let name = to.parse::<Path>().ok().and_then(|to| to.last().cloned());
        let labels = matches!(subject.value_of(entry), Some(Value::Map(_)));
        found.push(match (subject.entry(to), name) {
            (Some(taken), _) => finding.mark(taken.key, "the chart reads this key"),
            (None, Some(Segment::Key(name))) if labels => finding.fix(Fix {
                title: format!("rename the key to `{to}`"),
                // No version ever had `labels`, so that nobody knows that it was ever meant so.
                safe: stranger.was_or_will_be_a_key(subject),
                edits: vec![Edit::Rename { path: entry.path.clone(), to: name }],
            }),
            (None, _) => finding,
        });
    }
    found
}
