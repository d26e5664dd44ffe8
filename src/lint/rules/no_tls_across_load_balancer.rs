//! See `no_tls_across_load_balancer.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::{Setting, setting_intervals},
    cloud::Visibility,
    lint::{
        prelude::*,
        services::{Service, services},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "no-tls-across-load-balancer",
    group: Group::Security,
    severity: Severity::Warning,
    summary: "password and data that leave the cluster in clear text",
    docs: include_str!("no_tls_across_load_balancer.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let tls = subject.places(Setting::Tls);
    if tls.iter().any(|key| subject.on(key)) {
        return Vec::new();
    }
    let redis = services(subject).filter(|service| service.kind.is_redis());
    let open = redis.filter(|service| service.is_external() && !ends_tls(service));
    let (public, others): (Vec<_>, Vec<_>) = open.partition(is_public);
    let Some(first) = public.first().or(others.first()) else { return Vec::new() };
    let auth = subject.places(Setting::Auth).iter().all(|key| subject.on(key));
    let what = if auth { "the password and all data" } else { "all data" };
    let (way, severity) = match (public.is_empty(), first.is_load_balancer()) {
        (false, _) => ("cross a public load balancer in clear text", Severity::Warning),
        (true, true) => ("cross the load balancer in clear text", Severity::Info),
        (true, false) => ("cross the ports of the nodes in clear text", Severity::Info),
    };
    let at = first.span("type");
    let mut finding = Finding::at(at, format!("{what} {way}: TLS is off")).severity(severity);
    for other in public.iter().chain(&others).map(|service| service.span("type")).filter(|span| *span != at) {
        if finding.marks.iter().all(|mark| mark.span != other) {
            finding = finding.mark(other, "here too");
        }
    }
    let later = setting_intervals(Setting::Tls, subject.topology).into_iter().map(|(since, _)| since);
    let later = later.into_iter().find(|since| since > subject.chart.version());
    vec![match (tls.first(), later) {
        (Some(key), _) => finding.help(format!("set `{key}: true` and configure a certificate")),
        (None, Some(since)) => finding.help(format!("this chart version has no TLS: use chart {since} or later")),
        (None, None) => finding,
    }]
}

/// Whether no value excludes clients on the internet.
fn is_public(service: &Service) -> bool {
    service.is_load_balancer()
        && match service.visibility() {
            Visibility::Public => true,
            Visibility::Unset => service.texts("loadBalancerSourceRanges").is_empty(),
            Visibility::Internal | Visibility::Unknown => false,
        }
}

/// Whether the load balancer may terminate TLS. Each cloud has its own annotations for certificates; all contain one of
/// these words.
fn ends_tls(service: &Service) -> bool {
    let is_about_tls = |key: &str| ["ssl", "tls", "cert"].iter().any(|word| key.contains(word));
    !service.annotations_are_known
        || service.all_annotations().any(|annotation| is_about_tls(&annotation.key.to_lowercase()))
}
