//! See `same_address_twice.md`: the help text, the web page and the test of this rule.

use std::{collections::BTreeMap, ops::RangeInclusive};

use crate::{
    chart::Setting,
    lint::{
        prelude::*,
        replicas,
        services::{
            Service, ServiceKind,
            addresses::{Claim, requested_addresses},
            services,
        },
    },
};

pub(super) static RULE: Rule = Rule {
    id: "same-address-twice",
    group: Group::Access,
    severity: Severity::Error,
    summary: "two Services that request the same address or node port",
    docs: include_str!("same_address_twice.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

/// The fields with a node port, in all chart versions.
const NODE_PORTS: [&str; 5] =
    ["nodePort", "nodePorts.redis", "nodePorts.sentinel", "redisNodePort", "sentinelNodePort"];

/// The fields with a port of the Service, in all chart versions.
const PORTS: [&str; 5] = ["port", "ports.redis", "ports.sentinel", "redisPort", "sentinelPort"];

fn check(subject: &Subject) -> Vec<Finding> {
    let services: Vec<Service> = services(subject).collect();
    let mut found = node_ports(subject, &services);
    found.extend(addresses(&services));
    found
}

fn node_ports(subject: &Subject, services: &[Service]) -> Vec<Finding> {
    let mut requested: Vec<(RangeInclusive<i64>, Claim)> = Vec::new();
    for service in services.iter().filter(|service| service.is_external()) {
        for name in NODE_PORTS
            .into_iter()
            .filter(|name| service.kind != ServiceKind::CurrentPrimary || !name.contains("entinel"))
        {
            let (Some(port), Some(path)) = (service.number(name), service.field(name)) else { continue };
            let claim = |whose| Claim { whose, span: service.span(name) };
            requested.push((port..=port, claim(format!("`{path}`"))));
            // With node ports, each node gets its own Service with the next number.
            if let Some(nodes) = of_nodes(subject, service) {
                requested.push((port + 1..=port + nodes, claim(format!("the nodes, which count up from `{path}`"))));
            }
        }
    }
    let mut found = Vec::new();
    for (at, (ports, claim)) in requested.iter().enumerate() {
        let meet = |other: &RangeInclusive<i64>| ports.start() <= other.end() && other.start() <= ports.end();
        let Some((other, earlier)) = requested[..at].iter().find(|(other, _)| meet(other)) else { continue };
        let port = ports.start().max(other.start());
        let message = format!("node port {port} is requested twice: by {} and by {}", earlier.whose, claim.whose);
        found.push(
            twice(message, claim, earlier).help("a node port exists only once in a cluster: choose another number"),
        );
    }
    found
}

/// Number of nodes with their own Services, if their node ports follow the node port of this Service.
fn of_nodes(subject: &Subject, service: &Service) -> Option<i64> {
    let counted = service.kind == ServiceKind::AllNodes && service.service_type == "NodePort";
    (counted && !subject.places(Setting::NodePortsCountedOn).is_empty())
        .then(|| replicas::count_nodes(subject))?
        .map(|nodes| nodes.count)
}

fn addresses(services: &[Service]) -> Vec<Finding> {
    let mut requested: BTreeMap<String, Vec<(usize, Claim)>> = BTreeMap::new();
    let mut found = Vec::new();
    for (at, service) in services.iter().enumerate().filter(|(_, service)| service.is_load_balancer()) {
        for (address, claim) in requested_addresses(service) {
            let claims = requested.entry(address.clone()).or_default();
            let rival = claims.iter().find(|(other, _)| collide(&services[*other], service));
            if let Some((_, earlier)) = rival {
                let message = format!("`{address}` is requested twice: by {} and by {}", earlier.whose, claim.whose);
                found.push(twice(message, &claim, earlier).help("set a different address for each Service"));
            }
            claims.push((at, claim));
        }
    }
    found
}

/// Whether two Services cannot share an address because they have the same port.
fn collide(one: &Service, other: &Service) -> bool {
    let ports = |service: &Service| -> Vec<i64> { PORTS.iter().filter_map(|name| service.number(name)).collect() };
    let (one, other) = (ports(one), ports(other));
    one.iter().any(|port| other.contains(port))
}

fn twice(message: String, claim: &Claim, earlier: &Claim) -> Finding {
    let finding = Finding::at(claim.span, message);
    if claim.span == earlier.span { finding } else { finding.mark(earlier.span, "also requested here") }
}
