//! See `render_failure.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::{FailedBy, condition::Term},
    lint::prelude::*,
    yaml::{Span, Value},
};

pub(super) static RULE: Rule = Rule {
    id: "render-failure",
    group: Group::Structure,
    severity: Severity::Error,
    summary: "combination of values that this chart version does not render",
    docs: include_str!("render_failure.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Templates,
    in_migration: InMigration::OwnSection,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let mut found = passwords(subject);
    for fail in subject.render_failures() {
        let terms = fail.terms(&subject.chart);
        // The rule `value-out-of-set` reports a word that its key does not accept.
        let is_word = |key: &str| matches!(subject.value(key), Some(Value::String(text)) if !text.contains("{{"));
        if matches!(terms[..], [Term::NoneOf { key, .. }] if is_word(key)) {
            continue;
        }
        let mut keys = fail.keys(&subject.chart);
        // The place of the finding is a key of the image that the file sets.
        keys.retain(|key| {
            let is_of_image = terms.iter().any(|term| matches!(term, Term::Image { keys, .. } if keys.contains(key)));
            !is_of_image || subject.entry(key).is_some()
        });
        let written: Vec<Span> = keys.iter().filter_map(|key| subject.nearest(key)).map(|entry| entry.key).collect();
        let Some((first, others)) = written.split_first() else { continue };
        let by = match fail.by {
            FailedBy::Template => "a template refuses these values",
            FailedBy::Schema => "the schema of the chart refuses these values",
        };
        let keys: Vec<_> = keys.iter().map(|key| format!("`{key}`")).collect();
        let words: Vec<_> = terms.iter().map(ToString::to_string).collect();
        let message = format!(
            "chart {} does not render with these values of {} ({})",
            subject.chart.version(),
            keys.join(" and "),
            fail.reason.replace('-', " ")
        );
        let finding =
            Finding::at(*first, message).labelled(by).help(format!("rendering fails if {}", words.join(" and ")));
        let finding = others.iter().fold(finding, |finding, span| finding.mark(*span, "together with this"));
        // A registry for all images is reported once.
        if !found
            .iter()
            .any(|other: &Finding| other.message == finding.message && other.marks[0].span == finding.marks[0].span)
        {
            found.push(finding);
        }
    }
    found
}

/// The findings about passwords that the chart evaluates as templates, and that are none.
fn passwords(subject: &Subject) -> Vec<Finding> {
    let finding = |entry: &Entry| {
        let message = format!(
            "`{}` contains `{{{{`, and chart {} evaluates the password as a template: rendering fails",
            entry.text,
            subject.chart.version()
        );
        let finding = Finding::at(entry.value, message).labelled("no valid template");
        if subject.evaluates_passwords_again() {
            finding.help("choose a password without `{{`, or put the password into a Secret")
        } else {
            finding.help("write each `{{` of the password as `{{ \"{{\" }}`, or put the password into a Secret")
        }
    };
    subject.invalid_passwords().iter().filter_map(|key| subject.entry(key)).map(finding).collect()
}
