//! What a rule found, and what can be done about it.

use semver::Version;
use serde::{Deserialize, Serialize};

use super::Rule;
use crate::{
    redact,
    yaml::{Span, edit::Edit},
};

/// How bad it is, ascending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Likely not what was meant, or a risk.
    Warning,
    /// It does not do what it says, or it breaks.
    Error,
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// A stretch of the text with what is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub span: Span,
    /// Empty where the message says it all.
    pub label: String,
}

/// Whether a fix needs the review of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applicability {
    /// The chart then renders what the file means: `--fix` applies the fix.
    Safe,
    /// The render or the meaning can change: only `--unsafe-fixes` applies the fix.
    Unsafe,
}

/// The edits that remove a finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Fix {
    /// In the imperative: `rename the key to ...`.
    pub title: String,
    pub applicability: Applicability,
    /// Paths are those of the values, not of the file around them.
    pub edits: Vec<Edit>,
}

impl Fix {
    pub fn new(applicability: Applicability, title: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self { title: title.into(), applicability, edits }
    }

    pub fn is_safe(&self) -> bool {
        self.applicability == Applicability::Safe
    }
}

/// What a rule returns. Values of secrets never stand in any of its texts.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub message: String,
    /// The first is the place of the finding, the others tell the story.
    pub marks: Vec<Mark>,
    /// What to do next, or why; one sentence each.
    pub help: Vec<String>,
    pub fix: Option<Fix>,
    /// Where it differs from that of the rule.
    pub severity: Option<Severity>,
}

impl Finding {
    pub fn at(span: Span, message: impl Into<String>) -> Self {
        let marks = vec![Mark { span, label: String::new() }];
        Self { message: message.into(), marks, help: Vec::new(), fix: None, severity: None }
    }

    /// Says something of the place itself.
    #[must_use]
    pub fn labelled(mut self, label: impl Into<String>) -> Self {
        if let Some(first) = self.marks.first_mut() {
            first.label = label.into();
        }
        self
    }

    /// Points to another place.
    #[must_use]
    pub fn mark(mut self, span: Span, label: impl Into<String>) -> Self {
        self.marks.push(Mark { span, label: label.into() });
        self
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }
}

/// A finding with the rule that found it.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// The id of the rule.
    pub rule: &'static str,
    pub severity: Severity,
    pub message: String,
    pub marks: Vec<Mark>,
    pub help: Vec<String>,
    pub fix: Option<Fix>,
    /// The version whose facts it hangs on, where the chart is another one of which they are not known.
    pub facts_of: Option<Version>,
}

impl Diagnostic {
    pub(super) fn of(rule: &Rule, finding: Finding) -> Self {
        let Finding { message, mut marks, help, fix, severity } = finding;
        // A rule names keys, and a key may hold a secret too.
        let shown = |text: &str| redact::quoted(text).into_owned();
        marks.iter_mut().for_each(|mark| mark.label = shown(&mark.label));
        let (message, help) = (shown(&message), help.iter().map(|help| shown(help)).collect());
        let fix = fix.map(|fix| Fix { title: shown(&fix.title), ..fix });
        Self { rule: rule.id, severity: severity.unwrap_or(rule.severity), message, marks, help, fix, facts_of: None }
    }

    /// The place of the finding.
    pub fn place(&self) -> Span {
        self.marks.first().map(|mark| mark.span).unwrap_or_default()
    }
}
