//! A text with several blocks of values that change one after the other.
//!
//! The text is read again only if a change depends on the changes before: most blocks have their own part of the text.

use std::ops::Range;

use super::FileError;
use crate::source::{EmbeddedText, ValuesBlock};

/// Finds the blocks of values in a text.
pub(super) type ReadBlocks<'a> = &'a dyn Fn(&str) -> Result<Vec<ValuesBlock>, FileError>;

/// A text and its blocks of values, with changes that the text does not have yet.
pub(super) struct EditedText<'a> {
    text: String,
    blocks: Vec<ValuesBlock>,
    read: ReadBlocks<'a>,
    changes: Vec<(Range<usize>, String)>,
    /// The end of the last bytes that change.
    end: usize,
}

impl<'a> EditedText<'a> {
    pub fn new(text: String, blocks: Vec<ValuesBlock>, read: ReadBlocks<'a>) -> Self {
        Self { text, blocks, read, changes: Vec::new(), end: 0 }
    }

    /// The blocks of the text. The blocks that have changed are old.
    pub fn blocks(&self) -> &[ValuesBlock] {
        &self.blocks
    }

    /// Whether the changes so far leave a part of the text as it was read.
    pub fn is_untouched(&self, part: &EmbeddedText) -> bool {
        let Some(range) = part.range().filter(|_| !part.can_only_rename()) else { return self.changes.is_empty() };
        let is_apart = |(changed, _): &(Range<usize>, String)| changed.end <= range.start || range.end <= changed.start;
        self.end <= range.start || self.changes.iter().all(is_apart)
    }

    /// Makes the changes so far, and reads the text again.
    ///
    /// # Errors
    ///
    /// If the changed text has no blocks of values.
    pub fn read_again(&mut self) -> Result<(), FileError> {
        self.text = self.changed();
        self.changes.clear();
        self.end = 0;
        self.blocks = (self.read)(&self.text)?;
        Ok(())
    }

    /// Changes a part that is untouched. False if the part cannot be written back.
    pub fn put_back(&mut self, part: &EmbeddedText, inner: &str) -> bool {
        match part.replacement(&self.text, inner) {
            Some((range, text)) => {
                self.end = self.end.max(range.end);
                self.changes.push((range, text));
                true
            }
            None => false,
        }
    }

    /// The text with all changes.
    pub fn into_text(self) -> String {
        self.changed()
    }

    fn changed(&self) -> String {
        let mut changes: Vec<_> = self.changes.iter().collect();
        changes.sort_by_key(|(range, _)| range.start);
        let (mut text, mut at) = (String::with_capacity(self.text.len()), 0);
        for (range, new) in changes {
            text.push_str(self.text.get(at..range.start).unwrap_or_default());
            text.push_str(new);
            at = range.end;
        }
        text.push_str(self.text.get(at..).unwrap_or_default());
        text
    }
}
