//! Colours of messages on stderr.

use std::fmt;

use anstyle::{AnsiColor, Style};

pub fn error(text: &str) -> impl fmt::Display {
    styled(text, AnsiColor::Red)
}

pub fn warning(text: &str) -> impl fmt::Display {
    styled(text, AnsiColor::Yellow)
}

pub fn note(text: &str) -> impl fmt::Display {
    styled(text, AnsiColor::Cyan)
}

fn styled(text: &str, color: AnsiColor) -> String {
    let style = Style::new().bold().fg_color(Some(color.into()));
    format!("{style}{text}{style:#}")
}

/// The head of a table or section of the output; plain without a terminal.
pub fn heading(text: &str) -> impl fmt::Display {
    let style = Style::new().bold();
    format!("{style}{text}{style:#}")
}
