//! Figures of two programs that run in turns, each with its limit.

use std::fmt;

use super::{Program, in_turns, median};

/// What is compared of two programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// Processor time.
    Time,
    /// Time of the clock.
    Wait,
    /// Peak of memory: that of the first, less that of the second, for each byte of a file of this size.
    BytesForByte(u64),
}

/// The limit of a figure.
#[derive(Debug, Clone, Copy)]
pub enum Limit {
    AtMost(f64),
    AtLeast(f64),
}

/// A figure of one program, relative to another.
pub struct Row {
    pub what: String,
    pub figure: Figure,
    pub limit: Limit,
    pub one: Program,
    pub to: Program,
}

impl Row {
    pub fn new(what: &str, limit: Limit, one: Program, to: Program) -> Self {
        Self { what: what.to_owned(), figure: Figure::Time, limit, one, to }
    }

    /// Runs both programs in turns and prints the line of the row.
    pub fn measure(self, runs: usize) {
        let Self { what, figure, limit, one, to } = self;
        let mut programs = [one, to];
        // The first runs fill the caches of the machine.
        in_turns(&mut programs, 1);
        programs.iter_mut().for_each(Program::forget);
        in_turns(&mut programs, runs);
        let [one, to] = &programs;
        let ratio = |one: &[f64], to: &[f64]| median(&one.iter().zip(to).map(|(one, to)| one / to).collect::<Vec<_>>());
        let found = match figure {
            Figure::Time => ratio(&one.times, &to.times),
            Figure::Wait => ratio(&one.waits, &to.waits),
            Figure::BytesForByte(size) => one.peak.saturating_sub(to.peak) as f64 / size as f64,
        };
        let holds = match limit {
            Limit::AtMost(most) => found <= most,
            Limit::AtLeast(least) => found >= least,
        };
        let held = if holds { "" } else { "  MISSED" };
        let shown = |program: &Program| match figure {
            Figure::Time => format!("{:.2} ms", median(&program.times)),
            Figure::Wait => format!("{:.2} ms of the clock", median(&program.waits)),
            Figure::BytesForByte(_) => format!("{:.1} MB", super::megabytes(program.peak)),
        };
        println!(
            "{what:64}{found:>8.2}  {limit:<14}{held}  ({}: {}, {}: {})",
            one.name,
            shown(one),
            to.name,
            shown(to)
        );
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(most) => f.pad(&format!("at most {most}")),
            Self::AtLeast(least) => f.pad(&format!("at least {least}")),
        }
    }
}
