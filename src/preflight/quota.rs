//! Whether the objects of a release fit into the resource quotas of its namespace.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    check::{Check, Status},
    needs::{kind, list, text},
};
use crate::{
    kubernetes::quantity::Amount,
    yaml::{Map, Value},
};

/// What a release takes of each resource of a quota: `requests.cpu`, `pods`, `services.loadbalancers`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Demand(BTreeMap<String, Amount>);

/// The resource quotas of a namespace, as the API server answers.
#[derive(Debug, Deserialize)]
struct Quotas {
    items: Vec<Quota>,
}

#[derive(Debug, Deserialize)]
struct Quota {
    metadata: Metadata,
    #[serde(default)]
    spec: Spec,
    #[serde(default)]
    status: QuotaStatus,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    #[serde(default)]
    scopes: Vec<String>,
    scope_selector: Option<serde_json::Value>,
}

#[derive(Debug, Default, Deserialize)]
struct QuotaStatus {
    #[serde(default)]
    hard: BTreeMap<String, String>,
    #[serde(default)]
    used: BTreeMap<String, String>,
}

impl Demand {
    /// Adds up the rendered objects.
    pub fn of(objects: &[Map]) -> Self {
        let mut demand = Self::default();
        for object in objects {
            match kind(object) {
                Some("StatefulSet" | "Deployment") => {
                    let replicas = object.get_at_text("spec.replicas").map_or(Some(1), whole).unwrap_or(1);
                    demand.add_pods(object, replicas);
                }
                // The number of nodes is not known.
                Some("DaemonSet") => demand.add_pods(object, 1),
                Some("PersistentVolumeClaim") => demand.add_claim(object, 1),
                Some("Service") => demand.add_service(object),
                Some("Secret") => demand.add("secrets", Amount::of(1)),
                Some("ConfigMap") => demand.add("configmaps", Amount::of(1)),
                _ => {}
            }
        }
        demand
    }

    fn add(&mut self, resource: &str, amount: Amount) {
        let sum = self.0.entry(resource.to_owned()).or_default();
        *sum = sum.plus(amount);
    }

    fn add_pods(&mut self, workload: &Map, replicas: u32) {
        self.add("pods", Amount::of(replicas));
        let pod = |part: &str| list(workload, &format!("spec.template.spec.{part}"));
        for group in ["requests", "limits"] {
            for resource in ["cpu", "memory", "ephemeral-storage"] {
                let of = |container: &Map| amount(container, &format!("resources.{group}.{resource}"));
                // Containers run at the same time, and init containers before them.
                let sum = pod("containers").into_iter().filter_map(of).fold(Amount::default(), Amount::plus);
                let most = pod("initContainers").into_iter().filter_map(of).fold(sum, Amount::max);
                self.add(&format!("{group}.{resource}"), most.times(replicas));
                // A quota of `cpu` is one of requests.
                if group == "requests" {
                    self.add(resource, most.times(replicas));
                }
            }
        }
        for claim in list(workload, "spec.volumeClaimTemplates") {
            self.add_claim(claim, replicas);
        }
    }

    fn add_claim(&mut self, claim: &Map, count: u32) {
        self.add("persistentvolumeclaims", Amount::of(count));
        let size = amount(claim, "spec.resources.requests.storage").unwrap_or_default().times(count);
        self.add("requests.storage", size);
        if let Some(class) = text(claim, "spec.storageClassName") {
            self.add(&format!("{class}.storageclass.storage.k8s.io/requests.storage"), size);
            self.add(&format!("{class}.storageclass.storage.k8s.io/persistentvolumeclaims"), Amount::of(count));
        }
    }

    fn add_service(&mut self, service: &Map) {
        self.add("services", Amount::of(1));
        let ports = u32::try_from(list(service, "spec.ports").len()).unwrap_or(u32::MAX);
        let service_type = text(service, "spec.type");
        if service_type == Some("LoadBalancer") {
            self.add("services.loadbalancers", Amount::of(1));
        }
        let opens_ports = service_type == Some("NodePort")
            || service_type == Some("LoadBalancer")
                && service.get_at_text("spec.allocateLoadBalancerNodePorts") != Some(&Value::Bool(false));
        if opens_ports {
            self.add("services.nodeports", Amount::of(ports));
        }
    }
}

/// Compares the demand of a release that is not installed yet with the quotas, in the JSON of
/// `kubectl get resourcequota`.
///
/// # Errors
///
/// If the text is not that JSON.
pub fn over_quota(quotas: &str, demand: &Demand) -> Result<Vec<Check>, serde_json::Error> {
    let Quotas { items } = serde_json::from_str(quotas)?;
    let mut checks = Vec::new();
    for Quota { metadata: Metadata { name }, spec, status } in items {
        if !spec.scopes.is_empty() || spec.scope_selector.is_some() {
            checks.push(
                Check::new("quota", Status::NotAsked, "the quota counts only some pods: it is not compared")
                    .of(format!("ResourceQuota {name}")),
            );
            continue;
        }
        let over = status.hard.iter().filter_map(|(resource, hard)| {
            let key = resource.strip_prefix("count/").map_or(resource.as_str(), |counted| match counted {
                "services" | "secrets" | "configmaps" | "persistentvolumeclaims" | "pods" => counted,
                _ => resource,
            });
            let (wanted, hard) = (*demand.0.get(key)?, Amount::parse(hard)?);
            let used = status.used.get(resource).and_then(|used| Amount::parse(used)).unwrap_or_default();
            let free = hard.minus(used);
            (wanted > free).then(|| format!("{resource}: {} wanted, {} free", wanted.text(key), free.text(key)))
        });
        let over: Vec<String> = over.collect();
        checks.push(match over.is_empty() {
            true => Check::new("quota", Status::Ok, "the release fits into the quota"),
            false => Check::new("quota", Status::Refused, over.join("; "))
                .next("increase the quota, or lower resources, sizes or the number of replicas"),
        });
        if let Some(check) = checks.last_mut() {
            check.object = Some(format!("ResourceQuota {name}"));
        }
    }
    Ok(checks)
}

/// The quantity at a path.
fn amount(map: &Map, path: &str) -> Option<Amount> {
    match map.get_at_text(path)? {
        Value::String(text) => Amount::parse(text),
        Value::Int(number) => Amount::parse(&number.to_string()),
        Value::Float(number) => Amount::parse(&number.to_string()),
        _ => None,
    }
}

fn whole(value: &Value) -> Option<u32> {
    match value {
        Value::Int(number) => u32::try_from(*number).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preflight::Needs;

    const RENDER: &str = "
kind: StatefulSet
metadata: {name: redis-node}
spec:
  replicas: 3
  volumeClaimTemplates:
    - metadata: {name: redis-data}
      spec: {resources: {requests: {storage: 8Gi}}}
  template:
    spec:
      initContainers:
        - {name: first, resources: {requests: {cpu: 2}}}
      containers:
        - {name: redis, resources: {requests: {cpu: 250m, memory: 1Gi}}}
        - {name: sentinel, resources: {requests: {cpu: 250m, memory: 64Mi}}}
---
kind: Service
metadata: {name: redis}
spec: {type: LoadBalancer, ports: [{port: 6379}, {port: 26379}]}
";

    fn checks(hard: &str, used: &str) -> Vec<Check> {
        let quotas = format!(
            r#"{{"items": [{{"metadata": {{"name": "most"}}, "spec": {{}}, "status": {{"hard": {hard}, "used": {used}}}}}]}}"#
        );
        over_quota(&quotas, &Demand::of(&Needs::of(RENDER).unwrap().objects)).unwrap()
    }

    #[test]
    fn a_release_fits_or_what_is_missing_is_named() {
        let fits = checks(r#"{"requests.cpu": "6", "pods": "5", "services.nodeports": "2"}"#, r#"{"pods": "2"}"#);
        assert_eq!(fits[0].status, Status::Ok, "{fits:?}");
        let over = checks(r#"{"requests.cpu": "5", "requests.storage": "20Gi", "pods": "4"}"#, r#"{"pods": "2"}"#);
        assert_eq!(over[0].status, Status::Refused);
        assert_eq!(
            over[0].message,
            "pods: 3 wanted, 2 free; requests.cpu: 6 wanted, 5 free; requests.storage: 24Gi wanted, 20Gi free"
        );
    }
}
