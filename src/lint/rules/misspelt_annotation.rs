//! See `misspelt_annotation.md`: the help text, the web page and the test of this rule.

use std::{collections::HashSet, sync::LazyLock};

use crate::{
    cloud::{self, AnnotationKind, annotations},
    lint::{
        prelude::*,
        services::{Annotation, Service, services},
    },
    suggest::{apart, is_long},
    yaml::edit::Edit,
};

pub(super) static RULE: Rule = Rule {
    id: "misspelt-annotation",
    group: Group::Access,
    severity: Severity::Warning,
    summary: "misspelt annotation that no controller reads",
    docs: include_str!("misspelt_annotation.md"),
    fix: FixAvailability::Unsafe,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let mut found = Vec::new();
    for service in services(subject) {
        let there: HashSet<&str> = service.all_annotations().map(|one| one.key.as_str()).collect();
        let all = service.all_annotations();
        found.extend(all.filter_map(|annotation| finding(&service, annotation, &there)));
    }
    found
}

fn finding(service: &Service, annotation: &Annotation, there: &HashSet<&str>) -> Option<Finding> {
    if annotation.facts.is_some() {
        return None;
    }
    let near = nearest(&annotation.key, &KNOWN)?;
    let message = format!("no known controller reads `{}`, did you mean `{}`?", annotation.key, near.key);
    let finding = Finding::at(annotation.key_span, message)
        .labelled("Kubernetes accepts any annotation, but no controller reads this one");
    let finding = match near.kind {
        // Without a load balancer, the correct annotation has no effect either.
        _ if !service.is_load_balancer() => finding.severity(Severity::Info),
        AnnotationKind::Internal => finding.severity(Severity::Error),
        _ => finding,
    };
    if there.contains(near.key) {
        return Some(finding);
    }
    let edits = vec![Edit::Rename { path: annotation.path.clone(), to: near.key.to_owned() }];
    Some(finding.fix(Fix::new(Applicability::Unsafe, format!("rename the annotation to `{}`", near.key), edits)))
}

/// All candidates for the intended annotation.
static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(Known::all);

/// A candidate for the intended annotation, split into its parts.
struct Known {
    domain: &'static str,
    name: &'static str,
    words: Vec<String>,
    annotation: &'static cloud::Annotation,
}

impl Known {
    fn all() -> Vec<Self> {
        let is_candidate = |known: &&'static cloud::Annotation| {
            let whole = !known.key.ends_with('*');
            whole && !matches!(known.kind, AnnotationKind::IngressOnly | AnnotationKind::ExternalDns)
        };
        let parts = annotations().filter(is_candidate).filter_map(|annotation| {
            let (domain, name) = split(annotation.key);
            Some(Self { domain: domain?, name, words: words(name), annotation })
        });
        parts.collect()
    }
}

/// The known annotation that was probably intended.
fn nearest(key: &str, known: &[Known]) -> Option<&'static cloud::Annotation> {
    // Kubernetes refuses a key of this length.
    if is_long(key) {
        return None;
    }
    let (domain, name) = split(key);
    let domain = domain.map(str::to_lowercase);
    let words = words(name);
    let alike = known.iter().filter(|known| known.words.len() == words.len()).filter_map(|known| {
        let apart = domains(domain.as_deref(), known.domain, known.name)? + names(&words, &known.words)?;
        Some((apart, known.annotation.deprecated, known.annotation))
    });
    alike.min_by_key(|(apart, deprecated, _)| (*apart, *deprecated)).map(|(_, _, known)| known)
}

fn split(key: &str) -> (Option<&str>, &str) {
    match key.split_once('/') {
        Some((domain, name)) => (Some(domain), name),
        None => (None, key),
    }
}

/// The distance of the domain from the domain of a known key; none for an unrelated domain.
fn domains(domain: Option<&str>, known: &str, name: &str) -> Option<usize> {
    const KUBERNETES: &str = "kubernetes.io";
    match domain {
        Some(domain) if domain == known => Some(0),
        Some(domain) if domain.ends_with(KUBERNETES) && known.ends_with(KUBERNETES) => Some(1),
        Some(domain) if apart(domain, known, 2).is_some() => Some(1),
        // A name without a domain is too general, unless it contains `balancer`.
        None if name.contains("balancer") => Some(1),
        _ => None,
    }
}

/// The words of a name. `loadbalancer` counts as two words.
fn words(name: &str) -> Vec<String> {
    let name = name.to_lowercase().replace("loadbalancer", "-load-balancer-");
    name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The distance of two names with the same words in any order and with small misspellings.
fn names(one: &[String], other: &[String]) -> Option<usize> {
    const MOST: usize = 2;
    if one.len() != other.len() {
        return None;
    }
    let mut left: Vec<&String> = other.iter().collect();
    let mut apart = 0;
    for word in one {
        let nearest = left.iter().enumerate().filter_map(|(at, other)| Some((spelling(word, other)?, at))).min()?;
        apart += nearest.0;
        left.swap_remove(nearest.1);
    }
    (apart <= MOST).then_some(apart)
}

/// The distance of two spellings of one word; none for different words. Words that differ in a digit, and words with
/// opposite meanings, are different words.
fn spelling(one: &str, other: &str) -> Option<usize> {
    const CONTRARY: [&str; 2] = ["internal", "external"];
    if one == other {
        return Some(0);
    }
    if CONTRARY.contains(&one) && CONTRARY.contains(&other) {
        return None;
    }
    if [one, other].iter().any(|word| word.contains(|c: char| c.is_ascii_digit())) {
        return None;
    }
    let plural = |one: &str, other: &str| one.strip_suffix('s') == Some(other);
    let shorter = one.len().min(other.len());
    let most = match shorter {
        _ if plural(one, other) || plural(other, one) => 1,
        0..4 => return None,
        4..8 => 1,
        _ => 2,
    };
    apart(one, other, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_in_the_wild_is_found() {
        let known = Known::all();
        let near = |key: &str| nearest(key, &known).map(|known| known.key);
        let azure = Some("service.beta.kubernetes.io/azure-load-balancer-internal");
        assert_eq!(near("beta.kubernetes.io/azure-loadbalancer-internal"), azure);
        assert_eq!(near("azure-load-balancer-internal"), azure);
        assert_eq!(near("service.beta.kubernetes.io/azure-internal-load-balancer"), azure);
        assert_eq!(near("service.beta.kubernets.io/azure-load-balancer-internal"), azure);
        assert_eq!(near("metallb.universe.tf/loadBalancerIP"), Some("metallb.universe.tf/loadBalancerIPs"));
        assert_eq!(near("networking.gke.io/loadbalancer-type"), Some("networking.gke.io/load-balancer-type"));
    }

    #[test]
    fn keys_of_others_are_left_alone() {
        let known = Known::all();
        for key in [
            "prometheus.io/scrape",
            "meta.helm.sh/release-name",
            "argocd.argoproj.io/sync-wave",
            "example.org/aws-load-balancer-internal",
            "service.beta.kubernetes.io/brightbox-load-balancer-internal",
            "service.beta.kubernetes.io/aws-load-balancer-future-thing",
            "service.beta.kubernetes.io/azure-load-balancer-ipv7",
            "service.kubernetes.io/topology-mode",
            "name",
            "type",
        ] {
            assert_eq!(nearest(key, &known).map(|known| known.key), None, "{key}");
        }
    }
}
