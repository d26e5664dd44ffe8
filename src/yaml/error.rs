//! What is wrong with a text, and where.

use std::fmt;

/// Why a text is not what Helm would read as values, with the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct Error {
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    pub message: String,
}

impl Error {
    pub(crate) fn new(line: usize, column: usize, message: impl fmt::Display) -> Self {
        Self { line, column, message: message.to_string() }
    }
}
