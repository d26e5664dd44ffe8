//! See `api_gone.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::{self, GoneApi, condition::Term},
    lint::{locate::locate, prelude::*},
};

pub(super) static RULE: Rule = Rule {
    id: "api-gone",
    group: Group::Availability,
    severity: Severity::Error,
    summary: "object with an API version that Kubernetes has removed",
    docs: include_str!("api_gone.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Templates,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let Some(cluster) = chart::parse_kubernetes(&chart::kubernetes_today()) else { return Vec::new() };
    let all = subject.chart.gone_apis(subject.topology, &cluster).into_iter();
    all.filter(|gone| subject.all_hold(gone.terms) == Some(true)).map(|gone| finding(subject, &gone)).collect()
}

fn finding(subject: &Subject, gone: &GoneApi) -> Finding {
    let switches: Vec<&str> = gone.terms.iter().flat_map(Term::keys).collect();
    let off = switches.iter().map(|key| format!("set `{key}: false`"));
    let later = gone.fixed_in().map(|version| format!("use chart {version} or later"));
    let ways: Vec<String> = off.chain(later).collect();
    let mut keys: Vec<String> = switches.iter().map(|key| (*key).to_owned()).collect();
    keys.extend(subject.chart.topology_keys(subject.topology).into_iter().map(str::to_owned));
    Finding::at(locate(subject, &keys), gone.message(&subject.chart)).help(ways.join(", or "))
}
