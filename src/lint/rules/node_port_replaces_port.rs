//! See `node_port_replaces_port.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Setting,
    lint::{
        prelude::*,
        services::{Service, ServiceKind, services},
    },
    yaml::edit::Edit,
};

pub(super) static RULE: Rule = Rule {
    id: "node-port-replaces-port",
    group: Group::Access,
    severity: Severity::Warning,
    summary: "node port that the chart also uses as the port of the Service",
    docs: include_str!("node_port_replaces_port.md"),
    fix: FixAvailability::Unsafe,
    scope: Scope::Release,
    facts: Facts::Templates,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    if subject.places(Setting::NodePortReplacesPort).is_empty() {
        return Vec::new();
    }
    let is_affected = |service: &Service| matches!(service.kind, ServiceKind::AllNodes | ServiceKind::CurrentPrimary);
    let ports =
        services(subject).filter(is_affected).flat_map(|service| ["redis", "sentinel"].map(|port| (service, port)));
    ports.filter_map(|(service, port)| finding(subject, &service, port)).collect()
}

fn finding(subject: &Subject, service: &Service, port: &str) -> Option<Finding> {
    // Behind node ports the Service of the nodes has further ports with the usual numbers.
    if service.kind == ServiceKind::AllNodes && !service.is_load_balancer() {
        return None;
    }
    let name = format!("nodePorts.{port}");
    let node_port = service.number(&name)?;
    let usual = service.number(&format!("ports.{port}")).filter(|usual| *usual != node_port);
    let path = service.field(&name)?;
    let usual = usual.map_or_else(String::new, |usual| format!(", not at {usual}"));
    let message = format!("`{path}` also becomes the port of the Service: the Service listens at {node_port}{usual}");
    let finding = Finding::at(service.span(&name), message).labelled("clients of the Service must use this port");
    if !service.is_load_balancer() {
        return Some(finding.severity(Severity::Info).help("clients inside the cluster must use this port too"));
    }
    let edits = vec![Edit::Delete { path: path.parse().ok()?, prune: true }];
    let finding = finding
        .help("remove the node port: Kubernetes assigns one to a load balancer, and the port of the Service stays");
    let written = subject.entry(&path).is_some();
    Some(if written { finding.fix(Fix::new(Applicability::Unsafe, "remove the node port", edits)) } else { finding })
}
