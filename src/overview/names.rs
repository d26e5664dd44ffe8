//! The names of Services in the DNS of the cluster.

use crate::{
    chart::{Setting, Topology},
    effective::EffectiveValues,
    objects::{Objects, Service},
};

/// The domain of clusters that set no other. Source: kubernetes.io, DNS for Services and Pods.
const DOMAIN: &str = "cluster.local";

/// The name of a Service in the cluster: `redis-master.default.svc.cluster.local`.
pub(super) fn local_name(service: &Service, objects: &Objects, values: &EffectiveValues) -> String {
    let namespace = service.object.namespace.as_deref().unwrap_or(&objects.namespace);
    let places = values.chart.places(Setting::ClusterDomain, Topology::Replication);
    let domain = places.first().and_then(|place| values.text(place.path));
    format!("{}.{namespace}.svc.{}", service.object.name, domain.unwrap_or(DOMAIN))
}
