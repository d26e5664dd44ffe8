//! A rule is data, a function and a page.

use serde::{Deserialize, Serialize};

use super::{Finding, Severity, Subject};

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// Whether the chart reads what is written.
    Structure,
    /// Who can reach Redis, and whether those who should can.
    Reaching,
    StayingUp,
    Safety,
    Watching,
    Images,
}

impl std::fmt::Display for Group {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Structure => "structure",
            Self::Reaching => "reaching it",
            Self::StayingUp => "staying up",
            Self::Safety => "safety",
            Self::Watching => "watching it",
            Self::Images => "images",
        })
    }
}

/// One thing that can be wrong with values.
pub struct Rule {
    /// Says the bad thing, in kebab-case: the name of its file, its page, its test and its ignore comment.
    pub id: &'static str,
    pub group: Group,
    pub severity: Severity,
    /// One line.
    pub summary: &'static str,
    /// The page, in Markdown.
    pub docs: &'static str,
    pub check: fn(&Subject) -> Vec<Finding>,
}
