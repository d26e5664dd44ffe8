//! See `load_balancer_condition.md`: the help text, the web page and the test of this rule.

use crate::{
    cloud::{self, ADDRESS_POOLS, AnnotationKind, LoadBalancerRequest, Reachability, Visibility},
    lint::{
        prelude::*,
        services::{Service, load_balancers},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "load-balancer-condition",
    group: Group::Access,
    severity: Severity::Info,
    summary: "what the cluster must have for this load balancer, and what the cloud cannot change later",
    docs: include_str!("load_balancer_condition.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let mut told: Vec<&str> = Vec::new();
    let mut findings = Vec::new();
    for service in load_balancers(subject) {
        for sentence in conditions(&service) {
            if !told.contains(&sentence) {
                told.push(sentence);
                findings.push(Finding::at(service.span("type"), sentence.to_owned()));
            }
        }
    }
    findings
}

/// What the controller of this load balancer requires. Empty if the values do not decide on a controller.
fn conditions(service: &Service) -> Vec<&'static str> {
    let Some(controller) = service.controller() else { return Vec::new() };
    let reach = match service.visibility() {
        Visibility::Internal => Reachability::Internal,
        Visibility::Unknown if !ADDRESS_POOLS.contains(&controller.cloud) => return Vec::new(),
        Visibility::Unknown | Visibility::Public | Visibility::Unset => Reachability::Public,
    };
    let text = |kinds: &[AnnotationKind]| {
        let mut annotations = service.all_annotations();
        annotations.find(|one| one.facts.is_some_and(|known| kinds.contains(&known.kind)))?.text()
    };
    let mut ranges = service.texts("loadBalancerSourceRanges");
    ranges.extend(text(&[AnnotationKind::SourceRanges]).map(str::to_owned));
    let address = service.texts("loadBalancerIP").into_iter().next();
    let request = LoadBalancerRequest {
        source_ranges: &ranges,
        static_address: address.as_deref().or_else(|| text(&[AnnotationKind::Address])),
        subnet: text(&[AnnotationKind::Subnet, AnnotationKind::Pool]),
        // Only whether there is a timeout counts here.
        idle_timeout: text(&[AnnotationKind::IdleTimeout]).map(|_| 1),
        class_available: !service.texts("loadBalancerClass").is_empty(),
        ..LoadBalancerRequest::new(reach)
    };
    cloud::conditions(controller, &request)
}
