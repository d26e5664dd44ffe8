//! Load balancers of clouds: what a Service needs to get the balancer that is wanted.
//!
//! The facts stand in the tables beside this file, each row with its source; the code applies them. Here is no word of
//! the chart: where an annotation or a field goes is the business of `values`. What a cluster really runs is not known
//! here either, the caller says it.
//!
//! A wish has an effect in the [`Service`], or it is a [`Refusal`]. It is never dropped.

mod annotation;
mod controller;
mod external_dns;
mod fill;
mod recipe;
mod refusal;
mod service;
#[cfg(test)]
mod tests;
mod told;
mod values;

pub use annotation::{Annotation, AnnotationKind, Condition, OnWrong, annotation, annotations};
pub use controller::{Balancer, Controller, LbController, controller, controllers};
pub use external_dns::{ExternalDns, ExternalDnsPrefix, external_dns, external_dns_prefixes};
pub use refusal::{Refusal, WishName};
pub use service::{DEFAULT_KEEPALIVE, service, tcp_keepalive};
pub use told::told;
pub use values::Values;

use clap::ValueEnum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the cluster runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cloud {
    /// Amazon Web Services: EKS, or a cluster of one's own
    Aws,
    /// Google Cloud: GKE
    Gcp,
    /// Microsoft Azure: AKS
    Azure,
    /// Oracle Cloud Infrastructure: OKE
    Oci,
    /// DigitalOcean: DOKS
    Digitalocean,
    /// Hetzner Cloud
    Hetzner,
    /// Linode (Akamai): LKE
    Linode,
    /// Scaleway: Kapsule
    Scaleway,
    /// OpenStack with Octavia
    Openstack,
    /// OVHcloud: Managed Kubernetes Service
    Ovh,
    /// STACKIT: SKE
    Stackit,
    /// Alibaba Cloud: ACK
    Alibaba,
    /// Tencent Cloud: TKE
    Tencent,
    /// Huawei Cloud: CCE
    Huawei,
    /// Baidu AI Cloud: CCE
    Baidu,
    /// IBM Cloud: IKS, or OpenShift on IBM Cloud
    Ibm,
    /// Yandex Cloud: Managed Service for Kubernetes
    Yandex,
    /// NAVER Cloud: NKS
    Naver,
    /// UpCloud: UKS
    Upcloud,
    /// cloudscale.ch
    Cloudscale,
    /// Exoscale: SKS
    Exoscale,
    /// Civo
    Civo,
    /// Vultr: VKE
    Vultr,
    /// No cloud, addresses from MetalLB
    Metallb,
    /// No cloud, addresses from kube-vip
    KubeVip,
    /// No cloud, addresses from Cilium LB-IPAM
    Cilium,
    /// k3s with its own ServiceLB
    K3s,
    /// No load balancer at all: kind, minikube, kubeadm
    Bare,
}

impl std::fmt::Display for Cloud {
    /// As it is typed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&refusal::word(*self))
    }
}

/// From where a load balancer can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// From the private network only
    Internal,
    /// From the internet
    Public,
}

/// How sure a fact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// Known, not looked up.
    Likely,
    /// Said in pages of the vendor.
    Documented,
    /// Read in the code or the documentation of the controller.
    Verified,
}

/// What is wanted of a load balancer.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// Who makes the balancer; without it, the default of the cloud for this reach.
    pub controller: Option<LbController>,
    pub reach: Reach,
    /// CIDR blocks from which clients may come; empty for all.
    pub source_ranges: &'a [String],
    /// The address the balancer is to have, or, where the cloud wants that, the id or name of a reserved one; several
    /// with commas where the balancer has several.
    pub static_address: Option<&'a str>,
    /// Where the balancer takes its address from, in the cloud's own words: the id, name or CIDR block of a subnet, the
    /// UUID of a network, a list of zones with their vSwitches. For `MetalLB` it is the name of the address pool.
    pub subnet: Option<&'a str>,
    /// Seconds without traffic after which a connection may be cut.
    pub idle_timeout: Option<u32>,
    /// `tcp-keepalive` of Redis in seconds, where it is set.
    pub tcp_keepalive: Option<u32>,
    /// The ports of the Service: some settings are made for each.
    pub ports: &'a [u16],
    /// Whether `spec.loadBalancerClass` can be set. Old charts have no key for it.
    pub class_available: bool,
}

impl Wish<'_> {
    /// A wish for nothing but this reach.
    pub const fn new(reach: Reach) -> Self {
        Self {
            controller: None,
            reach,
            source_ranges: &[],
            static_address: None,
            subnet: None,
            idle_timeout: None,
            tcp_keepalive: None,
            ports: &[],
            class_available: true,
        }
    }
}

/// What the Service needs for a wish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Who will make the balancer.
    pub controller: LbController,
    /// Key and value, in the order in which they are best read. Values are strings, also `true` and `3600`.
    pub annotations: Vec<(String, String)>,
    /// `spec.loadBalancerClass`.
    pub class: Option<String>,
    /// Whether the class is the only thing that chooses this balancer.
    pub class_required: bool,
    /// `spec.loadBalancerIP`, where the cloud reads it.
    pub load_balancer_ip: Option<String>,
    /// `spec.loadBalancerSourceRanges`, where something reads them.
    pub source_ranges: Vec<String>,
    /// Traps and reasons.
    pub notes: Vec<Note>,
    /// `tcp-keepalive` of Redis, in seconds, which suits this balancer. The note `idle-timeout` says why.
    pub tcp_keepalive: Option<u32>,
}

/// A sentence that the user of the balancer should read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    pub id: &'static str,
    pub sentence: String,
    pub certainty: Certainty,
    /// Where the fact was read.
    pub source: &'static str,
}
