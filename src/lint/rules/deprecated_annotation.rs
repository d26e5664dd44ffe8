//! See `deprecated_annotation.md`: the help text, the web page and the test of this rule.

use crate::{
    cloud::{self, AnnotationKind, annotation as known_as},
    lint::{
        prelude::*,
        services::{Annotation, Service, load_balancer_annotations},
    },
    yaml::edit::Edit,
};

pub(super) static RULE: Rule = Rule {
    id: "deprecated-annotation",
    group: Group::Access,
    severity: Severity::Info,
    summary: "deprecated annotation",
    docs: include_str!("deprecated_annotation.md"),
    fix: FixAvailability::Unsafe,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    load_balancer_annotations(subject).filter_map(|(service, annotation)| finding(&service, annotation)).collect()
}

fn finding(service: &Service, annotation: &Annotation) -> Option<Finding> {
    let known = annotation.facts.filter(|known| known.deprecated && service.reads(known))?;
    if known.kind == AnnotationKind::IngressOnly {
        return None;
    }
    let finding = |message: String| Finding::at(annotation.key_span, message).labelled("deprecated");
    let Some(replacement) = known.replacement else {
        return Some(finding(format!("`{}` is deprecated", annotation.key)));
    };
    if let Some(field) = replacement.strip_prefix("spec.") {
        let finding = finding(format!("`{}` is deprecated: use a field of the Service", annotation.key));
        return Some(match service.field(field) {
            Some(path) => finding.help(format!("set `{path}` instead")),
            None => finding,
        });
    }
    let to = replaced(known, &annotation.key, replacement);
    let finding = finding(format!("`{}` is deprecated: use `{to}`", annotation.key));
    if service.all_annotations().any(|other| other.key == to) {
        return Some(finding.help(format!("`{to}` is already set and takes precedence")));
    }
    if !same(known, &to) {
        return Some(finding.help(format!("`{to}` expects another value")));
    }
    let edits = vec![Edit::Rename { path: annotation.path.clone(), to: to.clone() }];
    Some(finding.fix(Fix::new(Applicability::Unsafe, format!("rename the annotation to `{to}`"), edits)))
}

/// The key that replaces an annotation, also in a renamed family of keys.
fn replaced(known: &cloud::Annotation, key: &str, replacement: &str) -> String {
    let rest = known.key.strip_suffix('*').and_then(|family| key.strip_prefix(family)).unwrap_or_default();
    match replacement.strip_suffix('*') {
        Some(family) => format!("{family}{rest}"),
        None => replacement.to_owned(),
    }
}

/// Whether the replacement accepts the same values.
fn same(known: &cloud::Annotation, to: &str) -> bool {
    let family = known.key.ends_with('*');
    family || known_as(to).is_some_and(|new| new.kind == known.kind && new.values == known.values)
}
