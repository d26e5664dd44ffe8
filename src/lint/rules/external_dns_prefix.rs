//! See `external_dns_prefix.md`: the help text, the web page and the test of this rule.

use crate::{
    cloud::{ExternalDns, external_dns_prefixes},
    lint::{
        prelude::*,
        services::{Annotation, Service, annotations},
    },
    suggest::{apart, is_long},
    yaml::edit::Edit,
};

pub(super) static RULE: Rule = Rule {
    id: "external-dns-prefix",
    group: Group::Access,
    severity: Severity::Warning,
    summary: "annotation prefix that ExternalDNS does not read, or that only some versions read",
    docs: include_str!("external_dns_prefix.md"),
    fix: FixAvailability::Unsafe,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

/// The switch of the chart for ExternalDNS, and the key for the prefix, which the chart prints in front of each name.
const SWITCH: &str = "useExternalDNS.enabled";
const PREFIX: &str = "useExternalDNS.annotationKey";

fn check(subject: &Subject) -> Vec<Finding> {
    let of_services = annotations(subject).filter_map(|(service, annotation)| finding(&service, annotation));
    of_services.chain(of_chart(subject)).collect()
}

fn finding(service: &Service, annotation: &Annotation) -> Option<Finding> {
    let (prefix, name) = annotation.key.split_once('/')?;
    let prefixes = external_dns_prefixes();
    if let Some(known) = prefixes.iter().find(|known| known.prefix == prefix) {
        // Values with both prefixes are ready for the newest ExternalDNS.
        let other = |one: &Annotation| {
            one.key.split_once('/').is_some_and(|(prefix, of)| of == name && known.prefix != prefix && is_known(prefix))
        };
        if known.to.is_none() || service.annotations.iter().any(other) {
            return None;
        }
        let message = format!("`{}` {}", annotation.key, read_by(known)?);
        return Some(Finding::at(annotation.key_span, message).severity(Severity::Info).help(OWN));
    }
    let near = nearest(prefix)?;
    let to = format!("{}/{name}", near.prefix);
    let message = format!("ExternalDNS does not read the prefix `{prefix}`, did you mean `{}`?", near.prefix);
    let finding = Finding::at(annotation.key_span, message).labelled("ExternalDNS creates no DNS name");
    if service.annotations.iter().any(|one| one.key == to) {
        return Some(finding);
    }
    let edits = vec![Edit::Rename { path: annotation.path.clone(), to: to.clone() }];
    Some(finding.fix(Fix::new(Applicability::Unsafe, format!("rename the annotation to `{to}`"), edits)))
}

const OWN: &str = "each ExternalDNS instance reads one prefix, which its flag `--annotation-prefix` sets";

/// The finding about the prefix of annotations that the chart creates.
fn of_chart(subject: &Subject) -> Option<Finding> {
    if !subject.chart.takes(PREFIX) || !subject.on(SWITCH) {
        return None;
    }
    let written = subject.text(PREFIX)?;
    let span = subject.entry(PREFIX).or_else(|| subject.entry(SWITCH))?.value;
    let Some(prefix) = written.strip_suffix('/') else {
        let message = format!(
            "`{PREFIX}` is `{written}`, expected `{written}/`: the chart puts the prefix directly in front of each name"
        );
        let finding = Finding::at(span, message).labelled(format!("the annotation becomes `{written}hostname`"));
        let edits = vec![Edit::Set { path: PREFIX.parse().ok()?, value: format!("{written}/").into() }];
        let fix = Fix::new(Applicability::Unsafe, format!("set the prefix to `{written}/`"), edits);
        return Some(finding.severity(Severity::Error).fix(fix));
    };
    let known = external_dns_prefixes().iter().find(|known| known.prefix == prefix && known.to.is_some())?;
    let message = format!("`{PREFIX}` is `{written}`, which {}", read_by(known)?);
    Some(Finding::at(span, message).severity(Severity::Info).help(OWN))
}

fn is_known(prefix: &str) -> bool {
    external_dns_prefixes().iter().any(|known| known.prefix == prefix)
}

/// The versions of ExternalDNS that read the prefix; none if the newest version reads the prefix.
fn read_by(known: &ExternalDns) -> Option<String> {
    Some(format!("is read by default only up to ExternalDNS {}", known.to?))
}

/// The prefix that was probably intended: a misspelled prefix, or a prefix with another word in the middle. None for a
/// custom prefix.
fn nearest(prefix: &str) -> Option<&'static ExternalDns> {
    if is_long(prefix) {
        return None;
    }
    let lower = prefix.to_lowercase();
    let family = lower.ends_with("kubernetes.io") && lower.replace(['-', '_'], "").starts_with("externaldns");
    let most = if family { usize::MAX } else { 2 };
    let known = external_dns_prefixes().iter();
    let near = known.filter_map(|known| Some((apart(&lower, known.prefix, most)?, known)));
    near.min_by_key(|(apart, _)| *apart).map(|(_, known)| known)
}
