//! See `annotation_value.md`: the help text, the web page and the test of this rule.

use crate::{
    cloud::{self, AnnotationKind, InvalidValueEffect, Values},
    lint::{
        prelude::*,
        services::{Annotation, Service, load_balancer_annotations},
    },
    yaml::edit::Edit,
};

pub(super) static RULE: Rule = Rule {
    id: "annotation-value",
    group: Group::Access,
    severity: Severity::Warning,
    summary: "annotation value is not accepted by the controller; the load balancer may become public",
    docs: include_str!("annotation_value.md"),
    fix: FixAvailability::Unsafe,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

/// Words that users write to request an internal load balancer.
const INTERNAL: [&str; 8] = ["internal", "private", "intranet", "inner", "vpc", "true", "yes", "0.0.0.0/0"];

/// Words that users write to turn a feature on.
const ON: [&str; 8] = ["true", "yes", "on", "y", "t", "1", "enabled", "0.0.0.0/0"];

fn check(subject: &Subject) -> Vec<Finding> {
    load_balancer_annotations(subject).filter_map(|(service, annotation)| finding(&service, annotation)).collect()
}

fn finding(service: &Service, annotation: &Annotation) -> Option<Finding> {
    let known = annotation.facts.filter(|known| service.reads(known))?;
    let value = annotation.text()?;
    // Other rules report these annotations.
    let has_own_rule = matches!(known.kind, AnnotationKind::ProxyProtocol | AnnotationKind::IngressOnly);
    if has_own_rule || value.is_empty() || known.takes(value) {
        return None;
    }
    let internal = known.makes_internal(value) == Some(true);
    // A value that the controller ignores has the same effect as a word for off.
    if known.on_wrong == InvalidValueEffect::Open && !internal && annotation.is_off() {
        return None;
    }
    let opens = known.kind == AnnotationKind::Internal && known.on_wrong == InvalidValueEffect::Open && !internal;
    let message = format!("`{}` does not accept `{value}`: expected {}", annotation.key, known.values);
    let finding = Finding::at(annotation.value_span, message);
    let finding = match known.on_wrong {
        InvalidValueEffect::Open if internal => {
            finding.severity(Severity::Info).labelled("old spelling, which the controller still reads")
        }
        InvalidValueEffect::Open if opens => finding
            .severity(Severity::Error)
            .labelled("the controller ignores this value, and the load balancer becomes public"),
        InvalidValueEffect::Open => finding.labelled("the controller ignores this value"),
        InvalidValueEffect::Closed => finding.labelled("the controller reports an error and creates no load balancer"),
        InvalidValueEffect::Internal => finding.labelled("some controllers read this value as internal, others fail"),
        InvalidValueEffect::Unknown => finding.labelled("redisgen does not know how the controller reads this value"),
    };
    let Some(meant) = meant(known, value) else { return Some(finding) };
    let edits = vec![Edit::Set { path: annotation.path.clone(), value: meant.into() }];
    Some(finding.fix(Fix::new(Applicability::Unsafe, format!("set the value to `\"{meant}\"`"), edits)))
}

/// The accepted value that was probably intended.
fn meant(known: &cloud::Annotation, value: &str) -> Option<&'static str> {
    let lower = value.trim().to_ascii_lowercase();
    if let Values::OneOf(values) = &known.values
        && let Some(same) = values.iter().find(|accepted| accepted.eq_ignore_ascii_case(&lower))
    {
        return Some(same);
    }
    if known.kind == AnnotationKind::Internal {
        return known.internal_value().filter(|_| INTERNAL.contains(&lower.as_str()) || ON.contains(&lower.as_str()));
    }
    let accepts_true = known.takes("true") && matches!(known.values, Values::Bool | Values::Switch | Values::OneOf(_));
    (accepts_true && ON.contains(&lower.as_str())).then_some("true")
}
