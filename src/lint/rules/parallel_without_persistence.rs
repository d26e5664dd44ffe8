//! See `parallel_without_persistence.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Topology,
    lint::{
        Finding, Fix, Group, Rule, Severity, Subject, kept, limits,
        place::{place, put},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "parallel-without-persistence",
    group: Group::StayingUp,
    severity: Severity::Error,
    summary: "nodes that start all at once and remember nothing, so that each becomes a master",
    docs: include_str!("parallel_without_persistence.md"),
    check,
};

const AT_ONCE: &str = "Parallel";
/// What the nodes start in where nothing is said.
const ONE_BY_ONE: &str = "OrderedReady";

fn check(subject: &Subject) -> Vec<Finding> {
    if subject.topology != Topology::Sentinel {
        return Vec::new();
    }
    let Some(key) = subject.places("start-order").into_iter().next() else { return Vec::new() };
    let parallel = subject.text(&key).is_some_and(|order| order == AT_ONCE);
    let Some(volume) = limits::pods(subject).iter().find_map(|pods| kept::volume(subject, pods)) else {
        return Vec::new();
    };
    let memory = subject.places("sentinel-volume");
    let (data, memory) = (kept::is_on_volume(subject, &volume), memory.iter().find(|key| !subject.on(key)));
    let (why, severity) = match (data, memory) {
        _ if !parallel => return Vec::new(),
        (false, _) => (&volume, Severity::Error),
        (true, Some(key)) => (key, Severity::Warning),
        (true, None) => return Vec::new(),
    };
    let message = "all nodes start at once and find no Sentinel that knows the master: each makes itself the master";
    let mut finding = Finding::at(place(subject, &[&key]), message)
        .severity(severity)
        .help(format!("let them start one by one: `{key}: {ONE_BY_ONE}`"));
    finding = match subject.entry(why) {
        Some(entry) => finding.mark(entry.value, "so that nothing is left of before"),
        None => finding.help(format!("nothing is left of before, without `{why}`")),
    };
    let Some(edit) = put(subject, &key, ONE_BY_ONE) else { return vec![finding] };
    vec![finding.fix(Fix { title: format!("set `{key}` to {ONE_BY_ONE}"), safe: false, edits: vec![edit] })]
}
