//! See `autoscaler_under_sentinel.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Topology,
    lint::{Finding, Group, Rule, Severity, Subject, place::place},
};

pub(super) static RULE: Rule = Rule {
    id: "autoscaler-under-sentinel",
    group: Group::StayingUp,
    severity: Severity::Warning,
    summary: "autoscaler of the nodes with Sentinel, whose number each upgrade sets back",
    docs: include_str!("autoscaler_under_sentinel.md"),
    check,
};

fn check(subject: &Subject) -> Vec<Finding> {
    let switch = subject.places("autoscaled").into_iter().find(|key| subject.on(key));
    let beside = !subject.places("@autoscaler-beside-replicas").is_empty();
    let Some(switch) = switch.filter(|_| subject.topology == Topology::Sentinel && beside) else { return Vec::new() };
    let count = subject.places("replicas").into_iter().next().unwrap_or_default();
    let message = format!(
        "each upgrade sets the number of nodes back to `{count}`: the StatefulSet has `replicas` beside the autoscaler"
    );
    let mut finding = Finding::at(place(subject, std::slice::from_ref(&switch)), message)
        .labelled("Helm 4 ends with a conflict instead, once the autoscaler has changed the number")
        .help(format!("set `{switch}` to false, and `{count}` to the number of nodes"));
    if subject.places("master-service.enabled").iter().any(|key| subject.on(key))
        && !subject.places("@label-role-names-pods").is_empty()
    {
        finding = finding.help(format!(
            "the Service of the primary never finds a pod beyond `{count}`: the Role names the pods below it"
        ));
    }
    vec![finding]
}
