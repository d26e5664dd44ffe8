//! See `image_catalogue_moved.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::{LATEST, Setting, Tags, catalogue_image, is_docker_hub, newest_frozen},
    lint::{
        images::{self, ImageSource, PulledImage},
        locate::locate,
        prelude::*,
    },
};

pub(super) static RULE: Rule = Rule {
    id: "image-catalogue-moved",
    group: Group::Images,
    severity: Severity::Warning,
    summary: "images that the registry no longer serves",
    docs: include_str!("image_catalogue_moved.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Keys,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let pulled = subject.pulled();
    let mut findings: Vec<Finding> = pulled.iter().filter_map(|image| tag_not_served(subject, image)).collect();
    let left: Vec<&PulledImage> =
        images::unavailable(pulled).into_iter().filter(|image| !image.is_in_no_catalogue()).collect();
    // If the values move some images, another rule reports the rest.
    if !left.is_empty() && images::redirected(pulled).is_empty() {
        findings.push(moved(subject, &left));
    }
    findings
}

/// Images that are in the frozen catalogue now.
fn moved(subject: &Subject, left: &[&PulledImage]) -> Finding {
    let version = subject.chart.version();
    let names: Vec<_> = left.iter().map(|image| format!("`{}`", image.repository)).collect();
    let registry = &left[0].image.registry;
    let message = format!("{registry} no longer serves {} with the tags of chart {version}", names.join(" and "));
    let written = |image: &&&PulledImage| subject.entry(&image.image.path).is_some();
    let first = left.iter().find(written).unwrap_or(&left[0]);
    let mut finding = Finding::at(locate(subject, &[first.key("repository")]), message);
    for image in left {
        let ImageSource::MovedAway { to } = &image.from else { continue };
        finding = finding.help(format!("set `{}` to `{to}`", image.key("repository")));
    }
    let switches = |setting: Setting| subject.places(setting).into_iter().find(|key| !subject.on(key));
    finding = match (switches(Setting::AllowLegacyImages), switches(Setting::AllowOtherImages)) {
        (Some(key), _) => {
            finding.help(format!("also set `{key}: true`: otherwise chart {version} refuses other repositories"))
        }
        (None, Some(key)) => finding.help(format!("chart {version} does not require `{key}` for these images")),
        (None, None) => finding,
    };
    match subject.places(Setting::Registry).first() {
        Some(key) => finding.help(format!("or set `{key}` to a registry that mirrors these images")),
        None => finding,
    }
}

/// A version tag in the values, in a catalogue without this tag.
fn tag_not_served(subject: &Subject, image: &PulledImage) -> Option<Finding> {
    let tag = image.tag().filter(|tag| *tag != LATEST && !image.is_pinned() && is_docker_hub(&image.registry))?;
    let catalogue = catalogue_image(&image.repository)?;
    // The frozen catalogue has the default tag of the chart and all earlier tags.
    let is_there = match catalogue.tags {
        Tags::All => true,
        Tags::Frozen => !image.is_in_no_catalogue(),
        Tags::Latest => matches!(image.from, ImageSource::MovedAway { .. }) && !image.is_in_no_catalogue(),
    };
    if is_there {
        return None;
    }
    let message = match catalogue.tags {
        Tags::Frozen => {
            let newest = catalogue.newest.unwrap_or_default();
            format!("`{}` is frozen at {newest} and has no tag `{tag}`", image.repository)
        }
        _ => format!("the registry serves `{}` only with the tag `{LATEST}`, not with `{tag}`", image.repository),
    };
    let at = locate(subject, &[image.key("tag"), image.key("repository"), image.image.path.clone()]);
    let name = image.repository.rsplit('/').next().unwrap_or_default();
    let finding = Finding::at(at, message);
    let finding = match (image.is_in_no_catalogue(), newest_frozen(name)) {
        (true, _) => finding.severity(Severity::Error).help(format!("no free Bitnami catalogue has `{tag}`")),
        (false, Some(newest)) => finding.help(format!("the frozen catalogue has tags up to {newest}")),
        (false, None) => finding,
    };
    let finding = match subject.chart.takes(&image.key("digest")) {
        true => {
            finding.help(format!("remove `{}`, or set `{}` to keep one image", image.key("tag"), image.key("digest")))
        }
        false => finding.help(format!("remove `{}`", image.key("tag"))),
    };
    Some(match subject.places(Setting::Registry).first() {
        Some(key) => finding.help(format!("or set `{key}` to a registry that has this tag")),
        None => finding,
    })
}
