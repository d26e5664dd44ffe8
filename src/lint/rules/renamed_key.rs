//! See `renamed_key.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::{Change, ChangeKind, Transform},
    lint::{
        keys::{self, UnknownBecause, severity_of_old_key, unknown_keys},
        prelude::*,
    },
    yaml::{Path, Segment, Value, edit::Edit},
};

pub(super) static RULE: Rule = Rule {
    id: "renamed-key",
    group: Group::Structure,
    severity: Severity::Error,
    summary: "key that has another name in this chart version",
    docs: include_str!("renamed_key.md"),
    fix: FixAvailability::Either,
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
        let UnknownBecause::Renamed { change, to } = &unknown.because else { continue };
        let entry = unknown.entry(subject);
        let names: Vec<_> = to.iter().map(|to| format!("`{to}`")).collect();
        let message = format!("`{}` was replaced by {} in chart {}", entry.text, names.join(" and "), change.version);
        let finding = unknown
            .finding(subject, message)
            .labelled(format!("chart {} ignores this key", subject.chart.keys_of()))
            .help(advice(change, &names));
        let existing = to.iter().find_map(|to| subject.entry(to));
        found.push(match (existing, fix(subject, entry, change, to)) {
            (Some(existing), _) => finding.mark(existing.key, "the chart reads this key"),
            (None, Some(fix)) => finding.fix(fix),
            (None, None) => finding,
        });
    }
    found
}

fn advice(change: &Change, names: &[String]) -> String {
    let names = names.join(" and ");
    match (change.kind, change.transform) {
        (_, Transform::BoolToArchitecture) => format!("set {names} to `replication` or `standalone` instead"),
        (_, Transform::SentinelPlusOne) => format!("set {names} instead; with Sentinel, the number is one higher"),
        (ChangeKind::Move, _) => format!("the nearest setting is {names}, which has another scope"),
        (ChangeKind::Split, _) => format!("set each of {names} instead"),
        _ => format!("set {names} instead"),
    }
}

/// Whether the fix is safe. A rename keeps the meaning; a change of the scope or the value needs a review.
fn fix(subject: &Subject, entry: &Entry, change: &Change, to: &[String]) -> Option<Fix> {
    let [to] = to else { return None };
    let new: Path = to.parse().ok()?;
    if change.transform != Transform::BoolToArchitecture && !keys::can_go(subject, subject.value_of(entry)?, &new) {
        return None;
    }
    match (change.kind, change.transform) {
        (ChangeKind::Rename | ChangeKind::Move, Transform::Same | Transform::SentinelOnly) => {
            let edit = match new.last() {
                Some(Segment::Key(name)) if new.parent() == entry.path.parent() => {
                    Edit::Rename { path: entry.path.clone(), to: name.clone() }
                }
                _ => Edit::Move { from: entry.path.clone(), to: new },
            };
            let applicability = match (change.kind, change.transform) {
                (ChangeKind::Rename, Transform::Same) => Applicability::Safe,
                _ => Applicability::Unsafe,
            };
            Some(Fix::new(applicability, format!("move the key to `{to}`"), vec![edit]))
        }
        (_, Transform::BoolToArchitecture) => {
            let on = subject.value_of(entry)?.as_bool()?;
            let value = Value::from(if on { "replication" } else { "standalone" });
            let edits =
                vec![Edit::Set { path: entry.path.clone(), value }, Edit::Move { from: entry.path.clone(), to: new }];
            Some(Fix::new(Applicability::Safe, format!("convert the key to `{to}`"), edits))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{chart::Chart, source::Origin, yaml::Document};

    #[test]
    fn a_name_that_only_the_notes_still_show_is_renamed() {
        let document = Document::parse("architecture: standalone\nmaster:\n  service:\n    port: 7000\n").unwrap();
        for (version, count) in [("15.7.5", 0), ("16.0.0", 1), ("16.9.0", 1), ("16.9.1", 1)] {
            let chart = Chart::at(&version.parse().unwrap()).unwrap();
            let found = check(&Subject::new(&document, Origin::default(), &chart).unwrap());
            assert_eq!(found.len(), count, "{version}");
        }
    }
}
