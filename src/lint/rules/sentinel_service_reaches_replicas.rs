//! See `sentinel_service_reaches_replicas.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Setting,
    lint::{
        prelude::*,
        services::{Service, ServiceKind, addresses::requested_addresses, services},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "sentinel-service-reaches-replicas",
    group: Group::Access,
    severity: Severity::Warning,
    summary: "Service that leads outside clients to all nodes, and replicas refuse writes",
    docs: include_str!("sentinel_service_reaches_replicas.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let external = |kind| services(subject).filter(move |service| service.kind == kind && service.is_external());
    let other_way =
        [ServiceKind::CurrentPrimary, ServiceKind::EachPod].iter().any(|kind| external(*kind).next().is_some());
    external(ServiceKind::AllNodes).map(|service| finding(subject, &service, other_way)).collect()
}

fn finding(subject: &Subject, service: &Service, other_way: bool) -> Finding {
    let message = format!(
        "`{}.type: {}` leads to every node: writes fail on all nodes except the primary",
        service.base, service.service_type
    );
    let finding = Finding::at(service.span("type"), message)
        .labelled("a client reaches a random node, and most nodes are read-only");
    if other_way {
        let help = "send writes to the other Service that is reachable from outside, and use this Service for reads";
        return finding.severity(Severity::Info).help(help);
    }
    match subject.places(Setting::MasterServiceEnabled).first() {
        Some(switch) if one_address_for_both(subject, service) => {
            let help = format!("`{switch}: true` does not help: both Services would request the same address");
            finding.severity(Severity::Info).help(help)
        }
        Some(switch) => finding.help(format!("set `{switch}: true` to create a Service that follows the primary")),
        // Without another Service for clients, the finding is less severe: some clients find the primary themselves.
        None => finding.severity(Severity::Info).help(
            "this chart version has no Service that follows the primary: clients must ask Sentinel for the primary",
        ),
    }
}

/// Whether the Service of the current primary would request the same address, because the same keys set both.
fn one_address_for_both(subject: &Subject, nodes: &Service) -> bool {
    let alike = subject.places(Setting::MasterServiceType) == subject.places(Setting::SentinelServiceType);
    alike && nodes.is_load_balancer() && !requested_addresses(nodes).is_empty()
}
