//! See `public_load_balancer.md`: the help text, the web page and the test of this rule.

use crate::{
    cloud::Cloud,
    lint::{
        Finding, Group, Rule, Severity, Subject,
        balancer::{Said, internal_on},
        services::{Service, services},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "public-load-balancer",
    group: Group::Reaching,
    severity: Severity::Warning,
    summary: "load balancer that nothing makes internal, so that the internet reaches it",
    docs: include_str!("public_load_balancer.md"),
    check,
};

fn check(subject: &Subject) -> Vec<Finding> {
    services(subject).iter().filter_map(finding).collect()
}

fn finding(service: &Service) -> Option<Finding> {
    let deliberate = match service.says_internal() {
        _ if !service.is_balanced() => return None,
        Said::Internal | Said::Unknown => return None,
        Said::Public => true,
        Said::Nothing => false,
    };
    let ranges = service.texts("loadBalancerSourceRanges");
    let closed = !ranges.is_empty() && !ranges.iter().any(|range| range == "0.0.0.0/0" || range == "::/0");
    let what = service.front.what();
    let message = match deliberate {
        true => format!("`{}.type` makes a public load balancer before {what}", service.base),
        false => format!("`{}.type` makes a load balancer before {what}, and nothing makes it internal", service.base),
    };
    let finding = Finding::at(service.span("type"), message).labelled("public on most clouds");
    let finding = match service.cloud() {
        Some(cloud) => finding.help(how(cloud)),
        None => finding.help("what makes it internal differs from cloud to cloud, mostly an annotation of the Service"),
    };
    Some(match (deliberate, closed) {
        (_, true) => finding.severity(Severity::Info).help("the source ranges are all that keeps others out"),
        (true, false) => finding.severity(Severity::Info).help("let known addresses in only, with source ranges"),
        (false, false) => finding,
    })
}

fn how(cloud: Cloud) -> String {
    match internal_on(cloud) {
        Some((key, value)) => format!("on this cloud `{key}: \"{value}\"` makes it internal"),
        None => "on this cloud no single annotation makes it internal".to_owned(),
    }
}
