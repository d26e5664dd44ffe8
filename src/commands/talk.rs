//! Notes and warnings on standard error: folded at the width of a terminal, and counted.

use std::{
    fmt,
    io::{self, Write},
};

use crate::fold;

/// The labels of lines that are prose.
const LABELS: [&str; 3] = ["error:", "warning:", "note:"];

/// Writes line by line to standard error.
pub struct Talk {
    to: Box<dyn Write>,
    /// Width of the terminal; none without a terminal.
    width: Option<usize>,
    line: Vec<u8>,
    warnings: usize,
    notes: usize,
    /// Whether a line ends with the id of a rule in brackets.
    names_a_rule: bool,
}

impl Talk {
    pub fn new(to: Box<dyn Write>, width: Option<usize>) -> Self {
        Self { to, width, line: Vec::new(), warnings: 0, notes: 0, names_a_rule: false }
    }

    /// Lets `write!` accept a `Talk` without an import of [`Write`].
    ///
    /// # Errors
    ///
    /// When standard error is not writable.
    pub fn write_fmt(&mut self, text: fmt::Arguments) -> io::Result<()> {
        Write::write_fmt(self, text)
    }

    /// Writes the number of warnings and notes, and the next step, on a terminal with more than one line.
    ///
    /// # Errors
    ///
    /// When standard error is not writable.
    pub fn sum_up(&mut self) -> io::Result<()> {
        if self.width.is_none() || self.warnings + self.notes < 2 {
            return Ok(());
        }
        let counted = |count: usize, what: &str| match count {
            0 => None,
            1 => Some(format!("1 {what}")),
            count => Some(format!("{count} {what}s")),
        };
        let counts: Vec<_> =
            [counted(self.warnings, "warning"), counted(self.notes, "note")].into_iter().flatten().collect();
        let next = if self.names_a_rule { ": `redisgen explain RULE` explains an id in brackets" } else { "" };
        let sum = format!("{}{next}\n", counts.join(", "));
        self.to.write_all(self.width.map_or(sum.clone(), |width| fold::text(&sum, width)).as_bytes())
    }

    /// Writes a whole line.
    fn put(&mut self) -> io::Result<()> {
        let line = String::from_utf8_lossy(&self.line).into_owned();
        self.line.clear();
        let plain = anstream::adapter::strip_str(&line).to_string();
        self.warnings += usize::from(plain.starts_with("warning:"));
        self.notes += usize::from(plain.starts_with("note:"));
        let is_prose = LABELS.iter().any(|label| plain.starts_with(label));
        self.names_a_rule |= is_prose && plain.trim_end().ends_with(']');
        match self.width.filter(|_| is_prose) {
            Some(width) => self.to.write_all(fold::text(&line, width).as_bytes()),
            None => self.to.write_all(line.as_bytes()),
        }
    }
}

impl Write for Talk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.put()?;
            }
        }
        Ok(bytes.len())
    }

    /// Writes the last line, which has no line end yet.
    fn flush(&mut self) -> io::Result<()> {
        self.to.write_all(&self.line)?;
        self.line.clear();
        self.to.flush()
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        // A failure to write to standard error cannot be reported.
        drop(self.flush());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(width: Option<usize>, text: &str) -> String {
        let to = Shared::default();
        let mut talk = Talk::new(Box::new(to.clone()), width);
        write!(talk, "{text}").unwrap();
        talk.sum_up().unwrap();
        drop(talk);
        String::from_utf8(to.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_person_reads_the_counts_last() {
        let text = "note: one two three four [a-rule]\nwarning: five\nnote: six\n";
        assert_eq!(
            written(Some(20), text),
            "note: one two three\n  four [a-rule]\nwarning: five\nnote: six\n\
             1 warning, 2 notes:\n  `redisgen explain\n  RULE` explains an\n  id in brackets\n"
        );
        assert_eq!(written(Some(80), "note: one\n"), "note: one\n");
        assert_eq!(written(None, text), text);
    }
}
