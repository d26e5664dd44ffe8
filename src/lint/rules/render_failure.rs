//! See `render_failure.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::{Fail, FailedBy, Topology, condition},
    lint::{Finding, Group, Rule, Severity, Subject},
    yaml::Span,
};

pub(super) static RULE: Rule = Rule {
    id: "render-failure",
    group: Group::Structure,
    severity: Severity::Error,
    summary: "combination of values with which this chart version does not render",
    docs: include_str!("render_failure.md"),
    check,
};

fn check(subject: &Subject) -> Vec<Finding> {
    let mut fails = subject.chart.fails(subject.topology);
    if subject.on("sentinel.enabled") {
        fails.extend(subject.chart.fails(Topology::Sentinel));
    }
    let mut seen: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    for Fail { reason, by, condition } in fails {
        // Where nothing is said, it renders.
        let mut keys = condition::terms(condition).filter_map(|term| term.key());
        if !keys.any(|key| is_near(subject, key)) || seen.contains(&condition) || subject.holds(condition) != Some(true)
        {
            continue;
        }
        seen.push(condition);
        let mut keys: Vec<&str> = condition::terms(condition).filter_map(|term| term.key()).collect();
        keys.dedup();
        let written: Vec<Span> = keys.iter().filter_map(|key| subject.nearest(key)).map(|entry| entry.key).collect();
        let Some((first, others)) = written.split_first() else { continue };
        let by = match by {
            FailedBy::Template => "a template refuses them",
            FailedBy::Schema => "the schema of the chart refuses them",
        };
        let keys: Vec<_> = keys.iter().map(|key| format!("`{key}`")).collect();
        let words: Vec<_> = condition::terms(condition).map(|term| term.to_string()).collect();
        let message = format!(
            "chart {} does not render with these values of {} ({})",
            subject.chart.version(),
            keys.join(" and "),
            reason.replace('-', " ")
        );
        let finding = Finding::at(*first, message).labelled(by).help(format!("it fails where {}", words.join(" and ")));
        found.push(others.iter().fold(finding, |finding, span| finding.mark(*span, "together with this")));
    }
    found
}

/// Whether something is said at the top above a key: cheaper to know than what holds.
fn is_near(subject: &Subject, key: &str) -> bool {
    subject.entry(key.split(['.', '[']).next().unwrap_or(key)).is_some()
}
