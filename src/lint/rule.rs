//! A rule is data, a function and a page.

use serde::{Deserialize, Serialize};

use super::{Finding, Severity, Subject};

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// Whether the chart reads the keys of the file, and accepts their values.
    Structure,
    /// Whether clients can reach Redis, and only the intended clients.
    Access,
    Availability,
    Security,
    Monitoring,
    Images,
    /// Comments that redisgen reads.
    Comments,
}

impl std::fmt::Display for Group {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Structure => "structure",
            Self::Access => "access",
            Self::Availability => "availability",
            Self::Security => "security",
            Self::Monitoring => "monitoring",
            Self::Images => "images",
            Self::Comments => "comments",
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

/// What becomes of a file when all that the rule offers is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// It offers nothing.
    None,
    /// Only fixes after which the chart renders what the file meant.
    Safe,
    /// Only fixes that a person should look at.
    Unsafe,
    /// Both, by the finding.
    Either,
}

impl std::fmt::Display for Remedy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
            Self::Either => "safe or unsafe",
        })
    }
}

impl Rule {
    /// What its fixes are, as the page says: one that it does not call unsafe is safe.
    pub fn remedy(&self) -> Remedy {
        let section = self.docs.split("\n## Fix\n").nth(1).unwrap_or_default();
        let section = section.split("\n## ").next().unwrap_or_default().trim();
        let mut words = section.split(|c: char| !c.is_alphanumeric());
        if section.is_empty() || section.starts_with("None") {
            return Remedy::None;
        }
        match (words.clone().any(|word| word == "unsafe"), words.any(|word| word == "safe")) {
            (true, true) => Remedy::Either,
            (true, false) => Remedy::Unsafe,
            (false, _) => Remedy::Safe,
        }
    }
}
