//! The monitor is there, selects a Service or pods, and Prometheus selects it.

use crate::verify::{
    check::{Check, Facts, Verdict},
    cluster::{Cluster, Monitor, Prometheus},
    expectation::MonitorKind,
};

pub static CHECK: Check = Check {
    id: "monitor",
    title: "monitor",
    proves: "the monitor is there, its labels select a Service of the release, and a Prometheus selects the monitor",
    run,
};

fn run(facts: &Facts) -> Vec<Verdict> {
    let Some(cluster) = facts.cluster else { return vec![CHECK.not_asked("no cluster was asked")] };
    let wanted = facts.wanted.monitor.map(|kind| match kind {
        MonitorKind::Service => "ServiceMonitor",
        MonitorKind::Pod => "PodMonitor",
    });
    let monitors = match &cluster.monitors {
        Ok(monitors) => monitors,
        Err(why) => {
            return vec![match wanted {
                Some(kind) => CHECK.wrong(format!("the values want a {kind}, and the cluster lists none: {why}")),
                None => CHECK.not_asked(format!("the monitors cannot be listed: {why}")),
            }];
        }
    };
    let found: Vec<&Monitor> =
        monitors.iter().filter(|monitor| wanted.is_none_or(|kind| kind == monitor.kind)).collect();
    match (wanted, found.is_empty()) {
        (Some(kind), true) => vec![CHECK.wrong(format!("there is no {kind}: the values want one"))],
        (None, true) => vec![CHECK.not_asked("the release has no monitor, and no values ask for one")],
        _ => found.into_iter().map(|monitor| of_monitor(cluster, monitor)).collect(),
    }
}

fn of_monitor(cluster: &Cluster, monitor: &Monitor) -> Verdict {
    let name = format!("{} {}/{}", monitor.kind, monitor.namespace, monitor.name);
    let selects = |labels: &std::collections::BTreeMap<String, String>| {
        monitor.selects.iter().all(|(key, value)| labels.get(key) == Some(value))
    };
    let is_of_services = monitor.kind == "ServiceMonitor";
    if is_of_services && !cluster.services.iter().any(|service| selects(&service.labels)) {
        return CHECK.wrong("its labels select no Service of the release").on(&name);
    }
    let prometheuses = match &cluster.prometheuses {
        Ok(prometheuses) => prometheuses,
        Err(why) => {
            return CHECK.not_asked(format!("is there, and it is not known who selects it: {why}")).on(&name);
        }
    };
    if prometheuses.is_empty() {
        return CHECK.wrong("is there, and the cluster has no Prometheus object that could select it").on(&name);
    }
    let reads = |one: &Prometheus| one.reads(monitor, cluster.namespace_labels.as_ref());
    if let Some(reader) = prometheuses.iter().find(|one| reads(one) == Some(true)) {
        return CHECK.ok(format!("the Prometheus {}/{} selects it", reader.namespace, reader.name)).on(&name);
    }
    match prometheuses.iter().any(|one| reads(one).is_none()) {
        true => CHECK.not_asked("is there; the labels of its namespace are needed to know who selects it").on(&name),
        false => {
            let labels: Vec<String> = monitor.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
            CHECK.wrong("no Prometheus selects it").on(&name).from(format!("labels: {}", labels.join(", ")))
        }
    }
}
