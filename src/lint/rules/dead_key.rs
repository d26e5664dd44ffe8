//! See `dead_key.md`: the help text, the web page and the test of this rule.

use std::sync::LazyLock;

use crate::{
    chart::{
        Setting, Topology, Verdict,
        condition::{self, Term},
    },
    effective::NoEffect,
    lint::{
        keys::unused::{UnusedKey, unused_keys},
        prelude::*,
    },
    table::table,
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
                // A number above a limit turns nothing off explicitly.
                Some(decides) if matches!(term, Term::AtMost { .. }) => finding.mark(decides.key, "this key decides"),
                // The file turns the switch off explicitly: the unused key is probably known.
                Some(decides) => finding.mark(decides.key, "this key decides").severity(Severity::Info),
                None => finding.help(format!("`{key}` is not set, and its default does not meet this requirement")),
            }
        }
        other => Finding::at(entry.key, format!("{name} is {other}")),
    };
    let finding = match (reason, instead(subject, settings)) {
        (NoEffect::NotReadInTopology(_), Some(instead)) => finding.help(instead),
        _ => finding,
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

/// The other names of keys: topology, key, the keys to set instead.
static INSTEAD: LazyLock<Vec<[&str; 4]>> =
    LazyLock::new(|| table!("src/lint/instead.tsv", ["topology", "key", "instead", "source"]).rows().collect());

/// Advice to set other keys, which the chart reads in this topology; none if the file sets them already.
fn instead(subject: &Subject, settings: &[&Entry]) -> Option<String> {
    let replaced: Vec<Vec<String>> = settings.iter().map(|setting| others(subject, &setting.text)).collect();
    if replaced.iter().any(Vec::is_empty) {
        return None;
    }
    let joined = |names: &[String], word: &str| {
        names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(&format!(" {word} "))
    };
    if let [names] = &replaced[..] {
        return Some(format!("set {} instead", joined(names, "or")));
    }
    // A block that moves as a whole is named by its topmost key.
    let block = settings.iter().skip(1).fold(settings[0].path.clone(), |block, setting| {
        let steps = block.in_common(&setting.path);
        block.first(steps)
    });
    let holds_all = |above: &String| {
        let below = format!("{above}.");
        replaced.iter().all(|names| names.iter().any(|name| name.starts_with(&below)))
    };
    let mut above = names_below(subject.topology, &block.to_string());
    above.retain(holds_all);
    if !above.is_empty() {
        return Some(format!("set these keys below {} instead", joined(&above, "or")));
    }
    let firsts: Vec<String> = replaced.into_iter().flat_map(|names| names.into_iter().next()).collect();
    Some(match firsts.len() {
        few if few <= MOST_NAMED => format!("set {} instead", joined(&firsts, "and")),
        _ => format!("set {} and so on instead", joined(&firsts[..MOST_NAMED], "and")),
    })
}

/// The most keys that one line of advice names.
const MOST_NAMED: usize = 3;

/// The keys that the chart reads in this topology in place of one key, without those that the file sets.
fn others(subject: &Subject, key: &str) -> Vec<String> {
    let mut names = names_below(subject.topology, key);
    names.retain(|name| {
        subject.chart.read(name, subject.topology).verdict == Verdict::Read && subject.entry(name).is_none()
    });
    names
}

/// The other names of a key in the table, whatever the chart version.
fn names_below(topology: Topology, key: &str) -> Vec<String> {
    let rest = |above: &str| key.strip_prefix(above).filter(|rest| rest.is_empty() || rest.starts_with('.'));
    let rows = INSTEAD.iter().filter(|[in_topology, ..]| *in_topology == topology.to_string());
    let matching = rows.filter_map(|[_, above, instead, _]| Some((above.len(), instead, rest(above)?)));
    let Some((_, instead, rest)) = matching.max_by_key(|(length, ..)| *length) else { return Vec::new() };
    instead.split(',').map(|name| format!("{name}{rest}")).collect()
}

/// The keys that would select a topology that reads the key.
fn deciding(subject: &Subject, read: &[Topology]) -> Vec<String> {
    let standalone = |topology: Topology| topology == Topology::Standalone;
    // Sentinel requires replicas.
    let sentinel = vec!["sentinel.enabled".to_owned()];
    let replicas = || subject.places(Setting::Topology).into_iter().map(str::to_owned).collect();
    let mut keys: Vec<String> = match read {
        [Topology::Sentinel] if !standalone(subject.topology) => sentinel,
        [Topology::Sentinel] => [replicas(), sentinel].concat(),
        _ if read.iter().any(|topology| standalone(*topology) == standalone(subject.topology)) => sentinel,
        _ => replicas(),
    };
    keys.retain(|key| subject.chart.takes(key));
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{chart::Chart, source::Origin, yaml::Document};

    fn found(version: &str, text: &str) -> Vec<Finding> {
        let document = Document::parse(text).unwrap();
        let chart = Chart::at(&version.parse().unwrap()).unwrap();
        check(&Subject::new(&document, Origin::default(), &chart).unwrap())
    }

    /// The message and the last line of help of the only finding.
    fn said(version: &str, text: &str) -> (String, String) {
        let [finding] = &found(version, text)[..] else { panic!("{text}") };
        (finding.message.clone(), finding.help.last().cloned().unwrap_or_default())
    }

    #[test]
    fn a_limit_is_reached_by_its_own_number() {
        let recovery = |milliseconds| {
            format!(
                "sentinel:\n  enabled: true\n  automateClusterRecovery: true\n  downAfterMilliseconds: {milliseconds}\n"
            )
        };
        for version in ["17.0.7", "28.0.7"] {
            assert_eq!(found(version, &recovery(2000)), []);
            let (message, _) = said(version, &recovery(2001));
            assert!(message.ends_with("requires at most 2000 at `sentinel.downAfterMilliseconds`"), "{message}");
        }
    }

    #[test]
    fn the_topology_decides_before_a_switch() {
        let text = "sentinel:\n  enabled: true\nmaster:\n  podSecurityContext:\n    fsGroup: 2000\n";
        let (message, help) = said("15.7.5", text);
        assert!(message.ends_with("is unused in `sentinel`"), "{message}");
        assert_eq!(help, "set `replica.podSecurityContext.fsGroup` instead");
    }

    #[test]
    fn under_sentinel_the_keys_have_other_names() {
        let help = |version: &str, text: &str| said(version, &format!("sentinel:\n  enabled: true\n{text}")).1;
        assert_eq!(help("23.1.1", "master:\n  podAnnotations:\n    a: b\n"), "set `replica.podAnnotations` instead");
        assert_eq!(
            help("23.1.1", "master:\n  service:\n    type: NodePort\n"),
            "set `sentinel.service.type` or `sentinel.masterService.type` instead"
        );
        assert_eq!(help("18.0.0", "master:\n  service:\n    type: NodePort\n"), "set `sentinel.service.type` instead");
        assert_eq!(
            help("23.1.1", "master:\n  service:\n    type: NodePort\n    nodePorts:\n      redis: '30001'\n"),
            "set these keys below `sentinel.service` or `sentinel.masterService` instead"
        );
        assert_eq!(
            help("13.0.2", "master:\n  service:\n    type: NodePort\n  priorityClassName: a\n"),
            "set `sentinel.service.type` and `slave.priorityClassName` instead"
        );
        // The file sets the key that the pods read.
        assert_eq!(help("23.1.1", "master:\n  priorityClassName: a\nreplica:\n  priorityClassName: a\n"), "");
    }
}
