//! The search for words in whole texts: most files of a folder are searched for some, and not read further.

use std::sync::OnceLock;

use aho_corasick::packed::Searcher;
use memchr::memmem;

/// Whether a text holds a word.
pub(super) fn holds(text: &str, word: &str) -> bool {
    memmem::find(text.as_bytes(), word.as_bytes()).is_some()
}

/// A word that is searched in many texts: its search is prepared once, when it is first searched.
pub(super) struct Word {
    word: &'static str,
    prepared: OnceLock<Box<memmem::Finder<'static>>>,
}

impl Word {
    pub const fn of(word: &'static str) -> Self {
        Self { word, prepared: OnceLock::new() }
    }

    pub fn is(&self, word: &str) -> bool {
        self.word == word
    }

    pub fn is_in(&self, text: &str) -> bool {
        self.prepared.get_or_init(|| Box::new(memmem::Finder::new(self.word))).find(text.as_bytes()).is_some()
    }
}

/// Several words, which are searched at once. The search is prepared when a text is first searched.
pub(super) struct Words {
    words: &'static [&'static str],
    /// `None` where the processor cannot search several words at once.
    prepared: OnceLock<Option<Searcher>>,
}

impl Words {
    pub const fn of(words: &'static [&'static str]) -> Self {
        Self { words, prepared: OnceLock::new() }
    }

    /// Whether a text holds one of the words.
    pub fn any_in(&self, text: &str) -> bool {
        match self.prepared.get_or_init(|| Searcher::new(self.words)) {
            Some(words) => words.find(text).is_some(),
            None => self.words.iter().any(|word| holds(text, word)),
        }
    }
}
