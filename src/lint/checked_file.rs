//! A text with its findings: the input of reports, baselines and exit codes.

use super::{Diagnostic, Severity};
use crate::yaml::Document;

/// One text with its findings.
#[derive(Debug, Clone)]
pub struct CheckedFile<'a> {
    /// The name on the command line.
    pub file: &'a str,
    pub text: &'a str,
    /// The whole text as YAML, if it was read already.
    pub document: Option<&'a Document>,
    /// The chart version with its source; none if no version is needed.
    pub chart: Option<String>,
    /// All comments, in the order of the text.
    pub diagnostics: &'a [Diagnostic],
}

impl CheckedFile<'_> {
    /// The number of findings with this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|found| found.severity == severity).count()
    }
}
