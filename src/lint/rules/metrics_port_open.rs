//! See `metrics_port_open.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Setting,
    lint::{locate::locate, prelude::*},
};

pub(super) static RULE: Rule = Rule {
    id: "metrics-port-open",
    group: Group::Access,
    severity: Severity::Warning,
    summary: "NetworkPolicy for the exporter without labels, which opens its port to every client",
    docs: include_str!("metrics_port_open.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let on = |setting: Setting| subject.places(setting).into_iter().any(|key| subject.on(key));
    if !on(Setting::NetworkPolicy) || !on(Setting::Metrics) || on(Setting::MetricsPolicyLabels) {
        return Vec::new();
    }
    let key = subject.places(Setting::MetricsPolicy).into_iter().next();
    let Some(key) = key.filter(|key| !subject.on(key)) else { return Vec::new() };
    let labels: Vec<_> =
        subject.places(Setting::MetricsPolicyLabels).iter().map(|labels| format!("`{labels}`")).collect();
    let message = format!("`{key}: false` closes nothing: without labels, every client can connect to the exporter");
    let finding = Finding::at(locate(subject, &[key]), message)
        .labelled("the chart renders an empty `from`, which allows all clients");
    vec![finding.help(format!("set {} to the labels of Prometheus", labels.join(" or ")))]
}
