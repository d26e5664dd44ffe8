//! See `cluster_mode_with_replicas.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Topology,
    lint::{prelude::*, redis_conf, replicas},
};

pub(super) static RULE: Rule = Rule {
    id: "cluster-mode-with-replicas",
    group: Group::Availability,
    severity: Severity::Error,
    summary: "`cluster-enabled yes` on replicas, which do not start",
    docs: include_str!("cluster_mode_with_replicas.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    if subject.topology == Topology::Standalone || replicas::count_nodes(subject).is_some_and(|nodes| nodes.count < 2) {
        return Vec::new();
    }
    // The pods of the primary are the first key, except with Sentinel.
    let Some(pods) = replicas::pod_keys(subject).pop() else { return Vec::new() };
    let directives = redis_conf::of_pods(subject, pods).unwrap_or_default();
    let in_effect = redis_conf::in_effect(directives, &["cluster-enabled"]);
    if !in_effect.iter().all(|directive| directive.arguments.trim_matches(['"', '\'']).eq_ignore_ascii_case("yes")) {
        return Vec::new();
    }
    let message = "`cluster-enabled yes` on replicas: Redis refuses `replicaof` in cluster mode and does not start";
    let at = in_effect.iter().find_map(|directive| directive.span);
    let help = "the chart bitnami/redis-cluster installs a Redis Cluster";
    at.map(|span| Finding::at(span, message).help(help)).into_iter().collect()
}
