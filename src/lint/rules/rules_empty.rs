//! See `rules_empty.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Setting,
    lint::{locate::locate, prelude::*},
};

pub(super) static RULE: Rule = Rule {
    id: "rules-empty",
    group: Group::Monitoring,
    severity: Severity::Warning,
    summary: "PrometheusRule without rules",
    docs: include_str!("rules_empty.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let on = |setting: Setting| subject.places(setting).iter().any(|key| subject.on(key));
    if !on(Setting::Alerts) || !on(Setting::Metrics) || on(Setting::AlertsRules) {
        return Vec::new();
    }
    let Some(rules) = subject.places(Setting::AlertsRules).into_iter().next() else { return Vec::new() };
    let message = format!("alerts are on, but `{rules}` is empty: the chart has no alerts by default");
    let finding = Finding::at(locate(subject, &subject.places(Setting::Alerts).iter().collect::<Vec<_>>()), message);
    vec![finding.help(format!("add alerts to `{rules}`, or turn the PrometheusRule off"))]
}
