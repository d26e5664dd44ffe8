//! The directives of `redis.conf` in the values: in texts for all pods, and in texts and flags for some pods.

use std::borrow::Borrow;

use super::EffectiveValues;
use crate::{chart::Setting, yaml::Value};

/// One directive, as a line of a text or as a flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// In lower case: Redis ignores the case.
    pub name: String,
    pub arguments: String,
    /// The key that sets the directive.
    pub key: String,
    pub source: DirectiveSource,
}

/// Where the value of a key sets a directive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectiveSource {
    /// The line of a text, without the blanks around it.
    Line(String),
    /// The index of a disabled command in its list.
    Command(usize),
    /// The index of the argument that begins a flag.
    Flag(usize),
}

impl Directive {
    /// Whether a flag of the start command sets the directive, and not a line of a text.
    pub fn is_flag(&self) -> bool {
        matches!(self.source, DirectiveSource::Flag(_))
    }
}

/// The directives that can be in effect, of those with these names. Flags override texts. Which of two texts overrides
/// the other differs between versions.
pub fn in_effect<'a, D: Borrow<Directive>>(directives: &'a [D], names: &[&str]) -> Vec<&'a D> {
    let named = || directives.iter().filter(|directive| names.contains(&(*directive).borrow().name.as_str()));
    let by_flag = named().any(|directive| directive.borrow().is_flag());
    let mut last: Vec<&D> = Vec::new();
    for directive in named().filter(|directive| (*directive).borrow().is_flag() == by_flag) {
        // Of two lines in one text, the later line is in effect.
        last.retain(|earlier| (*earlier).borrow().key != directive.borrow().key);
        last.push(directive);
    }
    last
}

/// Whether Redis saves its data with these directives: append-only file or snapshots. `None` if two texts contradict
/// each other.
pub fn saves<D: Borrow<Directive>>(directives: &[D]) -> Option<bool> {
    let log = in_effect(directives, &["appendonly"]);
    let logs = log.iter().filter(|directive| (**directive).borrow().arguments.eq_ignore_ascii_case("yes")).count();
    let snapshots = in_effect(directives, &["save"]);
    let without = snapshots.iter().filter(|directive| takes_no_snapshot((**directive).borrow())).count();
    // Without a `save` directive, Redis takes snapshots by default.
    match (logs, without) {
        (logs, _) if logs > 0 && logs == log.len() => Some(true),
        (0, 0) => Some(true),
        (0, without) if without == snapshots.len() => Some(false),
        _ => None,
    }
}

/// Whether a `save` directive turns snapshots off: `save ""` removes all earlier rules.
pub fn takes_no_snapshot(directive: &Directive) -> bool {
    directive.arguments.trim_matches(['"', '\'', ' ']).is_empty()
}

/// The smallest number of connected replicas that a write can require: either of two texts can be in effect.
pub fn required_replicas<D: Borrow<Directive>>(directives: &[D]) -> Option<(&D, i64)> {
    let lags = in_effect(directives, &["min-replicas-max-lag", "min-slaves-max-lag"]);
    if lags.iter().any(|lag| (**lag).borrow().arguments == "0") {
        return None;
    }
    let in_effect = in_effect(directives, &["min-replicas-to-write", "min-slaves-to-write"]);
    let numbers: Option<Vec<_>> = in_effect
        .into_iter()
        .map(|directive| Some((directive, (*directive).borrow().arguments.parse().ok()?)))
        .collect();
    numbers?.into_iter().min_by_key(|(_, number)| *number)
}

impl EffectiveValues {
    /// The directives for the pods below one key (`master`, `replica`); none if a ConfigMap outside the values has them.
    ///
    /// Pods without their own text have the directives of all pods.
    pub fn directives(&self, pods: &str) -> Option<Vec<Directive>> {
        let own = |key: &str| key.strip_prefix(pods).is_some_and(|rest| rest.starts_with('.'));
        let mut found = self.directives_of_all()?;
        for key in self.places(Setting::RedisConfPods).into_iter().filter(|key| own(key)) {
            found.extend(self.directive_lines(key));
        }
        for key in self.places(Setting::DisableCommands).into_iter().filter(|key| own(key)) {
            found.extend(self.disabled_commands(key));
        }
        for key in self.places(Setting::ExtraFlags).into_iter().filter(|key| own(key)) {
            found.extend(self.flags(key));
        }
        Some(found)
    }

    /// The directives for all pods; none if a ConfigMap outside the values has them.
    pub fn directives_of_all(&self) -> Option<Vec<Directive>> {
        if self.places(Setting::ExistingRedisConf).iter().any(|key| self.on(key)) {
            return None;
        }
        Some(self.places(Setting::RedisConf).iter().flat_map(|key| self.directive_lines(key)).collect())
    }

    /// The lines of the configuration text at this key.
    pub fn directive_lines(&self, key: &str) -> Vec<Directive> {
        let Some(text) = self.text(key) else { return Vec::new() };
        let mut found = Vec::new();
        let mut conditional = false;
        for line in text.lines().map(str::trim) {
            // The rendered branch of a template is not known.
            conditional |= line.starts_with("{{");
            let (name, arguments) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            if conditional || name.is_empty() || name.starts_with('#') {
                continue;
            }
            found.push(Directive {
                name: name.to_lowercase(),
                arguments: arguments.trim().to_owned(),
                key: key.to_owned(),
                source: DirectiveSource::Line(line.to_owned()),
            });
        }
        found
    }

    fn disabled_commands(&self, key: &str) -> Vec<Directive> {
        let Some(Value::List(commands)) = self.value(key) else { return Vec::new() };
        let commands = commands.iter().enumerate().filter_map(|(at, command)| Some((at, command.as_str()?)));
        let directive = |(at, command): (usize, &str)| Directive {
            name: "rename-command".to_owned(),
            arguments: format!("{command} \"\""),
            key: key.to_owned(),
            source: DirectiveSource::Command(at),
        };
        commands.map(directive).collect()
    }

    /// Redis reads an argument with two dashes as a directive, and the next arguments as its arguments.
    fn flags(&self, key: &str) -> Vec<Directive> {
        let Some(Value::List(flags)) = self.value(key) else { return Vec::new() };
        let mut found: Vec<Directive> = Vec::new();
        for (at, flag) in flags.iter().enumerate() {
            let text = match flag {
                Value::String(text) => text.trim().to_owned(),
                Value::Int(number) => number.to_string(),
                _ => continue,
            };
            match text.strip_prefix("--") {
                Some(directive) => {
                    let (name, arguments) = directive.split_once(char::is_whitespace).unwrap_or((directive, ""));
                    found.push(Directive {
                        name: name.to_lowercase(),
                        arguments: arguments.trim().to_owned(),
                        key: key.to_owned(),
                        source: DirectiveSource::Flag(at),
                    });
                }
                None => {
                    if let Some(last) = found.last_mut() {
                        last.arguments = format!("{} {text}", last.arguments).trim().to_owned();
                    }
                }
            }
        }
        found
    }
}
