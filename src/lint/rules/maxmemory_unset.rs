//! See `maxmemory_unset.md`: the help text, the web page and the test of this rule.

use crate::lint::{memory, prelude::*, redis_conf, replicas};

pub(super) static RULE: Rule = Rule {
    id: "maxmemory-unset",
    group: Group::Availability,
    severity: Severity::Info,
    summary: "memory limit or eviction policy without `maxmemory`",
    docs: include_str!("maxmemory_unset.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let mut limited: Option<Finding> = None;
    let mut policies: Vec<(String, Finding)> = Vec::new();
    for pods in replicas::pod_keys(subject) {
        let Some(directives) = redis_conf::of_pods(subject, &pods) else { continue };
        if redis_conf::in_effect(&directives, &["maxmemory"]).iter().any(|directive| !memory::is_unlimited(directive)) {
            continue;
        }
        for policy in redis_conf::in_effect(&directives, &["maxmemory-policy"]) {
            let Some(span) = policy.span.filter(|_| policy.arguments != "noeviction") else { continue };
            if policies.iter().all(|(key, _)| *key != policy.key) {
                let message = format!("`maxmemory-policy {}` evicts nothing: `maxmemory` is not set", policy.arguments);
                let finding = Finding::at(span, message).severity(Severity::Warning);
                policies
                    .push((policy.key.clone(), finding.help("set `maxmemory` to the memory that the data may use")));
            }
        }
        let limit = memory::of_pods(subject, &pods).filter(|limit| !limit.preset);
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
    limited.into_iter().chain(policies.into_iter().map(|(_, finding)| finding)).collect()
}
