//! A check: what it proves, as data.

use super::{
    cluster::Cluster,
    expectation::Expectation,
    survey::Survey,
    verdict::{Status, Verdict},
    writes::Writes,
};

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
