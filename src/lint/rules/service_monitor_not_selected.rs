//! See `service_monitor_not_selected.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Setting,
    lint::{
        keys::{UnknownBecause, unknown_keys},
        locate::locate,
        prelude::*,
    },
};

pub(super) static RULE: Rule = Rule {
    id: "service-monitor-not-selected",
    group: Group::Monitoring,
    severity: Severity::Info,
    summary: "monitor or alerts without the label that Prometheus selects",
    docs: include_str!("service_monitor_not_selected.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

/// The settings of the switches and of the labels, and the object of each.
const OBJECTS: [(Setting, Setting, &str); 3] = [
    (Setting::ServiceMonitor, Setting::ServiceMonitorLabels, "ServiceMonitor"),
    (Setting::PodMonitor, Setting::PodMonitorLabels, "PodMonitor"),
    (Setting::Alerts, Setting::AlertsLabels, "PrometheusRule"),
];

fn check(subject: &Subject) -> Vec<Finding> {
    // The chart also puts the labels of all objects on monitors, if it has such labels.
    if !subject.places(Setting::Metrics).iter().all(|key| subject.on(key)) || subject.on("commonLabels") {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (switch, labels, object) in OBJECTS {
        let switches = subject.places(switch);
        let Some(labels) = subject.places(labels).only() else { continue };
        if !switches.iter().any(|key| subject.on(key)) || subject.on(labels) || is_set_elsewhere(subject, labels) {
            continue;
        }
        let message = format!("the {object} has only the labels of the chart: Prometheus may not select it");
        let finding = Finding::at(locate(subject, &switches.iter().collect::<Vec<_>>()), message);
        found.push(finding.help(format!(
            "kube-prometheus-stack selects by the label `release` with the name of its own release by default: set that label at `{labels}`"
        )));
    }
    found
}

/// Whether the labels are set at a key that the chart ignores: another rule reports that key.
fn is_set_elsewhere(subject: &Subject, labels: &str) -> bool {
    unknown_keys(subject)
        .iter()
        .any(|unknown| matches!(&unknown.because, UnknownBecause::LabelKey { to } if to == labels))
}
