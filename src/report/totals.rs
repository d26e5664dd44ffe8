//! Counts findings.

use std::{fmt, ops::AddAssign};

use super::CheckedFile;
use crate::lint::Severity;

/// The number of findings by severity, and of the files with findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    pub errors: usize,
    pub warnings: usize,
    pub infos: usize,
    /// The number of files with findings.
    pub files: usize,
    pub files_checked: usize,
}

impl Totals {
    pub fn of(checked: &CheckedFile) -> Self {
        Self {
            errors: checked.count(Severity::Error),
            warnings: checked.count(Severity::Warning),
            infos: checked.count(Severity::Info),
            files: usize::from(!checked.diagnostics.is_empty()),
            files_checked: 1,
        }
    }

    pub(super) fn findings(&self) -> usize {
        self.errors + self.warnings + self.infos
    }

    /// The counts by severity: `3 errors, 1 warning`. Empty if there are no findings.
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
    fn add_assign(&mut self, Self { errors, warnings, infos, files, files_checked }: Self) {
        self.errors += errors;
        self.warnings += warnings;
        self.infos += infos;
        self.files += files;
        self.files_checked += files_checked;
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

/// The closing line of a report: `3 errors, 1 warning in 2 files (7 files checked)`.
impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = counted(self.files_checked, "file");
        match self.counts().as_str() {
            "" => write!(f, "no findings ({all} checked)"),
            counts => write!(f, "{counts} in {} ({all} checked)", counted(self.files, "file")),
        }
    }
}

pub(super) fn counted(count: usize, what: &str) -> String {
    // Linters use `info` as singular and plural.
    let plural = if count == 1 || what == "info" { "" } else { "s" };
    format!("{count} {what}{plural}")
}
