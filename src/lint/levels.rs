//! The levels that a project sets for rules.

use std::collections::BTreeMap;

use clap::ValueEnum;

use super::{Diagnostic, Severity, rules};

/// What happens to the findings of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// findings of the rule are not reported
    Off,
    /// all findings of the rule are info
    Info,
    /// all findings of the rule are warnings
    Warning,
    /// all findings of the rule are errors
    Error,
}

impl Level {
    fn severity(self) -> Option<Severity> {
        match self {
            Self::Off => None,
            Self::Info => Some(Severity::Info),
            Self::Warning => Some(Severity::Warning),
            Self::Error => Some(Severity::Error),
        }
    }
}

/// The lowest severity that makes a run fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// errors only
    Error,
    /// warnings and errors
    Warning,
    /// any finding
    Info,
    /// no finding
    Never,
}

impl FailOn {
    pub fn fails(self, severity: Severity) -> bool {
        match self {
            Self::Error => severity >= Severity::Error,
            Self::Warning => severity >= Severity::Warning,
            Self::Info => severity >= Severity::Info,
            Self::Never => false,
        }
    }
}

/// The levels that a project sets, by the id of the rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Levels(BTreeMap<&'static str, Level>);

impl Levels {
    pub fn set(&mut self, rule: &'static str, level: Level) {
        self.0.insert(rule, level);
    }

    /// Turns off every rule that is not among these, and removes `off` from those that are.
    pub fn select(&mut self, rules: &[&'static str]) {
        for rule in rules::all() {
            match (rules.contains(&rule.id), self.of(rule.id)) {
                (true, Some(Level::Off)) => drop(self.0.remove(rule.id)),
                (true, _) => {}
                (false, _) => self.set(rule.id, Level::Off),
            }
        }
    }

    /// The level of a rule; none if the project sets none.
    pub fn of(&self, rule: &str) -> Option<Level> {
        self.0.get(rule).copied()
    }

    /// Applies the levels to findings. Ignore comments are applied first: a comment for a rule that is off is not
    /// unused.
    pub fn apply(&self, mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
        if self.0.is_empty() {
            return found;
        }
        found.retain_mut(|found| match self.of(found.rule) {
            Some(level) => level.severity().is_some_and(|severity| {
                found.severity = severity;
                // A level that the project sets holds for all findings of the rule.
                found.facts_of = None;
                true
            }),
            None => true,
        });
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lint::Finding, yaml::Span};

    #[test]
    fn a_gate_lets_through_what_is_less() {
        let fails = |gate: FailOn| [Severity::Info, Severity::Warning, Severity::Error].map(|found| gate.fails(found));
        assert_eq!(fails(FailOn::Error), [false, false, true]);
        assert_eq!(fails(FailOn::Warning), [false, true, true]);
        assert_eq!(fails(FailOn::Info), [true, true, true]);
        assert_eq!(fails(FailOn::Never), [false, false, false]);
    }

    #[test]
    fn what_is_selected_is_on_and_all_else_off() {
        let mut levels = Levels::default();
        levels.set("null-value", Level::Off);
        levels.set("auth-off", Level::Error);
        levels.select(&["null-value", "auth-off"]);
        let of = ["null-value", "auth-off", "dead-key"].map(|rule| levels.of(rule));
        assert_eq!(of, [None, Some(Level::Error), Some(Level::Off)]);
    }

    #[test]
    fn off_drops_and_others_replace() {
        let found = |rule: &str| rules::named(rule).unwrap().report(Finding::at(Span::default(), "found"));
        let mut levels = Levels::default();
        levels.set("null-value", Level::Off);
        levels.set("auth-off", Level::Error);
        let left = levels.apply(vec![found("null-value"), found("auth-off"), found("dead-key")]);
        assert_eq!(left.iter().map(|found| found.rule).collect::<Vec<_>>(), ["auth-off", "dead-key"]);
        assert_eq!(left[0].severity, Severity::Error);
        assert_eq!(left[1], found("dead-key"));
    }
}
