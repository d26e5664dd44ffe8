//! What a check found: one verdict for each node or fact.

use super::check::Check;

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

/// All verdicts of a run, in the order of the checks.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    pub verdicts: Vec<Verdict>,
    /// Seconds that doubtful answers were asked again.
    pub settled_after: Option<u64>,
}

impl Outcome {
    pub fn count(&self, status: Status) -> usize {
        self.verdicts.iter().filter(|verdict| verdict.status == status).count()
    }

    pub fn is_wrong(&self) -> bool {
        self.count(Status::Wrong) > 0
    }
}
