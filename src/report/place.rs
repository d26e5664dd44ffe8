//! Lines and columns of what was marked.

use serde::Serialize;

use crate::{
    lint::Diagnostic,
    yaml::{self, Span},
};

/// The lines of one text, with it.
pub(super) struct Lines<'a> {
    text: &'a str,
    lines: yaml::Lines,
}

/// Lines and columns are counted from 1, columns in characters; the end is the place behind the last character.
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

    pub(super) fn of_finding(&self, found: &Diagnostic) -> Place {
        self.place(found.place())
    }

    /// The line and the column of a byte, both counted from 1.
    pub(super) fn position(&self, byte: usize) -> (usize, usize) {
        self.lines.position(self.text, byte)
    }

    /// Line of a byte offset, counted from 0.
    pub(super) fn line(&self, byte: usize) -> usize {
        self.lines.line(byte)
    }

    /// The first byte of a line that is counted from 0; for one behind the last, the end of the text.
    pub(super) fn start(&self, line: usize) -> usize {
        self.lines.start(line).unwrap_or(self.text.len())
    }

    /// The byte behind the last of a line that is counted from 0, without what ends it.
    pub(super) fn end(&self, line: usize) -> usize {
        let (start, next) = (self.start(line), self.start(line + 1));
        start + self.text.get(start..next).unwrap_or_default().trim_end_matches(['\n', '\r']).len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_no_ends() {
        let lines = Lines::of("a\r\nbc\n\nd");
        let spans: Vec<_> = (0..5).map(|line| (lines.start(line), lines.end(line))).collect();
        assert_eq!(spans, [(0, 1), (3, 5), (6, 6), (7, 8), (8, 8)]);
        assert_eq!(Lines::of("").place(Span::default()), Place { line: 1, column: 1, end_line: 1, end_column: 1 });
    }
}
