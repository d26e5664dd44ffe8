//! See `missing_service_account.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::{
        MissingObject, Setting,
        condition::{self, Term},
    },
    lint::{locate::locate, prelude::*},
    yaml::edit::Edit,
};

pub(super) static RULE: Rule = Rule {
    id: "missing-service-account",
    group: Group::Availability,
    severity: Severity::Error,
    summary: "pods with a ServiceAccount that the chart does not create",
    docs: include_str!("missing_service_account.md"),
    fix: FixAvailability::Unsafe,
    scope: Scope::Release,
    facts: Facts::Templates,
    in_migration: InMigration::OwnSection,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

/// The kind of the missing object in `dangling.tsv`.
const ACCOUNT: &str = "ServiceAccount";

/// A kind of object that refers to accounts but starts no pod.
const BINDING: &str = "RoleBinding";

fn check(subject: &Subject) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    let of_pods = |dangling: &MissingObject| dangling.missing == ACCOUNT && dangling.by != BINDING;
    for dangling in subject.missing_objects().into_iter().filter(of_pods) {
        let MissingObject { missing: _, by, condition, terms: _ } = dangling;
        let message = format!(
            "the `{by}` pods use a ServiceAccount that chart {} does not create: Kubernetes starts no pod",
            subject.chart.version()
        );
        let off = switched_off(condition).into_iter().find(|key| subject.entry(key).is_some());
        let keys: Vec<&str> = off.into_iter().chain(switched_on(condition)).collect();
        let mut finding = Finding::at(locate(subject, &keys), message).help(advice(subject, condition));
        if let Some(entry) = off.and_then(|key| subject.entry(key)) {
            let edits = vec![Edit::Delete { path: entry.path.clone(), prune: true }];
            let title = "delete the key: the chart then creates an account for these pods".to_owned();
            finding = finding.fix(Fix::new(Applicability::Unsafe, title, edits));
        }
        found.push(finding);
    }
    found
}

/// The switches that the condition requires to be off. The chart makes an account if such a switch is on.
fn switched_off(condition: &'static str) -> Vec<&'static str> {
    switches(condition, "false")
}

/// The switches that the condition requires to be on.
fn switched_on(condition: &'static str) -> Vec<&'static str> {
    switches(condition, "true")
}

fn switches(condition: &'static str, value: &str) -> Vec<&'static str> {
    let keys = condition::terms(condition).filter_map(|term| match term {
        Term::OneOf { key, values } if values[..] == [value] => Some(key),
        _ => None,
    });
    keys.collect()
}

/// The possible fixes, one for each switch of the condition.
fn advice(subject: &Subject, condition: &'static str) -> String {
    let mut ways: Vec<String> = switched_off(condition).iter().map(|key| format!("set `{key}: true`")).collect();
    let mut turned_off: Vec<&str> = subject.places(Setting::RepairServiceAccount).into_iter().collect();
    if turned_off.is_empty() {
        turned_off = switched_on(condition);
    }
    let turned_off: Vec<_> = turned_off.iter().map(|key| format!("`{key}: false`")).collect();
    ways.push(format!("set {} to run the pods with the account `default`", turned_off.join(" and ")));
    let named = condition::terms(condition).filter_map(|term| match term {
        Term::Empty { key } => Some(key),
        _ => None,
    });
    ways.extend(named.map(|key| format!("set `{key}` to an existing account")));
    ways.join(", or ")
}
