//! See `sentinel_node_ports.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Setting,
    kubernetes,
    lint::{
        prelude::*,
        replicas,
        services::{Service, ServiceKind, services},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "sentinel-node-ports",
    group: Group::Access,
    severity: Severity::Error,
    summary: "node ports of the nodes with Sentinel that overlap or leave the range",
    docs: include_str!("sentinel_node_ports.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

const REDIS: &str = "nodePorts.redis";
const SENTINEL: &str = "nodePorts.sentinel";

fn check(subject: &Subject) -> Vec<Finding> {
    if subject.places(Setting::FixedSentinelNodePorts).is_empty() {
        return Vec::new();
    }
    let is_affected = |service: &Service| service.kind == ServiceKind::AllNodes && service.service_type == "NodePort";
    let found = services(subject).filter(is_affected).flat_map(|service| {
        let overlapping = || overlapping(subject, &service, service.number(REDIS)?, service.number(SENTINEL)?);
        let mut found: Vec<Finding> = [REDIS, SENTINEL].into_iter().filter_map(|key| too_high(&service, key)).collect();
        found.extend(overlapping());
        found
    });
    found.collect()
}

/// How many ports after the given ones the Services of the single nodes take.
fn ports_after(subject: &Subject) -> i64 {
    let counted_on = !subject.places(Setting::NodePortsCountedOn).is_empty();
    replicas::count_nodes(subject).map_or(0, |nodes| if counted_on { nodes.count } else { 0 })
}

/// The finding about a node port whose following ports are not all node ports.
fn too_high(service: &Service, key: &str) -> Option<Finding> {
    let (port, nodes) = (service.number(key)?, ports_after(service.subject));
    if !kubernetes::is_node_port(port) || kubernetes::is_node_port(port + nodes) {
        return None;
    }
    let message = format!(
        "each of the {nodes} nodes takes the next port after {port}, and the last one is not a node port: expected {} \
         to {}",
        kubernetes::NODE_PORTS.start(),
        kubernetes::NODE_PORTS.end()
    );
    let finding = Finding::at(service.span(key), message)
        .severity(Severity::Warning)
        .labelled("Kubernetes refuses the Service of the last node")
        .help("only an API server with another `--service-node-port-range` accepts these ports");
    Some(finding)
}

/// The finding about ports that the Services of the single nodes take, too.
fn overlapping(subject: &Subject, service: &Service, redis: i64, sentinel: i64) -> Option<Finding> {
    let nodes = ports_after(subject);
    if (redis - sentinel).abs() > nodes {
        return None;
    }
    let message = if redis == sentinel {
        format!("Redis and Sentinel have one node port: {redis}")
    } else {
        format!("node ports overlap: each of the {nodes} nodes takes the next port after {redis} and after {sentinel}")
    };
    let finding = Finding::at(service.span(SENTINEL), message).labelled("Kubernetes refuses the second Service");
    Some(
        finding.mark(service.span(REDIS), "the other port").help(format!("leave more than {nodes} ports between them")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{chart::Chart, source::Origin, yaml::Document};

    #[test]
    fn the_ports_of_redis_and_sentinel_must_be_apart() {
        let count = |version: &str, ports: &str| {
            let text = format!(
                "sentinel:\n  enabled: true\n  service:\n    type: NodePort\n    nodePorts: {ports}\nreplica:\n  replicaCount: 3\n"
            );
            let document = Document::parse(&text).unwrap();
            let chart = Chart::at(&version.parse().unwrap()).unwrap();
            check(&Subject::new(&document, Origin::default(), &chart).unwrap()).len()
        };
        for version in ["16.12.2", "28.0.7"] {
            assert_eq!(count(version, "{}"), 0);
            assert_eq!(count(version, "{redis: '30001'}"), 0);
            assert_eq!(count(version, "{redis: '30001', sentinel: '30004'}"), 1);
            assert_eq!(count(version, "{redis: '30001', sentinel: '30005'}"), 0);
            assert_eq!(count(version, "{redis: '30001', sentinel: '32764'}"), 0);
            assert_eq!(count(version, "{redis: '30001', sentinel: '32765'}"), 1);
        }
    }
}
