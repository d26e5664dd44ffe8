//! See `service_monitor_without_metrics.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Setting,
    lint::{locate::set_value, prelude::*},
};

pub(super) static RULE: Rule = Rule {
    id: "service-monitor-without-metrics",
    group: Group::Monitoring,
    severity: Severity::Warning,
    summary: "monitor or alerts that are enabled while the metrics are off",
    docs: include_str!("service_monitor_without_metrics.md"),
    fix: FixAvailability::Unsafe,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

/// The settings of objects that the chart renders only with the exporter.
const NEEDS_METRICS: [Setting; 3] = [Setting::Alerts, Setting::PodMonitor, Setting::ServiceMonitor];

fn check(subject: &Subject) -> Vec<Finding> {
    let Some(metrics) = subject.places(Setting::Metrics).only() else { return Vec::new() };
    if subject.on(metrics) {
        return Vec::new();
    }
    let keys = NEEDS_METRICS.into_iter().flat_map(|setting| subject.places(setting));
    let written = keys.filter(|key| subject.on(key)).filter_map(|key| Some((subject.entry(key)?, key)));
    let mut found: Vec<Finding> = Vec::new();
    for (entry, key) in written {
        let message = format!("`{key}` requires `{metrics}: true`");
        let mut finding = Finding::at(entry.key, message).help(format!("set `{metrics}: true`, or `{key}: false`"));
        if let Some(off) = subject.entry(metrics) {
            finding = finding.mark(off.value, "no exporter, and no metrics");
        }
        // One edit is enough for all of them.
        if let Some(edit) = set_value(subject, metrics, true).filter(|_| found.is_empty()) {
            finding = finding.fix(Fix::new(Applicability::Unsafe, format!("set `{metrics}: true`"), vec![edit]));
        }
        found.push(finding);
    }
    found
}
