//! What `redisgen plan` knows about each object.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::chart::ServiceKind;

/// The objects of one release.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Objects {
    /// The name of the release.
    pub release: String,
    pub namespace: String,
    /// The beginning of all names: the release and the chart, or `fullnameOverride`.
    pub full_name: String,
    pub workloads: Vec<Workload>,
    pub services: Vec<Service>,
    /// The Secrets that the pods read, made by the chart or by somebody else.
    pub secrets: Vec<Secret>,
    /// All other objects of the render: ConfigMaps, ServiceAccounts, roles, budgets, policies, monitors, claims.
    pub others: Vec<Object>,
    /// Keys whose objects are not known, with the reason: `extraDeploy`.
    pub unknown: Vec<String>,
}

/// Name and kind of an object, and what matters about it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Object {
    /// `policy/v1`
    pub api_version: String,
    pub kind: String,
    pub name: String,
    /// The namespace, if it is not that of the release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The labels of the pods that the object selects; empty if the kind selects none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub selector: BTreeMap<String, String>,
    /// The fields that people ask about, as Kubernetes names them: `minAvailable: 2`, `scrapeInterval: 30s`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
}

/// What the pods of a workload are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// The primary of replication, or the only pod.
    Primary,
    Replica,
    /// Any node of Sentinel: one of them is the primary.
    Node,
}

/// A StatefulSet, Deployment or DaemonSet.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Workload {
    #[serde(flatten)]
    pub object: Object,
    pub role: Role,
    pub pods: Pods,
    /// The labels of the pods.
    pub labels: BTreeMap<String, String>,
    pub service_account: String,
    /// The containers of one pod, init containers first.
    pub containers: Vec<Container>,
    /// The volumes that outlive a pod.
    pub claims: Vec<Claim>,
}

/// The number of pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Pods {
    Fixed(u32),
    /// An autoscaler decides, between these numbers.
    Between(u32, u32),
    /// One pod on each node of the cluster.
    EachNode,
}

/// A container of a pod.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Container {
    pub name: String,
    pub is_init: bool,
    /// The reference that the node pulls, with tag or digest.
    pub image: String,
    pub requests: Resources,
    pub limits: Resources,
}

/// Quantities as Kubernetes writes them; none if not set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Resources {
    pub cpu: Option<String>,
    pub memory: Option<String>,
}

/// A volume that outlives a pod.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// The name of the template, which each pod has a claim of: `redis-data`. For an existing claim, its name.
    pub name: String,
    /// Whether the claim exists before the release and all pods of the workload share it.
    pub is_existing: bool,
    /// `8Gi`; none for an existing claim.
    pub size: Option<String>,
    /// The StorageClass; none for the default of the cluster.
    pub class: Option<String>,
    pub access_modes: Vec<String>,
}

/// A Service.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    #[serde(flatten)]
    pub object: Object,
    /// What clients find behind it; none for the headless Service.
    #[serde(skip)]
    pub behind: Option<ServiceKind>,
    /// `ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`.
    #[serde(rename = "type")]
    pub service_type: String,
    /// Whether the name resolves to the addresses of the pods.
    pub is_headless: bool,
    pub ports: Vec<Port>,
    pub annotations: BTreeMap<String, String>,
    /// The ranges of client addresses that the load balancer accepts.
    pub source_ranges: Vec<String>,
    /// The key above all keys of the Service: `sentinel.service`. Empty for the headless Service of old charts.
    pub base: String,
}

/// A port of a Service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Port {
    pub name: String,
    pub port: u16,
    /// The name or number of the container port.
    pub target: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_port: Option<u16>,
}

/// A Secret that the pods read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Secret {
    pub name: String,
    /// The keys that the pods or clients read.
    pub keys: Vec<String>,
    pub from: SecretSource,
    /// What it holds: `the password`, `the certificates`.
    pub holds: String,
}

/// Who makes a Secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum SecretSource {
    /// The chart makes it, with values from the release.
    Chart,
    /// The chart makes it, with a random content.
    ChartRandom,
    /// It must exist before the install.
    You,
}

impl Objects {
    /// Each object of the render: kind and name.
    pub fn rendered(&self) -> impl Iterator<Item = &Object> {
        let workloads = self.workloads.iter().map(|workload| &workload.object);
        let services = self.services.iter().map(|service| &service.object);
        workloads.chain(services).chain(&self.others)
    }

    /// The workloads whose pods a Service leads to.
    pub fn behind<'a>(&'a self, service: &'a Service) -> impl Iterator<Item = &'a Workload> {
        let selector = &service.object.selector;
        let selects = |workload: &&Workload| {
            !selector.is_empty() && selector.iter().all(|(key, value)| workload.labels.get(key) == Some(value))
        };
        self.workloads.iter().filter(selects)
    }
}
