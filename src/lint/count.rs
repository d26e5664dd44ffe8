//! The findings of a text as a project counts them: with its levels, its baseline, and what makes a run fail.

use super::{
    Diagnostic, FailOn, Levels, Severity,
    baseline::{Baseline, Comparison},
};

/// How a project counts findings.
#[derive(Debug, Clone, Copy)]
pub struct Policy<'a> {
    pub levels: &'a Levels,
    /// The least severity that is reported.
    pub least: Severity,
    /// None where nobody says: then findings that use facts of another chart version do not fail the run.
    pub fail_on: Option<FailOn>,
    pub baseline: Option<&'a Baseline>,
}

/// What is reported of a text, and what counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    pub diagnostics: Vec<Diagnostic>,
    /// Findings that are in the baseline.
    pub known: usize,
    /// Findings of the baseline that are not there any more.
    pub gone: usize,
    /// Findings that are too slight to be reported.
    pub hidden: usize,
    /// Whether a finding fails the run.
    pub fails: bool,
    /// Findings that would fail the run, but use facts of another chart version.
    pub borrowed: usize,
    /// Findings with a safe fix.
    pub safe: usize,
    /// Findings with a fix that a person should look at.
    pub risky: usize,
}

/// Counts all findings of a file with this name.
pub fn count(name: &str, found: Vec<Diagnostic>, policy: Policy) -> Counted {
    let found = policy.levels.apply(found);
    // What is hidden is still found: it is not gone from the baseline.
    let Comparison { new: mut diagnostics, known, gone } = match policy.baseline {
        Some(baseline) => baseline.compare(name, found),
        None => Comparison { new: found, known: 0, gone: 0 },
    };
    let all = diagnostics.len();
    diagnostics.retain(|found| found.severity >= policy.least);
    let counts = |found: &&Diagnostic| policy.fail_on.unwrap_or(FailOn::Warning).fails(found.severity);
    let borrowed = |found: &&Diagnostic| policy.fail_on.is_none() && found.facts_of.is_some();
    let fixes = || diagnostics.iter().filter_map(|found| found.fix.as_ref());
    let safe = fixes().filter(|fix| fix.is_safe()).count();
    Counted {
        known,
        gone,
        hidden: all - diagnostics.len(),
        fails: diagnostics.iter().filter(counts).any(|found| !borrowed(&found)),
        borrowed: diagnostics.iter().filter(counts).filter(borrowed).count(),
        safe,
        risky: fixes().count() - safe,
        diagnostics,
    }
}
