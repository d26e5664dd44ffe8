//! See `auth_off.md`: the help text, the web page and the test of this rule.

use crate::lint::{
    Finding, Fix, Group, Rule, Severity, Subject, exposed,
    place::{place, put},
};

pub(super) static RULE: Rule = Rule {
    id: "auth-off",
    group: Group::Safety,
    severity: Severity::Warning,
    summary: "Redis that asks for no password",
    docs: include_str!("auth_off.md"),
    check,
};

fn check(subject: &Subject) -> Vec<Finding> {
    let Some(key) = subject.places("auth").into_iter().find(|key| !subject.on(key)) else { return Vec::new() };
    let exposed = exposed::services(subject);
    let mut finding = match exposed.first() {
        Some(service) => {
            let message =
                format!("Redis asks for no password and is open beyond the cluster, through a {}", service.kind);
            Finding::at(place(subject, &[&key]), message).severity(Severity::Error)
        }
        None => {
            Finding::at(place(subject, &[&key]), "Redis asks for no password: every pod that reaches it may do all")
        }
    };
    for entry in exposed.iter().filter_map(|service| subject.entry(&service.key)) {
        finding = finding.mark(entry.value, "open beyond the cluster");
    }
    finding = finding.help(format!("turn `{key}` on and name the Secret of the password"));
    let Some(edit) = put(subject, &key, true) else { return vec![finding] };
    vec![finding.fix(Fix { title: format!("turn `{key}` on"), safe: false, edits: vec![edit] })]
}
