//! The progress of a run on a terminal.

use std::time::Duration;

use crate::commands::{progress::Progress, terminal::Terminal};

/// Shows what a run waits for.
pub struct Rounds {
    progress: Progress,
}

impl Rounds {
    pub fn start(terminal: &Terminal) -> Self {
        Self { progress: Progress::start(terminal, "asking all servers", None) }
    }

    pub fn waits(&self, open: usize, waited: Duration) {
        let answers = if open == 1 { "answer" } else { "answers" };
        self.progress.show(format!("{open} {answers} may be stale: asking again for {} s", waited.as_secs()));
    }

    pub fn show(&self, what: &str) {
        self.progress.show(what.to_owned());
    }
}
