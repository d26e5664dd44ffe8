//! Which Services of Redis let in who is not in the cluster.

use super::Subject;

/// A Service that is open beyond the cluster.
pub(super) struct Exposed {
    /// The key that says so.
    pub key: String,
    /// `LoadBalancer` or `NodePort`.
    pub kind: String,
}

/// The words of the types of the Services, each with the word of the switch that makes it, if there is one.
const SERVICES: [(&str, Option<&str>); 5] = [
    ("primary.type", None),
    ("replicas.type", None),
    ("sentinel-service.type", None),
    ("master-service.type", Some("master-service.enabled")),
    ("per-pod.type", Some("per-pod.enabled")),
];

/// The Services of this topology that a load balancer or a port of the nodes leads to.
pub(super) fn services(subject: &Subject) -> Vec<Exposed> {
    let made = |switch: Option<&str>| switch.is_none_or(|word| subject.places(word).iter().any(|key| subject.on(key)));
    let keys = SERVICES.iter().filter(|(_, switch)| made(*switch)).flat_map(|(word, _)| subject.places(word));
    let exposed = |key: String| {
        let kind = subject.text(&key).filter(|kind| matches!(kind.as_str(), "LoadBalancer" | "NodePort"))?;
        Some(Exposed { key, kind })
    };
    let mut found: Vec<Exposed> = keys.filter_map(exposed).collect();
    // One key can say the type of two Services.
    found.dedup_by(|a, b| a.key == b.key);
    found
}
