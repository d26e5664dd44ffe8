//! How much a project makes of each rule.

use std::collections::BTreeMap;

use super::{Diagnostic, Severity};

/// What becomes of the findings of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Nobody hears of them.
    Off,
    /// All of them are as bad as this.
    At(Severity),
}

impl Level {
    /// Ascending.
    pub const ALL: [Self; 4] =
        [Self::Off, Self::At(Severity::Info), Self::At(Severity::Warning), Self::At(Severity::Error)];
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::At(severity) => severity.fmt(f),
        }
    }
}

/// The levels that a project gives, by the id of the rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Levels(BTreeMap<&'static str, Level>);

impl Levels {
    pub fn set(&mut self, rule: &'static str, level: Level) {
        self.0.insert(rule, level);
    }

    /// None where the project leaves it to the rule.
    pub fn of(&self, rule: &str) -> Option<Level> {
        self.0.get(rule).copied()
    }

    /// The findings as the project takes them. It comes after the ignores, which a rule that is off still has a use for.
    pub fn lay(&self, mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
        if self.0.is_empty() {
            return found;
        }
        found.retain_mut(|found| match self.of(found.rule) {
            Some(Level::Off) => false,
            Some(Level::At(severity)) => {
                found.severity = severity;
                true
            }
            None => true,
        });
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lint::{Finding, rules},
        yaml::Span,
    };

    #[test]
    fn off_drops_and_others_replace() {
        let found = |rule: &str| Diagnostic::of(rules::named(rule).unwrap(), Finding::at(Span::default(), "found"));
        let mut levels = Levels::default();
        levels.set("null-value", Level::Off);
        levels.set("auth-off", Level::At(Severity::Error));
        let left = levels.lay(vec![found("null-value"), found("auth-off"), found("dead-key")]);
        assert_eq!(left.iter().map(|found| found.rule).collect::<Vec<_>>(), ["auth-off", "dead-key"]);
        assert_eq!(left[0].severity, Severity::Error);
        assert_eq!(left[1], found("dead-key"));
    }
}
