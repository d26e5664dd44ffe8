//! The objects that a chart version makes from the values of a release, without Helm.
//!
//! No template is interpreted: the rows of `manifests.tsv` contain the objects of each version, their conditions, and the
//! values that their fields come from. Objects of `extraDeploy`, and names that a template in the values renders, are
//! not known, see [`Objects::unknown`].

mod container;
mod model;
mod network;
mod other;
mod part;
mod rows;
mod secret;
mod service;
mod workload;

pub use model::{
    Claim, Container, Object, Objects, Pods, Port, Resources, Role, Secret, SecretSource, Service, Workload,
};

use crate::effective::EffectiveValues;
use part::Part;
use rows::Rows;

/// The objects of a first install of these values, as the newest Kubernetes gets them.
///
/// The values must render: of values that the chart refuses, the objects are those without the check.
pub fn of(values: &EffectiveValues, release: &str, namespace: &str) -> Objects {
    let rows = Rows::new(values, release, namespace);
    let mut objects = Objects {
        release: release.to_owned(),
        namespace: namespace.to_owned(),
        full_name: rows.names.full.clone(),
        ..Objects::default()
    };
    for fields in rows.of_parts() {
        let part = Part::new(&rows, fields);
        objects.secrets.extend(secret::of(&part));
        let (count, has_more) = part.count();
        for pod in 0..count {
            add(&mut objects, &part.for_pod(pod));
        }
        if has_more {
            objects.unknown.push(format!("more than {count} objects of one kind"));
        }
    }
    if objects.workloads.is_empty() {
        objects.secrets.clear();
    }
    if rows.is_set("extraDeploy") {
        objects.unknown.push("`extraDeploy`: objects of your own".to_owned());
    }
    objects.unknown.extend(rows.templates().into_iter().map(|key| format!("`{key}`: Helm renders a template")));
    objects
}

fn add(objects: &mut Objects, part: &Part) {
    let Some(object) = other::of(part) else { return };
    match object.kind.as_str() {
        "Service" => objects.services.push(service::of(part, object)),
        "StatefulSet" | "Deployment" | "DaemonSet" => objects.workloads.push(workload::of(part, object)),
        _ => objects.others.push(object),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chart::{Chart, newest_measured},
        yaml::{merge::Layers, read_values},
    };

    fn objects(text: &str) -> Objects {
        let chart = Chart::at(&newest_measured()).unwrap();
        of(&EffectiveValues::new(read_values(text).unwrap(), Layers::default(), &chart), "cache", "apps")
    }

    #[test]
    fn a_service_leads_to_the_pods_that_it_selects() {
        let objects = objects("sentinel: {enabled: true, masterService: {enabled: true}}");
        let names = |name: &str| {
            let service = objects.services.iter().find(|service| service.object.name == name).unwrap();
            objects.behind(service).map(|workload| workload.object.name.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(names("cache-redis"), ["cache-redis-node"]);
        // Sentinel labels the pod that is the primary at the time.
        assert_eq!(names("cache-redis-master"), [""; 0]);
        assert_eq!(objects.full_name, "cache-redis");
    }

    #[test]
    fn what_only_helm_knows_is_named() {
        let text = "extraDeploy: [{kind: Pod}]\nauth: {existingSecret: '{{ .Release.Name }}-mine'}\n";
        let objects = objects(text);
        let unknown = ["`extraDeploy`: objects of your own", "`auth.existingSecret`: Helm renders a template"];
        assert_eq!(objects.unknown, unknown);
        assert_eq!(objects.secrets[0].from, SecretSource::You);
    }

    #[test]
    fn a_huge_number_of_pods_makes_few_objects() {
        let text = "replica: {replicaCount: 4000000000}\nrbac: {create: true}\nsentinel: {enabled: true, \
                    externalAccess: {enabled: true}, masterService: {enabled: true}}\n";
        let objects = objects(text);
        assert_eq!(objects.workloads[0].pods, Pods::Fixed(4_000_000_000));
        assert!(objects.services.len() < 1100, "{}", objects.services.len());
        assert_eq!(objects.unknown, ["more than 1000 objects of one kind"]);
    }
}
