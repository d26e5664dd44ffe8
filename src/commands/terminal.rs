//! The terminal of the user: its size, and output that only a terminal shows.
//!
//! A pipe, a file and a CI log get every line as it is, and no pager.

use std::{
    borrow::Cow,
    env,
    io::{self, IsTerminal, Write},
};

use super::pager;
use crate::fold;

/// The size of a terminal that reports no size.
const USUAL: Size = Size { width: 80, height: 24 };

/// The terminals that show the standard streams.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminal {
    /// Size for standard output; none without a terminal.
    out: Option<Size>,
    /// Size for standard error; none without a terminal.
    err: Option<Size>,
    has_pager: bool,
    is_quiet: bool,
}

/// Columns and lines.
#[derive(Debug, Clone, Copy)]
struct Size {
    width: usize,
    height: usize,
}

impl Terminal {
    /// Detects the terminals of both streams. `no_pager` turns off the pager, and `is_quiet` turns off progress.
    pub fn detect(no_pager: bool, is_quiet: bool) -> Self {
        let out = io::stdout().is_terminal().then(|| size(terminal_size::terminal_size_of(io::stdout())));
        let err = io::stderr().is_terminal().then(|| size(terminal_size::terminal_size_of(io::stderr())));
        Self { out, err, has_pager: !no_pager, is_quiet }
    }

    /// Whether standard output is a terminal.
    pub fn shows_output(&self) -> bool {
        self.out.is_some()
    }

    /// Whether progress may be shown.
    pub fn shows_progress(&self) -> bool {
        self.err.is_some() && !self.is_quiet
    }

    /// Columns for standard output; none without a terminal.
    pub fn width(&self) -> Option<usize> {
        self.out.map(|size| size.width)
    }

    /// Columns for standard error; none without a terminal.
    pub fn error_width(&self) -> Option<usize> {
        self.err.map(|size| size.width)
    }

    /// Prose and tables for standard output, with no line wider than the terminal.
    pub fn folded<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.width().map_or(Cow::Borrowed(text), |width| Cow::Owned(fold::text(text, width)))
    }

    /// A shell script for standard output, with no line wider than the terminal where a shell allows that.
    pub fn folded_script<'a>(&self, script: &'a str) -> Cow<'a, str> {
        self.width().map_or(Cow::Borrowed(script), |width| Cow::Owned(fold::script(script, width)))
    }

    /// Shows a report on standard output, through the pager where the report is longer than the screen. On a terminal,
    /// what is written to standard error afterwards comes after the report.
    ///
    /// # Errors
    ///
    /// The report cannot be written, or the pager cannot be waited for.
    pub fn show(&self, report: &str, out: &mut dyn Write) -> anyhow::Result<()> {
        if let Some(Size { width: _, height }) = self.out {
            out.flush()?;
            // The last line of the screen is for the prompt.
            if self.has_pager && report.lines().count() >= height && pager::show(report)? {
                return Ok(());
            }
        }
        out.write_all(report.as_bytes())?;
        if self.out.is_some() {
            out.flush()?;
        }
        Ok(())
    }
}

fn size(reported: Option<(terminal_size::Width, terminal_size::Height)>) -> Size {
    // A terminal of no size is one that does not know it.
    let reported = reported.filter(|(width, height)| width.0 > 0 && height.0 > 0);
    match reported {
        Some((width, height)) => Size { width: width.0.into(), height: height.0.into() },
        None => Size {
            width: variable("COLUMNS").unwrap_or(USUAL.width),
            height: variable("LINES").unwrap_or(USUAL.height),
        },
    }
}

fn variable(name: &str) -> Option<usize> {
    env::var(name).ok()?.parse().ok().filter(|size| *size > 0)
}
