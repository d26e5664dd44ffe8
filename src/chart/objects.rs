//! Objects that a chart version creates, and their differences between versions.
//!
//! The objects are those of the chart's own values. Objects that the user's values add, remove or rename are not
//! included, for example with a load balancer, without persistence, with an existing claim or with an existing
//! Secret.

use super::{
    Chart, Topology, catalogue,
    pack::{ObjectKind, ObjectRow, Section},
};

/// Object that a chart version creates. [`Names::fill`](super::Names::fill) replaces the placeholders in its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    pub kind: ObjectKind,
    /// Name with placeholders: `{f}-master`
    pub name: &'static str,
    /// Condition of the object or of its identity, in the syntax of `reads.tsv`. Empty if the object always exists.
    pub when: &'static str,
    /// Fields that other objects refer to or that the API server does not change, in a fixed order.
    ///
    /// - StatefulSet: all fields that cannot be changed in place: `serviceName`, `podManagementPolicy`, `selector`,
    ///   and for each claim template `volumeClaimTemplates.NAME.` with `labels`, `accessModes` and others. The size
    ///   cannot be changed either, and has a key of its own.
    /// - Deployment, DaemonSet: `selector`.
    /// - Service: `type`; `clusterIP`, which is `None` or `given` by the cluster; `ports`; `selector`.
    /// - Secret: `type`, `keys`.
    /// - NetworkPolicy, PodDisruptionBudget: the selected pods.
    pub identity: Vec<(&'static str, &'static str)>,
}

/// Field of an object that differs between two versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub field: &'static str,
    pub old: Option<&'static str>,
    pub new: Option<&'static str>,
    /// Whether the API server refuses the change. The upgrade then fails until the object is deleted.
    ///
    /// A new StatefulSet adopts the pods of the deleted one only if the `selector` is the same. Otherwise it does not
    /// see these pods, and cannot create its own, because the names are taken.
    pub refused: bool,
}

impl Chart {
    /// Objects of this version in this topology with the chart's own values, sorted by kind and name. An object that
    /// depends on a switch occurs once for each state of the switch, see [`Object::when`].
    ///
    /// For an imported version, these are the objects of the nearest older embedded version. Source: `objects.tsv`,
    /// measured by rendering.
    pub fn objects(&self, topology: Topology) -> Vec<Object> {
        let table = catalogue::table(Section::Objects);
        let mut objects = Vec::new();
        for entry in table.entries().filter(|entry| entry.holds(self.position())) {
            let ObjectRow { kind, topologies, when, identity } = table.row(entry);
            if topologies & topology.bit() != 0 {
                objects.push(Object { kind, name: catalogue::names().name(entry.name), when, identity });
            }
        }
        objects.sort_by_key(|object| (object.kind, object.name, object.when));
        objects
    }
}

impl Object {
    /// Value of a field.
    pub fn field(&self, name: &str) -> Option<&'static str> {
        self.identity.iter().find(|(field, _)| *field == name).map(|(_, value)| *value)
    }

    /// Names of the claim templates.
    pub fn claim_templates(&self) -> Vec<&'static str> {
        let fields = self.identity.iter().filter_map(|(field, _)| field.strip_prefix("volumeClaimTemplates."));
        let mut names: Vec<&str> = fields.filter_map(|field| field.split('.').next()).collect();
        names.dedup();
        names
    }

    /// Names of the claims of one pod. The claims stay when the StatefulSet is deleted.
    pub fn claims(&self, pod: u32) -> Vec<String> {
        self.claim_templates().iter().map(|template| format!("{template}-{}-{pod}", self.name)).collect()
    }

    /// Differences from the same object in another version.
    pub fn differences(&self, new: &Self) -> Vec<Difference> {
        let mut differences = Vec::new();
        for &(field, old) in &self.identity {
            if new.field(field) != Some(old) {
                differences.push(self.difference(field, Some(old), new.field(field)));
            }
        }
        let added = new.identity.iter().filter(|(field, _)| self.field(field).is_none());
        differences.extend(added.map(|&(field, value)| self.difference(field, None, Some(value))));
        differences
    }

    fn difference(&self, field: &'static str, old: Option<&'static str>, new: Option<&'static str>) -> Difference {
        // Source: the validation of Kubernetes 1.34, see tools/oracle/README.md.
        let refused = match self.kind {
            ObjectKind::StatefulSet | ObjectKind::PersistentVolumeClaim => true,
            ObjectKind::Deployment | ObjectKind::DaemonSet => field == "selector",
            // A Service keeps its address if the new version requests none.
            ObjectKind::Service => field == "clusterIP" && new == Some("None"),
            ObjectKind::Secret => field == "type",
            ObjectKind::NetworkPolicy | ObjectKind::PodDisruptionBudget | ObjectKind::ServiceAccount => false,
        };
        Difference { field, old, new, refused }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::version_numbers;
    use ObjectKind::{Secret, Service, StatefulSet};
    use Topology::{Replication, Sentinel, Standalone};

    fn objects(version: &str, topology: Topology) -> Vec<Object> {
        Chart::at(&version.parse().unwrap()).unwrap().objects(topology)
    }

    fn names(version: &str, topology: Topology, kind: ObjectKind) -> Vec<&'static str> {
        let objects = objects(version, topology);
        objects.iter().filter(|object| object.kind == kind && object.when.is_empty()).map(|o| o.name).collect()
    }

    fn one(version: &str, topology: Topology, kind: ObjectKind, name: &str) -> Object {
        let mut objects = objects(version, topology).into_iter();
        objects.find(|object| object.kind == kind && object.name == name).expect("an object of the version")
    }

    /// Every expected name is from the output of `helm template`.
    #[test]
    fn objects_have_the_names_that_helm_shows() {
        assert_eq!(names("10.9.0", Sentinel, StatefulSet), ["{f}-master", "{f}-slave"]);
        assert_eq!(names("11.0.0", Sentinel, StatefulSet), ["{f}-node"]);
        assert_eq!(names("13.0.1", Replication, StatefulSet), ["{f}-master", "{f}-slave"]);
        assert_eq!(names("14.0.0", Replication, StatefulSet), ["{f}-master", "{f}-replicas"]);
        assert_eq!(names("23.1.1", Standalone, StatefulSet), ["{f}-master"]);
        // These versions lack the object by mistake of the chart.
        assert!(names("11.0.3", Standalone, StatefulSet).is_empty());
        assert_eq!(names("11.0.4", Standalone, StatefulSet), ["{f}-master"]);
        assert_eq!(names("13.0.1", Replication, Service), ["{f}-headless", "{f}-master", "{f}-slave"]);
        assert_eq!(names("14.0.0", Replication, Service), ["{f}-headless", "{f}-master", "{f}-replicas"]);
        assert_eq!(names("23.1.1", Sentinel, Service), ["{f}", "{f}-headless"]);
        assert_eq!(names("10.5.6", Standalone, Secret), ["{f}"]);
        assert_eq!(names("23.1.1", Sentinel, Secret), ["{f}"]);
    }

    #[test]
    fn a_field_that_cannot_be_changed_in_place_is_told() {
        let master = |version| one(version, Replication, StatefulSet, "{f}-master");
        let differences = master("13.0.1").differences(&master("14.0.0"));
        let fields: Vec<_> = differences.iter().map(|difference| (difference.field, difference.refused)).collect();
        assert_eq!(fields, [("selector", true), ("volumeClaimTemplates.redis-data.labels", true)]);
        assert_eq!(differences[0].old, Some("app={name},release={release},role=master"));
        let labels = "app.kubernetes.io/component=master,app.kubernetes.io/instance={release},\
                      app.kubernetes.io/name={name}";
        assert_eq!((differences[0].new, differences[1].new), (Some(labels), Some(labels)));
        assert_eq!(master("10.5.6").differences(&master("13.0.1")), []);
        assert_eq!(master("14.0.0").differences(&master("23.1.1")), []);
        let node = |version| one(version, Sentinel, StatefulSet, "{f}-node");
        assert!(node("13.0.1").differences(&node("14.0.0")).iter().all(|difference| difference.refused));
    }

    #[test]
    fn a_service_is_changed_in_place() {
        let master = |version| one(version, Replication, Service, "{f}-master");
        let differences = master("12.8.2").differences(&master("12.8.3"));
        let ports = Difference { field: "ports", old: Some("redis:6379"), new: Some("tcp-redis:6379"), refused: false };
        assert_eq!(differences, [ports]);
        let headless = one("12.8.2", Replication, Service, "{f}-headless");
        let address = headless.differences(&master("12.8.2")).into_iter().find(|d| d.field == "clusterIP").unwrap();
        assert_eq!((address.old, address.new, address.refused), (Some("None"), Some("given"), false));
        assert!(master("12.8.2").differences(&headless).iter().any(|d| d.field == "clusterIP" && d.refused));
    }

    #[test]
    fn a_claim_is_named_by_its_template_and_its_pod() {
        let claims = |version, topology, name| one(version, topology, StatefulSet, name).claims(0);
        assert_eq!(claims("13.0.1", Replication, "{f}-slave"), ["redis-data-{f}-slave-0"]);
        assert_eq!(claims("14.0.0", Replication, "{f}-replicas"), ["redis-data-{f}-replicas-0"]);
        assert_eq!(claims("10.5.6", Standalone, "{f}-master"), ["redis-data-{f}-master-0"]);
        assert_eq!(claims("23.1.1", Standalone, "{f}-master"), ["redis-data-{f}-master-0"]);
        assert_eq!(claims("23.1.1", Sentinel, "{f}-node"), ["redis-data-{f}-node-0"]);
    }

    #[test]
    fn metrics_have_a_service_where_they_are_on() {
        for version in ["10.5.6", "23.1.1"] {
            let metrics = one(version, Standalone, Service, "{f}-metrics");
            assert_eq!(metrics.when, "metrics.enabled=true");
        }
    }

    #[test]
    fn every_version_has_objects_that_are_told_apart() {
        for version in version_numbers() {
            for topology in Topology::ALL {
                let objects = Chart::at(&version).unwrap().objects(topology);
                assert!(objects.iter().any(|object| object.kind == Secret), "{version}, {topology}");
                assert!(objects.is_sorted_by(|a, b| (a.kind, a.name, a.when) < (b.kind, b.name, b.when)));
                for set in objects.iter().filter(|object| object.kind == StatefulSet) {
                    assert!(set.field("selector").is_some() && set.claims(0).len() == 1, "{version}: {}", set.name);
                    // The governing Service is one of the chart's own Services.
                    let service = set.field("serviceName").unwrap();
                    assert!(objects.iter().any(|o| o.kind == Service && o.name == service), "{version}: {service}");
                }
            }
        }
    }
}
