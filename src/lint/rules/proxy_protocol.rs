//! See `proxy_protocol.md`: the help text, the web page and the test of this rule.

use crate::{
    cloud::{AnnotationKind, Confidence},
    lint::{
        prelude::*,
        services::{Annotation, Service, load_balancer_annotations},
    },
    yaml::edit::Edit,
};

pub(super) static RULE: Rule = Rule {
    id: "proxy-protocol",
    group: Group::Access,
    severity: Severity::Error,
    summary: "annotation that turns on the PROXY protocol, which Redis does not support",
    docs: include_str!("proxy_protocol.md"),
    fix: FixAvailability::Unsafe,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let annotations = load_balancer_annotations(subject).filter(|(service, _)| service.kind.is_redis());
    annotations.filter_map(|(service, annotation)| finding(&service, annotation)).collect()
}

fn finding(service: &Service, annotation: &Annotation) -> Option<Finding> {
    let known = annotation.facts.filter(|known| service.reads(known))?;
    let value = annotation.text()?;
    let turns_on = match known.kind {
        AnnotationKind::ProxyProtocol => !annotation.is_off(),
        _ => value.contains("proxy_protocol_v2.enabled=true"),
    };
    if !turns_on {
        return None;
    }
    let message = format!("`{}` puts a PROXY header in front of the data: Redis answers with an error", annotation.key);
    let finding = Finding::at(annotation.key_span, message).labelled("no client can connect");
    let finding = if known.certainty == Confidence::Likely { finding.severity(Severity::Warning) } else { finding };
    if known.kind != AnnotationKind::ProxyProtocol {
        return Some(finding.help("remove `proxy_protocol_v2.enabled=true` from the list"));
    }
    let edits = vec![Edit::Delete { path: annotation.path.clone(), prune: true }];
    Some(finding.fix(Fix::new(Applicability::Unsafe, "remove the annotation", edits)))
}
