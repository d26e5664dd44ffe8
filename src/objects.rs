//! The objects that a chart version makes from the values of a release, without Helm.
//!
//! No template is interpreted: the rows of `manifests.tsv` say which objects a version has, under which condition, and
//! which values their fields come from. Objects of `extraDeploy`, and names that a template in the values renders, are
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
        for pod in 0..part.count() {
            add(&mut objects, &part.for_pod(pod));
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
