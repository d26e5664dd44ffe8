//! The text of a values file as a tree of nodes with their places; [`Document::values`] is what Helm makes of it.

mod checks;
mod find;
mod lines;
mod read;
mod scalar;
mod values;

use std::sync::OnceLock;

use super::{Error, Helm, Map};
pub use lines::Lines;

/// The values in `text`, as Helm 4 reads them; an empty text has none.
///
/// # Errors
///
/// When the text is no YAML that Helm reads, or no map of values.
pub fn read_values(text: &str) -> Result<Map, Error> {
    Document::parse(text)?.values(Helm::Four)
}

/// A text and its nodes.
#[derive(Debug, Clone)]
pub struct Document {
    text: String,
    nodes: Vec<Node>,
    roots: Vec<NodeId>,
    comments: Vec<Comment>,
    duplicates: Vec<Duplicate>,
    /// The first `%` line.
    directive: Option<Span>,
    /// Once somebody has asked for a position.
    lines: OnceLock<Lines>,
}

/// A node of one [`Document`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

/// A stretch of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte behind the last.
    pub end: usize,
    /// Where it starts, counted from 1.
    pub line: usize,
    /// Where it starts, counted from 1, in characters.
    pub column: usize,
}

#[derive(Debug, Clone)]
pub struct Node {
    /// The text of the node, without anchor and tag. That of a literal or folded block starts at its first line, not at
    /// `|` or `>`; that of a missing value is empty; that of a block map or list ends where its last value ends.
    pub span: Span,
    pub kind: Kind,
    /// In full, as `tag:yaml.org,2002:str` for `!!str`.
    pub tag: Option<String>,
    /// With the place of `&name`.
    pub anchor: Option<(String, Span)>,
}

#[derive(Debug, Clone)]
pub enum Kind {
    /// The text after its escapes are read. A missing value is an empty plain one.
    Scalar {
        text: String,
        style: Style,
    },
    List {
        items: Vec<NodeId>,
        flow: bool,
    },
    Map {
        entries: Vec<Entry>,
        flow: bool,
    },
    /// `*name`, and the node it stands for.
    Alias {
        name: String,
        target: NodeId,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// A key and its value, as they stand in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub key: NodeId,
    pub value: NodeId,
}

/// Where a path leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// None for an item of a list and for the top.
    pub key: Option<NodeId>,
    pub value: NodeId,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// From `#` to the end of the line.
    pub span: Span,
    /// What follows `#`.
    pub text: String,
    /// Whether nothing else stands on its line.
    pub own_line: bool,
}

/// A key that stands twice in one map: Helm reads the later entry and says nothing.
///
/// Where both read alike and are not of one type, as `1` and `'1'`, it is chance which of them Helm reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// As Helm reads it.
    pub key: String,
    pub first: Entry,
    /// The one that counts.
    pub second: Entry,
}

impl Document {
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// All nodes, parents before children, in the order of the text.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter()
    }

    /// The node itself, or the one for which an alias stands.
    pub fn target(&self, id: NodeId) -> NodeId {
        match self.node(id).kind {
            Kind::Alias { target, .. } => target,
            _ => id,
        }
    }

    /// The top of each document in the text, in order; none where the text is empty.
    ///
    /// One behind `...` without a `---` is none: no Helm looks at it.
    pub fn documents(&self) -> &[NodeId] {
        &self.roots
    }

    /// In the order of the text.
    pub fn comments(&self) -> &[Comment] {
        &self.comments
    }

    /// In the order of the later entries.
    pub fn duplicates(&self) -> &[Duplicate] {
        &self.duplicates
    }

    /// The written text of a node.
    pub fn source(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// Line and column of a byte, both counted from 1, the column in characters.
    pub fn position(&self, byte: usize) -> (usize, usize) {
        self.lines.get_or_init(|| Lines::of(&self.text)).position(&self.text, byte)
    }
}

/// Line and column of a byte, for one that is asked for alone.
fn position(text: &str, byte: usize) -> (usize, usize) {
    Lines::of(text).position(text, byte)
}

#[cfg(test)]
mod tests;
