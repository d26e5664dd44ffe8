//! Converts byte positions to lines and columns.

use serde::Serialize;

use crate::{
    lint::Diagnostic,
    yaml::{self, Span},
};

/// The lines of one text.
pub(super) struct Lines<'a> {
    text: &'a str,
    lines: yaml::Lines,
}

/// A range of a text. Lines and columns count from 1, columns in characters, and the end is after the last character.
#[derive(Serialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(super) struct Place {
    pub line: usize,
    pub column: usize,
    pub end_line: usize,
    pub end_column: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, lines: yaml::Lines::of(text) }
    }

    pub(super) fn place(&self, span: Span) -> Place {
        let (line, column) = self.position(span.start);
        let (end_line, end_column) = self.position(span.end.max(span.start));
        Place { line, column, end_line, end_column }
    }

    pub(super) fn of_finding(&self, diagnostic: &Diagnostic) -> Place {
        self.place(diagnostic.place())
    }

    /// The line and the column of a byte, both counted from 1.
    pub(super) fn position(&self, byte: usize) -> (usize, usize) {
        self.lines.position(self.text, byte)
    }

    /// Line of a byte offset, counted from 0.
    pub(super) fn line(&self, byte: usize) -> usize {
        self.lines.line(byte)
    }

    /// The first byte of a line that is counted from 0, or the end of the text for a line after the last one.
    pub(super) fn start(&self, line: usize) -> usize {
        self.lines.start(line).unwrap_or(self.text.len())
    }

    /// The byte after the last character of a line that is counted from 0, without the line ending.
    pub(super) fn end(&self, line: usize) -> usize {
        let (start, next) = (self.start(line), self.start(line + 1));
        start + self.text.get(start..next).unwrap_or_default().trim_end_matches(['\n', '\r']).len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_exclude_their_endings() {
        let lines = Lines::of("a\r\nbc\n\nd");
        let spans: Vec<_> = (0..5).map(|line| (lines.start(line), lines.end(line))).collect();
        assert_eq!(spans, [(0, 1), (3, 5), (6, 6), (7, 8), (8, 8)]);
        assert_eq!(Lines::of("").place(Span::default()), Place { line: 1, column: 1, end_line: 1, end_column: 1 });
    }
}
