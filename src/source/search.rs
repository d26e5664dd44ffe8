//! The search for words in whole texts: most files of a folder are searched for some, and not read further.

use memchr::memmem;

/// Whether a text holds a word.
pub(super) fn holds(text: &str, word: &str) -> bool {
    memmem::find(text.as_bytes(), word.as_bytes()).is_some()
}

/// A word that is searched in many texts: its search is prepared once.
pub(super) struct Word(memmem::Finder<'static>);

impl Word {
    pub fn of(word: &'static str) -> Self {
        Self(memmem::Finder::new(word))
    }

    pub fn is(&self, word: &str) -> bool {
        self.0.needle() == word.as_bytes()
    }

    pub fn is_in(&self, text: &str) -> bool {
        self.0.find(text.as_bytes()).is_some()
    }
}

/// Whether a text holds one of some words.
pub(super) fn holds_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| holds(text, word))
}
