//! See `redundant_default.md`: the help text, the web page and the test of this rule.

use std::collections::{BTreeSet, HashSet};

use crate::{
    chart,
    effective::repeats_at,
    lint::{
        keys::{settings, unknown_keys},
        prelude::*,
    },
    yaml::{Path, Value, edit::Edit},
};

pub(super) static RULE: Rule = Rule {
    id: "redundant-default",
    group: Group::Structure,
    severity: Severity::Info,
    summary: "setting that repeats the default of this chart version",
    docs: include_str!("redundant_default.md"),
    fix: FixAvailability::Unsafe,
    scope: Scope::Release,
    facts: Facts::Keys,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let settings: Vec<(&Entry, bool)> = settings(subject).map(|entry| (entry, repeats(subject, entry))).collect();
    let mut found = Vec::new();
    if !settings.iter().any(|(_, repeats)| *repeats) {
        return found;
    }
    let others = others(subject, &settings);
    let mut at = 0;
    while let Some((entry, repeats)) = settings.get(at) {
        if !repeats {
            at += 1;
            continue;
        }
        let (top, many) = topmost(subject, entry, &settings[at..], &others);
        let message = match many {
            1 => format!("`{}` repeats the default of chart {}", top.text, subject.chart.version()),
            _ => format!("`{}` repeats {many} defaults of chart {}", top.text, subject.chart.version()),
        };
        let delete = Edit::Delete { path: top.path.clone(), prune: true };
        found.push(Finding::at(top.key, message).fix(Fix::new(Applicability::Unsafe, "delete the key", vec![delete])));
        at += many;
    }
    found
}

/// Whether a setting has the value of its default.
fn repeats(subject: &Subject, entry: &Entry) -> bool {
    let is_below = |other: &Path| other.starts_with(&entry.path);
    // The value may override one of a lower layer.
    let is_alone = !subject.origin.has_unread_values && subject.other_layers.under.get_at(&entry.path).is_none();
    is_alone
        && subject.value_of(entry).is_some_and(|value| repeats_at(&subject.chart, &entry.path, &entry.text, value))
        && !unknown_keys(subject).iter().any(|unknown| is_below(&unknown.entry(subject).path))
}

/// The values that are not settings of the chart: a misspelled key, or a key of a parent chart. A block with such a value
/// is not removed as a whole.
fn others(subject: &Subject, settings: &[(&Entry, bool)]) -> BTreeSet<Path> {
    let settings: HashSet<&str> = settings.iter().map(|(entry, _)| entry.text.as_str()).collect();
    let is_told = |entry: &&Entry| {
        std::iter::successors(Some(entry.text.as_str()), |text| chart::above(text)).any(|text| settings.contains(text))
    };
    let is_leaf = |entry: &&Entry| !matches!(subject.value_of(entry), Some(Value::Map(map)) if !map.is_empty());
    let others = subject.entries.iter().filter(is_leaf).filter(|entry| !is_told(entry));
    others.map(|entry| entry.path.clone()).collect()
}

/// The highest key above the first setting with only defaults below, and the number of these settings.
fn topmost<'a>(
    subject: &'a Subject,
    entry: &'a Entry,
    from: &[(&'a Entry, bool)],
    others: &BTreeSet<Path>,
) -> (&'a Entry, usize) {
    let mut top = (entry, 1);
    let mut path = entry.path.clone();
    while path.pop().is_some() && !path.is_root() {
        let below = || from.iter().take_while(|(entry, _)| entry.path.starts_with(&path));
        let Some(above) = subject.entry(&path.to_string()) else { break };
        if others.range(path.clone()..).next().is_some_and(|other| other.starts_with(&path)) {
            break;
        }
        let first = subject.behind(above);
        if below().any(|(_, repeats)| !repeats) || first.is_none_or(|first| !entry.path.starts_with(&first.path)) {
            break;
        }
        top = (above, below().count());
    }
    top
}
