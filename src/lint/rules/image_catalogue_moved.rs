//! See `image_catalogue_moved.md`: the help text, the web page and the test of this rule.

use crate::lint::{
    Finding, Group, Rule, Severity, Subject,
    images::{self, From, Pulled},
    place::place,
};

pub(super) static RULE: Rule = Rule {
    id: "image-catalogue-moved",
    group: Group::Images,
    severity: Severity::Info,
    summary: "images that are no longer where the chart pulls them from",
    docs: include_str!("image_catalogue_moved.md"),
    check,
};

fn check(subject: &Subject) -> Vec<Finding> {
    let pulled = images::pulled(subject);
    let left = images::left(&pulled);
    // Where some were taken along, another rule speaks of the rest.
    if left.is_empty() || !images::moved(&pulled).is_empty() {
        return Vec::new();
    }
    let version = subject.chart.version();
    let names: Vec<_> = left.iter().map(|image| format!("`{}`", image.repository)).collect();
    let registry = &left[0].image.registry;
    let message = format!("{registry} no longer has {} under the tags of chart {version}", names.join(" and "));
    let written = |image: &&&Pulled| subject.entry(&image.image.path).is_some();
    let first = left.iter().find(written).unwrap_or(&left[0]);
    let mut finding = Finding::at(place(subject, &[first.key("repository")]), message);
    for image in &left {
        let From::Left { to } = &image.from else { continue };
        finding = finding.help(format!("say `{to}` at `{}`", image.key("repository")));
    }
    let switches = |word: &str| subject.places(word).into_iter().find(|key| !subject.on(key));
    finding = match (switches("allow-legacy-images"), switches("allow-other-images")) {
        (Some(key), _) => {
            finding.help(format!("say `true` at `{key}` too: chart {version} refuses other repositories without it"))
        }
        (None, Some(key)) => finding.help(format!("`{key}` is not needed for these in chart {version}")),
        (None, None) => finding,
    };
    vec![match subject.places("registry").first() {
        Some(key) => finding.help(format!("or name a registry that mirrors them at `{key}`")),
        None => finding,
    }]
}
