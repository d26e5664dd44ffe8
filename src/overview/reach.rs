//! Who reaches a Service, why, and whether writes through it reach the primary.

use serde::Serialize;

use super::names::local_name;
use crate::{
    chart::{ServiceKind, Topology},
    cloud::{AnnotationKind, BalancerSettings, Cloud, DecidedBy, Visibility, annotation},
    effective::EffectiveValues,
    objects::{Objects, Pods, Role, Service, Workload},
    yaml::Value,
};

/// From where clients can reach a Service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Access {
    /// From inside the cluster.
    Cluster,
    /// From the network of the cloud, through an internal load balancer.
    Internal,
    /// From every network that reaches a node of the cluster.
    Nodes,
    /// Through a load balancer; something outside of the values decides whether it is internal.
    Undecided,
    /// From everywhere, through a public load balancer.
    Public,
}

/// Whether writes through a Service reach the primary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Writes {
    /// Always.
    Primary,
    /// Only if the Service selects the primary by chance, or the client the right pod.
    ByChance,
    /// Never: replicas refuse writes.
    Refused,
    /// No Redis is behind the Service.
    NoRedis,
}

/// The reach of one Service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reach {
    /// The name of the Service.
    pub service: String,
    /// The name for clients in the cluster: `redis-master.default.svc.cluster.local`.
    pub local_name: String,
    pub access: Access,
    /// The setting that decides the access.
    pub why: String,
    /// Names for clients outside: requested addresses and names of external-dns.
    pub addresses: Vec<String>,
    /// The ranges of client addresses that the load balancer accepts; all if empty.
    pub source_ranges: Vec<String>,
    /// The names of the workloads behind the Service.
    pub leads_to: Vec<String>,
    /// The pods behind the Service, in words: `the primary`, `any of 3 nodes`.
    pub pods: String,
    pub writes: Writes,
    /// What clients of the Service must know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caveat: Option<String>,
}

impl Reach {
    pub(super) fn of(service: &Service, objects: &Objects, values: &EffectiveValues, cloud: Option<Cloud>) -> Self {
        let mut workloads: Vec<&Workload> = objects.behind(service).collect();
        if workloads.is_empty() && matches!(service.behind, Some(ServiceKind::CurrentPrimary | ServiceKind::EachPod)) {
            // The pods get the selected labels when they run.
            workloads = objects.workloads.iter().filter(|workload| workload.role == Role::Node).collect();
        }
        let (access, why) = access(service, values, cloud);
        let writes = writes(service, &workloads, values.topology);
        Self {
            service: service.object.name.clone(),
            local_name: local_name(service, objects, values),
            access,
            why,
            addresses: addresses(service, values),
            source_ranges: service.source_ranges.clone(),
            leads_to: workloads.iter().map(|workload| workload.object.name.clone()).collect(),
            pods: pods(service, &workloads),
            writes,
            caveat: caveat(service, &workloads, writes, objects),
        }
    }
}

fn access(service: &Service, values: &EffectiveValues, cloud: Option<Cloud>) -> (Access, String) {
    let Service { service_type, base, is_headless, .. } = service;
    let of_type = |what: &str| match base.is_empty() {
        true => format!("type `{service_type}`{what}"),
        false => format!("`{base}.type: {service_type}`{what}"),
    };
    match service_type.as_str() {
        _ if *is_headless => (Access::Cluster, "the name resolves to the addresses of the pods".to_owned()),
        "LoadBalancer" => of_balancer(service, values, cloud),
        "NodePort" => (Access::Nodes, of_type(": a port of every node")),
        _ => (Access::Cluster, of_type("")),
    }
}

fn of_balancer(service: &Service, values: &EffectiveValues, cloud: Option<Cloud>) -> (Access, String) {
    // The chart can render any text for a template.
    let is_template = |text: &String| text.contains("{{");
    let annotations = service.annotations.iter().map(|(key, value)| (key.as_str(), Some(value.as_str())));
    let settings = BalancerSettings {
        cloud,
        annotations: annotations.collect(),
        annotations_are_known: !service.annotations.iter().any(|(key, value)| is_template(key) || is_template(value)),
        addresses: texts(service, values, "loadBalancerIP"),
        class: texts(service, values, "loadBalancerClass").into_iter().next(),
    };
    let (visibility, by) = settings.visibility();
    let access = match visibility {
        Visibility::Internal => Access::Internal,
        Visibility::Unknown => Access::Undecided,
        Visibility::Public | Visibility::Unset => Access::Public,
    };
    let why = match by {
        DecidedBy::Nothing => {
            format!("`{}.type: LoadBalancer`, and no setting makes it internal: public on most clouds", service.base)
        }
        DecidedBy::Pool(_) => "the pool of addresses decides, outside of the values".to_owned(),
        DecidedBy::Template => "a template renders annotations".to_owned(),
        DecidedBy::Address(address) => format!("the requested address `{address}` is private"),
        DecidedBy::Annotation(key, Some(value)) => format!("annotation `{key}: \"{value}\"`"),
        DecidedBy::Annotation(key, None) => format!("annotation `{key}`"),
        DecidedBy::Class(class) => format!("class `{class}`"),
    };
    (access, why)
}

/// The texts in a field of the Service that takes one text or a list of texts.
fn texts(service: &Service, values: &EffectiveValues, field: &str) -> Vec<String> {
    let path = format!("{}.{field}", service.base);
    if !values.chart.takes(&path) || !values.is_read(&path) {
        return Vec::new();
    }
    let texts = match values.value(&path) {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::List(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    texts.into_iter().filter(|text| !text.is_empty()).collect()
}

/// The names of the Service for clients outside of the cluster, as far as the values contain them.
fn addresses(service: &Service, values: &EffectiveValues) -> Vec<String> {
    let mut found = Vec::new();
    if service.service_type == "LoadBalancer" && !service.is_headless {
        found.extend(texts(service, values, "loadBalancerIP"));
    }
    let names = service.annotations.iter().filter(|(key, value)| {
        let is_name = key.ends_with("/hostname") || key.ends_with("/internal-hostname");
        is_name && annotation(key).is_some_and(|facts| facts.kind == AnnotationKind::ExternalDns) && !value.is_empty()
    });
    found.extend(names.flat_map(|(_, value)| value.split(',')).map(|name| name.trim().to_owned()));
    found
}

fn count(workloads: &[&Workload]) -> Option<u32> {
    workloads.iter().try_fold(0, |sum: u32, workload| match workload.pods {
        Pods::Fixed(count) => sum.checked_add(count),
        Pods::Between(..) | Pods::EachNode => None,
    })
}

fn pods(service: &Service, workloads: &[&Workload]) -> String {
    if workloads.is_empty() {
        return match service.behind {
            Some(ServiceKind::CurrentPrimary) => "the current primary",
            Some(ServiceKind::EachPod) => "one pod",
            _ => "no pod of the release",
        }
        .to_owned();
    }
    let count = count(workloads);
    let any = |one: &str, noun: &str| match count {
        Some(1) => one.to_owned(),
        Some(count) => format!("any of {count} {noun}"),
        None => format!("any of the {noun}"),
    };
    match service.behind {
        Some(ServiceKind::CurrentPrimary) => "the current primary".to_owned(),
        Some(ServiceKind::EachPod) => "one pod".to_owned(),
        Some(ServiceKind::Primary) => any("the primary", "primaries"),
        Some(ServiceKind::Replicas) => any("the replica", "replicas"),
        Some(ServiceKind::AllNodes) => any("the node", "nodes"),
        Some(ServiceKind::Metrics) => match count {
            Some(1) => "the exporter".to_owned(),
            Some(count) => format!("the exporters of {count} pods"),
            None => "the exporters of all pods".to_owned(),
        },
        None => match count {
            Some(1) => "the pod, by its name".to_owned(),
            Some(count) => format!("{count} pods, each by its name"),
            None => "all pods, each by its name".to_owned(),
        },
    }
}

fn writes(service: &Service, workloads: &[&Workload], topology: Topology) -> Writes {
    let is_alone = count(workloads) == Some(1) && topology != Topology::Replication;
    match service.behind {
        Some(ServiceKind::Metrics) => Writes::NoRedis,
        Some(ServiceKind::Replicas) => Writes::Refused,
        Some(ServiceKind::CurrentPrimary) => Writes::Primary,
        Some(ServiceKind::Primary) if count(workloads).is_none_or(|count| count < 2) => Writes::Primary,
        _ if is_alone => Writes::Primary,
        _ => Writes::ByChance,
    }
}

fn caveat(service: &Service, workloads: &[&Workload], writes: Writes, objects: &Objects) -> Option<String> {
    let follows = |service: &&Service| service.behind == Some(ServiceKind::CurrentPrimary);
    match (service.behind, writes) {
        (Some(ServiceKind::AllNodes), Writes::ByChance) => {
            let next = match objects.services.iter().find(follows) {
                Some(other) => format!("Send writes to `{}`, or ask Sentinel for the primary", other.object.name),
                None => "Ask Sentinel for the primary".to_owned(),
            };
            let share = count(workloads).map(|count| format!(": {} of {count} nodes refuse writes", count - 1));
            Some(format!("Connections go to any node{}. {next}", share.unwrap_or_default()))
        }
        (Some(ServiceKind::Primary), Writes::ByChance) => {
            Some("Each primary has data of its own: a client finds its keys only by chance".to_owned())
        }
        (Some(ServiceKind::EachPod), Writes::ByChance) => {
            Some("Only the pod that is the primary takes writes: ask Sentinel which one".to_owned())
        }
        (Some(ServiceKind::Primary), _) if !workloads.iter().any(|workload| workload.role == Role::Primary) => {
            Some("The release has no primary of its own".to_owned())
        }
        _ => None,
    }
}
