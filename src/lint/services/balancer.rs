//! The load balancer of a Service: its cloud, its controller, and whether it is internal.

use std::net::IpAddr;

use super::{Annotation, Service};
use crate::cloud::{self, AnnotationKind, Cloud, Condition, Controller, LoadBalancerRequest, Reachability, annotation};

/// From where clients reach a load balancer. If several annotations decide, the last of these values wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::lint) enum Visibility {
    /// No value decides.
    Unset,
    /// Something outside the values decides: a pool of addresses, a class, a template.
    Unknown,
    Public,
    Internal,
}

impl Service<'_> {
    /// The cloud, if `--cloud` names it or if all annotations for load balancers belong to one.
    pub fn cloud(&self) -> Option<Cloud> {
        if self.subject.origin.cloud.is_some() {
            return self.subject.origin.cloud;
        }
        let mut clouds: Option<Vec<Cloud>> = None;
        for annotation in self.all_annotations() {
            let Some(facts) = annotation.facts.filter(|facts| !facts.clouds.is_empty()) else { continue };
            if facts.kind == AnnotationKind::IngressOnly {
                continue;
            }
            match &mut clouds {
                Some(clouds) => clouds.retain(|cloud| facts.clouds.contains(cloud)),
                None => clouds = Some(facts.clouds.clone()),
            }
        }
        // OVHcloud also reads the annotations of OpenStack. The first cloud of a row defines its annotations.
        clouds?.into_iter().next()
    }

    /// Whether the load balancer is internal.
    pub fn visibility(&self) -> Visibility {
        let cloud = self.subject.origin.cloud;
        let by_pool = cloud.is_some_and(|cloud| ADDRESS_POOLS.contains(&cloud));
        let addresses = self.texts("loadBalancerIP");
        if by_pool || !self.annotations_are_known || addresses.iter().any(|address| is_private(address)) {
            return Visibility::Unknown;
        }
        let by_annotations = self.all_annotations().filter_map(|annotation| self.visibility_by(annotation)).max();
        let visibility = by_annotations.unwrap_or(Visibility::Unset);
        match self.texts("loadBalancerClass").first().map(String::as_str) {
            Some(class) if visibility == Visibility::Unset => match class {
                "networking.gke.io/l4-regional-external" => Visibility::Public,
                _ => Visibility::Unknown,
            },
            _ => visibility,
        }
    }

    /// What an annotation decides; none for an annotation that does not make load balancers internal or public.
    fn visibility_by(&self, annotation: &Annotation) -> Option<Visibility> {
        let facts = annotation.facts.filter(|facts| self.reads(facts))?;
        Some(match facts.kind {
            AnnotationKind::Pool => Visibility::Unknown,
            AnnotationKind::Address if facts.clouds.iter().any(|cloud| ADDRESS_POOLS.contains(cloud)) => {
                Visibility::Unknown
            }
            AnnotationKind::Internal => match annotation.text().map(|text| facts.makes_internal(text)) {
                Some(Some(true)) => Visibility::Internal,
                Some(Some(false)) if annotation.text().is_some_and(|text| facts.takes(text)) => Visibility::Public,
                Some(Some(false)) => Visibility::Unset,
                // JSON in a value is not parsed. Kubernetes refuses a value that is no string, and a string with the
                // same content could make the load balancer internal.
                Some(None) | None => Visibility::Unknown,
            },
            // The controllers that these values select make internal load balancers by default.
            AnnotationKind::Controller if matches!(annotation.text(), Some("external" | "nlb-ip")) => {
                Visibility::Unknown
            }
            _ => return None,
        })
    }

    /// Whether the load balancer reads an annotation, as far as redisgen knows: the cloud and the annotations that the
    /// annotation requires do not exclude it.
    pub fn reads(&self, facts: &cloud::Annotation) -> bool {
        let cloud = self.subject.origin.cloud;
        let here = cloud.is_none_or(|cloud| facts.clouds.is_empty() || facts.clouds.contains(&cloud));
        here && self.unmet_condition(facts).is_none()
    }

    /// The condition of an annotation that another annotation does not meet.
    pub fn unmet_condition(&self, facts: &cloud::Annotation) -> Option<Condition> {
        let condition = facts.when?;
        let other = self.all_annotations().find(|other| other.key == condition.key);
        let value = match other {
            Some(other) => other.text()?,
            None if self.annotations_are_known => "",
            None => return None,
        };
        ((value == condition.value) != condition.is).then_some(condition)
    }

    /// The controller that creates the load balancer; none if the values do not decide.
    pub fn controller(&self) -> Option<&'static Controller> {
        let cloud = self.cloud().filter(|_| self.annotations_are_known)?;
        let annotations: Vec<(&str, &str)> = self
            .all_annotations()
            .filter_map(|annotation| Some((annotation.key.as_str(), annotation.text()?)))
            .collect();
        let class = self.texts("loadBalancerClass").into_iter().next();
        let controllers = cloud::detect_controllers(cloud, &annotations, class.as_deref());
        let reach = match self.visibility() {
            Visibility::Internal => Reachability::Internal,
            _ => Reachability::Public,
        };
        match controllers[..] {
            [only] => Some(only),
            _ => controllers.into_iter().find(|controller| controller.is_default_for(reach)),
        }
    }
}

/// The key and value of the one annotation that makes a load balancer internal on a cloud.
pub(in crate::lint) fn internal_annotation(cloud: Cloud) -> Option<(String, String)> {
    let recipe = cloud::service(cloud, &LoadBalancerRequest::new(Reachability::Internal)).ok()?;
    let makes = |key: &str| annotation(key).is_some_and(|known| known.kind == AnnotationKind::Internal);
    recipe.annotations.into_iter().find(|(key, _)| makes(key))
}

/// Environments without load balancers of a cloud. Their pools of addresses decide whether an address is internal.
pub(in crate::lint) const ADDRESS_POOLS: [Cloud; 5] =
    [Cloud::Metallb, Cloud::KubeVip, Cloud::Cilium, Cloud::K3s, Cloud::Bare];

fn is_private(address: &str) -> bool {
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_private() || address.is_link_local() || address.is_loopback(),
        Ok(IpAddr::V6(address)) => address.is_unique_local() || address.is_unicast_link_local(),
        Err(_) => false,
    }
}
