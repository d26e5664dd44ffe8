//! Defects of the chart version that concern the values.

use super::EffectiveValues;
use crate::chart::Defect;

impl EffectiveValues {
    /// The defects of the chart version whose conditions the effective values meet.
    pub fn defects(&self) -> Vec<Defect> {
        let all = self.chart.defects(self.topology).iter();
        all.filter(|defect| self.all_hold(defect.terms) == Some(true)).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chart::Chart,
        yaml::{merge::Layers, read_values},
    };

    /// Every expected defect was found by rendering.
    #[test]
    fn defects_are_those_that_the_values_meet() {
        let own_key = "auth: {existingSecret: redis-auth, existingSecretPasswordKey: password-key}\n";
        let same_key = "auth: {existingSecret: redis-auth, existingSecretPasswordKey: redis-password}\n";
        let no_password = "auth: {enabled: false}\n";
        let node_port = "sentinel: {enabled: true, service: {type: NodePort}}\n";
        let deployment = "master: {kind: Deployment}\n";
        let no_volume =
            "sentinel: {enabled: true, persistence: {enabled: true}}\nreplica: {persistence: {enabled: false}}\n";
        let pod_monitor = "metrics: {enabled: true, podMonitor: {enabled: true}}\n";
        let writable = "sentinel: {enabled: true, containerSecurityContext: {enabled: false}}\n";
        let scaled = "replica: {kind: Deployment, autoscaling: {enabled: true}}\n";
        let external = "sentinel: {enabled: ON, externalAccess: {enabled: true}}\n";
        let other_port =
            "sentinel: {enabled: true, externalAccess: {enabled: true}}\nreplica: {containerPorts: {redis: 7000}}\n";
        let volatile_tls = "cluster: {enabled: true}\ntls: {enabled: true}\nslave: {persistence: {enabled: false}}\n";
        let nodes_scaled = "sentinel: {enabled: true}\nreplica: {autoscaling: {enabled: true}}\n";
        let standalone_scaled = "architecture: standalone\nreplica: {autoscaling: {enabled: true}}\n";
        for (version, text, ids) in [
            ("11.0.2", "cluster: {enabled: false}\n", &["no-statefulset"][..]),
            ("11.0.4", "cluster: {enabled: false}\n", &[]),
            ("16.12.2", node_port, &["node-port-needs-number"]),
            ("23.1.1", node_port, &["node-port-needs-number"]),
            ("18.11.0", "metrics: {enabled: true}\n", &["metrics-port-closed"]),
            ("18.11.0", "metrics: {enabled: true}\nnetworkPolicy: {enabled: false}\n", &[]),
            ("18.12.0", "metrics: {enabled: true}\n", &[]),
            ("18.11.0", "metrics: {enabled: true, containerPorts: {http: 7005}}\n", &["metrics-port-closed"]),
            ("10.6.19", volatile_tls, &[]),
            ("10.7.0", volatile_tls, &["certificates-undefined"]),
            ("10.7.2", volatile_tls, &[]),
            ("14.4.0", nodes_scaled, &["autoscaler-of-missing-statefulset"]),
            ("15.2.0", nodes_scaled, &[]),
            ("15.2.0", standalone_scaled, &[]),
            ("28.0.7", standalone_scaled, &["autoscaler-without-replicas"]),
            ("18.9.0", pod_monitor, &["pod-monitor-port"]),
            ("18.10.0", pod_monitor, &[]),
            ("20.9.0", own_key, &[]),
            ("20.10.0", own_key, &["password-file-name"]),
            ("20.11.2", own_key, &["password-file-name"]),
            ("20.11.3", own_key, &[]),
            ("20.10.0", same_key, &[]),
            ("20.10.0", no_password, &["missing-password-secret"]),
            ("20.11.0", no_password, &["missing-password-secret"]),
            ("20.11.1", no_password, &[]),
            ("20.9.0", no_password, &[]),
            ("23.1.1", deployment, &["claim-of-deployment"]),
            ("23.1.1", no_volume, &["sentinel-data-undefined"]),
            ("18.1.6", pod_monitor, &[]),
            ("18.2.0", pod_monitor, &["pod-monitor-selects-nothing"]),
            ("18.8.3", pod_monitor, &["pod-monitor-selects-nothing"]),
            ("20.12.2", writable, &[]),
            ("20.13.0", writable, &["missing-empty-dir"]),
            ("23.1.1", writable, &["missing-empty-dir"]),
            ("28.0.7", scaled, &["autoscaler-of-statefulset"]),
            ("28.0.7", &external.replace("ON", "false"), &["external-access-without-sentinel"]),
            ("28.0.7", &external.replace("ON", "true"), &[]),
            ("28.0.7", other_port, &["external-access-port"]),
        ] {
            let values = read_values(text).unwrap();
            let chart = Chart::at(&version.parse().unwrap()).unwrap();
            let found = EffectiveValues::new(values, Layers::default(), &chart).defects();
            let found: Vec<_> = found.iter().map(|defect| defect.id).collect();
            assert_eq!(found, ids, "{version}\n{text}");
        }
    }
}
