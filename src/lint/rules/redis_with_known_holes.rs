//! See `redis_with_known_holes.md`: the help text, the web page and the test of this rule.

use semver::Version;

use crate::{
    chart::{self, Vulnerability},
    lint::{
        images::{ImageSource, PulledImage},
        locate::locate,
        prelude::*,
    },
};

pub(super) static RULE: Rule = Rule {
    id: "redis-with-known-holes",
    group: Group::Images,
    severity: Severity::Warning,
    summary: "Redis version with known vulnerabilities or without further fixes",
    docs: include_str!("redis_with_known_holes.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let pulled = subject.pulled();
    let mut reported: Vec<Version> = Vec::new();
    let mut findings = Vec::new();
    for image in pulled {
        let Some(redis) = image.redis().filter(|redis| !reported.contains(redis)) else { continue };
        findings.extend(finding_for(subject, image, &redis));
        reported.push(redis);
    }
    findings
}

fn finding_for(subject: &Subject, image: &PulledImage, redis: &Version) -> Option<Finding> {
    let (holes, ended) = (chart::vulnerabilities(redis), chart::end_of_life(redis));
    let catalogue = match image.from {
        ImageSource::Legacy => format!(" from the frozen `{}`", image.repository),
        _ => String::new(),
    };
    let message = match (holes.as_slice(), ended) {
        ([], None) => return None,
        ([], Some(ended)) => format!("Redis {redis}{catalogue} has had no security fixes since {ended}"),
        ([hole, rest @ ..], _) => {
            format!("Redis {redis}{catalogue} has known vulnerabilities: {} ({}){}", hole.cve, hole.what, more(rest))
        }
    };
    let at = locate(subject, &[image.key("tag"), image.key("repository"), image.image.path.clone()]);
    let mut finding = Finding::at(at, message);
    if let [_, rest @ ..] = holes.as_slice() {
        let cves: Vec<_> = rest.iter().map(|hole| hole.cve).collect();
        if !cves.is_empty() {
            finding = finding.help(format!("the others: {}", cves.join(", ")));
        }
    }
    if let (Some(ended), false) = (ended, holes.is_empty()) {
        finding = finding.help(format!("Redis {}.{} has had no fixes since {ended}", redis.major, redis.minor));
    }
    if let Some(mended) = chart::fixed_redis(redis) {
        finding = finding.help(format!("use Redis {mended}, which has none of these vulnerabilities"));
    }
    // The frozen catalogue has no newer image: another rule reports the catalogue.
    Some(if image.is_newest_frozen() { finding.severity(Severity::Info) } else { finding })
}

fn more(rest: &[&Vulnerability]) -> String {
    match rest.len() {
        0 => String::new(),
        1 => " and 1 more".to_owned(),
        more => format!(" and {more} more"),
    }
}
