//! Values that a tool passes to Helm as `--set`.

use std::sync::Arc;

use super::EmbeddedText;
use crate::yaml::{Document, Map, Notes, Path, Span, emit, set};

/// One word for `--set`, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetWord {
    /// `name=value`, with the escapes of Helm.
    pub word: String,
    /// Whether the value stays a text, as with `--set-string`.
    pub is_text: bool,
    /// The place that a finding points to.
    pub span: Span,
}

/// What a tool escapes in a value of `--set`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    Nothing,
    /// Commas, except in a list: `{a,b}` stays a list.
    Commas,
    /// Commas and braces: each value is a text.
    All,
}

/// A value with a backslash before each of these characters that has none.
fn escaped(value: &str, characters: &[char]) -> String {
    let mut escaped = String::with_capacity(value.len());
    let mut before = ' ';
    for c in value.chars() {
        if characters.contains(&c) && before != '\\' {
            escaped.push('\\');
        }
        escaped.push(c);
        before = c;
    }
    escaped
}

/// The most words that are read. Each one is merged into the values before it, which takes time.
pub const MOST_WORDS: usize = 1_000;

impl SetWord {
    /// Creates a word from a name and a value.
    pub fn new(name: &str, value: &str, escape: Escape, is_text: bool, span: Span) -> Self {
        let is_list = value.starts_with('{') && value.ends_with('}');
        let value = match escape {
            Escape::Commas if !is_list => escaped(value, &[',']),
            Escape::All => escaped(value, &[',', '{', '}']),
            _ => value.to_owned(),
        };
        Self { word: format!("{name}={value}"), is_text, span }
    }

    /// The paths that the word sets, without the values.
    fn paths(&self) -> Vec<Path> {
        let names = self.word.split(',').filter_map(|part| part.split_once('='));
        names.filter_map(|(name, _)| name.parse().ok()).collect()
    }
}

/// The values of some words, as a text whose keys have the places of the words. `None` if no word sets a value.
pub fn text_of(words: &[SetWord]) -> Option<(EmbeddedText, Arc<Document>)> {
    let mut values = Map::new();
    let mut places: Vec<(Path, Span)> = Vec::new();
    for SetWord { word, is_text, span } in words.iter().take(MOST_WORDS) {
        let set = if *is_text { set::set_string_into } else { set::set_into };
        if set(word, &mut values).is_ok() {
            let one = SetWord { word: word.clone(), is_text: *is_text, span: *span };
            places.extend(one.paths().into_iter().map(|path| (path, *span)));
        }
    }
    if values.is_empty() {
        return None;
    }
    let text = emit(&values, &Notes::default());
    let document = Document::parse(&text).ok()?;
    let mut starts: Vec<_> = Vec::new();
    if let Some(top) = document.documents().first() {
        document.walk(*top, |path, node| {
            let from = places.iter().rev().find(|(name, _)| name.starts_with(path) || path.starts_with(name));
            if let Some((_, place)) = from {
                starts.push((document.node(node.key.unwrap_or(node.value)).span.start, *place));
            }
        });
    }
    Some((EmbeddedText::of_names(text, starts, places), Arc::new(document)))
}
