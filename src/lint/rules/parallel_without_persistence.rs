//! See `parallel_without_persistence.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::{Setting, Topology},
    lint::{
        locate::{locate, set_value},
        persistence,
        prelude::*,
        replicas,
    },
};

pub(super) static RULE: Rule = Rule {
    id: "parallel-without-persistence",
    group: Group::Availability,
    severity: Severity::Error,
    summary: "nodes that start in parallel without saved state, and each becomes a primary",
    docs: include_str!("parallel_without_persistence.md"),
    fix: FixAvailability::Unsafe,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

const AT_ONCE: &str = "Parallel";
/// The order of the pods without a value.
const ONE_BY_ONE: &str = "OrderedReady";

fn check(subject: &Subject) -> Vec<Finding> {
    if subject.topology != Topology::Sentinel {
        return Vec::new();
    }
    let Some(key) = subject.places(Setting::StartOrder).into_iter().next() else { return Vec::new() };
    let parallel = subject.text(key).is_some_and(|order| order == AT_ONCE);
    let Some(volume) = replicas::pod_keys(subject).iter().find_map(|pods| persistence::volume(subject, pods)) else {
        return Vec::new();
    };
    let memory = subject.places(Setting::SentinelVolume);
    let (data, memory) = (persistence::is_on_volume(subject, &volume), memory.iter().find(|key| !subject.on(key)));
    let (why, severity) = match (data, memory) {
        _ if !parallel => return Vec::new(),
        (false, _) => (volume.as_str(), Severity::Error),
        (true, Some(key)) => (key, Severity::Warning),
        (true, None) => return Vec::new(),
    };
    let message =
        "all nodes start in parallel and find no Sentinel that knows the primary: each node becomes a primary";
    let mut finding = Finding::at(locate(subject, &[&key]), message)
        .severity(severity)
        .help(format!("set `{key}: {ONE_BY_ONE}` to start the nodes one by one"));
    finding = match subject.entry(why) {
        Some(entry) => finding.mark(entry.value, "no state is left from before"),
        None => finding.help(format!("without `{why}`, no state is left from before")),
    };
    let Some(edit) = set_value(subject, key, ONE_BY_ONE) else { return vec![finding] };
    vec![finding.fix(Fix::new(Applicability::Unsafe, format!("set `{key}: {ONE_BY_ONE}`"), vec![edit]))]
}
