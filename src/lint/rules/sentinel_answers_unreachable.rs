//! See `sentinel_answers_unreachable.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Setting,
    lint::{
        prelude::*,
        services::{Service, ServiceKind, services},
    },
    yaml::Value,
};

pub(super) static RULE: Rule = Rule {
    id: "sentinel-answers-unreachable",
    group: Group::Access,
    severity: Severity::Warning,
    summary: "Sentinel is reachable from outside, but answers with names that only the cluster resolves",
    docs: include_str!("sentinel_answers_unreachable.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let external = |kind| services(subject).filter(move |service| service.kind == kind && service.is_external());
    if services(subject).any(|service| service.kind == ServiceKind::EachPod) || subject.on("useExternalDNS.enabled") {
        return Vec::new();
    }
    let has_master = external(ServiceKind::CurrentPrimary).next().is_some();
    external(ServiceKind::AllNodes).map(|service| finding(subject, &service, has_master)).collect()
}

fn finding(subject: &Subject, service: &Service, has_master: bool) -> Finding {
    let by_address = subject.value("useHostnames") == Some(&Value::Bool(false));
    let answer = if by_address { "pod addresses" } else { "pod names that only the cluster resolves" };
    let message = format!(
        "Sentinel is reachable through `{}.type: {}`, but answers with {answer}",
        service.base, service.service_type
    );
    let finding =
        Finding::at(service.span("type"), message).labelled("clients outside the cluster cannot connect to the answer");
    match subject.places(Setting::PerPodEnabled).first() {
        Some(switch) => {
            let finding = finding.help(format!(
                "set `{switch}: true` and an address for each pod: Sentinel then answers with the addresses"
            ));
            // Some networks route the addresses of pods, and clients of the primary alone never ask Sentinel.
            if by_address || has_master { finding.severity(Severity::Info) } else { finding }
        }
        None => finding
            .severity(Severity::Info)
            .help("run clients that use Sentinel inside the cluster, or in a network that resolves its names"),
    }
}
