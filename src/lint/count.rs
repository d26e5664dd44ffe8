//! The findings of a text as a project counts them: with its levels, its baseline, and what makes a run fail.

use super::{
    Diagnostic, FailOn, Levels, Severity,
    baseline::{Baseline, Comparison},
};

/// How a project counts findings.
#[derive(Debug, Clone, Copy)]
pub struct Policy<'a> {
    pub levels: &'a Levels,
    /// The lowest severity that is reported.
    pub least: Severity,
    /// The lowest severity that fails the run. Without a value, warnings fail the run, but findings that use facts of another chart version do not fail the run.
    pub fail_on: Option<FailOn>,
    pub baseline: Option<&'a Baseline>,
}

/// The reported findings of a text, with their counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    pub diagnostics: Vec<Diagnostic>,
    /// Findings that are in the baseline.
    pub known: usize,
    /// Findings in the baseline that the text no longer has.
    pub gone: usize,
    /// Findings below the reported severity.
    pub hidden: usize,
    /// Whether a finding fails the run.
    pub fails: bool,
    /// Findings that would fail the run, but use facts of another chart version.
    pub borrowed: usize,
    /// Findings with a safe fix.
    pub safe: usize,
    /// Findings with an unsafe fix.
    pub risky: usize,
}

/// Counts all findings of a file with this name.
pub fn count(name: &str, found: Vec<Diagnostic>, policy: Policy) -> Counted {
    let found = policy.levels.apply(found);
    // A hidden finding still exists, and the baseline keeps it.
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
