//! Whether the load balancer of an existing Service is internal, and which setting decides that.

use std::net::IpAddr;

use super::{AnnotationKind, Cloud, Condition, annotation};

/// From where clients reach a load balancer. If several annotations decide, the last of these values wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Visibility {
    /// No value decides.
    Unset,
    /// Something outside the values decides: a pool of addresses, a class, a template.
    Unknown,
    Public,
    Internal,
}

/// The setting that decides the visibility.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecidedBy {
    /// No setting does.
    Nothing,
    /// The pool of addresses of an environment without load balancers of a cloud.
    Pool(Cloud),
    /// Annotations that the values do not contain: a template renders them.
    Template,
    /// The requested address.
    Address(String),
    /// An annotation with this key and value; no value if it is no text.
    Annotation(String, Option<String>),
    /// The class of the load balancer.
    Class(String),
}

/// What a Service of type `LoadBalancer` requests.
#[derive(Debug, Clone, Default)]
pub struct BalancerSettings<'a> {
    /// The cloud of the cluster, if it is known.
    pub cloud: Option<Cloud>,
    /// Keys and values of all annotations; no value if it is no text.
    pub annotations: Vec<(&'a str, Option<&'a str>)>,
    /// Whether the annotations are all. A template can render any annotation.
    pub annotations_are_known: bool,
    /// The addresses that the Service requests.
    pub addresses: Vec<String>,
    pub class: Option<String>,
}

/// Environments without load balancers of a cloud. Their pools of addresses decide whether an address is internal.
pub const ADDRESS_POOLS: [Cloud; 5] = [Cloud::Metallb, Cloud::KubeVip, Cloud::Cilium, Cloud::K3s, Cloud::Bare];

/// The class of GKE for a public load balancer.
const PUBLIC_CLASS: &str = "networking.gke.io/l4-regional-external";

impl BalancerSettings<'_> {
    /// Whether the load balancer is internal, and the setting that decides.
    pub fn visibility(&self) -> (Visibility, DecidedBy) {
        if let Some(cloud) = self.cloud.filter(|cloud| ADDRESS_POOLS.contains(cloud)) {
            return (Visibility::Unknown, DecidedBy::Pool(cloud));
        }
        if !self.annotations_are_known {
            return (Visibility::Unknown, DecidedBy::Template);
        }
        if let Some(address) = self.addresses.iter().find(|address| is_private(address)) {
            return (Visibility::Unknown, DecidedBy::Address(address.clone()));
        }
        let mut decided = (Visibility::Unset, DecidedBy::Nothing);
        for &(key, value) in &self.annotations {
            if let Some(visibility) = self.visibility_by(key, value).filter(|visibility| *visibility > decided.0) {
                decided = (visibility, DecidedBy::Annotation(key.to_owned(), value.map(str::to_owned)));
            }
        }
        match &self.class {
            Some(class) if decided.0 == Visibility::Unset => {
                let visibility = if class == PUBLIC_CLASS { Visibility::Public } else { Visibility::Unknown };
                (visibility, DecidedBy::Class(class.clone()))
            }
            _ => decided,
        }
    }

    /// What an annotation decides; none for an annotation that does not make load balancers internal or public.
    fn visibility_by(&self, key: &str, value: Option<&str>) -> Option<Visibility> {
        let facts = annotation(key).filter(|facts| self.reads(facts))?;
        Some(match facts.kind {
            AnnotationKind::Pool => Visibility::Unknown,
            AnnotationKind::Address if facts.clouds.iter().any(|cloud| ADDRESS_POOLS.contains(cloud)) => {
                Visibility::Unknown
            }
            AnnotationKind::Internal => match value.map(|text| facts.makes_internal(text)) {
                Some(Some(true)) => Visibility::Internal,
                Some(Some(false)) if value.is_some_and(|text| facts.takes(text)) => Visibility::Public,
                Some(Some(false)) => Visibility::Unset,
                // JSON in a value is not parsed. Kubernetes refuses a value that is no string, and a string with the
                // same content could make the load balancer internal.
                Some(None) | None => Visibility::Unknown,
            },
            // The controllers that these values select make internal load balancers by default.
            AnnotationKind::Controller if matches!(value, Some("external" | "nlb-ip")) => Visibility::Unknown,
            _ => return None,
        })
    }

    /// Whether the load balancer reads an annotation, as far as redisgen knows: the cloud and the annotations that the
    /// annotation requires do not exclude it.
    pub fn reads(&self, facts: &super::Annotation) -> bool {
        let here = self.cloud.is_none_or(|cloud| facts.clouds.is_empty() || facts.clouds.contains(&cloud));
        here && self.unmet_condition(facts).is_none()
    }

    /// The condition of an annotation that another annotation does not meet.
    pub fn unmet_condition(&self, facts: &super::Annotation) -> Option<Condition> {
        let condition = facts.when?;
        let other = self.annotations.iter().find(|(key, _)| *key == condition.key);
        let value = match other {
            Some((_, value)) => (*value)?,
            None if self.annotations_are_known => "",
            None => return None,
        };
        ((value == condition.value) != condition.is).then_some(condition)
    }
}

fn is_private(address: &str) -> bool {
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_private() || address.is_link_local() || address.is_loopback(),
        Ok(IpAddr::V6(address)) => address.is_unique_local() || address.is_unicast_link_local(),
        Err(_) => false,
    }
}
