//! See `autoscaler_under_sentinel.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::{Setting, Topology},
    lint::{locate::locate, prelude::*},
};

pub(super) static RULE: Rule = Rule {
    id: "autoscaler-under-sentinel",
    group: Group::Availability,
    severity: Severity::Warning,
    summary: "autoscaler of nodes with Sentinel, and each upgrade resets the number of nodes",
    docs: include_str!("autoscaler_under_sentinel.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Templates,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let switch = subject.places(Setting::Autoscaled).into_iter().find(|key| subject.on(key));
    let beside = !subject.places(Setting::AutoscalerBesideReplicas).is_empty();
    let Some(switch) = switch.filter(|_| subject.topology == Topology::Sentinel && beside) else { return Vec::new() };
    let count = subject.places(Setting::Replicas).into_iter().next().unwrap_or_default();
    let message = format!(
        "each upgrade resets the number of nodes to `{count}`: the StatefulSet sets `replicas` although an autoscaler is on"
    );
    let mut finding = Finding::at(locate(subject, std::slice::from_ref(&switch)), message)
        .labelled("Helm 4 fails with a conflict instead after the autoscaler has changed the number")
        .help(format!("set `{switch}: false` and set `{count}` to the number of nodes"));
    if subject.places(Setting::MasterServiceEnabled).iter().any(|key| subject.on(key))
        && !subject.places(Setting::LabelRoleNamesPods).is_empty()
    {
        finding = finding.help(format!(
            "the Service of the primary never selects a pod above `{count}`: the Role names only the pods below that number"
        ));
    }
    vec![finding]
}
