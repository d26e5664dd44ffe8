//! See `service_monitor_without_metrics.md`: the help text, the web page and the test of this rule.

use crate::lint::{Finding, Fix, Group, Rule, Severity, Subject, place::put};

pub(super) static RULE: Rule = Rule {
    id: "service-monitor-without-metrics",
    group: Group::Watching,
    severity: Severity::Warning,
    summary: "monitor or alerts that are on while the metrics are off, so that none is made",
    docs: include_str!("service_monitor_without_metrics.md"),
    check,
};

/// The words for what is only made beside the exporter.
const NEEDS_METRICS: [&str; 3] = ["alerts", "pod-monitor", "service-monitor"];

fn check(subject: &Subject) -> Vec<Finding> {
    let [metrics] = &subject.places("metrics")[..] else { return Vec::new() };
    if subject.on(metrics) {
        return Vec::new();
    }
    let keys = NEEDS_METRICS.iter().flat_map(|word| subject.places(word));
    let written = keys.filter(|key| subject.on(key)).filter_map(|key| Some((subject.entry(&key)?, key)));
    let mut found: Vec<Finding> = Vec::new();
    for (entry, key) in written {
        let message = format!("`{key}` is on, but nothing is made of it: `{metrics}` is off");
        let mut finding = Finding::at(entry.key, message).help(format!("turn `{metrics}` on, or `{key}` off"));
        if let Some(off) = subject.entry(metrics) {
            finding = finding.mark(off.value, "no exporter, and nothing to watch");
        }
        // One edit is enough for all of them.
        if let Some(edit) = put(subject, metrics, true).filter(|_| found.is_empty()) {
            finding = finding.fix(Fix { title: format!("turn `{metrics}` on"), safe: false, edits: vec![edit] });
        }
        found.push(finding);
    }
    found
}
