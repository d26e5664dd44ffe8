//! Lines and columns of the bytes of a text.

/// The lines of one text, to find many places in it without a walk each.
#[derive(Debug, Clone)]
pub struct Lines {
    /// The first byte of each line.
    starts: Vec<usize>,
    /// How many characters start before each block of bytes, so that no place in a long line takes a walk through it.
    blocks: Vec<usize>,
}

/// Bytes.
const BLOCK: usize = 1024;

impl Lines {
    /// A line ends at `\n`, `\r\n` or `\r`.
    pub fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let ends = |at: &usize| bytes[*at] == b'\n' || (bytes[*at] == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
        let starts = std::iter::once(0).chain((0..bytes.len()).filter(ends).map(|at| at + 1)).collect();
        let blocks = bytes.chunks(BLOCK).scan(0, |all, block| {
            *all += characters(block);
            Some(*all)
        });
        Self { starts, blocks: std::iter::once(0).chain(blocks).collect() }
    }

    /// Line and column of a byte of this text, both counted from 1, the column in characters.
    pub fn position(&self, text: &str, byte: usize) -> (usize, usize) {
        let byte = byte.min(text.len());
        let line = self.line(byte);
        let start = self.starts[line];
        // Most lines are short.
        let before = match byte - start {
            ..BLOCK => characters(text.as_bytes().get(start..byte).unwrap_or_default()),
            _ => self.before(text, byte) - self.before(text, start),
        };
        (line + 1, before + 1)
    }

    /// The line of a byte, counted from 0.
    pub fn line(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte) - 1
    }

    /// The first byte of a line that is counted from 0; none behind the last.
    pub fn start(&self, line: usize) -> Option<usize> {
        self.starts.get(line).copied()
    }

    /// How many characters start before a byte.
    fn before(&self, text: &str, byte: usize) -> usize {
        let block = byte / BLOCK;
        self.blocks[block] + characters(text.as_bytes().get(block * BLOCK..byte).unwrap_or_default())
    }
}

/// How many characters start in these bytes: a continuation byte is none of its own.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|b| (**b & 0xc0) != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_in_characters() {
        let text = format!("a: 1\r\nä: 'ö' # x\rb:\n{}", "ü".repeat(BLOCK));
        let lines = Lines::of(&text);
        let (mut line, mut column) = (1, 1);
        let mut letters = text.char_indices().peekable();
        while let Some((at, c)) = letters.next() {
            assert_eq!(lines.position(&text, at), (line, column), "{at}");
            let ends = c == '\n' || c == '\r' && letters.peek().is_none_or(|(_, next)| *next != '\n');
            (line, column) = if ends { (line + 1, 1) } else { (line, column + 1) };
        }
        assert_eq!(lines.position(&text, usize::MAX), (line, column));
        assert_eq!((lines.start(3), lines.start(4)), (Some(text.find('ü').unwrap()), None));
        assert_eq!(Lines::of("").position("", 0), (1, 1));
    }
}
