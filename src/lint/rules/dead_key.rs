//! See `dead_key.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::{Setting, Topology, condition},
    effective::NoEffect,
    lint::{
        keys::unused::{UnusedKey, unused_keys},
        prelude::*,
    },
    yaml::Path,
};

pub(super) static RULE: Rule = Rule {
    id: "dead-key",
    group: Group::Structure,
    severity: Severity::Warning,
    summary: "unused key: this topology ignores it, or another key is off",
    docs: include_str!("dead_key.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Templates,
    target: Target::Block,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    unused_keys(subject).iter().map(|unused| finding(subject, unused)).collect()
}

fn finding(subject: &Subject, unused: &UnusedKey) -> Finding {
    let UnusedKey { entry, reason, settings } = unused;
    let name = match settings.len() {
        1 => format!("`{}`", entry.text),
        many => format!("`{}` ({many} settings)", entry.text),
    };
    let version = subject.chart.version();
    let finding = match reason {
        NoEffect::NotReadInTopology(read) if read.is_empty() => {
            Finding::at(entry.key, format!("{name} is {reason} (chart {version})"))
                .labelled("no template reads this key")
        }
        NoEffect::NotReadInTopology(read) => {
            let names: Vec<_> = read.iter().map(|topology| format!("`{topology}`")).collect();
            let message = format!("{name} is {reason}");
            let finding = Finding::at(entry.key, message).labelled(format!("used only in {}", names.join(" and ")));
            deciding(subject, read).into_iter().fold(finding, |finding, key| match subject.entry(&key) {
                Some(decides) => finding.mark(decides.key, "this key decides the topology"),
                None => finding.help(format!("the default of `{key}` decides the topology")),
            })
        }
        NoEffect::ValidationOnly => Finding::at(entry.key, format!("{name} is {reason}"))
            .labelled("the key only decides whether rendering fails, and these values set nothing that it checks")
            .severity(Severity::Info),
        NoEffect::Disabled(term) if term.key().is_none() => {
            Finding::at(entry.key, format!("{name} {reason}")).severity(Severity::Info)
        }
        NoEffect::Disabled(term) => {
            let key = term.key().unwrap_or_default();
            let finding = Finding::at(entry.key, format!("{name} {reason}"));
            match subject.entry(key) {
                // The file turns the switch off explicitly: the unused key is probably known.
                Some(decides) => finding.mark(decides.key, "this key decides").severity(Severity::Info),
                None => finding.help(format!("`{key}` is not set, and its default does not meet this requirement")),
            }
        }
        other => Finding::at(entry.key, format!("{name} is {other}")),
    };
    let says_no = |setting: &&Entry| !condition::is_truthy(subject.value_of(setting));
    // A value that turns off a missing part is harmless. An image that no pod pulls is often set for a mirror.
    let is_kept = reason.needs_more_than(subject.topology) && settings.iter().all(says_no);
    let images: Vec<String> = subject.chart.images().iter().map(|image| format!("{}.", image.path)).collect();
    let is_image = settings.iter().all(|setting| images.iter().any(|image| setting.text.starts_with(image)));
    if is_kept || is_image || is_switched_off(subject, &entry.path) {
        finding.severity(Severity::Info)
    } else {
        finding
    }
}

/// Whether the file turns off the switch of a block around the key.
fn is_switched_off(subject: &Subject, path: &Path) -> bool {
    let blocks = std::iter::successors(Some(path.clone()), Path::parent).filter(|block| !block.is_root());
    let mut switches = blocks.map(|block| block.key("enabled").to_string());
    switches.any(|switch| subject.entry(&switch).is_some() && !subject.on(&switch))
}

/// The keys that would select a topology that reads the key.
fn deciding(subject: &Subject, read: &[Topology]) -> Vec<String> {
    let standalone = |topology: Topology| topology == Topology::Standalone;
    // Sentinel requires replicas.
    let sentinel = vec!["sentinel.enabled".to_owned()];
    let replicas =
        || subject.chart.places(Setting::Topology, subject.topology).into_iter().map(|place| place.path).collect();
    let mut keys: Vec<String> = match read {
        [Topology::Sentinel] if !standalone(subject.topology) => sentinel,
        [Topology::Sentinel] => [replicas(), sentinel].concat(),
        _ if read.iter().any(|topology| standalone(*topology) == standalone(subject.topology)) => sentinel,
        _ => replicas(),
    };
    keys.retain(|key| subject.chart.takes(key));
    keys
}
