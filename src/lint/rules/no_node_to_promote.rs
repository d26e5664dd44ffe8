//! See `no_node_to_promote.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Topology,
    lint::{prelude::*, redis_conf, replicas},
};

pub(super) static RULE: Rule = Rule {
    id: "no-node-to-promote",
    group: Group::Availability,
    severity: Severity::Error,
    summary: "replica priority of 0 on every node: Sentinel cannot fail over",
    docs: include_str!("no_node_to_promote.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

/// The directive, and its older name.
const PRIORITY: [&str; 2] = ["replica-priority", "slave-priority"];

fn check(subject: &Subject) -> Vec<Finding> {
    if subject.topology != Topology::Sentinel {
        return Vec::new();
    }
    let mut at = None;
    for pods in replicas::pod_keys(subject) {
        let directives = redis_conf::of_pods(subject, pods).unwrap_or_default();
        let in_effect = redis_conf::in_effect(directives, &PRIORITY);
        if in_effect.is_empty() || !in_effect.iter().all(|directive| directive.arguments.trim_matches('"') == "0") {
            return Vec::new();
        }
        at = at.or_else(|| in_effect.iter().find_map(|directive| directive.span));
    }
    let message = "replica priority 0 on every node: Sentinel never promotes such a node, and there is no failover";
    let help = "remove the line, or set a number above 0";
    at.map(|span| Finding::at(span, message).help(help)).into_iter().collect()
}
