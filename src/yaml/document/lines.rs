//! Line and column numbers of byte offsets.

/// Index of the lines of one text, for many lookups without a scan of the text for each.
#[derive(Debug, Clone)]
pub struct Lines {
    /// Byte offset of each line.
    starts: Vec<usize>,
    /// Number of characters that start before each block of [`BLOCK`] bytes. A lookup in a long line scans one block
    /// only.
    blocks: Vec<usize>,
}

/// Size of a block in bytes.
const BLOCK: usize = 1024;

impl Lines {
    /// Indexes the lines of `text`. A line ends at `\n`, `\r\n` or `\r`.
    pub fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let ends = |at: &usize| bytes[*at] == b'\n' || bytes.get(at + 1) != Some(&b'\n');
        let ends = memchr::memchr2_iter(b'\n', b'\r', bytes).filter(ends);
        let starts = std::iter::once(0).chain(ends.map(|at| at + 1)).collect();
        let blocks = bytes.chunks(BLOCK).scan(0, |all, block| {
            *all += characters(block);
            Some(*all)
        });
        Self { starts, blocks: std::iter::once(0).chain(blocks).collect() }
    }

    /// Line and column of a byte offset, both counted from 1, the column in characters.
    pub fn position(&self, text: &str, byte: usize) -> (usize, usize) {
        let byte = byte.min(text.len());
        let line = self.line(byte);
        let start = self.starts[line];
        // Most lines are shorter than a block, and a direct count is faster.
        let before = match byte - start {
            ..BLOCK => characters(text.as_bytes().get(start..byte).unwrap_or_default()),
            _ => self.before(text, byte) - self.before(text, start),
        };
        (line + 1, before + 1)
    }

    /// Line of a byte offset, counted from 0.
    pub fn line(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte) - 1
    }

    /// Byte offset of a line, counted from 0, or `None` after the last line.
    pub fn start(&self, line: usize) -> Option<usize> {
        self.starts.get(line).copied()
    }

    /// Number of characters that start before a byte offset.
    fn before(&self, text: &str, byte: usize) -> usize {
        let block = byte / BLOCK;
        self.blocks[block] + characters(text.as_bytes().get(block * BLOCK..byte).unwrap_or_default())
    }
}

/// Number of characters that start in `bytes`. Continuation bytes of UTF-8 do not count.
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
