//! The addresses that Services request.

use super::Service;
use crate::{chart::ServiceKind, cloud::AnnotationKind, yaml::Span};

/// The address that means: any.
const ANY: &str = "0.0.0.0";

/// The request of a Service for something that only one Service can have.
pub(in crate::lint) struct Claim {
    /// The key and the Service that request it, for the middle of a sentence.
    pub whose: String,
    pub span: Span,
}

/// The addresses that a Service requests. Services of pods request an address once for each of two pods.
pub(in crate::lint) fn requested_addresses(service: &Service) -> Vec<(String, Claim)> {
    const FIELD: &str = "loadBalancerIP";
    let what = service.kind.description();
    let path = service.field(FIELD).unwrap_or_default();
    let claim = |address: String| (address, Claim { whose: format!("`{path}` of {what}"), span: service.span(FIELD) });
    let mut all: Vec<(String, Claim)> = service.texts(FIELD).into_iter().map(claim).collect();
    for one in service.all_annotations() {
        let known = one.facts.filter(|known| known.kind == AnnotationKind::Address && service.reads(known));
        let listed = |text: &&str| known.is_some_and(|known| known.takes(text)) && !text.starts_with(['{', '[']);
        for address in one.text().filter(listed).unwrap_or_default().split(',').map(str::trim) {
            // A field and an annotation of one Service may request the same address.
            if address.is_empty() || address == ANY || all.iter().any(|(other, _)| other == address) {
                continue;
            }
            let claim = |what| Claim { whose: format!("`{}` of {what}", one.key), span: one.value_span };
            all.push((address.to_owned(), claim(what)));
            // The chart puts these annotations on the Service of each pod.
            if service.kind == ServiceKind::EachPod {
                all.push((address.to_owned(), claim("the next pod")));
            }
        }
    }
    all
}
