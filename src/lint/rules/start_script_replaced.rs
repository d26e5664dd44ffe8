//! See `start_script_replaced.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Setting,
    lint::prelude::*,
    yaml::{Value, edit::Edit},
};

pub(super) static RULE: Rule = Rule {
    id: "start-script-replaced",
    group: Group::Availability,
    severity: Severity::Error,
    summary: "program of an older chart that replaces the container's start script",
    docs: include_str!("start_script_replaced.md"),
    fix: FixAvailability::Safe,
    scope: Scope::Release,
    facts: Facts::Templates,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let programs = subject.places(Setting::StartProgram);
    let keys = subject.places(Setting::Command).into_iter();
    let found = keys.filter_map(|key| {
        let entry = subject.entry(key)?;
        let program = program(subject.value_of(entry)?)?;
        if !programs.iter().any(|known| known == program) {
            return None;
        }
        let message = format!("`{key}` replaces the start script of the container: Redis does not start");
        let edits = vec![Edit::Delete { path: entry.path.clone(), prune: true }];
        Some(
            Finding::at(entry.value, message)
                .help(format!("delete `{key}`: `{program}` was the default of older charts, where the start script ran this program"))
                .fix(Fix::new(Applicability::Safe, "delete the key", edits)),
        )
    });
    found.collect()
}

/// The program that a command runs.
fn program(value: &Value) -> Option<&str> {
    match value {
        Value::String(program) => Some(program.trim()),
        Value::List(items) => items.first()?.as_str(),
        _ => None,
    }
}
