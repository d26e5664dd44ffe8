//! See `annotation_value.md`: the help text, the web page and the test of this rule.

use crate::{
    cloud::{self, AnnotationKind, OnWrong, Values},
    lint::{
        Finding, Fix, Group, Rule, Severity, Subject,
        annotations::Annotation,
        services::{Service, services},
    },
    yaml::edit::Edit,
};

pub(super) static RULE: Rule = Rule {
    id: "annotation-value",
    group: Group::Reaching,
    severity: Severity::Warning,
    summary: "annotation with a value that the controller does not take; some then make the balancer public",
    docs: include_str!("annotation_value.md"),
    check,
};

/// What people write where a balancer is to be internal.
const INTERNAL: [&str; 8] = ["internal", "private", "intranet", "inner", "vpc", "true", "yes", "0.0.0.0/0"];

/// What people write for on.
const ON: [&str; 8] = ["true", "yes", "on", "y", "t", "1", "enabled", "0.0.0.0/0"];

fn check(subject: &Subject) -> Vec<Finding> {
    let services = services(subject);
    let balanced = services.iter().filter(|service| service.is_balanced());
    let each = balanced.flat_map(|service| service.all_annotations().map(move |one| (service, one)));
    each.filter_map(|(service, annotation)| finding(service, annotation)).collect()
}

fn finding(service: &Service, annotation: &Annotation) -> Option<Finding> {
    let known = annotation.known().filter(|known| service.hears(known))?;
    let value = annotation.text()?;
    // Others judge whether these do any good at all.
    let judged = matches!(known.kind, AnnotationKind::ProxyProtocol | AnnotationKind::IngressOnly);
    if judged || value.is_empty() || known.takes(value) {
        return None;
    }
    let internal = known.makes_internal(value) == Some(true);
    // What is as if it were not there does what a word for off says.
    if known.on_wrong == OnWrong::Open && !internal && annotation.is_off() {
        return None;
    }
    let opens = known.kind == AnnotationKind::Internal && known.on_wrong == OnWrong::Open && !internal;
    let message = format!("`{}` does not take `{value}`, expected {}", annotation.key, known.values);
    let finding = Finding::at(annotation.value_span, message);
    let finding = match known.on_wrong {
        OnWrong::Open if internal => finding.severity(Severity::Info).labelled("an old spelling, still read"),
        OnWrong::Open if opens => {
            finding.severity(Severity::Error).labelled("as if it were not there: the balancer becomes public")
        }
        OnWrong::Open => finding.labelled("as if it were not there"),
        OnWrong::Closed => finding.labelled("an error of the controller, and no balancer"),
        OnWrong::Internal => finding.labelled("some controllers take it for internal, others fail on it"),
        OnWrong::Unknown => finding.labelled("what the controller makes of it is not known here"),
    };
    let Some(meant) = meant(known, value) else { return Some(finding) };
    let edits = vec![Edit::Set { path: annotation.path.clone(), value: meant.into() }];
    Some(finding.fix(Fix { title: format!("write `\"{meant}\"`"), safe: false, edits }))
}

/// The value that was likely meant, among those that are taken.
fn meant(known: &cloud::Annotation, value: &str) -> Option<&'static str> {
    let lower = value.trim().to_ascii_lowercase();
    if let Values::OneOf(values) = &known.values
        && let Some(same) = values.iter().find(|taken| taken.eq_ignore_ascii_case(&lower))
    {
        return Some(same);
    }
    if known.kind == AnnotationKind::Internal {
        return known.internal_value().filter(|_| INTERNAL.contains(&lower.as_str()) || ON.contains(&lower.as_str()));
    }
    let taken = known.takes("true") && matches!(known.values, Values::Bool | Values::Switch | Values::OneOf(_));
    (taken && ON.contains(&lower.as_str())).then_some("true")
}
