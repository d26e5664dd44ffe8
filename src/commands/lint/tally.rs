//! How much was found, in one file and in all, and the lines that say so at the end.

use std::ops::AddAssign;

use super::{FixArgs, known::KnownFiles};
use crate::{lint::baseline::Baseline, report::Totals};

/// What became of files, in numbers.
#[derive(Default)]
pub(super) struct Tally {
    pub totals: Totals,
    /// Something is as bad as `--fail-on` says.
    pub failed: bool,
    /// Something could not be done.
    pub refused: bool,
    /// Findings that are too slight to be told.
    pub hidden: usize,
    /// Findings that are in the baseline.
    pub known: usize,
    /// Findings of the baseline that are not there any more.
    pub gone: usize,
    /// What goes into a baseline.
    pub baseline: Baseline,
    /// Fixes that were made.
    pub fixed: usize,
    /// Fixes that could be made: safe ones.
    pub safe: usize,
    /// Fixes that could be made: those that a person should look at.
    pub risky: usize,
    /// Findings that would make the run fail, but hang on facts of another chart version.
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
    /// What is said at the end.
    pub(super) fn lines(&self, fixes: &FixArgs, baseline: &KnownFiles) -> Vec<String> {
        let Self { totals, hidden, known, gone, fixed, safe, risky, borrowed, foreign, .. } = self;
        let mut lines = Vec::new();
        let mut say = |when: bool, line: String| lines.extend(when.then_some(line));
        say(*fixed > 0, format!("{fixed} {}", if fixes.diff { "would be fixed" } else { "fixed" }));
        let nothing = if *risky > 0 { "no safe fixes" } else { "nothing to fix" };
        say(fixes.diff && *fixed == 0 && !self.refused, nothing.to_owned());
        // Where nothing could be judged, the errors say all there is.
        let is_unjudged = self.refused && totals.files_judged == 0;
        say(!fixes.diff && !is_unjudged, totals.to_string());
        let files = if *foreign == 1 { "file" } else { "files" };
        say(*foreign > 0, format!("{foreign} {files} without values of the chart"));
        say(*known > 0, format!("{known} already in the baseline"));
        say(*gone > 0, format!("{gone} in the baseline no longer found: update it with `--update-baseline`"));
        say(baseline.is_written(), baseline.told());
        say(*hidden > 0, format!("{hidden} hidden (show with `--min-severity info`)"));
        let (depend, fail) = if *borrowed == 1 { ("finding depends", "does") } else { ("findings depend", "do") };
        let facts = format!("on facts of another chart version and {fail} not fail the run");
        let more = "(fail with `--fail-on warning`)";
        say(*borrowed > 0, format!("{borrowed} {depend} {facts} {more}"));
        say(*safe > 0 && !fixes.fix, format!("{safe} fixable with `--fix`"));
        let look = format!("{risky} fixable with `--fix --unsafe-fixes` (review the result)");
        say(*risky > 0 && !fixes.unsafe_fixes, look);
        lines
    }
}
