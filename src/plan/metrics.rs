//! Whether and how Prometheus watches.

use super::{Draft, RecommendedOption, Refusal, alerts, only_with};
use crate::{
    chart::Setting,
    intent::{Field, Intent, Monitor, Pair},
    yaml::{Map, Value},
};

/// The options that need the exporter.
const NEEDS: [Field; 4] = [Field::Monitor, Field::MetricsNamespace, Field::MetricsLabels, Field::Alerts];

/// Whether the pods run the exporter.
pub(super) fn is_on(intent: &Intent) -> bool {
    let set = intent.set_fields();
    intent.metrics == Some(true) || intent.metrics.is_none() && NEEDS.iter().any(|field| set.contains(field))
}

pub(super) fn settle(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    if intent.metrics == Some(false) {
        only_with(
            intent,
            &NEEDS,
            Field::Metrics,
            "no effect without the exporter. Enable `metrics`, or remove this option",
        )?;
        return draft.say(Setting::Metrics, false, &[Field::Metrics], "no metrics exporter");
    }
    let set = intent.set_fields();
    let options: Vec<_> = [Field::Metrics].into_iter().chain(NEEDS).filter(|field| set.contains(field)).collect();
    if options.is_empty() {
        return Ok(());
    }
    draft.say(Setting::Metrics, true, &options[..1], "metrics exporter in every Redis pod")?;
    if intent.network_policy != Some(false) {
        let why = "the NetworkPolicy of this chart version does not allow the metrics port";
        draft.avoid("metrics-port-closed", Setting::ExtraIngress, &options[..1], why)?;
    }
    let placed = intent.metrics_namespace.is_some() || intent.metrics_labels.is_some();
    let alerts = intent.alerts == Some(true);
    match intent.monitor {
        Some(Monitor::None) if placed && !alerts => {
            let field = if intent.metrics_namespace.is_some() { Field::MetricsNamespace } else { Field::MetricsLabels };
            let text = "no effect without a monitor or alert rules. Set `monitor`, or enable `alerts`";
            return Err(Refusal::new(&[field, Field::Monitor], text));
        }
        Some(Monitor::None) => {}
        Some(Monitor::Pod) => monitor(&POD_MONITOR, "PodMonitor for the Prometheus operator", intent, draft)?,
        Some(Monitor::Service) => {
            monitor(&SERVICE_MONITOR, "ServiceMonitor for the Prometheus operator", intent, draft)?
        }
        None if placed => monitor(&SERVICE_MONITOR, "ServiceMonitor for the Prometheus operator", intent, draft)?,
        None => {}
    }
    if let Some(on) = intent.alerts {
        draft.say(
            Setting::Alerts,
            on,
            &[Field::Alerts],
            if on { "alert rules for Redis" } else { "no alert rules" },
        )?;
    }
    if alerts {
        place(&ALERTS, "alert rules for Redis", intent, draft)?;
        let rules = alerts::rules(intent, draft);
        draft.say(Setting::AlertsRules, rules, &[Field::Alerts], "alert rules for Redis")?;
    }
    let watched = alerts
        || matches!(intent.monitor, Some(Monitor::Pod | Monitor::Service))
        || (placed && intent.monitor.is_none());
    if watched {
        draft.advise("prometheus-operator", &[], "");
    }
    if watched && intent.metrics_labels.is_none() {
        let way = RecommendedOption {
            field: Field::MetricsLabels,
            says: "`metrics-label` if your Prometheus does",
            take: |intent| {
                intent.metrics_labels = Some(vec![Pair { key: "release".to_owned(), value: "prometheus".to_owned() }]);
            },
        };
        draft.advise("service-monitor-not-selected", &[way], "");
    }
    Ok(())
}

/// The settings of an object for the Prometheus operator.
struct MonitoringObject {
    switch: Setting,
    namespace: Setting,
    labels: Setting,
}

const POD_MONITOR: MonitoringObject = MonitoringObject {
    switch: Setting::PodMonitor,
    namespace: Setting::PodMonitorNamespace,
    labels: Setting::PodMonitorLabels,
};

const SERVICE_MONITOR: MonitoringObject = MonitoringObject {
    switch: Setting::ServiceMonitor,
    namespace: Setting::ServiceMonitorNamespace,
    labels: Setting::ServiceMonitorLabels,
};

const ALERTS: MonitoringObject =
    MonitoringObject { switch: Setting::Alerts, namespace: Setting::AlertsNamespace, labels: Setting::AlertsLabels };

fn monitor(object: &MonitoringObject, why: &str, intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    let fields = [Field::Monitor, Field::MetricsNamespace, Field::MetricsLabels];
    let set = intent.set_fields();
    let options: Vec<_> = fields.into_iter().filter(|field| set.contains(field)).take(1).collect();
    draft.say(object.switch, true, &options, why)?;
    place(object, why, intent, draft)
}

/// Where the object is made and by what it is selected.
fn place(object: &MonitoringObject, why: &str, intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    if let Some(namespace) = &intent.metrics_namespace {
        draft.say(object.namespace, namespace.as_str(), &[Field::MetricsNamespace], why)?;
    }
    if let Some(labels) = &intent.metrics_labels {
        draft.say(object.labels, label_map(labels), &[Field::MetricsLabels], why)?;
    }
    Ok(())
}

pub(super) fn label_map(labels: &[Pair]) -> Map {
    labels.iter().map(|label| (label.key.clone(), Value::from(label.value.as_str()))).collect()
}
