//! See `broken_in_this_version.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::{Defect, Harm, condition},
    lint::{
        locate::{locate, set_value},
        prelude::*,
    },
};

pub(super) static RULE: Rule = Rule {
    id: "broken-in-this-version",
    group: Group::Availability,
    severity: Severity::Error,
    summary: "setting that this chart version renders with a defect",
    docs: include_str!("broken_in_this_version.md"),
    fix: FixAvailability::Unsafe,
    scope: Scope::Release,
    facts: Facts::Templates,
    in_migration: InMigration::OwnSection,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    subject.defects().iter().map(|defect| finding(subject, defect)).collect()
}

fn finding(subject: &Subject, defect: &Defect) -> Finding {
    let mut keys: Vec<String> =
        condition::terms(defect.condition).flat_map(|term| term.keys()).map(str::to_owned).collect();
    keys.extend(subject.chart.topology_keys(subject.topology).into_iter().map(str::to_owned));
    let finding = Finding::at(locate(subject, &keys), defect.message(&subject.chart)).severity(match defect.harm {
        Harm::Outage => Severity::Error,
        Harm::Feature => Severity::Warning,
    });
    let finding = finding.help(defect.way_round());
    let edit = defect.setting().and_then(|(key, value)| set_value(subject, key, value));
    match (edit, defect.set) {
        (Some(edit), Some((key, json))) => {
            finding.fix(Fix::new(Applicability::Unsafe, format!("set `{key}: {json}`"), vec![edit]))
        }
        _ => finding,
    }
}
