//! See `public_load_balancer.md`: the help text, the web page and the test of this rule.

use crate::{
    cloud::{Cloud, Visibility},
    kubernetes::cover_all_addresses,
    lint::{
        prelude::*,
        services::{Service, balancer::internal_annotation, load_balancers},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "public-load-balancer",
    group: Group::Access,
    severity: Severity::Warning,
    summary: "load balancer without a setting that makes it internal",
    docs: include_str!("public_load_balancer.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    load_balancers(subject).filter_map(|service| finding(&service)).collect()
}

fn finding(service: &Service) -> Option<Finding> {
    let deliberate = match service.visibility() {
        Visibility::Internal | Visibility::Unknown => return None,
        Visibility::Public => true,
        Visibility::Unset => false,
    };
    let ranges = service.texts("loadBalancerSourceRanges");
    // Some chart versions print the items of a list side by side: there, one item holds all ranges.
    let closed = !ranges.is_empty() && !cover_all_addresses(ranges.iter().flat_map(|range| range.split(',')));
    let what = service.kind.description();
    let message = match deliberate {
        true => format!("`{}.type` creates a public load balancer in front of {what}", service.base),
        false => format!(
            "`{}.type` creates a load balancer in front of {what}, and no setting makes it internal",
            service.base
        ),
    };
    let finding = Finding::at(service.span("type"), message).labelled("public on most clouds");
    let finding = match service.cloud() {
        Some(cloud) => finding.help(how(cloud)),
        None => finding.help("the setting for an internal load balancer differs between clouds; it is mostly an annotation of the Service"),
    };
    Some(match (deliberate, closed) {
        (_, true) => finding.severity(Severity::Info).help("only the source ranges restrict access"),
        (true, false) => finding.severity(Severity::Info).help("set source ranges to allow only known addresses"),
        (false, false) => finding,
    })
}

fn how(cloud: Cloud) -> String {
    match internal_annotation(cloud) {
        Some((key, value)) => format!("on this cloud, set `{key}: \"{value}\"` to make the load balancer internal"),
        None => "on this cloud no single annotation makes a load balancer internal".to_owned(),
    }
}
