//! See `preset_resources.md`: the help text, the web page and the test of this rule.

use crate::lint::{locate::locate, memory, prelude::*, replicas};

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
        let Some((key, name)) = memory::preset_in_use(subject, &pods) else { continue };
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
                Finding::at(locate(subject, &[&key, &resources]), message)
                    .help(format!("set `{resources}` to the requests and limits of this Redis"))
            }
        });
    }
    found.into_iter().collect()
}
