//! See `dead_key.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::{Topology, condition::Term},
    lint::{
        Finding, Group, Rule, Severity, Subject,
        dead::{Dead, Reason, dead},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "dead-key",
    group: Group::Structure,
    severity: Severity::Warning,
    summary: "key of the chart that is not read in this topology, or behind a switch that is off",
    docs: include_str!("dead_key.md"),
    check,
};

fn check(subject: &Subject) -> Vec<Finding> {
    dead(subject).iter().map(|dead| finding(subject, dead)).collect()
}

fn finding(subject: &Subject, dead: &Dead) -> Finding {
    let Dead { entry, reason, settings } = dead;
    let name = match settings {
        1 => format!("`{}`", entry.text),
        many => format!("`{}` ({many} settings)", entry.text),
    };
    let version = subject.chart.version();
    match reason {
        Reason::Topology(read) if read.is_empty() => {
            Finding::at(entry.key, format!("{name} changes nothing in chart {version}"))
                .labelled("a key of the chart that no template reads")
        }
        Reason::Topology(read) => {
            let read: Vec<_> = read.iter().map(Topology::to_string).collect();
            let message = format!("{name} is not read in topology {}", subject.topology);
            let finding = Finding::at(entry.key, message).labelled(format!("read in {} only", read.join(" and ")));
            deciding(subject).into_iter().fold(finding, |finding, key| match subject.entry(&key) {
                Some(decides) => finding.mark(decides.key, "this decides the topology"),
                None => finding.help(format!("the topology is decided by `{key}`, here by its default")),
            })
        }
        Reason::Switch(term) => {
            let key = term.key().unwrap_or_default();
            let finding = Finding::at(entry.key, format!("{name} is read only where {}", said(term)));
            match subject.entry(key) {
                // Who switched it off knows.
                Some(decides) => finding.mark(decides.key, "this decides").severity(Severity::Info),
                None => finding.help(format!("`{key}` is not said, and its default does not do")),
            }
        }
    }
}

/// The keys that decide the topology.
fn deciding(subject: &Subject) -> Vec<String> {
    let mut keys: Vec<_> =
        subject.chart.places("topology", subject.topology).into_iter().map(|place| place.path).collect();
    keys.push("sentinel.enabled".to_owned());
    keys.retain(|key| subject.chart.takes(key));
    keys
}

/// A term in words.
fn said(term: &Term) -> String {
    match term {
        Term::OneOf { key, values } => format!("`{key}` is {}", values.join(" or ")),
        Term::Empty { key } => format!("`{key}` is empty"),
        Term::Filled { key } => format!("`{key}` is set"),
        Term::NotDefault { key } => format!("`{key}` is not the default"),
        Term::OfKind { key, kind } => format!("`{key}` is a {kind}"),
        Term::AnyOf(terms) => terms.iter().map(said).collect::<Vec<_>>().join(" or "),
        Term::Beyond(term) => (*term).to_owned(),
    }
}
