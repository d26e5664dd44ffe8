//! The topology as a graph in four columns: clients, Services, workloads, volumes.

use super::shown;
use crate::{
    chart::{ServiceKind, Topology},
    objects::{Claim, Pods, Role, Workload},
    overview::{Access, Overview, Reach, Writes},
};

/// A box of the drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub title: String,
    pub lines: Vec<String>,
}

/// Who connects to a Service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    Cluster,
    Monitoring,
    Internal,
    Nodes,
    Undecided,
    Public,
}

/// The topology of a release.
pub(super) struct Graph {
    /// The origins that some Service has, in a fixed order.
    pub origins: Vec<Origin>,
    pub services: Vec<ServiceNode>,
    pub workloads: Vec<WorkloadNode>,
    /// Whether the workload at the second index copies the workload at the first.
    pub copies: Vec<(usize, usize)>,
}

/// A Service with its neighbours.
pub(super) struct ServiceNode {
    pub node: Node,
    pub origin: Origin,
    /// Whether the Service is headless: an address for pods, not for clients.
    pub is_headless: bool,
    pub writes: Writes,
    /// Indexes of the workloads behind it.
    pub leads_to: Vec<usize>,
}

/// A workload with its volumes.
pub(super) struct WorkloadNode {
    pub node: Node,
    pub volumes: Vec<Node>,
}

impl Origin {
    /// The name for pictures.
    pub fn title(self) -> &'static str {
        match self {
            Self::Cluster => "clients in the cluster",
            Self::Monitoring => "monitoring",
            Self::Internal => "clients in the network",
            Self::Nodes => "clients that reach a node",
            Self::Undecided => "clients outside",
            Self::Public => "clients anywhere",
        }
    }

    /// The name for the narrow first column of the text format.
    pub fn short(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::Monitoring => "monitoring",
            Self::Internal => "network",
            Self::Nodes => "nodes",
            Self::Undecided => "outside",
            Self::Public => "anywhere",
        }
    }
}

/// From where clients reach a Service, in words.
pub(super) fn access(access: Access) -> &'static str {
    match access {
        Access::Cluster => "inside the cluster",
        Access::Internal => "internal",
        Access::Nodes => "at every node",
        Access::Undecided => "not decided by the values",
        Access::Public => "public",
    }
}

/// Where writes through a Service end, in words.
pub(super) fn writes(writes: Writes) -> &'static str {
    match writes {
        Writes::Primary => "writes reach the primary",
        Writes::ByChance => "writes only by chance",
        Writes::Refused => "reads only",
        Writes::NoRedis => "no Redis",
    }
}

/// The number of pods, in words.
pub(super) fn pods(pods: Pods) -> String {
    match pods {
        Pods::Fixed(1) => "1 pod".to_owned(),
        Pods::Fixed(count) => format!("{count} pods"),
        Pods::Between(least, most) => format!("{least} to {most} pods"),
        Pods::EachNode => "1 pod on each node".to_owned(),
    }
}

impl Graph {
    pub fn of(overview: &Overview) -> Self {
        let workloads = &overview.objects.workloads;
        let mut services: Vec<ServiceNode> = overview
            .objects
            .services
            .iter()
            .zip(&overview.reach)
            .map(|(service, reach)| {
                let leads_to =
                    reach.leads_to.iter().filter_map(|name| workloads.iter().position(|w| w.object.name == *name));
                ServiceNode {
                    node: Node { title: shown(&service.object.name), lines: service_lines(service, reach) },
                    origin: origin(service.behind, reach.access),
                    is_headless: service.is_headless,
                    writes: reach.writes,
                    leads_to: leads_to.collect(),
                }
            })
            .collect();
        // Clients use the other Services.
        services.sort_by_key(|service| service.is_headless);
        let mut origins: Vec<Origin> = services.iter().map(|service| service.origin).collect();
        origins.sort_unstable();
        origins.dedup();
        let is_role = |role: Role| move |index: &usize| workloads[*index].role == role;
        let indexes = || 0..workloads.len();
        let copies = indexes().find(is_role(Role::Primary)).map(|primary| {
            indexes().filter(is_role(Role::Replica)).map(move |replica| (primary, replica)).collect::<Vec<_>>()
        });
        Self {
            origins,
            services,
            workloads: workloads.iter().map(|workload| workload_node(workload, overview.topology)).collect(),
            copies: copies.unwrap_or_default(),
        }
    }
}

fn origin(behind: Option<ServiceKind>, access: Access) -> Origin {
    match access {
        Access::Cluster if behind == Some(ServiceKind::Metrics) => Origin::Monitoring,
        Access::Cluster => Origin::Cluster,
        Access::Internal => Origin::Internal,
        Access::Nodes => Origin::Nodes,
        Access::Undecided => Origin::Undecided,
        Access::Public => Origin::Public,
    }
}

fn service_lines(service: &crate::objects::Service, reach: &Reach) -> Vec<String> {
    let kind = if service.is_headless { "headless" } else { service.service_type.as_str() };
    let ports: Vec<String> = service.ports.iter().map(|port| port.port.to_string()).collect();
    let mut lines = vec![format!("{} {}", shown(kind), ports.join(", ")).trim().to_owned()];
    match reach.writes {
        _ if service.is_headless => lines.push("names of the pods".to_owned()),
        Writes::NoRedis => lines.push(access(reach.access).to_owned()),
        which => {
            lines.push(access(reach.access).to_owned());
            lines.push(writes(which).to_owned());
        }
    }
    lines
}

fn workload_node(workload: &Workload, topology: Topology) -> WorkloadNode {
    let role = match (workload.role, topology) {
        (Role::Primary, Topology::Standalone) => "Redis without replicas",
        (Role::Primary, _) => "the primary",
        (Role::Replica, _) => "replicas",
        (Role::Node, _) => "one node is the primary",
    };
    let containers: Vec<String> = workload
        .containers
        .iter()
        .filter(|container| !container.is_init)
        .map(|container| shown(&container.name))
        .collect();
    let mut lines = vec![
        format!("{}, {}", shown(&workload.object.kind), pods(workload.pods)),
        role.to_owned(),
        format!("containers: {}", containers.join(", ")),
    ];
    if workload.claims.is_empty() {
        lines.push("data in the pods, no volume".to_owned());
    }
    WorkloadNode {
        node: Node { title: shown(&workload.object.name), lines },
        volumes: workload.claims.iter().map(|claim| volume(claim, workload.pods)).collect(),
    }
}

fn volume(claim: &Claim, count: Pods) -> Node {
    let what = match (claim.is_existing, count) {
        (true, _) => "existing claim".to_owned(),
        (false, Pods::Fixed(count)) => format!("{count} x {}", shown(claim.size.as_deref().unwrap_or("unknown size"))),
        (false, _) => format!("each {}", shown(claim.size.as_deref().unwrap_or("unknown size"))),
    };
    let class = match &claim.class {
        Some(class) => format!("class {}", shown(class)),
        None => "default class".to_owned(),
    };
    let lines = if claim.is_existing { vec![what] } else { vec![what, class] };
    Node { title: shown(&claim.name), lines }
}
