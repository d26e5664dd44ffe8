//! See `sentinel_answers_unreachable.md`: the help text, the web page and the test of this rule.

use crate::{
    lint::{
        Finding, Group, Rule, Severity, Subject,
        services::{Front, Service, services},
    },
    yaml::Value,
};

pub(super) static RULE: Rule = Rule {
    id: "sentinel-answers-unreachable",
    group: Group::Reaching,
    severity: Severity::Warning,
    summary: "Sentinel is asked from outside, and answers with names that only the cluster knows",
    docs: include_str!("sentinel_answers_unreachable.md"),
    check,
};

fn check(subject: &Subject) -> Vec<Finding> {
    let services = services(subject);
    if services.iter().any(|service| service.front == Front::Pods) || subject.on("useExternalDNS.enabled") {
        return Vec::new();
    }
    let has_master = services.iter().any(|service| service.front == Front::Master && service.is_outside());
    let asked = services.iter().filter(|service| service.front == Front::Nodes && service.is_outside());
    asked.map(|service| finding(subject, service, has_master)).collect()
}

fn finding(subject: &Subject, service: &Service, has_master: bool) -> Finding {
    let by_address = subject.value("useHostnames") == Some(Value::Bool(false));
    let answer = if by_address { "addresses of pods" } else { "names of pods that only the cluster resolves" };
    let message =
        format!("Sentinel is reached through `{}.type: {}`, and answers with {answer}", service.base, service.kind);
    let finding = Finding::at(service.span("type"), message).labelled("clients outside cannot follow the answer");
    match subject.places("per-pod.enabled").first() {
        Some(switch) => {
            let finding =
                finding.help(format!("`{switch}: true` gives each pod an address that Sentinel answers with"));
            // Addresses of pods can be routed, and clients of the master alone never ask.
            if by_address || has_master { finding.severity(Severity::Info) } else { finding }
        }
        None => finding
            .severity(Severity::Info)
            .help("clients that ask Sentinel need to run in the cluster, or in a network that knows its names"),
    }
}
