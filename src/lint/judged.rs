//! A text with what was found in it: what reports, baselines and gates are made of.

use super::{Diagnostic, Severity};

/// One text that was judged.
#[derive(Debug, Clone)]
pub struct Judged<'a> {
    /// As the person named it.
    pub file: &'a str,
    pub text: &'a str,
    /// The chart version, with how it was told; none where the text was judged without one.
    pub chart: Option<String>,
    /// In the order of the text.
    pub diagnostics: &'a [Diagnostic],
}

impl Judged<'_> {
    /// How many findings are of this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|found| found.severity == severity).count()
    }
}
