//! See `broken_address_annotation.md`: the help text, the web page and the test of this rule.

use crate::{chart::Setting, lint::prelude::*};

pub(super) static RULE: Rule = Rule {
    id: "broken-address-annotation",
    group: Group::Access,
    severity: Severity::Error,
    summary: "annotation for pod addresses that this chart version renders as an error text",
    docs: include_str!("broken_address_annotation.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Templates,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let per_pod = subject.places(Setting::PerPodEnabled);
    if !per_pod.iter().any(|key| subject.on(key)) {
        return Vec::new();
    }
    let version = subject.chart.version();
    let found = subject.places(Setting::BrokenAddressAnnotation).into_iter().filter(|key| subject.on(key));
    let finding = |key: &str| {
        let span = subject.entry(key)?.key;
        let message = format!("chart {version} renders `{key}` as an error text");
        let finding = Finding::at(span, message).labelled("the Services get no annotation with an address");
        Some(match subject.places(Setting::PerPodAddresses).first() {
            Some(list) => finding.help(format!(
                "remove the key: the chart then writes the addresses at `{list}` to `spec.loadBalancerIP`"
            )),
            None => finding,
        })
    };
    found.filter_map(finding).collect()
}
