//! Error of a YAML text, with its position.

use std::fmt;

/// Reason why Helm cannot read a text as values, with the position.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct Error {
    /// Line, counted from 1.
    pub line: usize,
    /// Column, counted from 1 in characters.
    pub column: usize,
    pub message: String,
}

impl Error {
    pub(crate) fn new(line: usize, column: usize, message: impl fmt::Display) -> Self {
        Self { line, column, message: message.to_string() }
    }
}
