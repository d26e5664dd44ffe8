//! Progress of slow work on a terminal.

use std::{
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread::{self, JoinHandle},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::terminal::Terminal;

/// Work that ends sooner shows no progress.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often the line is drawn again.
const TICK: Duration = Duration::from_millis(120);

/// One line on standard error, which is erased at the end of the work.
///
/// The line is hidden if standard error is not a terminal, with `--quiet`, and in the first second.
pub struct Progress {
    bar: Option<ProgressBar>,
    /// Closed at the end of the work.
    work: Option<Sender<()>>,
    starter: Option<JoinHandle<()>>,
}

impl Progress {
    /// Starts the progress of work with `steps`, or `None` for an unknown number.
    pub fn start(terminal: &Terminal, what: impl Into<String>, steps: Option<usize>) -> Self {
        if !terminal.shows_progress() {
            return Self { bar: None, work: None, starter: None };
        }
        let bar = ProgressBar::with_draw_target(steps.map(|steps| steps as u64), ProgressDrawTarget::hidden());
        let template = if steps.is_some() { "{spinner} {msg} {pos}/{len}" } else { "{spinner} {msg} {elapsed}" };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(what.into());
        let (work, ended) = mpsc::channel::<()>();
        let shown = bar.clone();
        let starter = thread::spawn(move || {
            if ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                shown.set_draw_target(ProgressDrawTarget::stderr());
                shown.enable_steady_tick(TICK);
            }
        });
        Self { bar: Some(bar), work: Some(work), starter: Some(starter) }
    }

    /// Counts one step.
    pub fn advance(&self) {
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
    }

    /// Shows the current part of the work.
    pub fn show(&self, what: String) {
        if let Some(bar) = &self.bar {
            bar.set_message(what);
        }
    }

    /// Hides the line while `write` prints to the terminal.
    pub fn suspend<T>(&self, others: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(others),
            None => others(),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.work.take());
        if let Some(starter) = self.starter.take() {
            // A thread that only waits cannot fail.
            drop(starter.join());
        }
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
