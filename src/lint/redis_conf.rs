//! The directives of `redis.conf` in the values: in texts for all pods, and in texts and flags for some pods.

use super::{Subject, replicas};
use crate::{
    chart::Setting,
    yaml::{Span, Value},
};

/// One directive, as a line of a text or as a flag.
#[derive(Debug, Clone)]
pub(super) struct Directive {
    /// In lower case: Redis ignores the case.
    pub name: String,
    pub arguments: String,
    /// The key that sets the directive.
    pub key: String,
    /// None for a default of the chart.
    pub span: Option<Span>,
    rank: u8,
}

impl Directive {
    /// Whether a flag of the start command sets the directive, and not a line of a text.
    pub fn is_flag(&self) -> bool {
        self.rank > 0
    }
}

/// The directives for the pods below one key (`master`, `replica`); none if a ConfigMap outside the values has them.
///
/// Pods without their own text have the directives of all pods.
pub(super) fn of_pods(subject: &Subject, pods: &str) -> Option<Vec<Directive>> {
    let own = |key: &str| key.strip_prefix(pods).is_some_and(|rest| rest.starts_with('.'));
    let mut found = of_all(subject)?;
    for key in subject.places(Setting::RedisConfPods).iter().filter(|key| own(key)) {
        found.extend(lines(subject, key));
    }
    for key in subject.places(Setting::DisableCommands).iter().filter(|key| own(key)) {
        found.extend(disabled(subject, key));
    }
    for key in subject.places(Setting::ExtraFlags).iter().filter(|key| own(key)) {
        found.extend(flags(subject, key));
    }
    Some(found)
}

/// The directives for all pods; none if a ConfigMap outside the values has them.
pub(super) fn of_all(subject: &Subject) -> Option<Vec<Directive>> {
    if subject.places(Setting::ExistingRedisConf).iter().any(|key| subject.on(key)) {
        return None;
    }
    Some(subject.places(Setting::RedisConf).iter().flat_map(|key| lines(subject, key)).collect())
}

/// The directives with these names that can be in effect. Flags override texts. Which of two texts overrides the other
/// differs between versions.
pub(super) fn in_effect<'a>(directives: &'a [Directive], names: &[&str]) -> Vec<&'a Directive> {
    let named: Vec<_> = directives.iter().filter(|directive| names.contains(&directive.name.as_str())).collect();
    let highest = named.iter().map(|directive| directive.rank).max();
    let mut last: Vec<&Directive> = Vec::new();
    for directive in named.into_iter().filter(|directive| Some(directive.rank) == highest) {
        // Of two lines in one text, the later line is in effect.
        last.retain(|earlier| earlier.key != directive.key);
        last.push(directive);
    }
    last
}

/// The directives that the file itself sets, in all texts and flags, each once; none if a ConfigMap outside the values has
/// the configuration.
pub(super) fn written(subject: &Subject) -> Vec<Directive> {
    let mut found: Vec<Directive> = Vec::new();
    for pods in replicas::pod_keys(subject) {
        let written = of_pods(subject, &pods).into_iter().flatten().filter(|directive| directive.span.is_some());
        for directive in written {
            if !found.iter().any(|other| other.span == directive.span && other.arguments == directive.arguments) {
                found.push(directive);
            }
        }
    }
    found
}

/// Whether Redis loads modules, which can add directives and commands. Also true if the values do not decide.
pub(super) fn may_load_modules(subject: &Subject) -> bool {
    let includes = |directive: &Directive| ["loadmodule", "include"].contains(&directive.name.as_str());
    replicas::pod_keys(subject).iter().any(|pods| match of_pods(subject, pods) {
        Some(directives) => directives.iter().any(includes),
        None => true,
    })
}

/// The lines of the configuration text at this key.
pub(super) fn lines(subject: &Subject, key: &str) -> Vec<Directive> {
    let Some(text) = subject.text(key) else { return Vec::new() };
    let mut place = Place::of(subject, key);
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
            span: place.line(subject, line),
            rank: 0,
        });
    }
    found
}

fn disabled(subject: &Subject, key: &str) -> Vec<Directive> {
    let Some(Value::List(commands)) = subject.value(key) else { return Vec::new() };
    let commands = commands.iter().enumerate().filter_map(|(at, command)| Some((at, command.as_str()?)));
    let directive = |(at, command): (usize, &str)| Directive {
        name: "rename-command".to_owned(),
        arguments: format!("{command} \"\""),
        key: key.to_owned(),
        span: item(subject, key, at),
        rank: 0,
    };
    commands.map(directive).collect()
}

/// Redis reads an argument with two dashes as a directive, and the next arguments as its arguments.
fn flags(subject: &Subject, key: &str) -> Vec<Directive> {
    let Some(Value::List(flags)) = subject.value(key) else { return Vec::new() };
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
                    span: item(subject, key, at),
                    rank: 1,
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

fn item(subject: &Subject, key: &str, at: usize) -> Option<Span> {
    let entry = subject.entry(&format!("{key}[{at}]")).or_else(|| subject.entry(key))?;
    Some(entry.value)
}

/// The place of a text with several lines.
struct Place {
    whole: Option<Span>,
    /// The byte from which the next line is searched: lines are found in their order.
    from: usize,
}

impl Place {
    fn of(subject: &Subject, key: &str) -> Self {
        let whole = subject.entry(key).map(|entry| entry.value);
        Self { whole, from: whole.map_or(0, |whole| whole.start) }
    }

    /// The line in the text, if the file has it as Redis reads it, or else the whole text.
    fn line(&mut self, subject: &Subject, line: &str) -> Option<Span> {
        let whole = self.whole?;
        let rest = Span { start: self.from, ..whole };
        let mut start = self.from;
        for written in subject.document.source(rest).split_inclusive('\n') {
            let trimmed = written.trim();
            if trimmed == line {
                self.from = start + written.len();
                let start = start + (written.len() - written.trim_start().len());
                let (line, column) = subject.document.position(start);
                return Some(Span { start, end: start + trimmed.len(), line, column });
            }
            start += written.len();
        }
        // A text with escapes, for example, is not searched line by line.
        self.from = whole.end;
        Some(whole)
    }
}
