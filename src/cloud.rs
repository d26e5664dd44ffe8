//! Load balancers of clouds: the settings of a Service for a load balancer.
//!
//! The facts are in the tables of this folder, each row with its source, and the code applies them. This module knows
//! no chart keys: `values` puts annotations and fields into the chart. The caller decides which cloud and controller
//! the cluster has.
//!
//! An option changes the [`Service`], or leads to a [`Refusal`]. No option is dropped silently.

mod annotation;
mod controller;
mod detect;
mod external_dns;
mod fill;
mod recipe;
mod refusal;
mod service;
#[cfg(test)]
mod tests;
mod values;
mod visibility;

pub use annotation::{Annotation, AnnotationKind, Condition, InvalidValueEffect, annotation, annotations};
pub use controller::{Balancer, Controller, LbController, controller, controllers};
pub use detect::detect_controllers;
pub use external_dns::{ExternalDns, ExternalDnsPrefix, external_dns, external_dns_prefixes};
pub use refusal::{Refusal, RequestedOption};
pub use service::{DEFAULT_KEEPALIVE, conditions, service, tcp_keepalive};
pub use values::Values;
pub use visibility::{ADDRESS_POOLS, BalancerSettings, DecidedBy, Visibility};

use clap::ValueEnum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The cloud of the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cloud {
    /// Amazon Web Services: EKS, or a self-managed cluster
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
    /// k3s with ServiceLB
    K3s,
    /// No load balancer: kind, minikube, kubeadm
    Bare,
}

impl std::fmt::Display for Cloud {
    /// The name of the cloud on the command line.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&refusal::word(*self))
    }
}

/// The network that a load balancer serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reachability {
    /// The private network only
    Internal,
    /// The internet
    Public,
}

/// How certain a fact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Known, without a source.
    Likely,
    /// Documented in pages of the vendor.
    Documented,
    /// Read in the code or the documentation of the controller.
    Verified,
}

/// The options of a load balancer.
#[derive(Debug, Clone, Copy)]
pub struct LoadBalancerRequest<'a> {
    /// The controller; none for the default of the cloud and this reach.
    pub controller: Option<LbController>,
    pub reach: Reachability,
    /// CIDR blocks of clients that the load balancer accepts; empty for all.
    pub source_ranges: &'a [String],
    /// The address of the load balancer, or for some clouds the id or name of a reserved address; several addresses
    /// have commas between them.
    pub static_address: Option<&'a str>,
    /// The source of the address: the id, name or CIDR block of a subnet, the UUID of a network, or a list of zones
    /// with their vSwitches. For `MetalLB`, the name of the address pool.
    pub subnet: Option<&'a str>,
    /// Seconds without traffic after which the load balancer may close a connection.
    pub idle_timeout: Option<u32>,
    /// The ports of the Service, because some settings exist once per port.
    pub ports: &'a [u16],
    /// Whether the chart has a key for `spec.loadBalancerClass`. Old charts have none.
    pub class_available: bool,
}

impl LoadBalancerRequest<'_> {
    /// Options with only a reach.
    pub const fn new(reach: Reachability) -> Self {
        Self {
            controller: None,
            reach,
            source_ranges: &[],
            static_address: None,
            subnet: None,
            idle_timeout: None,
            ports: &[],
            class_available: true,
        }
    }
}

/// The settings of a Service for some options.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Service {
    /// The controller that creates the load balancer.
    pub controller: LbController,
    /// Key and value, in reading order. All values are strings, also `true` and `3600`.
    pub annotations: Vec<(String, String)>,
    /// `spec.loadBalancerClass`.
    pub class: Option<String>,
    /// Whether only the class selects this load balancer.
    pub class_required: bool,
    /// `spec.loadBalancerIP`, for clouds that read it.
    pub load_balancer_ip: Option<String>,
    /// `spec.loadBalancerSourceRanges`, for controllers that read it.
    pub source_ranges: Vec<String>,
    /// Notes for the user.
    pub notes: Vec<Note>,
    /// The idle timeout in minutes, if the load balancer takes only minutes and the option is no whole number of them.
    pub rounded_minutes: Option<u32>,
    /// `tcp-keepalive` of Redis in seconds that suits this load balancer.
    pub tcp_keepalive: Option<u32>,
}

/// A note for the user of the load balancer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    pub id: &'static str,
    pub sentence: String,
    pub certainty: Confidence,
    /// The source of the fact.
    pub source: &'static str,
}
