//! How much was found.

use std::{fmt, ops::AddAssign};

use super::CheckedFile;
use crate::lint::Severity;

/// How much of each severity was found, and in how many files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    pub errors: usize,
    pub warnings: usize,
    pub infos: usize,
    /// Files that have findings.
    pub files: usize,
    pub files_judged: usize,
}

impl Totals {
    pub fn of(judged: &CheckedFile) -> Self {
        Self {
            errors: judged.count(Severity::Error),
            warnings: judged.count(Severity::Warning),
            infos: judged.count(Severity::Info),
            files: usize::from(!judged.diagnostics.is_empty()),
            files_judged: 1,
        }
    }

    pub(super) fn findings(&self) -> usize {
        self.errors + self.warnings + self.infos
    }

    /// `3 errors, 1 warning`; empty where nothing was found.
    pub(super) fn counts(&self) -> String {
        let counts: Vec<String> = [(self.errors, "error"), (self.warnings, "warning"), (self.infos, "info")]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| counted(count, what))
            .collect();
        counts.join(", ")
    }
}

impl AddAssign for Totals {
    fn add_assign(&mut self, Self { errors, warnings, infos, files, files_judged }: Self) {
        self.errors += errors;
        self.warnings += warnings;
        self.infos += infos;
        self.files += files;
        self.files_judged += files_judged;
    }
}

impl std::iter::Sum for Totals {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |mut sum, one| {
            sum += one;
            sum
        })
    }
}

/// The line for the end of the talk: `3 errors, 1 warning in 2 files (7 files checked)`.
impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = counted(self.files_judged, "file");
        match self.counts().as_str() {
            "" => write!(f, "no findings ({all} checked)"),
            counts => write!(f, "{counts} in {} ({all} checked)", counted(self.files, "file")),
        }
    }
}

pub(super) fn counted(count: usize, what: &str) -> String {
    // The field says `info` for one and for many.
    let plural = if count == 1 || what == "info" { "" } else { "s" };
    format!("{count} {what}{plural}")
}
