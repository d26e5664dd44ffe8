//! The load balancer of a Service: its cloud, its controller, and whether it is internal.

use super::Service;
use crate::cloud::{
    self, AnnotationKind, BalancerSettings, Cloud, Condition, Controller, LoadBalancerRequest, Reachability,
    Visibility, annotation,
};

impl Service<'_> {
    /// The cloud, if `--cloud` names it or if all annotations for load balancers belong to one.
    pub fn cloud(&self) -> Option<Cloud> {
        *self.facts.cloud.get_or_init(|| self.find_cloud())
    }

    fn find_cloud(&self) -> Option<Cloud> {
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
        *self.facts.visibility.get_or_init(|| self.balancer_settings().visibility().0)
    }

    /// Whether the load balancer reads an annotation, see [`BalancerSettings::reads`].
    pub fn reads(&self, facts: &cloud::Annotation) -> bool {
        match facts.when {
            Some(_) => self.balancer_settings().reads(facts),
            None => BalancerSettings { cloud: self.subject.origin.cloud, ..BalancerSettings::default() }.reads(facts),
        }
    }

    /// The condition of an annotation that another annotation does not meet.
    pub fn unmet_condition(&self, facts: &cloud::Annotation) -> Option<Condition> {
        facts.when.and_then(|_| self.balancer_settings().unmet_condition(facts))
    }

    fn balancer_settings(&self) -> BalancerSettings<'_> {
        let annotations = self.all_annotations().map(|annotation| (annotation.key.as_str(), annotation.text()));
        BalancerSettings {
            cloud: self.subject.origin.cloud,
            annotations: annotations.collect(),
            annotations_are_known: self.annotations_are_known,
            addresses: self.texts("loadBalancerIP"),
            class: self.texts("loadBalancerClass").into_iter().next(),
        }
    }

    /// The controller that creates the load balancer; none if the values do not decide.
    pub fn controller(&self) -> Option<&'static Controller> {
        *self.facts.controller.get_or_init(|| self.find_controller())
    }

    fn find_controller(&self) -> Option<&'static Controller> {
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
