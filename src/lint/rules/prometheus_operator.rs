//! See `prometheus_operator.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Setting,
    lint::{locate::locate, prelude::*},
};

pub(super) static RULE: Rule = Rule {
    id: "prometheus-operator",
    group: Group::Monitoring,
    severity: Severity::Info,
    summary: "object of the Prometheus operator, which the cluster must have",
    docs: include_str!("prometheus_operator.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

/// The settings of the switches, and the object of each.
const OBJECTS: [(Setting, &str); 3] = [
    (Setting::ServiceMonitor, "ServiceMonitor"),
    (Setting::PodMonitor, "PodMonitor"),
    (Setting::Alerts, "PrometheusRule"),
];

fn check(subject: &Subject) -> Vec<Finding> {
    if !subject.places(Setting::Metrics).iter().all(|key| subject.on(key)) {
        return Vec::new();
    }
    let mut keys: Vec<String> = Vec::new();
    let mut kinds: Vec<&str> = Vec::new();
    for (switch, kind) in OBJECTS {
        let on = subject.places(switch).into_iter().filter(|key| subject.on(key)).map(|key| key.to_string());
        let before = keys.len();
        keys.extend(on);
        kinds.extend((keys.len() > before).then_some(kind));
    }
    if kinds.is_empty() {
        return Vec::new();
    }
    let message = format!(
        "the Prometheus operator must be in the cluster: otherwise Kubernetes refuses the {} and the whole release",
        kinds.join(" and the ")
    );
    vec![Finding::at(locate(subject, &keys), message)]
}
