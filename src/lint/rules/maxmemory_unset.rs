//! See `maxmemory_unset.md`: the help text, the web page and the test of this rule.

use crate::lint::{locate::locate, memory, prelude::*, redis_conf, replicas};

pub(super) static RULE: Rule = Rule {
    id: "maxmemory-unset",
    group: Group::Availability,
    severity: Severity::Info,
    summary: "no limit of memory at all, or a memory limit or an eviction policy without `maxmemory`",
    docs: include_str!("maxmemory_unset.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let mut limited: Option<Finding> = None;
    let mut unlimited: Option<Finding> = None;
    let mut policies: Vec<(String, Finding)> = Vec::new();
    for pods in replicas::pod_keys(subject) {
        let Some(directives) = redis_conf::of_pods(subject, pods) else { continue };
        if redis_conf::in_effect(directives, &["maxmemory"]).iter().any(|directive| !memory::is_unlimited(directive)) {
            continue;
        }
        for policy in redis_conf::in_effect(directives, &["maxmemory-policy"]) {
            let Some(span) = policy.span.filter(|_| policy.arguments != "noeviction") else { continue };
            if policies.iter().all(|(key, _)| *key != policy.key) {
                let message = format!("`maxmemory-policy {}` evicts nothing: `maxmemory` is not set", policy.arguments);
                let finding = Finding::at(span, message).severity(Severity::Warning);
                policies
                    .push((policy.key.clone(), finding.help("set `maxmemory` to the memory that the data may use")));
            }
        }
        if !memory::is_limited(subject, pods) {
            let resources = format!("{pods}.resources");
            unlimited = Some(match unlimited {
                Some(finding) => finding.help(format!("the same holds for `{resources}`")),
                None => {
                    let key = format!("{resources}.limits.memory");
                    let message =
                        format!("Redis can use all memory of its node: neither `{key}` nor `maxmemory` is set");
                    // Only the last layer of a release has the warning.
                    let is_last = subject.other_layers.over.is_empty();
                    Finding::at(locate(subject, &[&resources]), message)
                        .severity(if is_last { Severity::Warning } else { Severity::Info })
                        .help(format!("set `{key}`, and `maxmemory` below it"))
                }
            });
            continue;
        }
        let limit = memory::of_pods(subject, pods).filter(|limit| !limit.preset);
        let Some((limit, entry)) = limit.and_then(|limit| subject.entry(&limit.key).map(|entry| (limit, entry))) else {
            continue;
        };
        limited = Some(match limited {
            Some(finding) => finding.mark(entry.value, "here too"),
            None => {
                let message = format!(
                    "the container has {} of memory, but Redis does not know this limit: `maxmemory` is not set",
                    limit.text
                );
                let help = "Redis uses more memory until the kernel kills it: set `maxmemory` below the limit";
                Finding::at(entry.value, message).help(help)
            }
        });
    }
    limited.into_iter().chain(unlimited).chain(policies.into_iter().map(|(_, finding)| finding)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{chart::Chart, source::Origin, yaml::Document};

    #[test]
    fn some_limit_must_be_set() {
        let severity = |version: &str, text: &str| {
            let document = Document::parse(text).unwrap();
            let chart = Chart::at(&version.parse().unwrap()).unwrap();
            let found = check(&Subject::new(&document, Origin::default(), &chart).unwrap());
            found.first().map(|finding| finding.severity.unwrap_or(RULE.severity))
        };
        let limits =
            "auth: {}\nmaster: {resources: {limits: {memory: 1Gi}}}\nreplica: {resources: {limits: {memory: 1Gi}}}\n";
        assert_eq!(severity("17.17.1", "auth: {}\n"), Some(Severity::Warning));
        assert_eq!(severity("17.17.1", limits), Some(Severity::Info));
        assert_eq!(severity("17.17.1", "commonConfiguration: maxmemory 1gb\n"), None);
        // A preset has a limit.
        assert_eq!(severity("28.0.7", "auth: {}\n"), None);
        let none = "architecture: standalone\nmaster: {resourcesPreset: none}\n";
        assert_eq!(severity("28.0.7", none), Some(Severity::Warning));
        assert_eq!(severity("28.0.7", "master: {resources: {limits: {memory: \"${MEMORY}\"}}}\n"), None);
    }
}
