//! What every command gets and gives back: the streams of its run, and how the run ended.

use std::{io::Write, process::ExitCode};

use super::{talk::Talk, terminal::Terminal};

/// What a run ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// fine
    Success,
    /// findings, or differences
    Findings,
    /// it could not be done
    Failure,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        match status {
            ExitStatus::Success => Self::from(0),
            ExitStatus::Findings => Self::from(1),
            ExitStatus::Failure => Self::from(2),
        }
    }
}

/// Where a run reads from and writes to.
pub struct Streams<'a> {
    /// the product
    pub out: &'a mut dyn Write,
    /// the talk
    pub err: &'a mut Talk,
    /// The terminals that show both.
    pub terminal: Terminal,
    /// how the program was called, without its own name
    pub argv: Vec<String>,
}
