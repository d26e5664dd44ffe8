//! See `maxmemory_above_limit.md`: the help text, the web page and the test of this rule.

use crate::lint::{
    locate::locate,
    memory::{self, MemoryLimit},
    prelude::*,
    redis_conf::{self, Directive},
    replicas,
};

pub(super) static RULE: Rule = Rule {
    id: "maxmemory-above-limit",
    group: Group::Availability,
    severity: Severity::Error,
    summary: "`maxmemory` that does not fit into the memory limit of the container",
    docs: include_str!("maxmemory_above_limit.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let mut found: Vec<(Directive, Finding)> = Vec::new();
    for pods in replicas::pod_keys(subject) {
        let Some(limit) = memory::of_pods(subject, pods) else { continue };
        let Some(directives) = redis_conf::of_pods(subject, pods) else { continue };
        let in_effect = redis_conf::in_effect(directives, &["maxmemory"]);
        let above = |directive: &&&Directive| memory::maxmemory(directive).is_some_and(|max| max.0 >= limit.bytes);
        // Either of two texts can be in effect: both must be above the limit.
        let (Some(first), true) = (in_effect.first(), in_effect.iter().filter(above).count() == in_effect.len()) else {
            continue;
        };
        match found.iter_mut().find(|(directive, _)| directive.key == first.key) {
            Some((_, finding)) => mark(subject, &limit, finding),
            None => found.push(((*first).clone(), finding(subject, first, &limit))),
        }
    }
    found.into_iter().map(|(_, finding)| finding).collect()
}

fn finding(subject: &Subject, directive: &Directive, limit: &MemoryLimit) -> Finding {
    let whose = if limit.preset { "preset" } else { "limit" };
    let max = &directive.arguments;
    let message = format!("`maxmemory` {max} does not fit into a container with a memory {whose} of {}", limit.text);
    let at = directive.span.unwrap_or_else(|| locate(subject, &[&limit.key]));
    let mut finding = Finding::at(at, message)
        .help("the kernel kills Redis before Redis evicts keys or refuses writes")
        .help(format!("leave at least a third of the memory free: lower `maxmemory`, or raise {}", raise(limit)));
    mark(subject, limit, &mut finding);
    finding
}

fn raise(limit: &MemoryLimit) -> String {
    match limit.key.strip_suffix(".resourcesPreset") {
        Some(pods) if limit.preset => format!("the memory with `{pods}.resources`"),
        _ => format!("`{}`", limit.key),
    }
}

fn mark(subject: &Subject, limit: &MemoryLimit, finding: &mut Finding) {
    if let Some(entry) = subject.entry(&limit.key) {
        *finding = finding.clone().mark(entry.value, "memory of the container");
    }
}
