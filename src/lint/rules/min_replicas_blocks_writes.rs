//! See `min_replicas_blocks_writes.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Topology,
    effective::directives,
    lint::{
        prelude::*,
        redis_conf,
        replicas::{self, count_nodes},
    },
    yaml::Span,
};

pub(super) static RULE: Rule = Rule {
    id: "min-replicas-blocks-writes",
    group: Group::Availability,
    severity: Severity::Error,
    summary: "writes that require as many replicas as there are, or more",
    docs: include_str!("min_replicas_blocks_writes.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let nodes = count_nodes(subject);
    let replicas = match (subject.topology, &nodes) {
        (Topology::Standalone, _) => 0,
        (_, Some(nodes)) => nodes.count - 1,
        (_, None) => return Vec::new(),
    };
    let mut pods = replicas::pod_keys(subject);
    if subject.topology != Topology::Sentinel {
        // Replicas that never take over refuse writes in any case.
        pods.truncate(1);
    }
    let mut found: Vec<(String, Finding)> = Vec::new();
    for pods in pods {
        let Some(directives) = redis_conf::of_pods(subject, pods) else { continue };
        let Some((directive, wanted)) =
            directives::required_replicas(directives).filter(|(_, wanted)| *wanted >= replicas.max(1))
        else {
            continue;
        };
        if let Some(span) = directive.span.filter(|_| found.iter().all(|(key, _)| *key != directive.key)) {
            let mut finding = finding(span, wanted, replicas);
            if let Some(entry) = nodes.as_ref().and_then(|nodes| subject.entry(&nodes.key)) {
                finding = finding.mark(entry.value, "number of pods");
            }
            found.push((directive.key.clone(), finding));
        }
    }
    found.into_iter().map(|(_, finding)| finding).collect()
}

fn finding(span: Span, wanted: i64, replicas: i64) -> Finding {
    if wanted > replicas {
        let there = match replicas {
            0 => "there are none".to_owned(),
            1 => "there is only one".to_owned(),
            many => format!("there are only {many}"),
        };
        let message = format!("a write requires {wanted} connected replicas, but {there}: Redis refuses every write");
        return Finding::at(span, message).help("lower the number, or run more replicas");
    }
    let whom = if replicas == 1 { "the only replica".to_owned() } else { format!("all {replicas} replicas") };
    let message =
        format!("a write requires {whom}: while one is down, for example during an upgrade, Redis refuses every write");
    Finding::at(span, message).severity(Severity::Warning).help("set a number below the number of replicas")
}
