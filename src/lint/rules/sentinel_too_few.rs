//! See `sentinel_too_few.md`: the help text, the web page and the test of this rule.

use crate::chart::{Setting, Topology};
use crate::lint::{
    locate::{locate, set_value},
    prelude::*,
    replicas::count_nodes,
};

pub(super) static RULE: Rule = Rule {
    id: "sentinel-too-few",
    group: Group::Availability,
    severity: Severity::Warning,
    summary: "fewer than three nodes with Sentinel, and the loss of one leaves no majority",
    docs: include_str!("sentinel_too_few.md"),
    fix: FixAvailability::Unsafe,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

/// Fewest Sentinels with a majority after the loss of one. Source: redis.io, Sentinel.
const ENOUGH: i64 = 3;

fn check(subject: &Subject) -> Vec<Finding> {
    if subject.topology != Topology::Sentinel {
        return Vec::new();
    }
    let Some(nodes) = count_nodes(subject).filter(|nodes| nodes.count < ENOUGH) else { return Vec::new() };
    let count = if nodes.count == 1 { "one node".to_owned() } else { format!("{} nodes", nodes.count) };
    let message = format!("Sentinel cannot fail over with {count}: losing one leaves no majority");
    let switch = subject.places(Setting::Sentinel).into_iter();
    let at = locate(subject, &[nodes.key.as_str()].into_iter().chain(switch).collect::<Vec<_>>());
    let wanted = nodes.key_value(ENOUGH);
    let finding =
        Finding::at(at, message).help(format!("set `{}` to {wanted} or more for at least three nodes", nodes.key));
    let Some(edit) = set_value(subject, &nodes.key, wanted) else { return vec![finding] };
    vec![finding.fix(Fix::new(Applicability::Unsafe, format!("set `{}` to {wanted}", nodes.key), vec![edit]))]
}
