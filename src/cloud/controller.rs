//! Controllers of load balancers and their kinds. The facts are in `controllers.tsv`.

use super::refusal::word as name;
use super::{Cloud, Confidence, LoadBalancerRequest, Reachability, Refusal, RequestedOption};
use crate::table::{Table, filled, number, optional, table, word};
use clap::ValueEnum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// A controller of load balancers, for clouds with several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LbController {
    /// The only controller of the cloud
    CloudControllerManager,
    /// Amazon: Classic Load Balancer from Kubernetes itself or cloud-provider-aws
    InTree,
    /// Amazon: Network Load Balancer from Kubernetes itself or cloud-provider-aws
    InTreeNlb,
    /// Amazon: Network Load Balancer from the AWS Load Balancer Controller
    AwsLoadBalancerController,
    /// Amazon: Network Load Balancer from EKS Auto Mode
    EksAutoMode,
    /// Google: selected by an annotation
    GkeAnnotation,
    /// Google: selected by loadBalancerClass
    GkeClass,
    /// Oracle: load balancer
    OciLb,
    /// Oracle: network load balancer
    OciNlb,
    /// Alibaba: Classic Load Balancer
    AlibabaClb,
    /// Alibaba: Network Load Balancer, selected by loadBalancerClass
    AlibabaNlb,
    /// Huawei: Cloud Container Engine, the managed service
    HuaweiCce,
    /// Huawei: the open-source cloud controller manager
    HuaweiCcm,
    /// IBM: Application Load Balancer for VPC, or the load balancer of a classic cluster
    IbmAlb,
    /// IBM: Network Load Balancer for VPC
    IbmNlb,
    /// Linode: NodeBalancer with a public address
    LinodeClassic,
    /// Linode: NodeBalancer with its frontend in a VPC
    LinodeVpc,
    /// MetalLB
    Metallb,
    /// kube-vip
    KubeVip,
    /// Cilium LB-IPAM
    CiliumLbIpam,
    /// k3s: ServiceLB
    K3sServiceLb,
    /// No controller for LoadBalancer Services
    NoController,
}

/// The kind of a load balancer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Balancer {
    /// Forwards packets: TCP keepalive probes count as traffic.
    Passthrough,
    /// Opens a second connection: only data counts as traffic.
    Proxy,
    /// Assigns an address to the nodes, without a load balancer.
    Address,
    /// Creates nothing.
    None,
}

/// A row of the table: one controller of one cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Controller {
    pub cloud: Cloud,
    pub controller: LbController,
    default_for: DefaultFor,
    pub balancer: Balancer,
    /// Seconds without traffic after which the load balancer closes a connection, if known.
    pub idle: Option<u32>,
    /// How certain the idle timeout is.
    pub idle_certainty: Confidence,
    /// The first Kubernetes version with support, if known.
    pub kubernetes: Option<&'static str>,
    /// The first version of the controller with support, if known.
    pub version: Option<&'static str>,
    pub certainty: Confidence,
    /// A description, or the reason for the default.
    pub reason: &'static str,
    pub source: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum DefaultFor {
    #[serde(rename = "any")]
    Any,
    #[serde(rename = "internal")]
    Internal,
    #[serde(rename = "public")]
    Public,
    #[serde(rename = "-")]
    Never,
}

impl Controller {
    /// Whether the controller is the default for a reach.
    pub fn is_default_for(&self, reach: Reachability) -> bool {
        matches!(
            (self.default_for, reach),
            (DefaultFor::Any, _)
                | (DefaultFor::Internal, Reachability::Internal)
                | (DefaultFor::Public, Reachability::Public)
        )
    }
}

/// All controllers, by cloud.
pub fn controllers() -> &'static [Controller] {
    static ROWS: LazyLock<Vec<Controller>> = LazyLock::new(|| TABLE.read(read));
    &ROWS
}

const TABLE: Table<10> = table!(
    "src/cloud/controllers.tsv",
    ["cloud", "controller", "default", "balancer", "idle", "kubernetes", "version", "certainty", "reason", "source",]
);

/// The facts about a controller on a cloud; none if it creates no load balancers there.
pub fn controller(cloud: Cloud, controller: LbController) -> Option<&'static Controller> {
    controllers().iter().find(|row| row.cloud == cloud && row.controller == controller)
}

/// The controller for some options.
pub(super) fn choose(cloud: Cloud, wish: &LoadBalancerRequest) -> Result<&'static Controller, Refusal> {
    let chosen = match wish.controller {
        Some(named) => controller(cloud, named),
        None => controllers().iter().find(|row| row.cloud == cloud && row.is_default_for(wish.reach)),
    };
    chosen.ok_or_else(|| {
        let ways = controllers().iter().filter(|row| row.cloud == cloud);
        let names: Vec<String> = ways.map(|row| format!("`{}`", name(row.controller))).collect();
        Refusal {
            wish: RequestedOption::LbController,
            cloud,
            controller: wish.controller.unwrap_or(LbController::NoController),
            why: "the controller creates no load balancers on this cloud".to_owned(),
            instead: format!("Use {}", names.join(" or ")),
            evidence: None,
        }
    })
}

fn read(cells: [&'static str; 10]) -> Result<Controller, String> {
    let [cloud, controller, default_for, balancer, idle, kubernetes, version, certainty, reason, source] = cells;
    Ok(Controller {
        cloud: word(cloud)?,
        controller: word(controller)?,
        default_for: word(default_for)?,
        balancer: word(balancer)?,
        idle: optional(idle.trim_start_matches('~')).map(number).transpose()?,
        idle_certainty: if idle.starts_with('~') { Confidence::Likely } else { word(certainty)? },
        kubernetes: optional(kubernetes),
        version: optional(version),
        certainty: word(certainty)?,
        reason: filled(reason)?,
        source: filled(source)?,
    })
}
