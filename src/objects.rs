//! The objects that a chart version makes from the values of a release, without Helm.
//!
//! No template is interpreted: the rows of `manifests.tsv` say which objects a version has, under which condition, and
//! which values their fields come from. Objects of `extraDeploy`, and names that a template in the values renders, are
//! not known, see [`Objects::unknown`].

mod model;

pub use model::{
    Claim, Container, Object, Objects, Pods, Port, Resources, Role, Secret, SecretSource, Service, Workload,
};
