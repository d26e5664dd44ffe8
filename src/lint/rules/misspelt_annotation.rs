//! See `misspelt_annotation.md`: the help text, the web page and the test of this rule.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

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
    let mut candidates = Candidates::default();
    for service in services(subject) {
        let there: HashSet<&str> = service.all_annotations().map(|one| one.key.as_str()).collect();
        let all = service.all_annotations();
        found.extend(all.filter_map(|annotation| finding(&service, annotation, &there, &mut candidates)));
    }
    found
}

fn finding(
    service: &Service,
    annotation: &Annotation,
    there: &HashSet<&str>,
    candidates: &mut Candidates,
) -> Option<Finding> {
    if annotation.facts.is_some() {
        return None;
    }
    let near = candidates.nearest(&annotation.key)?;
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

/// The known annotations, by their domains.
static KNOWN: LazyLock<Vec<Domain>> = LazyLock::new(Domain::all);

/// The known annotations of a domain.
struct Domain {
    domain: &'static str,
    known: Vec<Known>,
}

/// A known annotation, with the words of its name.
struct Known {
    name: &'static str,
    words: Vec<String>,
    /// Its place among all known annotations: of equally near ones, the first is meant.
    row: usize,
    annotation: &'static cloud::Annotation,
}

impl Domain {
    fn all() -> Vec<Self> {
        let is_candidate = |known: &&'static cloud::Annotation| {
            let whole = !known.key.ends_with('*');
            whole && !matches!(known.kind, AnnotationKind::IngressOnly | AnnotationKind::ExternalDns)
        };
        let mut all: Vec<Self> = Vec::new();
        for (row, annotation) in annotations().enumerate().filter(|(_, annotation)| is_candidate(annotation)) {
            let (Some(domain), name) = split(annotation.key) else { continue };
            let known = Known { name, words: words(name), row, annotation };
            match all.iter_mut().find(|of| of.domain == domain) {
                Some(of) => of.known.push(known),
                None => all.push(Self { domain, known: vec![known] }),
            }
        }
        all
    }
}

/// The candidates for the annotations of a file. Its annotations have few domains, and each is compared once.
#[derive(Default)]
struct Candidates {
    of_domains: HashMap<String, Vec<(usize, &'static Domain)>>,
}

impl Candidates {
    /// The known annotation that was probably intended.
    fn nearest(&mut self, key: &str) -> Option<&'static cloud::Annotation> {
        // Kubernetes refuses a key of this length.
        if is_long(key) {
            return None;
        }
        let (domain, name) = split(key);
        let without;
        let of_domain = match domain {
            Some(domain) => &*self.of_domains.entry(domain.to_lowercase()).or_insert_with_key(|domain| related(domain)),
            // A name without a domain is too general, unless it contains `balancer`.
            None => {
                without = KNOWN.iter().map(|of| (1, of)).collect();
                &without
            }
        };
        if of_domain.is_empty() {
            return None;
        }
        let words = words(name);
        let known = of_domain.iter().flat_map(|(apart, of)| of.known.iter().map(move |known| (apart, known)));
        let known = known.filter(|(_, known)| domain.is_some() || known.name.contains("balancer"));
        let alike = known.filter_map(|(apart, known)| {
            let apart = apart + names(&words, &known.words)?;
            Some((apart, known.annotation.deprecated, known.row, known.annotation))
        });
        alike.min_by_key(|(apart, deprecated, row, _)| (*apart, *deprecated, *row)).map(|(.., annotation)| annotation)
    }
}

/// The known domains that are related to a domain, each with its distance.
fn related(domain: &str) -> Vec<(usize, &'static Domain)> {
    KNOWN.iter().filter_map(|of| Some((between_domains(domain, of.domain)?, of))).collect()
}

fn split(key: &str) -> (Option<&str>, &str) {
    match key.split_once('/') {
        Some((domain, name)) => (Some(domain), name),
        None => (None, key),
    }
}

/// The distance of two domains; none for unrelated ones.
fn between_domains(domain: &str, known: &str) -> Option<usize> {
    const KUBERNETES: &str = "kubernetes.io";
    if domain == known {
        return Some(0);
    }
    let are_kubernetes = domain.ends_with(KUBERNETES) && known.ends_with(KUBERNETES);
    (are_kubernetes || apart(domain, known, 2).is_some()).then_some(1)
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
        let near = |key: &str| Candidates::default().nearest(key).map(|known| known.key);
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
            assert_eq!(Candidates::default().nearest(key).map(|known| known.key), None, "{key}");
        }
    }
}
