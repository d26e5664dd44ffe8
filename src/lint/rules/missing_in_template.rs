//! See `missing_in_template.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Helper,
    effective::{ReferenceSource, references_in},
    lint::prelude::*,
    yaml::{Value, edit::Edit},
};

pub(super) static RULE: Rule = Rule {
    id: "missing-in-template",
    group: Group::Structure,
    severity: Severity::Warning,
    summary: "template in a value that uses a helper or a key that this chart version does not have",
    docs: include_str!("missing_in_template.md"),
    fix: FixAvailability::Safe,
    scope: Scope::Release,
    facts: Facts::Templates,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    // The chart knows the key of a list, and not its items.
    let key = |entry: &Entry| entry.text.split('[').next().is_some_and(|key| subject.chart.takes(key));
    let read = subject.entries.iter().filter(|entry| key(entry));
    read.filter_map(|entry| finding(subject, entry)).collect()
}

/// The finding in one text, with the fixes for all its references.
fn finding(subject: &Subject, entry: &Entry) -> Option<Finding> {
    let Value::String(text) = subject.value_of(entry)? else { return None };
    if !text.contains("{{") {
        return None;
    }
    let chart = &subject.chart;
    let mut names: Vec<String> = Vec::new();
    let mut others: Vec<&str> = Vec::new();
    let mut mended = text.clone();
    for (span, what) in references_in(text).into_iter().rev().filter(|(_, what)| what.is_missing(chart)) {
        match what {
            ReferenceSource::Helper(name) => {
                names.push(format!("the helper template `{name}`"));
                if let Helper::Renamed(other) = chart.helper(name) {
                    mended.replace_range(span, other);
                    others.push(other);
                }
            }
            ReferenceSource::Key(key) => names.push(format!("`.Values.{key}`")),
        }
    }
    names.reverse();
    names.dedup();
    let (first, more) = names.split_first()?;
    let all = more.iter().fold(first.clone(), |all, name| format!("{all} and {name}"));
    let message = format!("`{}` uses {all}, which chart {} does not have", entry.text, chart.version());
    let finding = Finding::at(entry.value, message)
        .labelled("if the chart renders this text, rendering fails or the value is empty");
    let (Some(other), true) = (others.last(), others.len() == names.len()) else { return Some(finding) };
    let edits = vec![Edit::Set { path: entry.path.clone(), value: Value::from(mended.as_str()) }];
    Some(finding.fix(Fix::new(Applicability::Safe, format!("use `{other}`"), edits)))
}
