//! Checks names and numbers that Kubernetes or Redis refuses, or that are implausible, for every chart version.
//!
//! Names of releases, namespaces and Secrets are checked where the commands are made that use them.

use std::net::IpAddr;

use super::{Field, Intent};
use crate::kubernetes;

/// A field whose value does not do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidField {
    pub field: Field,
    /// What is wrong, and what to do.
    pub reason: String,
}

/// The most plausible number of replicas. All replicas copy from one primary, which sends each of them every write, and
/// with Sentinel each node watches all others. Redis Cluster, made for large installations, supports up to 1000 nodes
/// in total, and a hundred copies of the same data have no use.
const MOST_REPLICAS: u32 = 100;

/// The longest time between two probes in Linux. Source: `include/net/tcp.h`, `MAX_TCP_KEEPIDLE`. Linux refuses a
/// longer time, and the default of the system applies.
const MOST_KEEPALIVE: u32 = 32_767;

/// The value for volume claims without a class. Source: common `templates/_storage.tpl`.
const NO_CLASS: &str = "-";

impl Intent {
    /// The first field with a value that is wrong for every chart version.
    pub fn misfit(&self) -> Option<InvalidField> {
        let Self { storage_class, existing_claim, priority_class, cluster_domain, .. } = self;
        let names = [
            (Field::StorageClass, storage_class, "remove the option for the default class, or use `-` for no class"),
            (Field::ExistingClaim, existing_claim, "remove the option for new claims"),
            (Field::PriorityClass, priority_class, "remove the option for the default priority"),
            (Field::ClusterDomain, cluster_domain, "remove the option for `cluster.local`"),
        ];
        let name = |(field, name, without): (Field, &Option<String>, &str)| {
            let name = name.as_deref()?;
            let fits = kubernetes::is_dns1123_subdomain(name) || field == Field::StorageClass && name == NO_CLASS;
            let reason = match name.is_empty() {
                true => format!("the name is empty: {without}"),
                false => format!(
                    "Kubernetes refuses the name `{name}`: expected `a-z`, `0-9`, `-` and `.`, with a letter or digit \
                     at both ends"
                ),
            };
            (!fits).then_some(InvalidField { field, reason })
        };
        if let Some(field) = self.empty() {
            return Some(InvalidField {
                field,
                reason: "the value is empty: set a value, or remove the option".to_owned(),
            });
        }
        let Self { tls_cert, tls_key, tls_ca, existing_secret_key, .. } = self;
        let keys = [
            (Field::TlsCert, tls_cert),
            (Field::TlsKey, tls_key),
            (Field::TlsCa, tls_ca),
            (Field::ExistingSecretKey, existing_secret_key),
        ];
        let key = |(field, key): (Field, &Option<String>)| {
            let key = key.as_deref()?;
            let reason = format!("`{key}` is not a valid key of a Secret: expected letters, digits, `-`, `_` and `.`");
            (!kubernetes::is_config_map_key(key)).then_some(InvalidField { field, reason })
        };
        names.into_iter().find_map(name).or_else(|| keys.into_iter().find_map(key)).or_else(|| self.odd_number())
    }

    /// An empty field, for fields without a meaning for an empty value.
    fn empty(&self) -> Option<Field> {
        let Self { release, namespace, metrics_namespace, static_address, subnet, registry, pull_secrets, .. } = self;
        let Self { existing_secret, tls_secret, acl_secret, dns_name, kube_version, source_ranges, .. } = self;
        let texts = [
            (Field::Release, release),
            (Field::Namespace, namespace),
            (Field::KubeVersion, kube_version),
            (Field::MetricsNamespace, metrics_namespace),
            (Field::StaticAddress, static_address),
            (Field::Subnet, subnet),
            (Field::DnsName, dns_name),
            (Field::Registry, registry),
            (Field::ExistingSecret, existing_secret),
            (Field::TlsSecret, tls_secret),
            (Field::AclSecret, acl_secret),
        ];
        let lists = [(Field::PullSecrets, pull_secrets), (Field::SourceRanges, source_ranges)];
        let is_empty = |text: &String| text.trim().is_empty();
        let texts = texts.into_iter().filter(|(_, text)| text.as_ref().is_some_and(is_empty)).map(|(field, _)| field);
        let lists = lists.into_iter().filter(|(_, list)| list.iter().flatten().any(is_empty)).map(|(field, _)| field);
        texts.chain(lists).next()
    }

    fn odd_number(&self) -> Option<InvalidField> {
        let Self { replicas, tcp_keepalive, pod_addresses, .. } = self;
        if let Some(replicas) = replicas.filter(|replicas| *replicas > MOST_REPLICAS) {
            let reason = format!(
                "{replicas} replicas are too many for one primary: expected at most {MOST_REPLICAS}. 2 replicas are \
                 usual"
            );
            return Some(InvalidField { field: Field::Replicas, reason });
        }
        if let Some(seconds) = tcp_keepalive.filter(|seconds| *seconds > MOST_KEEPALIVE) {
            let reason = format!(
                "Linux refuses {seconds} s: expected at most {MOST_KEEPALIVE} s. Is the value in milliseconds? Use \
                 seconds, such as 60"
            );
            return Some(InvalidField { field: Field::TcpKeepalive, reason });
        }
        let odd = pod_addresses.iter().flatten().find(|address| address.parse::<IpAddr>().is_err())?;
        Some(InvalidField {
            field: Field::PodAddresses,
            reason: format!("`{odd}` is not an IP address: expected an address such as `10.0.0.10`"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn misfit(json: serde_json::Value) -> Option<&'static str> {
        serde_json::from_value::<Intent>(json).unwrap().misfit().map(|misfit| misfit.field.as_str())
    }

    #[test]
    fn what_nobody_can_mean_is_found() {
        for (json, field) in [
            (serde_json::json!({ "storage-class": "" }), "storage_class"),
            (serde_json::json!({ "storage-class": "A_B" }), "storage_class"),
            (serde_json::json!({ "priority-class": "High Prio" }), "priority_class"),
            (serde_json::json!({ "existing-claim": "-" }), "existing_claim"),
            (serde_json::json!({ "cluster-domain": "cluster..local" }), "cluster_domain"),
            (serde_json::json!({ "tls-cert": "a b" }), "tls_cert"),
            (serde_json::json!({ "static-address": "" }), "static_address"),
            (serde_json::json!({ "existing-secret": " " }), "existing_secret"),
            (serde_json::json!({ "pull-secrets": ["a", ""] }), "pull_secrets"),
            (serde_json::json!({ "replicas": 1000 }), "replicas"),
            (serde_json::json!({ "tcp-keepalive": 60000 }), "tcp_keepalive"),
            (serde_json::json!({ "pod-addresses": ["10.0.0.1", ""] }), "pod_addresses"),
        ] {
            assert_eq!(misfit(json), Some(field));
        }
    }

    #[test]
    fn what_is_meant_is_left_alone() {
        for json in [
            serde_json::json!({}),
            serde_json::json!({ "storage-class": "-" }),
            serde_json::json!({ "storage-class": "gp3", "priority-class": "system-cluster-critical" }),
            serde_json::json!({ "cluster-domain": "cluster.local", "tls-cert": "tls.crt", "save": "" }),
            serde_json::json!({ "replicas": 100, "tcp-keepalive": 0, "pod-addresses": ["10.0.0.1", "::1"] }),
        ] {
            assert_eq!(misfit(json), None);
        }
    }
}
