//! A check: what it proves, as data, and its verdicts: one for each node or fact.

use super::{cluster::Cluster, expectation::Expectation, survey::Survey, writes::Writes};

/// A check. `docs/verify.md` lists all checks.
#[derive(Debug)]
pub struct Check {
    /// `roles`
    pub id: &'static str,
    /// A few words for a report.
    pub title: &'static str,
    /// What an `ok` proves.
    pub proves: &'static str,
    pub run: fn(&Facts) -> Vec<Verdict>,
}

impl Check {
    pub fn ok(&'static self, message: impl Into<String>) -> Verdict {
        Verdict::new(self, Status::Ok, message)
    }

    pub fn wrong(&'static self, message: impl Into<String>) -> Verdict {
        Verdict::new(self, Status::Wrong, message)
    }

    pub fn note(&'static self, message: impl Into<String>) -> Verdict {
        Verdict::new(self, Status::Note, message)
    }

    pub fn not_asked(&'static self, message: impl Into<String>) -> Verdict {
        Verdict::new(self, Status::NotAsked, message)
    }
}

/// The input of checks.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub survey: &'a Survey,
    pub writes: &'a Writes,
    /// The objects of the release. None outside of a cluster.
    pub cluster: Option<&'a Cluster>,
    pub wanted: &'a Expectation,
    /// Whether the release has a password, as far as this machine or the pods know.
    pub has_password: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// As it must be.
    Ok,
    /// Worth to know, and no failure.
    Note,
    /// The check had no answer.
    NotAsked,
    Wrong,
}

impl Status {
    /// The word in reports: `ok`, `note`, `not asked`, `wrong`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::NotAsked => "not asked",
            Self::Wrong => "wrong",
        }
    }
}

/// One finding of a check.
#[derive(Debug, Clone)]
pub struct Verdict {
    pub check: &'static Check,
    pub status: Status,
    /// The node, Service or object. None for the whole release.
    pub node: Option<String>,
    pub message: String,
    /// The command and the reply that the verdict is from: `ROLE: master 14 [...]`.
    pub reply: Option<String>,
    /// Whether the answer may be stale: it counts only after it was asked again.
    pub may_settle: bool,
}

impl Verdict {
    pub fn new(check: &'static Check, status: Status, message: impl Into<String>) -> Self {
        Self { check, status, node: None, message: message.into(), reply: None, may_settle: false }
    }

    #[must_use]
    pub fn on(self, node: &str) -> Self {
        Self { node: Some(node.to_owned()), ..self }
    }

    #[must_use]
    pub fn from(self, reply: impl Into<String>) -> Self {
        Self { reply: Some(reply.into()), ..self }
    }

    #[must_use]
    pub fn may_settle(self) -> Self {
        Self { may_settle: true, ..self }
    }

    /// Whether the verdict counts only after the same question had the same answer again.
    pub fn is_open(&self) -> bool {
        self.status == Status::Wrong && self.may_settle
    }
}
