//! The ACL users in the values, and what their rules allow.

use super::Subject;
use crate::{
    chart::{FactFamily, Setting},
    yaml::{Segment, Span, Value},
};

/// One ACL user.
pub(super) struct User {
    pub name: String,
    /// `on` unless the values set another word.
    pub enabled: bool,
    pub has_password: bool,
    commands: String,
    channels: String,
    /// The words of the line that the chart writes for the user, each with the place of its field. Without the password.
    pub rules: Vec<(String, Span)>,
    /// The place of the name, or else of the list.
    pub span: Span,
}

/// The users in the order of the list; empty if a template renders one of them.
pub(super) fn users(subject: &Subject) -> Vec<User> {
    let Some(key) = subject.places(Setting::AclUsers).into_iter().next() else { return Vec::new() };
    let Some(Value::List(items)) = subject.value(key) else { return Vec::new() };
    let Some(list) = subject.entry(key) else { return Vec::new() };
    let read = |(at, item): (usize, &Value)| {
        let map = item.as_map()?;
        let text = |name: &str| match map.get(name) {
            None | Some(Value::Null) => Some(String::new()),
            Some(Value::String(text)) if text.contains("{{") => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Bool(on)) => Some(on.to_string()),
            Some(Value::Int(number)) => Some(number.to_string()),
            Some(_) => None,
        };
        let or = |text: String, default: &str| if text.is_empty() { default.to_owned() } else { text };
        let mut item_at = list.path.clone();
        item_at.push(Segment::Index(at));
        let name_at = item_at.key("username");
        let written = subject.entries.iter().find(|entry| entry.path == name_at);
        let span = written.map_or(list.key, |entry| entry.value);
        let mut rules = Vec::new();
        for (field, default) in [("enabled", "on"), ("keys", "~*"), ("channels", "&*"), ("commands", "+@all")] {
            let mut field_at = list.path.clone();
            field_at.push(Segment::Index(at));
            let field_at = field_at.key(field);
            let written = subject.entries.iter().find(|entry| entry.path == field_at);
            let words = match text(field)? {
                // The chart replaces an empty value, `false` and 0 by the default.
                words if ["", "false", "0"].contains(&words.as_str()) => default.to_owned(),
                words => words,
            };
            let place = written.map_or(span, |entry| entry.value);
            rules.extend(words.split(' ').filter(|word| !word.is_empty()).map(|word| (word.to_owned(), place)));
        }
        Some(User {
            name: text("username")?,
            // The chart ignores `off` without quotes, and writes `on`.
            enabled: text("enabled")? != "off",
            has_password: !text("password")?.is_empty(),
            commands: or(text("commands")?, "+@all"),
            channels: or(text("channels")?, "&*"),
            rules,
            span,
        })
    };
    items.iter().enumerate().map(read).collect::<Option<_>>().unwrap_or_default()
}

impl User {
    /// The commands, each with its categories, that the rules do not allow.
    pub fn missing_commands<'c>(&self, commands: &'c [(String, Vec<&str>)]) -> Vec<&'c str> {
        commands
            .iter()
            .filter(|(name, categories)| !self.may_run(name, categories))
            .map(|(name, _)| name.as_str())
            .collect()
    }

    /// Redis applies rules from left to right.
    fn may_run(&self, command: &str, categories: &[&str]) -> bool {
        let mut may = false;
        for rule in self.commands.split_ascii_whitespace() {
            let rule = rule.to_lowercase();
            let (adds, what) = match rule.as_str() {
                "allcommands" => (true, "@all"),
                "nocommands" => (false, "@all"),
                _ => match (rule.strip_prefix('+'), rule.strip_prefix('-')) {
                    (Some(what), _) => (true, what),
                    (_, Some(what)) => (false, what),
                    _ => continue,
                },
            };
            let hit = match what.strip_prefix('@') {
                Some("all") => true,
                Some(category) => categories.contains(&category),
                None => what == command.to_lowercase(),
            };
            if hit {
                may = adds;
            }
        }
        may
    }

    /// Whether the rules allow this channel.
    pub fn may_use_channel(&self, channel: &str) -> bool {
        let mut may = false;
        for rule in self.channels.split_ascii_whitespace() {
            match rule {
                "allchannels" | "&*" => may = true,
                "resetchannels" => may = false,
                _ => {
                    let pattern = rule.strip_prefix('&').unwrap_or_default();
                    may |=
                        pattern == channel || pattern.strip_suffix('*').is_some_and(|start| channel.starts_with(start));
                }
            }
        }
        may
    }
}

/// The commands that Sentinels send to each other, each with its categories.
///
/// Source: the rows `@sentinel-asks` of `settings.tsv`.
pub(super) fn commands_of_sentinels(subject: &Subject) -> Vec<(String, Vec<&'static str>)> {
    let commands = FactFamily::SentinelAsks.subjects().into_iter();
    let required = commands.map(|command| (command.to_owned(), subject.facts_about(FactFamily::SentinelAsks, command)));
    required.filter(|(_, categories)| !categories.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(commands: &str, channels: &str) -> User {
        User {
            name: "app".to_owned(),
            enabled: true,
            has_password: true,
            commands: commands.to_owned(),
            channels: channels.to_owned(),
            rules: Vec::new(),
            span: Span { start: 0, end: 0, line: 1, column: 1 },
        }
    }

    #[test]
    fn rules_count_from_left_to_right() {
        let required = [("PING".to_owned(), vec!["connection"]), ("SENTINEL".to_owned(), vec!["admin", "dangerous"])];
        let lacks = |rules: &str| user(rules, "&*").missing_commands(&required).join(",");
        assert_eq!(lacks("+@all"), "");
        assert_eq!(lacks("allcommands"), "");
        assert_eq!(lacks("+@read"), "PING,SENTINEL");
        assert_eq!(lacks("+@all -@dangerous"), "SENTINEL");
        assert_eq!(lacks("-@all +ping +sentinel"), "");
        assert_eq!(lacks("+@all -@admin +SENTINEL"), "");
        assert_eq!(lacks("+@all -ping"), "PING");
        assert_eq!(lacks("+@all nocommands"), "PING,SENTINEL");
    }

    #[test]
    fn channels_are_patterns() {
        let hears = |rules: &str| user("+@all", rules).may_use_channel("__sentinel__:hello");
        assert!(hears("&*") && hears("allchannels") && hears("&__sentinel__:*") && hears("&__sentinel__:hello"));
        assert!(!hears("&app:*") && !hears("resetchannels") && !hears("&* resetchannels &app:*"));
    }
}
