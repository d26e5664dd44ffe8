//! Whether and how Prometheus watches.

use super::{Draft, RecommendedOption, Refusal, only_with};
use crate::{
    chart::Topology,
    intent::{Intent, Monitor, Pair},
    yaml::{Map, Value},
};

pub(super) fn settle(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    let needs = ["monitor", "metrics_namespace", "metrics_labels", "alerts"];
    if intent.metrics == Some(false) {
        only_with(
            intent,
            &needs,
            "metrics",
            "no effect without the exporter. Enable `metrics`, or remove this option",
        )?;
        return draft.say("metrics", false, &["metrics"], "no metrics exporter");
    }
    let said = intent.said();
    let options: Vec<_> = ["metrics"].into_iter().chain(needs).filter(|field| said.contains(field)).collect();
    if options.is_empty() {
        return Ok(());
    }
    draft.say("metrics", true, &options[..1], "metrics exporter in every Redis pod")?;
    let placed = intent.metrics_namespace.is_some() || intent.metrics_labels.is_some();
    let alerts = intent.alerts == Some(true);
    match intent.monitor {
        Some(Monitor::None) if placed && !alerts => {
            let field = if intent.metrics_namespace.is_some() { "metrics_namespace" } else { "metrics_labels" };
            let text = "no effect without a monitor or alert rules. Set `monitor`, or enable `alerts`";
            return Err(Refusal::new(&[field, "monitor"], text));
        }
        Some(Monitor::None) => {}
        Some(Monitor::Pod) => monitor("pod-monitor", "PodMonitor for the Prometheus operator", intent, draft)?,
        Some(Monitor::Service) => {
            monitor("service-monitor", "ServiceMonitor for the Prometheus operator", intent, draft)?
        }
        None if placed => monitor("service-monitor", "ServiceMonitor for the Prometheus operator", intent, draft)?,
        None => {}
    }
    if let Some(on) = intent.alerts {
        draft.say("alerts", on, &["alerts"], if on { "alert rules for Redis" } else { "no alert rules" })?;
    }
    if alerts {
        place("alerts", "alert rules for Redis", intent, draft)?;
        draft.say("alerts.rules", rules(intent, draft.topology), &["alerts"], "alert rules for Redis")?;
    }
    let watched = alerts
        || matches!(intent.monitor, Some(Monitor::Pod | Monitor::Service))
        || (placed && intent.monitor.is_none());
    if watched && intent.metrics_labels.is_none() {
        let way = RecommendedOption {
            field: "metrics_labels",
            says: "`metrics-label` if your Prometheus does",
            take: |intent| {
                intent.metrics_labels = Some(vec![Pair { key: "release".to_owned(), value: "prometheus".to_owned() }]);
            },
        };
        let fact = "Prometheus may select monitors by label: kube-prometheus-stack selects the label `release=NAME`, \
                    with the name of its own release";
        draft.advise("service-monitor-not-selected", fact, &[way], "");
    }
    Ok(())
}

fn monitor(word: &str, why: &str, intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    let wish = ["monitor", "metrics_namespace", "metrics_labels"];
    let said = intent.said();
    let options: Vec<_> = wish.into_iter().filter(|field| said.contains(field)).take(1).collect();
    draft.say(word, true, &options, why)?;
    place(word, why, intent, draft)
}

/// Where the object is made and by what it is selected.
fn place(word: &str, why: &str, intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    if let Some(namespace) = &intent.metrics_namespace {
        draft.say(format!("{word}.namespace"), namespace.as_str(), &["metrics_namespace"], why)?;
    }
    if let Some(labels) = &intent.metrics_labels {
        draft.say(format!("{word}.labels"), label_map(labels), &["metrics_labels"], why)?;
    }
    Ok(())
}

pub(super) fn label_map(labels: &[Pair]) -> Map {
    labels.iter().map(|label| (label.key.clone(), Value::from(label.value.as_str()))).collect()
}

/// Alerts over what the exporter (github.com/oliver006/redis_exporter) exports.
fn rules(intent: &Intent, topology: Topology) -> Vec<Value> {
    let select =
        intent.namespace.as_ref().map(|namespace| format!("{{namespace=\"{namespace}\"}}")).unwrap_or_default();
    let mut rules = vec![
        rule(
            "RedisDown",
            format!("redis_up{select} == 0"),
            "2m",
            "critical",
            "Redis {{ $labels.pod }} does not answer",
        ),
        rule(
            "RedisMemoryHigh",
            format!("redis_memory_used_bytes{select} / (redis_memory_max_bytes{select} > 0) > 0.9"),
            "5m",
            "warning",
            "Redis {{ $labels.pod }} uses {{ $value | humanizePercentage }} of its memory",
        ),
        rule(
            "RedisRejectedConnections",
            format!("increase(redis_rejected_connections_total{select}[5m]) > 0"),
            "0m",
            "warning",
            "Redis {{ $labels.pod }} turns clients away",
        ),
    ];
    if topology != Topology::Standalone {
        rules.push(rule(
            "RedisReplicationBroken",
            format!("redis_master_link_up{select} == 0"),
            "5m",
            "critical",
            "Redis replica {{ $labels.pod }} has lost its master",
        ));
    }
    rules
}

fn rule(alert: &str, expr: String, lasts: &str, severity: &str, summary: &str) -> Value {
    let labels = Map::from_iter([("severity".to_owned(), Value::from(severity))]);
    let annotations = Map::from_iter([("summary".to_owned(), Value::from(summary))]);
    Value::Map(Map::from_iter([
        ("alert".to_owned(), Value::from(alert)),
        ("expr".to_owned(), Value::from(expr)),
        ("for".to_owned(), Value::from(lasts)),
        ("labels".to_owned(), Value::Map(labels)),
        ("annotations".to_owned(), Value::Map(annotations)),
    ]))
}
