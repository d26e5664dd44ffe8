//! See `images_mixed.md`: the help text, the web page and the test of this rule.

use crate::lint::{
    images::{self, ImageSource, PulledImage},
    locate::{locate, set_value},
    prelude::*,
};

pub(super) static RULE: Rule = Rule {
    id: "images-mixed",
    group: Group::Images,
    severity: Severity::Warning,
    summary: "some images come from a registry that still serves them, others do not",
    docs: include_str!("images_mixed.md"),
    fix: FixAvailability::Unsafe,
    scope: Scope::Release,
    facts: Facts::Keys,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let pulled = subject.pulled();
    let (moved, left) = (images::redirected(pulled), images::unavailable(pulled));
    let (Some(first), false) = (moved.first(), left.is_empty()) else { return Vec::new() };
    let named = |images: &[&PulledImage]| -> String {
        images.iter().map(|image| format!("`{}`", image.image.path)).collect::<Vec<_>>().join(" and ")
    };
    let registry = &left[0].image.registry;
    let message = format!(
        "{} comes from another place, but {} still comes from {registry}, which no longer serves the tags of the chart",
        named(&moved),
        named(&left)
    );
    let keys = [first.key("repository"), first.key("registry")];
    let mut finding = Finding::at(locate(subject, &keys), message);
    for image in &left {
        if let Some(entry) = subject.entry(&image.image.path) {
            finding = finding.mark(entry.key, "still the old place");
        }
    }
    if moved.iter().any(|image| image.from == ImageSource::Mirror) {
        let keys: Vec<_> = left.iter().map(|image| format!("`{}`", image.key("registry"))).collect();
        return vec![
            finding
                .help(format!("also set the registry at {}, or set one registry for all images", keys.join(" and "))),
        ];
    }
    let places = left.iter().filter_map(|image| match &image.from {
        ImageSource::MovedAway { to } => Some((image.key("repository"), to)),
        _ => None,
    });
    let edits = places.clone().filter_map(|(key, to)| set_value(subject, &key, to.as_str())).collect();
    let finding = places.fold(finding, |finding, (key, to)| finding.help(format!("set `{key}` to `{to}`")));
    vec![finding.fix(Fix::new(Applicability::Unsafe, "move the other images too", edits))]
}
