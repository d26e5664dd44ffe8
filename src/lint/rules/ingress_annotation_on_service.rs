//! See `ingress_annotation_on_service.md`: the help text, the web page and the test of this rule.

use crate::{
    cloud::{AnnotationKind, Cloud, Confidence},
    lint::{
        prelude::*,
        services::{Annotation, Service, annotations, balancer::internal_annotation},
    },
    yaml::edit::Edit,
};

pub(super) static RULE: Rule = Rule {
    id: "ingress-annotation-on-service",
    group: Group::Access,
    severity: Severity::Error,
    summary: "Ingress annotation on a Service, where no controller reads it",
    docs: include_str!("ingress_annotation_on_service.md"),
    fix: FixAvailability::Unsafe,
    scope: Scope::Line,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    annotations(subject).filter_map(|(service, annotation)| finding(&service, annotation)).collect()
}

fn finding(service: &Service, annotation: &Annotation) -> Option<Finding> {
    let known = annotation.facts.filter(|known| known.kind == AnnotationKind::IngressOnly)?;
    let message = format!("`{}` has no effect on a Service: controllers read it only on an Ingress", annotation.key);
    let finding =
        Finding::at(annotation.key_span, message).labelled("no load balancer controller reads this annotation");
    let finding = match known.certainty {
        Confidence::Likely if !annotation.key.contains("ingress") => finding.severity(Severity::Warning),
        _ => finding,
    };
    let take_out = Fix::new(Applicability::Unsafe, "remove the annotation", vec![delete(annotation)]);
    let Some((key, value)) = internal(service, annotation) else { return Some(finding.fix(take_out)) };
    let finding = finding.help(format!("set `{key}: \"{value}\"` on a Service to make the load balancer internal"));
    if service.all_annotations().any(|other| other.key == key) {
        return Some(finding.fix(take_out));
    }
    let renamed = annotation.path.parent()?.key(&key);
    let edits = vec![
        Edit::Rename { path: annotation.path.clone(), to: key.clone() },
        Edit::Set { path: renamed, value: value.into() },
    ];
    Some(finding.fix(Fix::new(Applicability::Unsafe, format!("replace the annotation with `{key}`"), edits)))
}

fn delete(annotation: &Annotation) -> Edit {
    Edit::Delete { path: annotation.path.clone(), prune: true }
}

/// The annotation that requests an internal load balancer instead.
fn internal(service: &Service, annotation: &Annotation) -> Option<(String, String)> {
    let (prefix, value) = annotation.key.rsplit_once('/')?;
    let cloud = match (prefix, value, annotation.text()?) {
        ("alb.ingress.kubernetes.io", "scheme", "internal") => Cloud::Aws,
        ("alb.ingress.kubernetes.io", "address-type", "intranet") => Cloud::Alibaba,
        ("kubernetes.io", "ingress.class", "gce-internal") => Cloud::Gcp,
        _ => return None,
    };
    if service.cloud().is_some_and(|known| known != cloud) {
        return None;
    }
    internal_annotation(cloud)
}
