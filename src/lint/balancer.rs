//! What is written for the load balancer of a Service: whose it is, and from where it is reached.

use std::net::IpAddr;

use super::services::Service;
use crate::cloud::{self, AnnotationKind, Cloud, Condition, Controller, Reach, Wish, annotation};

/// What a Service says of where its load balancer is reached from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Internal,
    Public,
    Nothing,
    /// Something else than the values decides: a pool of addresses, a class, a template.
    Unknown,
}

impl Service<'_> {
    /// The cloud, if it is known or all that is written for a balancer belongs to one.
    pub fn cloud(&self) -> Option<Cloud> {
        if self.subject.origin.cloud.is_some() {
            return self.subject.origin.cloud;
        }
        let mut clouds: Option<Vec<Cloud>> = None;
        for annotation in self.all_annotations() {
            let Some(known) = annotation.known().filter(|known| !known.clouds.is_empty()) else { continue };
            if known.kind == AnnotationKind::IngressOnly {
                continue;
            }
            match &mut clouds {
                Some(clouds) => clouds.retain(|cloud| known.clouds.contains(cloud)),
                None => clouds = Some(known.clouds.clone()),
            }
        }
        // OVHcloud reads what OpenStack reads: the first is the one that the others follow.
        clouds?.into_iter().next()
    }

    /// Whether its load balancer is internal.
    pub fn says_internal(&self) -> Said {
        let cloud = self.subject.origin.cloud;
        let by_pool = cloud.is_some_and(|cloud| POOLS.contains(&cloud));
        let addresses = self.texts("loadBalancerIP");
        if by_pool || !self.all_known || addresses.iter().any(|address| is_private(address)) {
            return Said::Unknown;
        }
        let mut said = Said::Nothing;
        for annotation in self.all_annotations() {
            let Some(known) = annotation.known().filter(|known| self.hears(known)) else { continue };
            let says = match known.kind {
                AnnotationKind::Pool => Said::Unknown,
                AnnotationKind::Address if known.clouds.iter().any(|cloud| POOLS.contains(cloud)) => Said::Unknown,
                AnnotationKind::Internal => match annotation.text().map(|text| known.makes_internal(text)) {
                    Some(Some(true)) => Said::Internal,
                    Some(Some(false)) if annotation.text().is_some_and(|text| known.takes(text)) => Said::Public,
                    Some(Some(false)) => Said::Nothing,
                    // Its JSON is not looked into; what is no string is refused, and says what it would say as one.
                    Some(None) | None => Said::Unknown,
                },
                // The controllers that this chooses make internal balancers by default.
                AnnotationKind::Controller if matches!(annotation.text(), Some("external" | "nlb-ip")) => Said::Unknown,
                _ => continue,
            };
            said = match (said, says) {
                (Said::Internal, _) | (_, Said::Internal) => Said::Internal,
                (Said::Public, _) | (_, Said::Public) => Said::Public,
                (Said::Unknown, _) | (_, Said::Unknown) => Said::Unknown,
                (Said::Nothing, Said::Nothing) => Said::Nothing,
            };
        }
        match self.texts("loadBalancerClass").first().map(String::as_str) {
            Some(class) if said == Said::Nothing => match class {
                "networking.gke.io/l4-regional-external" => Said::Public,
                _ => Said::Unknown,
            },
            _ => said,
        }
    }

    /// Whether an annotation speaks to the cloud of the Service and to the balancer that the others choose, as far as
    /// that is known.
    pub fn hears(&self, annotation: &cloud::Annotation) -> bool {
        let cloud = self.subject.origin.cloud;
        let here = cloud.is_none_or(|cloud| annotation.clouds.is_empty() || annotation.clouds.contains(&cloud));
        here && self.unmet(annotation).is_none()
    }

    /// What keeps an annotation from being read: another one, which does not say what it must.
    pub fn unmet(&self, annotation: &cloud::Annotation) -> Option<Condition> {
        let condition = annotation.when?;
        let other = self.all_annotations().find(|other| other.key == condition.key);
        let said = match other {
            Some(other) => other.text()?,
            None if self.all_known => "",
            None => return None,
        };
        ((said == condition.value) != condition.is).then_some(condition)
    }

    /// Who makes the balancer; none where the values do not tell.
    pub fn controller(&self) -> Option<&'static Controller> {
        let cloud = self.cloud().filter(|_| self.all_known)?;
        let written: Vec<(&str, &str)> =
            self.all_annotations().filter_map(|one| Some((one.key.as_str(), one.text()?))).collect();
        let class = self.texts("loadBalancerClass").into_iter().next();
        let ways = cloud::told(cloud, &written, class.as_deref());
        let reach = match self.says_internal() {
            Said::Internal => Reach::Internal,
            _ => Reach::Public,
        };
        let default = ways.iter().copied().find(|way| way.is_default_for(reach));
        match ways[..] {
            [only] => Some(only),
            _ => default,
        }
    }
}

/// The annotation, key and value, that alone makes a balancer internal on a cloud.
pub(super) fn internal_on(cloud: Cloud) -> Option<(String, String)> {
    let told = cloud::service(cloud, &Wish::new(Reach::Internal)).ok()?;
    let makes = |key: &str| annotation(key).is_some_and(|known| known.kind == AnnotationKind::Internal);
    told.annotations.into_iter().find(|(key, _)| makes(key))
}

/// Clouds that are none: what gives them addresses decides.
pub(super) const POOLS: [Cloud; 5] = [Cloud::Metallb, Cloud::KubeVip, Cloud::Cilium, Cloud::K3s, Cloud::Bare];

fn is_private(address: &str) -> bool {
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_private() || address.is_link_local() || address.is_loopback(),
        Ok(IpAddr::V6(address)) => address.is_unique_local() || address.is_unicast_link_local(),
        Err(_) => false,
    }
}
