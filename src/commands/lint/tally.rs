//! Counts the findings of one file or of all files, and writes the summary lines.

use std::ops::AddAssign;

use super::{FixArgs, known::KnownFiles};
use crate::{lint::baseline::Baseline, report::Totals};

/// Counts of findings, fixes and files.
#[derive(Default)]
pub(super) struct Tally {
    pub totals: Totals,
    /// Whether a finding has the severity of `--fail-on` or a higher one.
    pub failed: bool,
    /// Whether a file had an error.
    pub refused: bool,
    /// Findings below the reported severity.
    pub hidden: usize,
    /// Findings that are in the baseline.
    pub known: usize,
    /// Findings in the baseline that the files no longer have.
    pub gone: usize,
    /// The findings for a new baseline.
    pub baseline: Baseline,
    /// Applied fixes.
    pub fixed: usize,
    /// Findings with a safe fix.
    pub safe: usize,
    /// Findings with an unsafe fix.
    pub risky: usize,
    /// Findings that would fail the run, but use facts of another chart version.
    pub borrowed: usize,
    /// Files without values of the chart.
    pub foreign: usize,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        let Self { totals, failed, refused, hidden, known, gone, baseline, fixed, safe, risky, borrowed, foreign } =
            other;
        self.totals += totals;
        self.failed |= failed;
        self.refused |= refused;
        self.hidden += hidden;
        self.known += known;
        self.gone += gone;
        self.baseline.join(baseline);
        self.fixed += fixed;
        self.safe += safe;
        self.risky += risky;
        self.borrowed += borrowed;
        self.foreign += foreign;
    }
}

impl Tally {
    /// The summary lines.
    pub(super) fn lines(&self, fixes: &FixArgs, baseline: &KnownFiles) -> Vec<String> {
        let Self { totals, hidden, known, gone, fixed, safe, risky, borrowed, foreign, .. } = self;
        let mut lines = Vec::new();
        let mut add = |when: bool, line: String| lines.extend(when.then_some(line));
        add(*fixed > 0, format!("{fixed} {}", if fixes.diff { "would be fixed" } else { "fixed" }));
        let nothing = if *risky > 0 { "no safe fixes" } else { "nothing to fix" };
        add(fixes.diff && *fixed == 0 && !self.refused, nothing.to_owned());
        // Without a checked file, the errors are enough.
        let is_unchecked = self.refused && totals.files_checked == 0;
        add(!fixes.diff && !is_unchecked, totals.to_string());
        let files = if *foreign == 1 { "file" } else { "files" };
        add(*foreign > 0, format!("{foreign} {files} without values of the chart"));
        add(*known > 0, format!("{known} already in the baseline"));
        add(*gone > 0, format!("{gone} in the baseline no longer found: update it with `--update-baseline`"));
        add(baseline.is_written(), baseline.written_message());
        add(*hidden > 0, format!("{hidden} below the severity to report: see `--min-severity`"));
        let (depend, fail) = if *borrowed == 1 { ("finding depends", "does") } else { ("findings depend", "do") };
        let facts = format!("on facts of another chart version and {fail} not fail the run");
        let more = "(fail with `--fail-on warning`)";
        add(*borrowed > 0, format!("{borrowed} {depend} {facts} {more}"));
        add(*safe > 0 && !fixes.fix, format!("{safe} fixable with `--fix`"));
        let look = format!("{risky} fixable with `--fix --unsafe-fixes` (review the result)");
        add(*risky > 0 && !fixes.unsafe_fixes, look);
        lines
    }
}
