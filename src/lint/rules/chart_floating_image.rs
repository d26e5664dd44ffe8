//! See `chart_floating_image.md`: the help text, the web page and the test of this rule.

use crate::lint::{
    images::{PulledImage, Tag},
    locate::locate,
    prelude::*,
};

pub(super) static RULE: Rule = Rule {
    id: "chart-floating-image",
    group: Group::Images,
    severity: Severity::Info,
    summary: "default image tag moves, and the chart version does not determine the Redis version",
    docs: include_str!("chart_floating_image.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let pulled = subject.pulled();
    // Another rule checks a tag that the values set.
    let moving: Vec<&PulledImage> =
        pulled.iter().filter(|image| image.is_moving() && image.tag == Tag::ChartDefault).collect();
    let Some(redis) = moving.iter().find(|image| image.image.path == IMAGE) else { return Vec::new() };
    let version = subject.chart.version();
    let message = format!(
        "chart {version} pulls `{}` with the tag `{}`: the Redis version depends on the day of the pull ({})",
        redis.repository,
        redis.image.tag,
        subject.chart.redis()
    );
    let finding = Finding::at(locate(subject, &[redis.key("repository"), redis.image.path.clone()]), message);
    vec![finding.help(keeping(subject, redis)).help(format!("set `{}` to keep one image", redis.key("digest")))]
}

/// What comes of the pull policy.
fn keeping(subject: &Subject, redis: &PulledImage) -> String {
    match subject.text(&redis.key("pullPolicy")) {
        Some("Always") => "every restart of a pod can bring a newer Redis".to_owned(),
        _ => {
            "each node keeps the image that it pulled first: a pod that moves to a node with an older image cannot read \
              newer data"
                .to_owned()
        }
    }
}

const IMAGE: &str = "image";
