//! The pods are ready, and each Service has endpoints.

use crate::verify::check::{Check, Facts, Verdict};

pub static CHECK: Check = Check {
    id: "pods",
    title: "pods and endpoints",
    proves: "each pod of the release is ready, and each Service leads to a pod",
    run,
};

fn run(facts: &Facts) -> Vec<Verdict> {
    let Some(cluster) = facts.cluster else { return vec![CHECK.not_asked("no cluster was asked")] };
    let mut verdicts = Vec::new();
    for pod in &cluster.pods {
        let restarts = if pod.restarts > 0 { format!(", {} restarts", pod.restarts) } else { String::new() };
        let state = format!("{}{restarts}", pod.reason.as_deref().unwrap_or(&pod.phase));
        if !pod.is_ready {
            verdicts.push(CHECK.wrong(format!("is not ready: {state}")).on(&pod.name).may_settle());
        } else if pod.restarts > 0 {
            verdicts.push(CHECK.note(format!("is ready{restarts}")).on(&pod.name));
        }
    }
    let servers = cluster.pods.iter().filter(|pod| pod.redis.is_some()).count();
    if let Some(wanted) = facts.wanted.nodes.filter(|wanted| *wanted != servers) {
        verdicts.push(CHECK.wrong(format!("found {servers} pods with Redis: the values want {wanted}")).may_settle());
    }
    for (service, ready) in &cluster.endpoints {
        if *ready == 0 {
            verdicts.push(CHECK.wrong("the Service leads to no ready pod").on(service).may_settle());
        }
    }
    if verdicts.iter().all(|verdict| !verdict.is_open()) {
        let ready = cluster.pods.iter().filter(|pod| pod.is_ready).count();
        let message = format!("{ready} of {} pods are ready, {} Services", cluster.pods.len(), cluster.services.len());
        verdicts.insert(0, CHECK.ok(message));
    }
    verdicts
}
