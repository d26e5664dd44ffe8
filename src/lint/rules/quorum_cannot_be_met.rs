//! See `quorum_cannot_be_met.md`: the help text, the web page and the test of this rule.

use crate::lint::{
    Finding, Fix, Group, Rule, Severity, Subject,
    nodes::{nodes, quorum},
    place::{place, put},
};

pub(super) static RULE: Rule = Rule {
    id: "quorum-cannot-be-met",
    group: Group::StayingUp,
    severity: Severity::Error,
    summary: "quorum that is larger than the number of Sentinels",
    docs: include_str!("quorum_cannot_be_met.md"),
    check,
};

fn check(subject: &Subject) -> Vec<Finding> {
    let (Some((quorum, key)), Some(nodes)) = (quorum(subject), nodes(subject)) else { return Vec::new() };
    if quorum <= nodes.count {
        return Vec::new();
    }
    let message = format!("a quorum of {quorum} cannot be met by {} Sentinels: nobody ever fails over", nodes.count);
    let majority = nodes.majority();
    let mut finding = Finding::at(place(subject, &[&key, &nodes.key]), message)
        .help(format!("set `{key}` to {majority}, the majority, or raise `{}`", nodes.key));
    if let Some(count) = subject.entry(&nodes.key).filter(|_| subject.entry(&key).is_some()) {
        finding = finding.mark(count.value, format!("{} nodes, each with a Sentinel", nodes.count));
    }
    let Some(edit) = put(subject, &key, majority) else { return vec![finding] };
    vec![finding.fix(Fix { title: format!("set `{key}` to {majority}"), safe: false, edits: vec![edit] })]
}
