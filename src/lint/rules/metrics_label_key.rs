//! See `metrics_label_key.md`: the help text, the web page and the test of this rule.

use crate::{
    lint::{
        keys::{UnknownBecause, unknown_keys},
        prelude::*,
    },
    yaml::{Path, Segment, Value, edit::Edit},
};

pub(super) static RULE: Rule = Rule {
    id: "metrics-label-key",
    group: Group::Monitoring,
    severity: Severity::Error,
    summary: "labels of a monitor at a key that this chart version does not read",
    docs: include_str!("metrics_label_key.md"),
    fix: FixAvailability::Either,
    scope: Scope::Release,
    facts: Facts::Keys,
    target: Target::Key,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let mut found = Vec::new();
    for unknown in unknown_keys(subject) {
        let UnknownBecause::LabelKey { to } = &unknown.because else { continue };
        let entry = unknown.entry(subject);
        let version = subject.chart.keys_of();
        let message = format!("chart {version} reads these labels from `{to}`, not from `{}`", entry.text);
        let finding = Finding::at(entry.key, message).labelled("the chart ignores this key");
        let name = to.parse::<Path>().ok().and_then(|to| to.last().cloned());
        let labels = matches!(subject.value_of(entry), Some(Value::Map(_)));
        found.push(match (subject.entry(to), name) {
            (Some(existing), _) => finding.mark(existing.key, "the chart reads this key"),
            (None, Some(Segment::Key(name))) if labels => {
                // No version ever had `labels`, and a rename of that key is a guess.
                let applicability =
                    if unknown.is_in_another_version(subject) { Applicability::Safe } else { Applicability::Unsafe };
                let edits = vec![Edit::Rename { path: entry.path.clone(), to: name }];
                finding.fix(Fix::new(applicability, format!("rename the key to `{to}`"), edits))
            }
            (None, _) => finding,
        });
    }
    found
}
