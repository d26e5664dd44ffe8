//! The addresses that Services ask for.

use super::services::{Front, Service};
use crate::{cloud::AnnotationKind, yaml::Span};

/// The address that means: any.
const ANY: &str = "0.0.0.0";

/// Something that can be had once.
pub(super) struct Claim {
    /// Who asks for it, in the middle of a sentence.
    pub whose: String,
    pub span: Span,
}

/// The addresses that a Service asks for, each as often as it is asked for.
pub(super) fn asked(service: &Service) -> Vec<(String, Claim)> {
    const FIELD: &str = "loadBalancerIP";
    let what = service.front.what();
    let path = service.field(FIELD).unwrap_or_default();
    let claim = |address: String| (address, Claim { whose: format!("`{path}` of {what}"), span: service.span(FIELD) });
    let mut all: Vec<(String, Claim)> = service.texts(FIELD).into_iter().map(claim).collect();
    for one in service.all_annotations() {
        let known = one.known().filter(|known| known.kind == AnnotationKind::Address && service.hears(known));
        let listed = |text: &&str| known.is_some_and(|known| known.takes(text)) && !text.starts_with(['{', '[']);
        for address in one.text().filter(listed).unwrap_or_default().split(',').map(str::trim) {
            // One Service may say the same in two ways.
            if address.is_empty() || address == ANY || all.iter().any(|(other, _)| other == address) {
                continue;
            }
            let claim = |what| Claim { whose: format!("`{}` of {what}", one.key), span: one.value_span };
            all.push((address.to_owned(), claim(what)));
            // The annotations of the pods stand on the Service of each.
            if service.front == Front::Pods {
                all.push((address.to_owned(), claim("the next pod")));
            }
        }
    }
    all
}
