//! The streams and the exit status of every command.

use std::{io::Write, process::ExitCode};

use super::{talk::Talk, terminal::Terminal};

/// The exit status of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// success
    Success,
    /// findings, or differences
    Findings,
    /// an error
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

/// The streams of a run.
pub struct Streams<'a> {
    /// the output
    pub out: &'a mut dyn Write,
    /// notes and warnings
    pub err: &'a mut Talk,
    /// the terminals of both streams
    pub terminal: Terminal,
    /// the arguments of the program, without its name
    pub argv: Vec<String>,
}
