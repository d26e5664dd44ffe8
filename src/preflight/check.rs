//! One question to the cluster, with its answer.

use serde::Serialize;

/// What the answer means for the install.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Ok,
    /// The install works, and something will not.
    Warning,
    /// The cluster did not answer the question.
    NotAsked,
    /// The install fails, or its pods do not start.
    Refused,
}

impl Status {
    /// The word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::NotAsked => "not asked",
            Self::Refused => "refused",
        }
    }
}

/// One question to the cluster, with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// `storage-class`, `quota`, `dry-run`, ...
    pub id: &'static str,
    pub status: Status,
    /// What was found, as a sentence without a full stop.
    pub message: String,
    /// The object: `StatefulSet redis-node`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The field of the object: `spec.volumeClaimTemplates`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Check {
    pub fn new(id: &'static str, status: Status, message: impl Into<String>) -> Self {
        Self { id, status, message: message.into(), object: None, field: None, next: None }
    }

    #[must_use]
    pub fn of(mut self, object: impl Into<String>) -> Self {
        self.object = Some(object.into());
        self
    }

    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }
}
