//! The options of a Redis release: every field is optional, and no field is a chart key.
//!
//! A field is a flag and a profile field of the same name. Its doc comment is the help of the flag and the description
//! of the profile field. This module does not know which chart version supports an option.

use std::{collections::BTreeMap, fmt};

use clap::{Args, ValueEnum};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    chart::Topology,
    cloud::{Cloud, LbController},
};

mod as_text;
mod duration;
mod names;
mod quantity;
mod validation;

pub use duration::Milliseconds;
pub use names::InvalidField;
pub use quantity::{Bytes, Cpu, Quantity};
pub use validation::{AclUser, Budget, Digest, Pair, Toleration};

/// How clients reach Redis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// from inside the cluster only
    Cluster,
    /// through a port of every node
    NodePort,
    /// through a load balancer with a private address
    InternalLb,
    /// through a load balancer with a public address
    PublicLb,
}

/// Which modules Redis loads at its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Modules {
    /// the modules that the default `commonConfiguration` of the chart loads
    Chart,
    /// no modules
    None,
}

/// What Redis does when `maxmemory` is reached: its `maxmemory-policy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Eviction {
    /// refuse writes
    Noeviction,
    /// evict the least recently used key
    AllkeysLru,
    /// evict the least frequently used key
    AllkeysLfu,
    /// evict any key
    AllkeysRandom,
    /// evict the least recently used key that expires
    VolatileLru,
    /// evict the least frequently used key that expires
    VolatileLfu,
    /// evict any key that expires
    VolatileRandom,
    /// evict the key that expires next
    VolatileTtl,
}

/// Which annotation prefix the ExternalDNS of the cluster reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DnsPrefix {
    /// both prefixes, for every version of ExternalDNS
    Both,
    /// `external-dns.alpha.kubernetes.io/`: ExternalDNS before 0.22
    Alpha,
    /// `external-dns.kubernetes.io/`: ExternalDNS 0.22 and later
    Current,
}

/// The object that the Prometheus operator reads to find the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Monitor {
    /// a ServiceMonitor
    Service,
    /// a PodMonitor
    Pod,
    /// no object: Prometheus finds the pods by their annotations
    None,
}

/// How strictly Kubernetes puts the pods on different nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AntiAffinity {
    /// no rule: pods may share a node
    None,
    /// different nodes if possible
    Soft,
    /// only different nodes: a pod without a free node stays pending
    Hard,
}

/// Domain over which Kubernetes spreads the pods evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Spread {
    /// zones of the cloud
    Zone,
    /// nodes of the cluster
    Node,
}

/// What the cluster requires from the security context of the pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Platform {
    /// OpenShift, which chooses the user and the groups of a pod
    Openshift,
    /// namespaces with the Pod Security Standard `restricted`
    PodSecurityRestricted,
}

/// The architecture of the nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Arch {
    /// x86-64
    Amd64,
    /// 64-bit ARM
    Arm64,
}

/// Where the images come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Images {
    /// images that a registry serves today: the images of the chart, or the frozen catalogue for charts before 24
    Auto,
    /// the images of the chart, without a change
    Chart,
    /// the frozen `bitnamilegacy` catalogue with the tags of the chart: no security fixes
    Legacy,
    /// the hardened `bitnamisecure` catalogue: only the tag `latest` is free
    Secure,
}

/// When a node pulls an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PullPolicy {
    /// at every start of a container
    Always,
    /// if the node does not have the image
    IfNotPresent,
    /// never: the node must have the image
    Never,
}

/// All options of a release.
#[derive(Debug, Clone, Default, PartialEq, Args, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Intent {
    /// Chart version: exact (`23.1.1`), a prefix (`18`, `18.6`) or a range (`^18`, `>=16, <17`). The newest match is used;
    /// default: `chart-version` of redisgen.toml, else the newest known version
    #[arg(long, value_name = "VERSION", help_heading = "Chart and release")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart_version: Option<String>,
    /// Name of the Helm release; `redis` by default in commands
    #[arg(long, value_name = "NAME", help_heading = "Chart and release")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// Namespace of the release; `default` by default in commands
    #[arg(long, short = 'n', value_name = "NAME", help_heading = "Chart and release")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Kubernetes version of the cluster (`1.34`); an error if the chart does not support it
    #[arg(long, value_name = "VERSION", help_heading = "Chart and release")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kube_version: Option<String>,
    /// What the cluster requires from the security context of the pods
    #[arg(long, value_enum, value_name = "PLATFORM", help_heading = "Chart and release")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// DNS domain of the cluster; the default of the chart is `cluster.local`
    #[arg(long, value_name = "DOMAIN", help_heading = "Chart and release")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_domain: Option<String>,

    /// Cloud of the cluster, or its on-premises load balancer software
    #[arg(long, value_enum, value_name = "CLOUD", help_heading = "Access")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cloud: Option<Cloud>,
    /// Controller that creates the load balancers, for clouds with several
    #[arg(long, value_enum, value_name = "CONTROLLER", help_heading = "Access")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lb_controller: Option<LbController>,
    /// How clients reach Redis; from inside the cluster by default
    #[arg(long, value_enum, value_name = "ACCESS", help_heading = "Access")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// Client addresses that the load balancer accepts, as CIDR (`10.0.0.0/8`); all by default; repeat or separate by commas
    #[arg(long = "source-range", value_name = "CIDR", value_delimiter = ',', help_heading = "Access")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_ranges: Option<Vec<String>>,
    /// Address of the load balancer: an IP address, or the name or id of a reserved address in the cloud
    #[arg(long, value_name = "ADDRESS", help_heading = "Access")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub static_address: Option<String>,
    /// Subnet of the load balancer, by its name or id in the cloud (MetalLB: name of the address pool)
    #[arg(long, value_name = "SUBNET", help_heading = "Access")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subnet: Option<String>,
    /// Seconds without traffic after which the load balancer may close a connection
    #[arg(long, value_name = "SECONDS", help_heading = "Access")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_timeout: Option<u32>,
    /// Host name that ExternalDNS publishes for the Service
    #[arg(long, value_name = "HOST", help_heading = "Access")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_name: Option<String>,
    /// Annotation prefix that ExternalDNS reads; both by default
    #[arg(long, value_enum, value_name = "PREFIX", help_heading = "Access")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_prefix: Option<DnsPrefix>,
    /// Node port of Redis, 30000 to 32767, for `access: node-port`; Kubernetes chooses by default
    #[arg(long, value_name = "PORT", help_heading = "Access")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redis_node_port: Option<u16>,
    /// Node port of Sentinel, 30000 to 32767, for `access: node-port`; Kubernetes chooses by default
    #[arg(long, value_name = "PORT", help_heading = "Access")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentinel_node_port: Option<u16>,
    /// Expose the replicas too, for clients that only read; only in `replication` topology
    #[arg(long, help_heading = "Access", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expose_replicas: Option<bool>,
    /// Create a Service for the current primary, for clients without support for Sentinel
    #[arg(long, help_heading = "Access", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub master_service: Option<bool>,
    /// Create a load balancer for every pod: clients outside the cluster can connect to the addresses from Sentinel
    #[arg(long, help_heading = "Access", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_pod: Option<bool>,
    /// Addresses of the load balancers of the pods, one per pod; repeat or separate by commas
    #[arg(long = "pod-address", value_name = "ADDRESS", value_delimiter = ',', help_heading = "Access")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_addresses: Option<Vec<String>>,

    /// Number and roles of the Redis nodes; `replication` by default
    #[arg(long, value_enum, value_name = "TOPOLOGY", help_heading = "Topology")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topology: Option<Topology>,
    /// Number of replicas, without the primary; 2 by default with Sentinel, else the default of the chart
    #[arg(long, value_name = "N", help_heading = "Topology")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u32>,
    /// Number of Sentinels that must agree on a lost primary; the majority by default
    #[arg(long, value_name = "N", help_heading = "Topology")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quorum: Option<u32>,
    /// Time without an answer after which Sentinel counts the primary as lost (`10s`, or milliseconds); the default of
    /// the chart is 60s in most versions
    #[arg(long, value_name = "TIME", help_heading = "Topology")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub down_after: Option<Milliseconds>,
    /// Time that Sentinel gives a failover before it tries again (`60s`, or milliseconds); the default of the chart
    /// otherwise
    #[arg(long, value_name = "TIME", help_heading = "Topology")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failover_timeout: Option<Milliseconds>,
    /// Number of connected replicas without which the primary refuses writes; 0, no condition, by default
    #[arg(long, value_name = "N", help_heading = "Topology")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_replicas_to_write: Option<u32>,
    /// Seconds without an acknowledgement after which a replica no longer counts for `min-replicas-to-write`; 10 by default
    #[arg(long, value_name = "SECONDS", help_heading = "Topology")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_replicas_max_lag: Option<u32>,

    /// Keep the data on volumes; `false` turns volumes, AOF and RDB snapshots off, also those of earlier profiles
    #[arg(long, help_heading = "Persistence", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persistence: Option<bool>,
    /// Size of each data volume (`8Gi`); the default of the chart is 8Gi
    #[arg(long, value_name = "QUANTITY", help_heading = "Persistence")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<Quantity>,
    /// Storage class of the data volumes, `-` for none; the default class of the cluster by default
    #[arg(long, value_name = "NAME", help_heading = "Persistence")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
    /// Existing volume claim for the primary; the chart creates one by default
    #[arg(long, value_name = "NAME", help_heading = "Persistence")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub existing_claim: Option<String>,
    /// Write an append-only file (AOF), which loses at most one second of writes
    #[arg(long, help_heading = "Persistence", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aof: Option<bool>,
    /// When to write RDB snapshots: pairs of seconds and changes as in redis.conf (`3600 1 300 100`); empty for never
    #[arg(long, value_name = "RULES", help_heading = "Persistence")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub save: Option<String>,

    /// Memory for data (`256mb`, `1Gi`); calculated from `memory` by default
    #[arg(long, value_name = "SIZE", help_heading = "Memory and CPU")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maxmemory: Option<Bytes>,
    /// What Redis does when `maxmemory` is reached; refuse writes by default
    #[arg(long, value_enum, value_name = "POLICY", help_heading = "Memory and CPU")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eviction: Option<Eviction>,
    /// Memory request and limit of each Redis container (`1Gi`); calculated from `maxmemory` by default
    #[arg(long, value_name = "QUANTITY", help_heading = "Memory and CPU")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Quantity>,
    /// CPU request of each Redis container (`500m`)
    #[arg(long, value_name = "CPU", help_heading = "Memory and CPU")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<Cpu>,
    /// Seconds between TCP keepalive probes, `tcp-keepalive` of redis.conf; 300 by default
    #[arg(long, value_name = "SECONDS", help_heading = "Memory and CPU")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcp_keepalive: Option<u32>,

    /// Require a password from clients; the chart requires one by default
    #[arg(long, help_heading = "Credentials and TLS", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth: Option<bool>,
    /// Existing Secret with the password; the chart creates one by default
    #[arg(long, value_name = "NAME", help_heading = "Credentials and TLS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub existing_secret: Option<String>,
    /// Key of the password in `existing-secret`
    #[arg(long, value_name = "KEY", help_heading = "Credentials and TLS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub existing_secret_key: Option<String>,
    /// File with the password; the values contain the password in clear text
    #[arg(long, value_name = "FILE", help_heading = "Credentials and TLS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_file: Option<String>,
    /// Environment variable with the password; the values contain the password in clear text
    #[arg(long, value_name = "NAME", help_heading = "Credentials and TLS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_env: Option<String>,
    /// Read the password from standard input; the values contain the password in clear text
    #[arg(long, help_heading = "Credentials and TLS", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_stdin: Option<bool>,
    /// Existing Secret with the TLS certificate; enables TLS
    #[arg(long, value_name = "NAME", help_heading = "Credentials and TLS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_secret: Option<String>,
    /// Key of the certificate in `tls-secret`; `tls.crt` by default
    #[arg(long, value_name = "KEY", help_heading = "Credentials and TLS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_cert: Option<String>,
    /// Key of the private key in `tls-secret`; `tls.key` by default
    #[arg(long, value_name = "KEY", help_heading = "Credentials and TLS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_key: Option<String>,
    /// Key of the certificate authority in `tls-secret`; `ca.crt` by default
    #[arg(long, value_name = "KEY", help_heading = "Credentials and TLS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_ca: Option<String>,
    /// Require a certificate from clients; the chart requires one by default with TLS
    #[arg(long, help_heading = "Credentials and TLS", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_auth_clients: Option<bool>,
    /// ACL user and its rules (`app=~app:* +@read`); requires `acl-secret`; repeat for several
    #[arg(long = "acl-user", value_name = "NAME=RULES", help_heading = "Credentials and TLS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acl_users: Option<Vec<AclUser>>,
    /// Existing Secret with the passwords of the ACL users, one key per user
    #[arg(long, value_name = "NAME", help_heading = "Credentials and TLS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acl_secret: Option<String>,
    /// Create a NetworkPolicy
    #[arg(long, help_heading = "Credentials and TLS", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_policy: Option<bool>,
    /// Let the NetworkPolicy accept every client; `false` accepts only labelled pods
    #[arg(long, help_heading = "Credentials and TLS", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_external: Option<bool>,

    /// Run the Prometheus exporter in every Redis pod
    #[arg(long, help_heading = "Monitoring", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<bool>,
    /// Object that the Prometheus operator reads to find the exporter
    #[arg(long, value_enum, value_name = "MONITOR", help_heading = "Monitoring")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monitor: Option<Monitor>,
    /// Namespace of the monitor and the alert rules; the namespace of the release by default
    #[arg(long, value_name = "NAME", help_heading = "Monitoring")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics_namespace: Option<String>,
    /// Label of the monitor and the alert rules (`release=prometheus`); repeat or separate by commas
    #[arg(long = "metrics-label", value_name = "KEY=VALUE", value_delimiter = ',', help_heading = "Monitoring")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics_labels: Option<Vec<Pair>>,
    /// Create a PrometheusRule with alerts for Redis
    #[arg(long, help_heading = "Monitoring", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alerts: Option<bool>,

    /// How strictly Kubernetes puts the pods on different nodes
    #[arg(long, value_enum, value_name = "STRENGTH", help_heading = "Placement")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anti_affinity: Option<AntiAffinity>,
    /// Spread the pods evenly over zones or nodes
    #[arg(long, value_enum, value_name = "DOMAIN", help_heading = "Placement")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spread: Option<Spread>,
    /// Pods that a node drain may evict at once: a number, a percentage, or `off`
    #[arg(long, value_name = "PODS", help_heading = "Placement")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disruption_budget: Option<Budget>,
    /// Architecture of the nodes for the pods; an error if an image does not exist for it
    #[arg(long, value_enum, value_name = "ARCH", help_heading = "Placement")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arch: Option<Arch>,
    /// Label that a node must have for the pods (`disk=ssd`); repeat or separate by commas
    #[arg(long = "node-selector", value_name = "KEY=VALUE", value_delimiter = ',', help_heading = "Placement")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_selector: Option<Vec<Pair>>,
    /// Taint that the pods tolerate (`dedicated=redis:NoSchedule`, `gpu:NoExecute`); repeat for several
    #[arg(long = "toleration", value_name = "KEY[=VALUE][:EFFECT]", value_delimiter = ',', help_heading = "Placement")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerations: Option<Vec<Toleration>>,
    /// Priority class of the pods
    #[arg(long, value_name = "NAME", help_heading = "Placement")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority_class: Option<String>,

    /// Modules that Redis loads; the modules of chart 24 and later exist only in the images of Bitnami
    #[arg(long, value_enum, value_name = "MODULES", help_heading = "Images")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modules: Option<Modules>,
    /// Catalogue of the images; `auto` by default
    #[arg(long, value_enum, value_name = "CATALOGUE", help_heading = "Images")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub images: Option<Images>,
    /// Registry with a mirror of the images (`registry.example.com`, `registry.example.com/mirror`)
    #[arg(long, value_name = "REGISTRY", help_heading = "Images")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<String>,
    /// Digest of an image (`redis=sha256:...`); repeat for several
    #[arg(long = "digest", value_name = "IMAGE=DIGEST", help_heading = "Images")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digests: Option<Vec<Digest>>,
    /// When nodes pull the images
    #[arg(long, value_enum, value_name = "POLICY", help_heading = "Images")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_policy: Option<PullPolicy>,
    /// Existing Secret for the registry of the images; repeat or separate by commas
    #[arg(long = "pull-secret", value_name = "NAME", value_delimiter = ',', help_heading = "Images")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_secrets: Option<Vec<String>>,
}

/// Names every field once, with its variant of [`Field`]. A field that is missing here breaks the destructuring, and the
/// crate does not compile.
macro_rules! fields {
    ($($field:ident $variant:ident),* $(,)?) => {
        /// A field of [`Intent`], in the order of declaration.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $($variant),*
        }

        impl Field {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name in Rust, which is the id of the flag in clap: `redis_node_port`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($field)),*
                }
            }
        }

        impl Intent {
            /// Merges two sets of options: a field of `self` overrides the field of `base`.
            #[must_use]
            pub fn or(self, base: Self) -> Self {
                let Self { $($field),* } = self;
                Self { $($field: $field.or(base.$field)),* }
            }

            /// The fields that are set, in the order of their declaration.
            pub fn set_fields(&self) -> Vec<Field> {
                let Self { $($field),* } = self;
                [$(($field.is_some(), Field::$variant)),*]
                    .into_iter()
                    .filter_map(|(is_set, field)| is_set.then_some(field))
                    .collect()
            }

            /// Clears one field.
            pub fn forget(&mut self, field: Field) {
                match field {
                    $(Field::$variant => self.$field = None),*
                }
            }
        }
    };
}

fields! {
    chart_version ChartVersion, release Release, namespace Namespace, kube_version KubeVersion,
    platform Platform, cluster_domain ClusterDomain,
    cloud Cloud, lb_controller LbController, access Access, source_ranges SourceRanges, static_address StaticAddress,
    subnet Subnet, idle_timeout IdleTimeout, dns_name DnsName, dns_prefix DnsPrefix,
    redis_node_port RedisNodePort, sentinel_node_port SentinelNodePort, expose_replicas ExposeReplicas,
    master_service MasterService, per_pod PerPod, pod_addresses PodAddresses,
    topology Topology, replicas Replicas, quorum Quorum, down_after DownAfter, failover_timeout FailoverTimeout,
    min_replicas_to_write MinReplicasToWrite, min_replicas_max_lag MinReplicasMaxLag,
    persistence Persistence, size Size, storage_class StorageClass, existing_claim ExistingClaim, aof Aof, save Save,
    maxmemory Maxmemory, eviction Eviction, memory Memory, cpu Cpu, tcp_keepalive TcpKeepalive,
    auth Auth, existing_secret ExistingSecret, existing_secret_key ExistingSecretKey, password_file PasswordFile,
    password_env PasswordEnv, password_stdin PasswordStdin,
    tls_secret TlsSecret, tls_cert TlsCert, tls_key TlsKey, tls_ca TlsCa, tls_auth_clients TlsAuthClients,
    acl_users AclUsers, acl_secret AclSecret, network_policy NetworkPolicy, allow_external AllowExternal,
    metrics Metrics, monitor Monitor, metrics_namespace MetricsNamespace, metrics_labels MetricsLabels, alerts Alerts,
    anti_affinity AntiAffinity, spread Spread, disruption_budget DisruptionBudget, arch Arch, node_selector NodeSelector,
    tolerations Tolerations, priority_class PriorityClass,
    modules Modules, images Images, registry Registry, digests Digests, pull_policy PullPolicy,
    pull_secrets PullSecrets,
}

impl Field {
    /// The field with this name in a profile: `redis-node-port`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.is_named(name))
    }

    /// Whether this is the name of the field in a profile.
    pub fn is_named(self, name: &str) -> bool {
        let own = self.as_str().bytes().map(|byte| if byte == b'_' { b'-' } else { byte });
        own.eq(name.bytes())
    }

    /// The name of the long flag, without hyphens before it. A list has the name of one of its values, because the flag
    /// can be given several times.
    pub fn long(self) -> String {
        self.long_of_list().map_or_else(|| self.to_string(), str::to_owned)
    }

    /// Whether this is the name of the long flag.
    pub fn has_long(self, long: &str) -> bool {
        self.long_of_list().map_or_else(|| self.is_named(long), |own| own == long)
    }

    fn long_of_list(self) -> Option<&'static str> {
        match self {
            Self::SourceRanges => Some("source-range"),
            Self::PodAddresses => Some("pod-address"),
            Self::AclUsers => Some("acl-user"),
            Self::MetricsLabels => Some("metrics-label"),
            Self::Tolerations => Some("toleration"),
            Self::Digests => Some("digest"),
            Self::PullSecrets => Some("pull-secret"),
            _ => None,
        }
    }
}

/// The name in a profile: `redis-node-port`.
impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.as_str().replace('_', "-"))
    }
}

/// Who set a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// the command line
    Flag,
    /// a profile, by its name
    Profile(String),
}

/// The merged options of all profiles and flags, with the origin of every field.
///
/// A *preferred* field applies only if the chart version supports it. Without support, a preferred field is dropped with
/// a note, and any other field is an error.
#[derive(Debug, Clone, Default)]
pub struct LayeredIntent {
    pub intent: Intent,
    pub origins: BTreeMap<Field, Origin>,
    pub preferred: BTreeMap<Field, Origin>,
    /// number of layers below the layer that set the field
    pub below: BTreeMap<Field, usize>,
    layers: usize,
}

/// What a layer without persistence overrides: files that earlier layers write.
const DATA_FILES: [Field; 2] = [Field::Aof, Field::Save];

/// Sources of the password. A layer that sets one of them replaces the sources of lower layers.
const PASSWORD_SOURCES: [Field; 5] =
    [Field::ExistingSecret, Field::ExistingSecretKey, Field::PasswordFile, Field::PasswordEnv, Field::PasswordStdin];

impl LayeredIntent {
    /// Merges a layer over the earlier layers.
    pub fn lay(&mut self, layer: Intent, origin: &Origin) {
        if layer.set_fields().iter().any(|field| PASSWORD_SOURCES.contains(field) && *field != Field::ExistingSecretKey)
        {
            self.forget(&PASSWORD_SOURCES);
        }
        if layer.persistence == Some(false) {
            self.forget(&DATA_FILES);
        }
        // Only one of both is preferred: the other one is calculated from it.
        if layer.memory.is_some() && self.preferred.contains_key(&Field::Maxmemory) {
            self.forget(&[Field::Maxmemory]);
        }
        for field in layer.set_fields() {
            self.origins.insert(field, origin.clone());
            self.preferred.remove(&field);
            self.below.insert(field, self.layers);
        }
        self.layers += 1;
        self.intent = layer.or(std::mem::take(&mut self.intent));
    }

    /// Clears fields of the earlier layers.
    fn forget(&mut self, fields: &[Field]) {
        for field in fields {
            self.intent.forget(*field);
            self.origins.remove(field);
            self.preferred.remove(field);
        }
    }

    /// Merges preferences over the earlier layers: options that the chart version may not support.
    pub fn prefer(&mut self, layer: Intent, origin: &Origin) {
        for field in layer.set_fields() {
            self.origins.insert(field, origin.clone());
            self.preferred.insert(field, origin.clone());
        }
        self.intent = layer.or(std::mem::take(&mut self.intent));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The variants are named as the fields, and each field has the name of its flag and of the profile field.
    #[test]
    fn a_field_has_one_name_everywhere() {
        let schema = schemars::schema_for!(Intent).to_value();
        let of_profiles: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
        assert_eq!(
            of_profiles,
            Field::ALL.iter().map(ToString::to_string).collect::<Vec<_>>().iter().collect::<Vec<_>>()
        );
        let command = Intent::augment_args(clap::Command::new("options"));
        let ids: Vec<&str> = command.get_arguments().map(|flag| flag.get_id().as_str()).collect();
        assert_eq!(ids, Field::ALL.iter().map(|field| field.as_str()).collect::<Vec<_>>());
        let flags: Vec<&str> = command.get_arguments().filter_map(|flag| flag.get_long()).collect();
        assert_eq!(flags, Field::ALL.iter().map(|field| field.long()).collect::<Vec<_>>());
        for field in Field::ALL.iter().copied() {
            assert_eq!(format!("{field:?}").to_lowercase(), field.as_str().replace('_', ""));
            assert_eq!(Field::named(&field.to_string()), Some(field));
        }
        assert_eq!(Field::named("no-such-field"), None);
    }

    fn layered(layers: &[serde_json::Value]) -> LayeredIntent {
        let mut options = LayeredIntent::default();
        for layer in layers {
            options.lay(serde_json::from_value(layer.clone()).unwrap(), &Origin::Flag);
        }
        options
    }

    #[test]
    fn a_layer_without_persistence_writes_no_files() {
        use serde_json::json;
        let below = json!({ "persistence": true, "aof": true, "save": "60 1" });
        let options = layered(&[below.clone(), json!({ "persistence": false })]);
        assert_eq!((options.intent.aof, options.intent.save), (None, None));
        let options = layered(&[below, json!({ "persistence": false, "aof": true })]);
        assert_eq!((options.intent.aof, options.intent.save), (Some(true), None), "the layer itself decides");
        let options = layered(&[json!({ "persistence": false }), json!({ "aof": true })]);
        assert_eq!(options.intent.aof, Some(true), "a later layer decides");
    }

    #[test]
    fn memory_replaces_a_preferred_maxmemory() {
        let preferred: Intent = serde_json::from_value(serde_json::json!({ "maxmemory": "256mb" })).unwrap();
        let memory: Intent = serde_json::from_value(serde_json::json!({ "memory": "1Gi" })).unwrap();
        let mut options = LayeredIntent::default();
        options.prefer(preferred.clone(), &Origin::Flag);
        options.lay(memory.clone(), &Origin::Flag);
        assert_eq!(options.intent.maxmemory, None);
        let mut options = LayeredIntent::default();
        options.lay(preferred.or(memory), &Origin::Flag);
        assert_eq!(options.intent.maxmemory, Some(Bytes(256 << 20)));
    }
}
