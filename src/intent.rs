//! What is wanted of Redis, in Redis words: every field optional, no chart keys.
//!
//! A field is a flag and a profile field of the same name; its doc comment is the help of the one and the
//! description of the other. Which chart version can fulfil a wish is not known here.

use std::collections::BTreeMap;

use clap::{Args, ValueEnum};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    chart::Topology,
    cloud::{Cloud, LbController},
};

mod as_text;
mod names;
mod quantity;
mod rules;

pub use names::Misfit;
pub use quantity::{Bytes, Cpu, Quantity};
pub use rules::{AclUser, Budget, Digest, Pair, Toleration};

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
    /// those that the chart's own `commonConfiguration` loads
    Chart,
    /// none
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
    /// both prefixes: whichever ExternalDNS runs reads its own
    Both,
    /// `external-dns.alpha.kubernetes.io/`: ExternalDNS before 0.22
    Alpha,
    /// `external-dns.kubernetes.io/`: ExternalDNS 0.22 and later
    Current,
}

/// The object by which the Prometheus operator finds the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Monitor {
    /// a ServiceMonitor
    Service,
    /// a PodMonitor
    Pod,
    /// none: Prometheus finds the pods by their annotations
    None,
}

/// How strictly pods keep away from one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AntiAffinity {
    /// not at all
    None,
    /// on different nodes where there is room
    Soft,
    /// on different nodes, or not at all
    Hard,
}

/// Over what the pods are spread evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Spread {
    /// over the zones of the cloud
    Zone,
    /// over the nodes of the cluster
    Node,
}

/// Where the images come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Images {
    /// images that are served today: those of the chart; for charts before 24, whose images are gone from their
    /// registry, those of the frozen catalogue
    Auto,
    /// as the chart has them
    Chart,
    /// the frozen `bitnamilegacy` catalogue, with the tags of the chart: no security fixes
    Legacy,
    /// the hardened `bitnamisecure` catalogue, which serves the tag `latest` for free
    Secure,
}

/// When a node pulls an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PullPolicy {
    /// at every start of a container
    Always,
    /// where the node does not have it
    IfNotPresent,
    /// never: the node has it
    Never,
}

/// Everything that can be wished for.
#[derive(Debug, Clone, Default, PartialEq, Args, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Intent {
    /// Chart version: exact (`23.1.1`), a prefix (`18`, `18.6`) or a range (`^18`, `>=16, <17`), newest match
    #[arg(long, value_name = "VERSION", help_heading = "Chart and release")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart_version: Option<String>,
    /// Name of the Helm release
    #[arg(long, value_name = "NAME", help_heading = "Chart and release")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// Namespace of the release
    #[arg(long, short = 'n', value_name = "NAME", help_heading = "Chart and release")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Kubernetes version of the cluster, held against the oldest that the chart supports
    #[arg(long, value_name = "VERSION", help_heading = "Chart and release")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kube_version: Option<String>,
    /// DNS domain of the cluster
    #[arg(long, value_name = "DOMAIN", help_heading = "Chart and release")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_domain: Option<String>,

    /// Cloud, or on-premises load-balancer software, that the cluster runs on
    #[arg(long, value_enum, value_name = "CLOUD", help_heading = "Reaching it")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cloud: Option<Cloud>,
    /// Controller that makes the load balancers, where the cloud has several
    #[arg(long, value_enum, value_name = "CONTROLLER", help_heading = "Reaching it")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lb_controller: Option<LbController>,
    /// How clients reach Redis
    #[arg(long, value_enum, value_name = "ACCESS", help_heading = "Reaching it")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// Client addresses that the load balancer lets in (CIDR; repeat or separate by commas)
    #[arg(long = "source-range", value_name = "CIDR", value_delimiter = ',', help_heading = "Reaching it")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_ranges: Option<Vec<String>>,
    /// Address that the load balancer takes: an IP address, or what the cloud calls a reserved one
    #[arg(long, value_name = "ADDRESS", help_heading = "Reaching it")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub static_address: Option<String>,
    /// Subnet of the load balancer, as the cloud names it (MetalLB: the address pool)
    #[arg(long, value_name = "SUBNET", help_heading = "Reaching it")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subnet: Option<String>,
    /// Seconds after which the load balancer may drop a silent connection
    #[arg(long, value_name = "SECONDS", help_heading = "Reaching it")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_timeout: Option<u32>,
    /// Host name that ExternalDNS gives to the Service
    #[arg(long, value_name = "HOST", help_heading = "Reaching it")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_name: Option<String>,
    /// Annotation prefix that ExternalDNS reads
    #[arg(long, value_enum, value_name = "PREFIX", help_heading = "Reaching it")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_prefix: Option<DnsPrefix>,
    /// Port of every node that leads to Redis, with `--node-port`
    #[arg(long, value_name = "PORT", help_heading = "Reaching it")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redis_node_port: Option<u16>,
    /// Port of every node that leads to Sentinel, with `--node-port`
    #[arg(long, value_name = "PORT", help_heading = "Reaching it")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentinel_node_port: Option<u16>,
    /// Expose the replicas too, for clients that only read (replication)
    #[arg(long, help_heading = "Reaching it", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expose_replicas: Option<bool>,
    /// A Service that follows the master, for clients that do not speak Sentinel
    #[arg(long, help_heading = "Reaching it", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub master_service: Option<bool>,
    /// A load balancer for every pod, so that Sentinel's answers can be reached from outside
    #[arg(long, help_heading = "Reaching it", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_pod: Option<bool>,
    /// Addresses of the load balancers of the pods, one for each (repeat or separate by commas)
    #[arg(long = "pod-address", value_name = "ADDRESS", value_delimiter = ',', help_heading = "Reaching it")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_addresses: Option<Vec<String>>,

    /// Shape of the installation
    #[arg(long, value_enum, value_name = "TOPOLOGY", help_heading = "Topology")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topology: Option<Topology>,
    /// Replicas beside the master; the data pods are one more
    #[arg(long, value_name = "N", help_heading = "Topology")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u32>,
    /// Sentinels that must agree that the master is gone
    #[arg(long, value_name = "N", help_heading = "Topology")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quorum: Option<u32>,

    /// Keep the data on volumes; without it no volume is claimed and neither AOF nor RDB is written
    #[arg(long, help_heading = "Persistence", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persistence: Option<bool>,
    /// Size of each data volume (`8Gi`)
    #[arg(long, value_name = "QUANTITY", help_heading = "Persistence")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<Quantity>,
    /// Storage class of the data volumes
    #[arg(long, value_name = "NAME", help_heading = "Persistence")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
    /// Volume claim that the master uses instead of a new one
    #[arg(long, value_name = "NAME", help_heading = "Persistence")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub existing_claim: Option<String>,
    /// Write an append-only file
    #[arg(long, help_heading = "Persistence", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aof: Option<bool>,
    /// When to write RDB snapshots, as in redis.conf (`3600 1 300 100`); empty for never
    #[arg(long, value_name = "RULES", help_heading = "Persistence")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub save: Option<String>,

    /// Memory that Redis may use for data (`256mb`, `1Gi`)
    #[arg(long, value_name = "SIZE", help_heading = "Memory and CPU")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maxmemory: Option<Bytes>,
    /// What Redis does when that is full
    #[arg(long, value_enum, value_name = "POLICY", help_heading = "Memory and CPU")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eviction: Option<Eviction>,
    /// Memory of each Redis container, request and limit; follows from `maxmemory` where not given
    #[arg(long, value_name = "QUANTITY", help_heading = "Memory and CPU")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Quantity>,
    /// CPU that each Redis container requests (`500m`)
    #[arg(long, value_name = "CPU", help_heading = "Memory and CPU")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<Cpu>,
    /// Seconds between probes of silent connections: redis.conf `tcp-keepalive`
    #[arg(long, value_name = "SECONDS", help_heading = "Memory and CPU")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcp_keepalive: Option<u32>,

    /// Ask clients for a password
    #[arg(long, help_heading = "Credentials and TLS", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth: Option<bool>,
    /// Secret that holds the password
    #[arg(long, value_name = "NAME", help_heading = "Credentials and TLS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub existing_secret: Option<String>,
    /// Key of the password in that Secret
    #[arg(long, value_name = "KEY", help_heading = "Credentials and TLS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub existing_secret_key: Option<String>,
    /// File that holds the password; it is written into the values
    #[arg(long, value_name = "FILE", help_heading = "Credentials and TLS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_file: Option<String>,
    /// Environment variable that holds the password; it is written into the values
    #[arg(long, value_name = "NAME", help_heading = "Credentials and TLS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_env: Option<String>,
    /// Read the password from standard input; it is written into the values
    #[arg(long, help_heading = "Credentials and TLS", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_stdin: Option<bool>,
    /// Secret that holds the TLS certificate; turns TLS on
    #[arg(long, value_name = "NAME", help_heading = "Credentials and TLS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_secret: Option<String>,
    /// Key of the certificate in that Secret
    #[arg(long, value_name = "KEY", help_heading = "Credentials and TLS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_cert: Option<String>,
    /// Key of the private key in that Secret
    #[arg(long, value_name = "KEY", help_heading = "Credentials and TLS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_key: Option<String>,
    /// Key of the certificate authority in that Secret
    #[arg(long, value_name = "KEY", help_heading = "Credentials and TLS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_ca: Option<String>,
    /// Ask clients for a certificate of their own
    #[arg(long, help_heading = "Credentials and TLS", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_auth_clients: Option<bool>,
    /// ACL user and its rules (`app=~app:* +@read`); repeat for several
    #[arg(long = "acl-user", value_name = "NAME=RULES", help_heading = "Credentials and TLS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acl_users: Option<Vec<AclUser>>,
    /// Secret that holds the passwords of the ACL users, a key for each
    #[arg(long, value_name = "NAME", help_heading = "Credentials and TLS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acl_secret: Option<String>,
    /// Make a NetworkPolicy
    #[arg(long, help_heading = "Credentials and TLS", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_policy: Option<bool>,
    /// Let the NetworkPolicy admit every client, not only labelled pods
    #[arg(long, help_heading = "Credentials and TLS", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_external: Option<bool>,

    /// Run the Prometheus exporter beside Redis
    #[arg(long, help_heading = "Metrics", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<bool>,
    /// How Prometheus finds the exporter
    #[arg(long, value_enum, value_name = "MONITOR", help_heading = "Metrics")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monitor: Option<Monitor>,
    /// Namespace that the monitor and the alert rules are made in
    #[arg(long, value_name = "NAME", help_heading = "Metrics")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics_namespace: Option<String>,
    /// Label by which Prometheus selects them (`release=prometheus`); repeat or separate by commas
    #[arg(long = "metrics-label", value_name = "KEY=VALUE", value_delimiter = ',', help_heading = "Metrics")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics_labels: Option<Vec<Pair>>,
    /// Make a PrometheusRule with alerts for Redis
    #[arg(long, help_heading = "Metrics", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alerts: Option<bool>,

    /// How strictly the pods keep away from one another
    #[arg(long, value_enum, value_name = "STRENGTH", help_heading = "Placement")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anti_affinity: Option<AntiAffinity>,
    /// Over what the pods are spread evenly
    #[arg(long, value_enum, value_name = "DOMAIN", help_heading = "Placement")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spread: Option<Spread>,
    /// Pods that a drain may take at once: a number, a percentage, or `off`
    #[arg(long, value_name = "PODS", help_heading = "Placement")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disruption_budget: Option<Budget>,
    /// Label of the nodes that may run the pods (`disk=ssd`); repeat or separate by commas
    #[arg(long = "node-selector", value_name = "KEY=VALUE", value_delimiter = ',', help_heading = "Placement")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_selector: Option<Vec<Pair>>,
    /// Taint that the pods bear (`dedicated=redis:NoSchedule`, `gpu:NoExecute`); repeat for several
    #[arg(long = "toleration", value_name = "KEY[=VALUE][:EFFECT]", value_delimiter = ',', help_heading = "Placement")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerations: Option<Vec<Toleration>>,
    /// Priority class of the pods
    #[arg(long, value_name = "NAME", help_heading = "Placement")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority_class: Option<String>,

    /// Modules that Redis loads; those of chart 24 and later exist in Bitnami's images only
    #[arg(long, value_enum, value_name = "MODULES", help_heading = "Images")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modules: Option<Modules>,
    /// Which catalogue the images come from; `auto` where it is not given
    #[arg(long, value_enum, value_name = "CATALOGUE", help_heading = "Images")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub images: Option<Images>,
    /// Registry that mirrors the images (`registry.example.com`, `registry.example.com/mirror`)
    #[arg(long, value_name = "REGISTRY", help_heading = "Images")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<String>,
    /// Digest that an image is pinned to (`redis=sha256:...`); repeat for several
    #[arg(long = "digest", value_name = "IMAGE=DIGEST", help_heading = "Images")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digests: Option<Vec<Digest>>,
    /// When the nodes pull the images
    #[arg(long, value_enum, value_name = "POLICY", help_heading = "Images")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_policy: Option<PullPolicy>,
    /// Secret to pull the images with; repeat or separate by commas
    #[arg(long = "pull-secret", value_name = "NAME", value_delimiter = ',', help_heading = "Images")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_secrets: Option<Vec<String>>,
}

/// Names every field once; what is built from it cannot forget one, as the destructuring would not compile.
macro_rules! fields {
    ($($field:ident),* $(,)?) => {
        impl Intent {
            /// Lays `self` over `base`: what `self` says wins.
            #[must_use]
            pub fn or(self, base: Self) -> Self {
                let Self { $($field),* } = self;
                Self { $($field: $field.or(base.$field)),* }
            }

            /// The names of the fields that are said, in the order of their declaration.
            pub fn said(&self) -> Vec<&'static str> {
                let Self { $($field),* } = self;
                [$(($field.is_some(), stringify!($field))),*]
                    .into_iter()
                    .filter_map(|(said, name)| said.then_some(name))
                    .collect()
            }

            /// Forgets one field; the name is one that [`Self::said`] gives.
            pub fn forget(&mut self, name: &str) {
                $(if name == stringify!($field) { self.$field = None; })*
            }
        }
    };
}

fields! {
    chart_version, release, namespace, kube_version, cluster_domain,
    cloud, lb_controller, access, source_ranges, static_address, subnet, idle_timeout, dns_name, dns_prefix,
    redis_node_port, sentinel_node_port, expose_replicas, master_service, per_pod, pod_addresses,
    topology, replicas, quorum,
    persistence, size, storage_class, existing_claim, aof, save,
    maxmemory, eviction, memory, cpu, tcp_keepalive,
    auth, existing_secret, existing_secret_key, password_file, password_env, password_stdin,
    tls_secret, tls_cert, tls_key, tls_ca, tls_auth_clients, acl_users, acl_secret, network_policy, allow_external,
    metrics, monitor, metrics_namespace, metrics_labels, alerts,
    anti_affinity, spread, disruption_budget, node_selector, tolerations, priority_class,
    modules, images, registry, digests, pull_policy, pull_secrets,
}

/// Who said a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// the command line
    Flag,
    /// a profile, by its name
    Profile(String),
}

/// Intents laid over one another, with who said what.
///
/// A *preferred* field is wished for only where the chart can: it gives way, with a note, where a stated wish would
/// be an error.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    pub intent: Intent,
    pub origins: BTreeMap<&'static str, Origin>,
    pub preferred: BTreeMap<&'static str, Origin>,
    /// how many layers lay below the one that said the field
    pub below: BTreeMap<&'static str, usize>,
    layers: usize,
}

/// Where the password comes from: a layer that says one of them takes the place of what lower layers say.
const PASSWORD_SOURCES: [&str; 5] =
    ["existing_secret", "existing_secret_key", "password_file", "password_env", "password_stdin"];

impl Wishes {
    /// Lays `layer` over what is here already; `origin` said it.
    pub fn lay(&mut self, layer: Intent, origin: &Origin) {
        if layer.said().iter().any(|field| PASSWORD_SOURCES.contains(field) && *field != "existing_secret_key") {
            for field in PASSWORD_SOURCES {
                self.intent.forget(field);
                self.origins.remove(field);
                self.preferred.remove(field);
            }
        }
        for field in layer.said() {
            self.origins.insert(field, origin.clone());
            self.preferred.remove(field);
            self.below.insert(field, self.layers);
        }
        self.layers += 1;
        self.intent = layer.or(std::mem::take(&mut self.intent));
    }

    /// Lays preferences over what is here already, other than `lay`: they yield to the chart.
    pub fn prefer(&mut self, layer: Intent, origin: &Origin) {
        for field in layer.said() {
            self.origins.insert(field, origin.clone());
            self.preferred.insert(field, origin.clone());
        }
        self.intent = layer.or(std::mem::take(&mut self.intent));
    }
}
