//! See `sentinel_service_reaches_replicas.md`: the help text, the web page and the test of this rule.

use crate::lint::{
    Finding, Group, Rule, Severity, Subject, addresses,
    services::{Front, Service, services},
};

pub(super) static RULE: Rule = Rule {
    id: "sentinel-service-reaches-replicas",
    group: Group::Access,
    severity: Severity::Warning,
    summary: "Service that leads outside clients to all nodes, and replicas refuse writes",
    docs: include_str!("sentinel_service_reaches_replicas.md"),
    check,
};

fn check(subject: &Subject) -> Vec<Finding> {
    let services = services(subject);
    let has = |front: Front| services.iter().any(|service| service.front == front && service.is_outside());
    let other_way = has(Front::Master) || has(Front::Pods);
    let nodes = services.iter().filter(|service| service.front == Front::Nodes && service.is_outside());
    nodes.map(|service| finding(subject, service, other_way)).collect()
}

fn finding(subject: &Subject, service: &Service, other_way: bool) -> Finding {
    let message = format!(
        "`{}.type: {}` leads to every node: writes fail on all nodes except the primary",
        service.base, service.kind
    );
    let finding = Finding::at(service.span("type"), message)
        .labelled("a client reaches a random node, and most nodes are read-only");
    if other_way {
        let help = "send writes to the other Service that is reachable from outside, and use this Service for reads";
        return finding.severity(Severity::Info).help(help);
    }
    match subject.places("master-service.enabled").first() {
        Some(switch) if one_address_for_both(subject, service) => {
            let help = format!("`{switch}: true` does not help: both Services would request the same address");
            finding.severity(Severity::Info).help(help)
        }
        Some(switch) => finding.help(format!("set `{switch}: true` to create a Service that follows the primary")),
        // Where there is no other way, it may well be what was meant, for clients that look for the master themselves.
        None => finding.severity(Severity::Info).help(
            "this chart version has no Service that follows the primary: clients must ask Sentinel for the primary",
        ),
    }
}

/// Whether the Service that follows the master would ask for the same address, being said by the same keys.
fn one_address_for_both(subject: &Subject, nodes: &Service) -> bool {
    let alike = subject.places("master-service.type") == subject.places("sentinel-service.type");
    alike && nodes.is_balanced() && !addresses::asked(nodes).is_empty()
}
