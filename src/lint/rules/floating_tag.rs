//! See `floating_tag.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::{Tags, catalogue_image},
    lint::{
        images::{PulledImage, Tag},
        prelude::*,
    },
    yaml::edit::Edit,
};

pub(super) static RULE: Rule = Rule {
    id: "floating-tag",
    group: Group::Images,
    severity: Severity::Warning,
    summary: "image tag that can point to another version tomorrow, or an empty tag",
    docs: include_str!("floating_tag.md"),
    fix: FixAvailability::Unsafe,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

/// Tags that move to each new release.
const MOVING: [&str; 8] = ["latest", "edge", "nightly", "unstable", "dev", "main", "master", "stable"];

fn check(subject: &Subject) -> Vec<Finding> {
    let pulled = subject.pulled();
    pulled.iter().filter(|image| !image.is_pinned()).filter_map(|image| finding_for(subject, image)).collect()
}

fn finding_for(subject: &Subject, image: &PulledImage) -> Option<Finding> {
    let key = image.key("tag");
    let entry = subject.entry(&key)?;
    match &image.tag {
        Tag::ChartDefault => None,
        Tag::Empty => {
            let message = format!("`{key}` is empty: the chart writes the image name without a version");
            let delete = Edit::Delete { path: entry.path.clone(), prune: true };
            let fix = Fix::new(Applicability::Unsafe, "delete the key", vec![delete]);
            let finding = Finding::at(entry.value, message).severity(Severity::Error);
            Some(finding.help("remove the key to use the chart's default tag").fix(fix))
        }
        Tag::Set(tag) if MOVING.contains(&tag.as_str()) => {
            let finding = Finding::at(entry.value, format!("`{tag}` at `{key}` can be another version tomorrow"));
            Some(finding.help(pulling(subject, image)).help(pin(subject, image)))
        }
        Tag::Set(tag) if is_line(tag) => {
            let message = format!("`{tag}` at `{key}` is a release line: the tag moves with each release of this line");
            Some(Finding::at(entry.value, message).help(pin(subject, image)).severity(Severity::Info))
        }
        Tag::Set(_) => None,
    }
}

/// What the nodes make of a tag that moves.
fn pulling(subject: &Subject, image: &PulledImage) -> &'static str {
    match subject.text(&image.key("pullPolicy")) {
        Some("IfNotPresent" | "Never") => {
            "each node keeps the image that it pulled first: pods of one release can run different versions"
        }
        _ => "every restart of a pod can bring another version",
    }
}

fn pin(subject: &Subject, image: &PulledImage) -> String {
    let digest = image.key("digest");
    let serves_versions = catalogue_image(&image.repository).is_none_or(|image| image.tags != Tags::Latest);
    match (subject.chart.takes(&digest), serves_versions) {
        (true, true) => format!("set a full version, or a digest at `{digest}`"),
        (true, false) => format!("set a digest at `{digest}`: this catalogue serves no other tag"),
        (false, _) => "set a full version".to_owned(),
    }
}

/// Whether the tag is only a major or minor version: `8`, `8.2`, `7.2-alpine`. A date is not a version.
fn is_line(tag: &str) -> bool {
    let version = tag.strip_prefix('v').unwrap_or(tag).split('-').next().unwrap_or_default();
    let numbers: Vec<Option<u32>> = version.split('.').map(|part| part.parse().ok()).collect();
    numbers.len() <= 2 && numbers.iter().all(|number| number.is_some_and(|number| number < 1000))
}
