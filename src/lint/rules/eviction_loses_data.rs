//! See `eviction_loses_data.md`: the help text, the web page and the test of this rule.

use crate::lint::{
    memory,
    persistence::{self, Persistence},
    prelude::*,
    redis_conf::{self, Directive},
    replicas,
};

pub(super) static RULE: Rule = Rule {
    id: "eviction-loses-data",
    group: Group::Availability,
    severity: Severity::Info,
    summary: "eviction of any key although the data is kept on a volume",
    docs: include_str!("eviction_loses_data.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let mut found: Vec<(String, Finding)> = Vec::new();
    for pods in replicas::pod_keys(subject) {
        let Some(directives) = redis_conf::of_pods(subject, pods) else { continue };
        let Some(kept) = persistence::of_pods(subject, pods) else { continue };
        let limited = redis_conf::in_effect(directives, &["maxmemory"]).iter().any(|max| !memory::is_unlimited(max));
        let policies = redis_conf::in_effect(directives, &["maxmemory-policy"]);
        if !limited || !kept.on_volume || !kept.saved || !policies.iter().all(|policy| persistence::evicts_any(policy))
        {
            continue;
        }
        // Replicas evict the same keys as their primary.
        let Some(policy) = policies.into_iter().find(|policy| policy.span.is_some()) else { continue };
        if found.iter().all(|(key, _)| *key != policy.key) {
            found.extend(finding(subject, policy, &kept, directives).map(|finding| (policy.key.clone(), finding)));
        }
    }
    found.into_iter().map(|(_, finding)| finding).collect()
}

fn finding(subject: &Subject, policy: &Directive, kept: &Persistence, directives: &[Directive]) -> Option<Finding> {
    let message = format!(
        "`maxmemory-policy {}` evicts any key when memory is full, including data that the volume should keep",
        policy.arguments
    );
    let finding = Finding::at(policy.span?, message)
        .help("set `noeviction` for a store, which then refuses writes; a cache needs no volume");
    let finding = match subject.entry(&kept.volume) {
        Some(entry) => finding.mark(entry.value, "the data is kept on a volume"),
        None => finding,
    };
    // A user who waits for the disk or for replicas at each write needs the data.
    let dear = ["appendfsync", "min-replicas-to-write", "min-slaves-to-write"];
    let dear = redis_conf::in_effect(directives, &dear).into_iter().find(|directive| match directive.name.as_str() {
        "appendfsync" => directive.arguments.eq_ignore_ascii_case("always"),
        _ => directive.arguments.parse().is_ok_and(|replicas: u32| replicas > 0),
    });
    Some(match dear.and_then(|directive| directive.span) {
        Some(span) => finding.severity(Severity::Warning).mark(span, "each write waits until it is safe"),
        None => finding,
    })
}
