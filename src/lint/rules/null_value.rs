//! See `null_value.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Type,
    lint::{keys::settings, prelude::*},
    yaml::Value,
};

pub(super) static RULE: Rule = Rule {
    id: "null-value",
    group: Group::Structure,
    severity: Severity::Warning,
    summary: "key without a value, which deletes the chart's default",
    docs: include_str!("null_value.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Keys,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let mut found = Vec::new();
    for entry in settings(subject) {
        if subject.value_of(entry) != Some(&Value::Null) {
            continue;
        }
        let Some(key) = subject.chart.key(&entry.text) else { continue };
        let block = key.kind == Type::Map && key.default.is_none() && key.declared;
        let empty = matches!(&key.default, None | Some(Value::Null))
            || key.default.as_ref().is_some_and(|default| !crate::chart::condition::is_truthy(Some(default)));
        if !block && empty {
            continue;
        }
        let what = if block { "all defaults below this key" } else { "its default" };
        let finding = Finding::at(entry.key, format!("`{}` has no value: Helm then deletes {what}", entry.text))
            .help("remove the key to keep the default, or write `~` or `null` to delete it on purpose");
        let bare = subject.document.source(entry.value).trim().is_empty();
        found.push(match (block, bare) {
            (true, _) => finding,
            (false, true) => finding.severity(Severity::Info),
            // The null is explicit, and Helm has no other way to delete a default.
            (false, false) => continue,
        });
    }
    found
}
