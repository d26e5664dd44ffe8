//! The search for words in whole texts: most files of a folder are searched for some, and not read further.

use std::sync::OnceLock;

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

/// Some words, each as a [`Word`] from the first search on.
pub(super) struct Words {
    words: &'static [&'static str],
    prepared: OnceLock<Vec<Word>>,
}

impl Words {
    pub const fn of(words: &'static [&'static str]) -> Self {
        Self { words, prepared: OnceLock::new() }
    }

    /// Whether a text holds one of the words.
    pub fn any_in(&self, text: &str) -> bool {
        let prepared = self.prepared.get_or_init(|| self.words.iter().copied().map(Word::of).collect());
        prepared.iter().any(|word| word.is_in(text))
    }
}
