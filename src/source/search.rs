//! The search for words in whole texts: most files of a folder are searched for some, and not read further.

use memchr::memmem;

/// Whether a text holds a word.
pub(super) fn holds(text: &str, word: &str) -> bool {
    memmem::find(text.as_bytes(), word.as_bytes()).is_some()
}

/// Whether a text holds one of some words.
pub(super) fn holds_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| holds(text, word))
}
