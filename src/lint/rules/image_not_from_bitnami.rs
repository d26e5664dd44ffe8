//! See `image_not_from_bitnami.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::{Setting, Topology, is_not_bitnami},
    lint::{
        images::{self, PulledImage},
        locate::locate,
        prelude::*,
    },
};

pub(super) static RULE: Rule = Rule {
    id: "image-not-from-bitnami",
    group: Group::Images,
    severity: Severity::Error,
    summary: "image without the Bitnami files that the chart's start scripts need",
    docs: include_str!("image_not_from_bitnami.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    // Who starts Redis in another way knows what is in the image.
    if subject.places(Setting::Command).iter().any(|key| subject.on(key)) {
        return Vec::new();
    }
    subject.pulled().iter().filter_map(|image| finding_for(subject, image)).collect()
}

fn finding_for(subject: &Subject, image: &PulledImage) -> Option<Finding> {
    let file = subject.chart.file_of_bitnami(&image.image.path, subject.topology)?;
    let version = subject.chart.version();
    let at = locate(subject, &[image.key("repository"), image.image.path.clone()]);
    let needs = format!("the start scripts of chart {version} need `{file}`{}", in_topology(subject));
    if is_not_bitnami(&image.registry, &image.repository) {
        let finding = Finding::at(at, format!("`{}` does not contain the Bitnami files: {needs}", image.repository));
        let runs = runs_without(subject, image);
        let finding = finding.help(format!("use a Bitnami image, such as `{}`", image.image.repository));
        return Some(match runs {
            true => finding.help("or run without Sentinel: the other topologies do not need this file"),
            false => finding,
        });
    }
    // An image of the user can contain these files.
    let message = format!("`{}` may not contain the Bitnami files: {needs}", image.repository);
    images::is_foreign(&image.repository).then(|| Finding::at(at, message).severity(Severity::Info))
}

fn in_topology(subject: &Subject) -> &'static str {
    if subject.on("sentinel.enabled") { " with Sentinel" } else { "" }
}

/// Whether the chart can run the image in another topology.
fn runs_without(subject: &Subject, image: &PulledImage) -> bool {
    subject.topology == Topology::Sentinel
        && subject.chart.file_of_bitnami(&image.image.path, Topology::Replication).is_none()
}
