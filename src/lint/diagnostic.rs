//! A finding, its fix, and the diagnostic that the reports show.

use semver::Version;
use serde::{Deserialize, Serialize};

use crate::yaml::{Span, edit::Edit};

/// How severe a finding is, in ascending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Useful to know.
    Info,
    /// Probably a mistake, or a risk.
    Warning,
    /// Without effect, or broken.
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

/// A range of the text with a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub span: Span,
    /// Empty if the message needs no label.
    pub label: String,
}

/// Whether a fix needs the review of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
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

/// What a rule returns. No text contains the value of a secret.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub message: String,
    /// The first mark is the place of the finding, the others show related places.
    pub marks: Vec<Mark>,
    /// The next step or the reason, one sentence each.
    pub help: Vec<String>,
    pub fix: Option<Fix>,
    /// The severity, if it differs from the severity of the rule.
    pub severity: Option<Severity>,
}

impl Finding {
    pub fn at(span: Span, message: impl Into<String>) -> Self {
        let marks = vec![Mark { span, label: String::new() }];
        Self { message: message.into(), marks, help: Vec::new(), fix: None, severity: None }
    }

    /// Labels the place of the finding.
    #[must_use]
    pub fn labelled(mut self, label: impl Into<String>) -> Self {
        if let Some(first) = self.marks.first_mut() {
            first.label = label.into();
        }
        self
    }

    /// Adds a related place.
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

/// A finding with the id of its rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// The id of the rule.
    pub rule: &'static str,
    pub severity: Severity,
    pub message: String,
    pub marks: Vec<Mark>,
    pub help: Vec<String>,
    pub fix: Option<Fix>,
    /// The chart version whose facts the finding uses, if they are assumed for this chart version.
    pub facts_of: Option<Version>,
}

impl Diagnostic {
    /// The place of the finding.
    pub fn place(&self) -> Span {
        self.marks.first().map(|mark| mark.span).unwrap_or_default()
    }
}
