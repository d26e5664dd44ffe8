//! See `quorum_cannot_be_met.md`: the help text, the web page and the test of this rule.

use crate::lint::{
    locate::{locate, set_value},
    prelude::*,
    replicas::{count_nodes, quorum},
};

pub(super) static RULE: Rule = Rule {
    id: "quorum-cannot-be-met",
    group: Group::Availability,
    severity: Severity::Error,
    summary: "quorum that is larger than the number of Sentinels, or less than 1",
    docs: include_str!("quorum_cannot_be_met.md"),
    fix: FixAvailability::Unsafe,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let (Some((quorum, key)), Some(nodes)) = (quorum(subject), count_nodes(subject)) else { return Vec::new() };
    let message = if quorum > nodes.count {
        format!("a quorum of {quorum} cannot be met by {} Sentinels: there is never a failover", nodes.count)
    } else if quorum < 1 {
        format!("a quorum of {quorum} is not valid: Sentinel does not start with a quorum below 1")
    } else {
        return Vec::new();
    };
    let majority = nodes.majority();
    let mut finding = Finding::at(locate(subject, &[&key, &nodes.key]), message).help(match quorum > nodes.count {
        true => format!("set `{key}` to {majority} (the majority), or raise `{}`", nodes.key),
        false => format!("set `{key}` to {majority} (the majority)"),
    });
    if let Some(count) = subject.entry(&nodes.key).filter(|_| subject.entry(&key).is_some()) {
        finding = finding.mark(count.value, format!("{} nodes, each with a Sentinel", nodes.count));
    }
    let Some(edit) = set_value(subject, &key, majority) else { return vec![finding] };
    vec![finding.fix(Fix::new(Applicability::Unsafe, format!("set `{key}` to {majority}"), vec![edit]))]
}
