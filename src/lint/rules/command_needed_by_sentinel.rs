//! See `command_needed_by_sentinel.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::{FactFamily, Setting, Topology},
    lint::{
        prelude::*,
        redis_conf::{self, Directive},
        replicas,
    },
    yaml::{Segment, edit::Edit},
};

pub(super) static RULE: Rule = Rule {
    id: "command-needed-by-sentinel",
    group: Group::Availability,
    severity: Severity::Error,
    summary: "disabled command that Sentinel, replicas, probes or the exporter need",
    docs: include_str!("command_needed_by_sentinel.md"),
    fix: FixAvailability::Unsafe,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let mut found: Vec<(String, String, Finding)> = Vec::new();
    for pods in replicas::pod_keys(subject) {
        let Some(directives) = redis_conf::of_pods(subject, pods) else { continue };
        for directive in directives.iter().filter(|directive| directive.name == "rename-command") {
            let Some(renamed) = Renamed::read(directive) else { continue };
            let users = users(subject, &renamed);
            // A directive for all pods is reported once.
            if users.is_empty() || found.iter().any(|(key, name, _)| *key == directive.key && *name == renamed.command)
            {
                continue;
            }
            if let Some(finding) = finding(subject, directive, &renamed, &users) {
                found.push((directive.key.clone(), renamed.command, finding));
            }
        }
    }
    found.into_iter().map(|(.., finding)| finding).collect()
}

/// A renamed or disabled command.
struct Renamed {
    command: String,
    /// The new name; none if the command is disabled.
    to: Option<String>,
}

impl Renamed {
    fn read(directive: &Directive) -> Option<Self> {
        let (command, to) = directive.arguments.split_once(char::is_whitespace)?;
        let bare = |text: &str| text.trim().trim_matches(['"', '\'']).to_owned();
        let (command, to) = (bare(command).to_uppercase(), bare(to));
        if to.contains("{{") || to.eq_ignore_ascii_case(&command) {
            return None;
        }
        Some(Self { command, to: Some(to).filter(|to| !to.is_empty()) })
    }
}

/// The programs of the chart that call the command by its original name, with their names in the catalogue.
fn users(subject: &Subject, renamed: &Renamed) -> Vec<&'static str> {
    let on = |setting: Setting| subject.places(setting).iter().any(|key| subject.on(key));
    let mut users = subject.facts_about(FactFamily::Needs, &renamed.command);
    users.retain(|user| match *user {
        "sentinel" => !sentinel_knows_new_name(subject, renamed),
        "exporter" => on(Setting::Metrics),
        "password" => on(Setting::Auth),
        "probes" => on(Setting::Probes),
        _ => true,
    });
    users
}

/// Whether a directive gives Sentinel the new name. A template can do so too.
fn sentinel_knows_new_name(subject: &Subject, renamed: &Renamed) -> bool {
    let texts = subject.places(Setting::SentinelConf).into_iter().filter_map(|key| subject.text(key));
    renamed.to.is_some() && texts.into_iter().any(|text| text.to_lowercase().contains("rename-command"))
}

fn finding(subject: &Subject, directive: &Directive, renamed: &Renamed, users: &[&str]) -> Option<Finding> {
    let Renamed { command, to } = renamed;
    let done = if to.is_some() { "renamed" } else { "disabled" };
    let mut whom: Vec<&str> = users.iter().map(|user| consequence(user, subject.topology)).collect();
    whom.dedup();
    let message = format!("`{command}` is {done}: {}", whom.join(", and "));
    let only_at_the_end = users.iter().all(|user| *user == "shutdown");
    let severity = if only_at_the_end { Severity::Warning } else { Severity::Error };
    let finding = Finding::at(directive.span?, message)
        .severity(severity)
        .help(format!("keep `{command}`, and restrict its users with ACL rules"));
    let disables = subject.places(Setting::DisableCommands).contains(&directive.key);
    // The item of the list, where it is one.
    let item = subject.entries.iter().find(|entry| {
        Some(entry.value) == directive.span && disables && matches!(entry.path.last(), Some(Segment::Index(_)))
    });
    Some(match item {
        Some(item) => {
            let edits = vec![Edit::Delete { path: item.path.clone(), prune: false }];
            finding.fix(Fix::new(Applicability::Unsafe, format!("remove `{command}` from the list"), edits))
        }
        None => finding,
    })
}

/// The effect of the disabled command, for the middle of a sentence.
fn consequence(user: &str, topology: Topology) -> &'static str {
    match (user, topology) {
        ("sentinel", _) => "Sentinel needs it to watch and to fail over",
        ("replicas", Topology::Sentinel) => "the nodes need it to follow their primary",
        ("replicas", _) => "the replicas need it to follow their primary",
        ("probes", _) => "the probes need it to check that Redis is alive",
        ("exporter", _) => "the metrics exporter needs it",
        ("password", _) => "clients cannot send the password",
        ("shutdown", _) => "a stopping node needs it to hand over its role",
        _ => "the chart needs it",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{self, Chart};

    #[test]
    fn every_user_of_a_command_has_words_of_its_own() {
        let chart = Chart::at(&chart::newest()).unwrap();
        let commands = FactFamily::Needs.subjects();
        assert!(commands.len() > 10, "{commands:?}");
        for command in commands {
            for topology in Topology::ALL {
                for user in chart.facts_about(FactFamily::Needs, command, topology) {
                    assert_ne!(consequence(user.path, topology), consequence("", topology), "{command}: {}", user.path);
                }
            }
        }
    }
}
