//! The text of a profile as entries: the key, the value and the place of each.

use super::{Place, ProfileText};
use crate::{
    intent::Intent,
    yaml::{Document, Entry, Kind, NodeId, Span, Style},
};

pub(super) const DESCRIPTION: &str = "description";
pub(super) const EXTENDS: &str = "extends";
pub(super) const PREFER: &str = "prefer";

/// The fields of a profile that are not fields of [`Intent`].
pub(super) const OWN_FIELDS: [&str; 3] = [DESCRIPTION, EXTENDS, PREFER];

/// The text of one profile.
pub(super) struct Reader<'a> {
    pub(super) name: &'a str,
    pub(super) found: &'a ProfileText,
    pub(super) document: Document,
}

impl Reader<'_> {
    /// Reads some entries of one map, without the other entries.
    pub(super) fn read_alone(&self, entries: &[Entry]) -> Result<Intent, serde_yaml::Error> {
        let [first, ..] = entries else {
            return Ok(Intent::default());
        };
        // Each line keeps its indentation, because a value may continue on further lines.
        let indent = " ".repeat(self.document.node(first.key).span.column - 1);
        let mut alone = String::new();
        for entry in entries {
            let (key, value) = (self.document.node(entry.key).span, self.document.node(entry.value).span);
            let span = Span { end: value.end, ..key };
            alone.extend([indent.as_str(), self.document.source(span), "\n"]);
        }
        serde_yaml::from_str(&alone)
    }

    /// The key of an entry; empty if the key is not a text.
    pub(super) fn key(&self, entry: &Entry) -> &str {
        match self.document.node(entry.key).kind {
            Kind::Scalar { text, .. } => text,
            _ => "",
        }
    }

    pub(super) fn is_null(&self, id: NodeId) -> bool {
        match self.document.node(id).kind {
            Kind::Scalar { text, style: Style::Plain } => {
                matches!(text, "" | "~" | "null" | "Null" | "NULL")
            }
            _ => false,
        }
    }

    pub(super) fn place(&self, line: usize, column: usize) -> Place {
        Place { file: self.found.file.clone(), line, column }
    }

    pub(super) fn place_of(&self, id: NodeId) -> Place {
        let span = self.document.node(id).span;
        self.place(span.line, span.column)
    }
}

pub(super) fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Scalar { .. } => "single value",
        Kind::List { .. } => "list",
        Kind::Map { .. } => "map",
        Kind::Alias { .. } => "alias",
    }
}
