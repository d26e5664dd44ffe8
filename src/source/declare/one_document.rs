//! A YAML document of a text with several, with its place in the text.

use std::sync::Arc;

use crate::{
    source::{embedded::EmbeddedText, variables::FormVariables},
    yaml::{Document, FoundNode, Span, Value},
};

/// A YAML document of a text with several, with its place in the text.
pub(super) struct OneDocument<'a> {
    pub variables: &'a FormVariables<'a>,
    pub inset: &'a EmbeddedText,
    pub document: &'a Arc<Document>,
    pub whole: &'a Document,
}

impl OneDocument<'_> {
    /// The place of a node in the whole text.
    pub fn outer(&self, found: FoundNode) -> Span {
        let node = self.document.node(found.key.unwrap_or(found.value));
        self.inset.outer(self.whole, node.span)
    }
}

pub(super) fn is_nothing(value: &Value) -> bool {
    matches!(value, Value::Null) || matches!(value, Value::List(items) if items.is_empty())
}

/// A scalar as a text for `--set`. `None` for maps, lists and null.
pub(super) fn plain_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(on) => Some(on.to_string()),
        Value::Int(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        _ => None,
    }
}
