//! Who makes the load balancer, and of what sort it is. The facts are in `controllers.tsv`.

use super::refusal::word as name;
use super::{Certainty, Cloud, Reach, Refusal, Wish, WishName};
use crate::table::{Table, filled, number, optional, table, word};
use clap::ValueEnum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// What makes the load balancer, where a cloud has several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LbController {
    /// The cloud's own, where there is no other
    CloudControllerManager,
    /// Amazon: Classic Load Balancer from Kubernetes itself or cloud-provider-aws
    InTree,
    /// Amazon: Network Load Balancer from Kubernetes itself or cloud-provider-aws
    InTreeNlb,
    /// Amazon: Network Load Balancer from the AWS Load Balancer Controller
    AwsLoadBalancerController,
    /// Amazon: Network Load Balancer from EKS Auto Mode
    EksAutoMode,
    /// Google: chosen by an annotation
    GkeAnnotation,
    /// Google: chosen by loadBalancerClass
    GkeClass,
    /// Oracle: load balancer
    OciLb,
    /// Oracle: network load balancer
    OciNlb,
    /// Alibaba: Classic Load Balancer
    AlibabaClb,
    /// Alibaba: Network Load Balancer, chosen by loadBalancerClass
    AlibabaNlb,
    /// Huawei: Cloud Container Engine, the managed service
    HuaweiCce,
    /// Huawei: the open-source cloud controller manager
    HuaweiCcm,
    /// IBM: Application Load Balancer for VPC, or the balancer of a classic cluster
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
    /// Nothing answers for a LoadBalancer Service
    NoController,
}

/// The sort of a load balancer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Balancer {
    /// Packets pass: TCP keepalive probes count as traffic.
    Passthrough,
    /// It ends the connection and opens another: only data counts as traffic.
    Proxy,
    /// An address on the nodes, nothing in between.
    Address,
    /// Nothing at all.
    None,
}

/// A row of the table: one way to a load balancer on one cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Controller {
    pub cloud: Cloud,
    pub controller: LbController,
    default_for: DefaultFor,
    pub balancer: Balancer,
    /// Seconds without traffic after which it cuts a connection, where known.
    pub idle: Option<u32>,
    /// How sure that number is.
    pub idle_certainty: Certainty,
    /// The first Kubernetes version that can, where known.
    pub kubernetes: Option<&'static str>,
    /// The first version of the controller that can, where known.
    pub version: Option<&'static str>,
    pub certainty: Certainty,
    /// What it is, or why it is the default.
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
    /// Whether this one is meant when a reach is wanted and no controller is named.
    pub fn is_default_for(&self, reach: Reach) -> bool {
        matches!(
            (self.default_for, reach),
            (DefaultFor::Any, _) | (DefaultFor::Internal, Reach::Internal) | (DefaultFor::Public, Reach::Public)
        )
    }
}

/// Every way to a load balancer, by cloud.
pub fn controllers() -> &'static [Controller] {
    static ROWS: LazyLock<Vec<Controller>> = LazyLock::new(|| TABLE.read(read));
    &ROWS
}

const TABLE: Table<10> = table!(
    "src/cloud/controllers.tsv",
    ["cloud", "controller", "default", "balancer", "idle", "kubernetes", "version", "certainty", "reason", "source",]
);

/// What is known of a controller on a cloud; none where it makes no load balancers there.
pub fn controller(cloud: Cloud, controller: LbController) -> Option<&'static Controller> {
    controllers().iter().find(|row| row.cloud == cloud && row.controller == controller)
}

/// The controller that a wish means.
pub(super) fn choose(cloud: Cloud, wish: &Wish) -> Result<&'static Controller, Refusal> {
    let chosen = match wish.controller {
        Some(named) => controller(cloud, named),
        None => controllers().iter().find(|row| row.cloud == cloud && row.is_default_for(wish.reach)),
    };
    chosen.ok_or_else(|| {
        let ways = controllers().iter().filter(|row| row.cloud == cloud);
        let names: Vec<String> = ways.map(|row| format!("`{}`", name(row.controller))).collect();
        Refusal {
            wish: WishName::LbController,
            cloud,
            controller: wish.controller.unwrap_or(LbController::NoController),
            why: "it makes no load balancers on this cloud".to_owned(),
            instead: format!("use {}", names.join(" or ")),
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
        idle_certainty: if idle.starts_with('~') { Certainty::Likely } else { word(certainty)? },
        kubernetes: optional(kubernetes),
        version: optional(version),
        certainty: word(certainty)?,
        reason: filled(reason)?,
        source: filled(source)?,
    })
}
