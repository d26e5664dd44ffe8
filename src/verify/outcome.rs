//! The verdicts of a run.

use super::check::{Status, Verdict};

/// All verdicts of a run, in the order of the checks.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    pub verdicts: Vec<Verdict>,
    /// Seconds that doubtful answers were asked again.
    pub settled_after: Option<u64>,
}

impl Outcome {
    pub fn count(&self, status: Status) -> usize {
        self.verdicts.iter().filter(|verdict| verdict.status == status).count()
    }

    pub fn is_wrong(&self) -> bool {
        self.count(Status::Wrong) > 0
    }
}
