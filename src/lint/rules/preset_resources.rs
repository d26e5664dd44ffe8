//! See `preset_resources.md`: the help text, the web page and the test of this rule.

use crate::lint::{locate::locate, memory, persistence, prelude::*, redis_conf, replicas};

pub(super) static RULE: Rule = Rule {
    id: "preset-resources",
    group: Group::Availability,
    severity: Severity::Info,
    summary: "memory and CPU of Redis from a preset of the chart",
    docs: include_str!("preset_resources.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let mut found: Option<Finding> = None;
    for pods in replicas::pod_keys(subject) {
        let Some((key, name)) = memory::preset_in_use(subject, pods) else { continue };
        found = Some(match found {
            Some(finding) => match subject.entry(&key) {
                Some(entry) => finding.mark(entry.value, "here too"),
                None => finding.help(format!("the same holds for `{pods}.resources`")),
            },
            None => {
                let memory = subject.chart.preset(&name).and_then(|preset| preset.limit("memory"));
                let memory = memory.map(|memory| format!(" with a memory limit of {memory}")).unwrap_or_default();
                let message = format!("`{pods}.resources` is empty: the chart uses the preset `{name}`{memory}");
                let resources = format!("{pods}.resources");
                let finding = Finding::at(locate(subject, &[&key, &resources]), message);
                let finding = if risks_data(subject, pods, &key, &name) {
                    finding
                        .labelled("Redis is killed when its data needs more memory, and again after each restart")
                        .severity(Severity::Warning)
                } else {
                    finding
                };
                finding.help(format!("set `{resources}` to the requests and limits of this Redis"))
            }
        });
    }
    found.into_iter().collect()
}

/// Whether pods that keep their data have the default size of the chart, and nothing makes Redis stay below its limit.
fn risks_data(subject: &Subject, pods: &str, key: &str, name: &str) -> bool {
    let is_default = subject.default(key).and_then(|default| Some(default.as_str()? == name)).unwrap_or_default();
    let is_kept = persistence::volume(subject, pods).is_some_and(|volume| persistence::is_on_volume(subject, &volume));
    let Some(directives) = redis_conf::of_pods(subject, pods) else { return false };
    let limits = redis_conf::in_effect(directives, &["maxmemory"]);
    let is_limited = limits.iter().any(|directive| !memory::is_unlimited(directive));
    let is_saved = persistence::of_pods(subject, pods).is_some_and(|persistence| persistence.saved);
    // Only the last layer of a release has the warning: the finding is about the release, and not about one file.
    let is_last = subject.other_layers.over.is_empty();
    is_default && is_kept && is_saved && !is_limited && is_last
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{chart::Chart, source::Origin, yaml::Document};

    #[test]
    fn the_default_size_is_a_risk_where_data_is_kept() {
        let severity = |text: &str| {
            let document = Document::parse(text).unwrap();
            let chart = Chart::at(&"28.0.7".parse().unwrap()).unwrap();
            let found = check(&Subject::new(&document, Origin::default(), &chart).unwrap());
            found.first().map(|finding| finding.severity.unwrap_or(RULE.severity))
        };
        let (kept, not_kept) = (Some(Severity::Warning), Some(Severity::Info));
        assert_eq!(severity("architecture: standalone\n"), kept);
        assert_eq!(severity("sentinel:\n  enabled: true\n"), kept);
        assert_eq!(severity("architecture: standalone\nmaster:\n  resourcesPreset: nano\n"), kept);
        assert_eq!(severity("architecture: standalone\nmaster:\n  resourcesPreset: small\n"), not_kept);
        assert_eq!(severity("architecture: standalone\nmaster:\n  persistence:\n    enabled: false\n"), not_kept);
        assert_eq!(severity("architecture: standalone\ncommonConfiguration: maxmemory 100mb\n"), not_kept);
        assert_eq!(
            severity("architecture: standalone\ncommonConfiguration: |-\n  appendonly no\n  save ''\n"),
            not_kept
        );
        assert_eq!(severity("architecture: standalone\nmaster:\n  resources:\n    limits:\n      memory: 1Gi\n"), None);
    }
}
