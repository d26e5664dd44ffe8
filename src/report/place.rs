//! Lines and columns of what was marked.

use serde::Serialize;

use crate::{lint::Diagnostic, yaml::Span};

/// The lines of one text, to find many places in it without a walk each.
pub(super) struct Lines<'a> {
    text: &'a str,
    /// The first byte of each line.
    starts: Vec<usize>,
    /// How many characters start before each block of bytes, so that no place in a long line takes a walk through it.
    blocks: Vec<usize>,
}

/// Bytes.
const BLOCK: usize = 1024;

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
    /// A line ends at `\n`, `\r\n` or `\r`.
    pub(super) fn of(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(at, b)| match b {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        let starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        let blocks = bytes.chunks(BLOCK).scan(0, |all, block| {
            *all += characters(block);
            Some(*all)
        });
        Self { text, starts, blocks: std::iter::once(0).chain(blocks).collect() }
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
        let line = self.line(byte);
        let column = self.characters_before(byte) - self.characters_before(self.starts[line]);
        (line + 1, column + 1)
    }

    fn characters_before(&self, byte: usize) -> usize {
        let byte = byte.min(self.text.len());
        let block = byte / BLOCK;
        let rest = self.text.as_bytes().get(block * BLOCK..byte).unwrap_or_default();
        self.blocks[block] + characters(rest)
    }

    /// The line of a byte, counted from 0.
    pub(super) fn line(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte) - 1
    }

    /// The first byte of a line that is counted from 0; for one behind the last, the end of the text.
    pub(super) fn start(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(self.text.len())
    }

    /// The byte behind the last of a line that is counted from 0, without what ends it.
    pub(super) fn end(&self, line: usize) -> usize {
        let (start, next) = (self.start(line), self.start(line + 1));
        start + self.text.get(start..next).unwrap_or_default().trim_end_matches(['\n', '\r']).len()
    }
}

/// How many characters start in these bytes.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|b| (**b & 0xc0) != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_document() {
        let text = "a: 1\r\nä: 'ö' # x\rb:\n";
        let lines = Lines::of(text);
        let document = crate::yaml::Document::parse(text).expect("a text that is read");
        for (at, _) in text.char_indices().chain([(text.len(), ' ')]) {
            assert_eq!(lines.position(at), document.position(at), "{at}");
        }
    }

    #[test]
    fn lines_have_no_ends() {
        let lines = Lines::of("a\r\nbc\n\nd");
        let spans: Vec<_> = (0..5).map(|line| (lines.start(line), lines.end(line))).collect();
        assert_eq!(spans, [(0, 1), (3, 5), (6, 6), (7, 8), (8, 8)]);
        assert_eq!(Lines::of("").place(Span::default()), Place { line: 1, column: 1, end_line: 1, end_column: 1 });
    }
}
