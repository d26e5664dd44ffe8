//! See `quorum_without_majority.md`: the help text, the web page and the test of this rule.

use crate::lint::{
    locate::{locate, set_value},
    prelude::*,
    replicas::{count_nodes, quorum},
};

pub(super) static RULE: Rule = Rule {
    id: "quorum-without-majority",
    group: Group::Availability,
    severity: Severity::Warning,
    summary: "quorum that requires every Sentinel, or fewer than the majority",
    docs: include_str!("quorum_without_majority.md"),
    fix: FixAvailability::Unsafe,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let (Some((quorum, key)), Some(nodes)) = (quorum(subject), count_nodes(subject)) else { return Vec::new() };
    let (count, majority) = (nodes.count, nodes.majority());
    // Two nodes have no quorum that survives a loss: that is another rule's finding.
    let (message, severity) = if quorum == count && count > majority {
        let message =
            format!("a quorum of {quorum} requires all {count} Sentinels, and a lost node takes its Sentinel with it");
        (message, Severity::Warning)
    } else if (1..majority).contains(&quorum) {
        let message = format!("a quorum of {quorum} is below the majority of {count} Sentinels, which is {majority}");
        (message, Severity::Info)
    } else {
        return Vec::new();
    };
    let mut finding = Finding::at(locate(subject, &[&key, &nodes.key]), message).severity(severity);
    finding = match severity {
        Severity::Info => {
            finding.help("a minority of Sentinels can begin a failover, and repeats it while the others refuse")
        }
        _ => finding.help("there is no failover after the loss of one pod"),
    };
    let Some(edit) = set_value(subject, &key, majority) else { return vec![finding] };
    vec![finding.fix(Fix::new(Applicability::Unsafe, format!("set `{key}` to {majority} (the majority)"), vec![edit]))]
}
