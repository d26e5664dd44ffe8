//! See `proxy_protocol.md`: the help text, the web page and the test of this rule.

use crate::{
    cloud::{AnnotationKind, Certainty},
    lint::{
        Finding, Fix, Group, Rule, Severity, Subject,
        annotations::Annotation,
        services::{Service, services},
    },
    yaml::edit::Edit,
};

pub(super) static RULE: Rule = Rule {
    id: "proxy-protocol",
    group: Group::Access,
    severity: Severity::Error,
    summary: "annotation that turns on the PROXY protocol, which Redis does not support",
    docs: include_str!("proxy_protocol.md"),
    check,
};

fn check(subject: &Subject) -> Vec<Finding> {
    let services = services(subject);
    let balanced = services.iter().filter(|service| service.is_balanced() && service.front.is_redis());
    let each = balanced.flat_map(|service| service.all_annotations().map(move |one| (service, one)));
    each.filter_map(|(service, annotation)| finding(service, annotation)).collect()
}

fn finding(service: &Service, annotation: &Annotation) -> Option<Finding> {
    let known = annotation.known().filter(|known| service.hears(known))?;
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
    let finding = if known.certainty == Certainty::Likely { finding.severity(Severity::Warning) } else { finding };
    if known.kind != AnnotationKind::ProxyProtocol {
        return Some(finding.help("remove `proxy_protocol_v2.enabled=true` from the list"));
    }
    let edits = vec![Edit::Delete { path: annotation.path.clone(), prune: true }];
    Some(finding.fix(Fix { title: "remove the annotation".to_owned(), safe: false, edits }))
}
