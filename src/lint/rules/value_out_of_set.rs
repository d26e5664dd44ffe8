//! See `value_out_of_set.md`: the help text, the web page and the test of this rule.

use std::sync::LazyLock;

use crate::{
    chart::Verdict,
    escape::quote_short,
    lint::{keys::settings, prelude::*},
    suggest::{Name, slip},
    table::table,
    yaml::{Value, edit::Edit},
};

pub(super) static RULE: Rule = Rule {
    id: "value-out-of-set",
    group: Group::Structure,
    severity: Severity::Error,
    summary: "value that Kubernetes or the chart does not accept",
    docs: include_str!("value_out_of_set.md"),
    fix: FixAvailability::Unsafe,
    scope: Scope::Line,
    facts: Facts::Keys,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

/// The endings of keys, and the words that they take.
static SETS: LazyLock<Vec<[&str; 3]>> =
    LazyLock::new(|| table!("src/lint/sets.tsv", ["ending", "values", "source"]).rows().collect());

fn check(subject: &Subject) -> Vec<Finding> {
    let mut found = Vec::new();
    for entry in settings(subject) {
        let Some(value @ Value::String(text)) = subject.value_of(entry) else { continue };
        // The result of a template is not known before rendering.
        if text.is_empty() || text.contains("{{") {
            continue;
        }
        let allowed = allowed(subject, &entry.text);
        // Another rule reports an unused key.
        let unread = || {
            let read = subject.chart.read(&entry.text, subject.topology);
            read.verdict == Verdict::Dead || subject.all_hold(read.terms) == Some(false)
        };
        if allowed.is_empty() || allowed.contains(value) || unread() {
            continue;
        }
        let words: Vec<&str> = allowed.iter().filter_map(Value::as_str).collect();
        let finding =
            Finding::at(entry.value, format!("`{}` is not a valid value of `{}`", quote_short(text), entry.text))
                .labelled(format!("expected {}", words.join(", ")));
        let same = words.iter().find(|word| word.eq_ignore_ascii_case(text));
        let name = Name::of(text);
        let mut near: Vec<_> = words.iter().filter_map(|word| Some((slip(&name, &Name::of(word))?, word))).collect();
        near.sort_by_key(|(far, _)| *far);
        // If two words are equally near, either could be meant.
        let near = match near[..] {
            [(one, word), (other, _), ..] if one < other => Some(word),
            [(_, word)] => Some(word),
            _ => None,
        };
        found.push(match same.or(near) {
            Some(word) => finding.help(format!("did you mean `{word}`?")).fix(Fix::new(
                Applicability::Unsafe,
                format!("set the value to `{word}`"),
                vec![Edit::Set { path: entry.path.clone(), value: Value::from(*word) }],
            )),
            None => finding,
        });
    }
    found
}

/// The values that the key accepts; empty if it accepts any value.
fn allowed(subject: &Subject, path: &str) -> Vec<Value> {
    if let Some(key) = subject.chart.key(path).filter(|key| !key.allowed.is_empty()) {
        return key.allowed.to_vec();
    }
    let ends = |ending: &str| path.strip_suffix(ending).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let set = SETS.iter().find(|[ending, ..]| ends(ending));
    set.map(|[_, words, _]| words.split(',').map(Value::from).collect()).unwrap_or_default()
}
