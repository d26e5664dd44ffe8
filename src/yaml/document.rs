//! Text of a values file as a tree of nodes with positions. [`Document::values`] gives the values that Helm reads
//! from it.

mod checks;
mod find;
mod index;
mod lines;
mod read;
mod scalar;
mod store;
mod values;

use std::sync::OnceLock;

use super::{Error, Helm, Map, Value};
use index::KeyIndexes;
pub use lines::Lines;
use store::Store;

/// Reads the values in `text`, as Helm 4 does. An empty text gives an empty map.
///
/// # Errors
///
/// If Helm cannot read the text as YAML, or if a document is not a map.
pub fn read_values(text: &str) -> Result<Map, Error> {
    Document::parse(text)?.values(Helm::Four)
}

/// YAML text and its nodes.
#[derive(Debug, Clone)]
pub struct Document {
    text: String,
    nodes: Store,
    /// The keys of large maps.
    indexes: KeyIndexes,
    roots: Vec<NodeId>,
    comments: Vec<Comment>,
    duplicates: Vec<DuplicateKey>,
    /// First line that starts with `%`.
    directive: Option<Span>,
    /// Whether plain scalars are read by YAML 1.2.
    core_scalars: bool,
    /// Line starts, computed when the first position is asked for.
    lines: OnceLock<Lines>,
    /// Value of the only document of the text, once it is asked for.
    root_value: OnceLock<Result<Value, Error>>,
}

/// Identifier of a node in one [`Document`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

/// Range of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset after the last byte.
    pub end: usize,
    /// Line of the start, counted from 1.
    pub line: usize,
    /// Column of the start, counted from 1 in characters.
    pub column: usize,
}

#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    /// Text of the node, without anchor and tag.
    ///
    /// - The span of a literal or folded block starts at its first line, not at `|` or `>`.
    /// - The span of a missing value is empty.
    /// - The span of a block map or list ends where its last value ends.
    pub span: Span,
    pub kind: Kind<'a>,
    /// Full tag, for example `tag:yaml.org,2002:str` for `!!str`.
    pub tag: Option<&'a str>,
    /// Name and position of `&name`.
    pub anchor: Option<(&'a str, Span)>,
}

#[derive(Debug, Clone, Copy)]
pub enum Kind<'a> {
    /// `text` has its escapes resolved. A missing value is an empty plain scalar.
    Scalar {
        text: &'a str,
        style: Style,
    },
    List {
        items: &'a [NodeId],
        flow: bool,
    },
    Map {
        entries: &'a [Entry],
        flow: bool,
    },
    /// `*name`, with the node of the anchor.
    Alias {
        name: &'a str,
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

/// Key and value of a map in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub key: NodeId,
    pub value: NodeId,
}

/// Nodes at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundNode {
    /// `None` for an item of a list and for the root.
    pub key: Option<NodeId>,
    pub value: NodeId,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// From `#` to the end of the line.
    pub span: Span,
    /// Text after `#`.
    pub text: String,
    /// Whether the line contains nothing else.
    pub own_line: bool,
}

/// Key that occurs twice in one map. Helm silently uses the later entry.
///
/// If the two keys have different types but the same text, such as `1` and `'1'`, Helm uses a random one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateKey {
    /// The key as Helm reads it.
    pub key: String,
    pub first: Entry,
    /// The entry that Helm uses.
    pub second: Entry,
}

impl Document {
    /// A text that is not YAML, for its positions.
    pub fn of_other_text(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            nodes: Store::default(),
            indexes: KeyIndexes::default(),
            roots: Vec::new(),
            comments: Vec::new(),
            duplicates: Vec::new(),
            directive: None,
            core_scalars: false,
            lines: OnceLock::new(),
            root_value: OnceLock::new(),
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn into_text(self) -> String {
        self.text
    }

    pub fn node(&self, id: NodeId) -> Node<'_> {
        self.nodes.node(id, &self.text)
    }

    /// All nodes in the order of the text, parents before children.
    pub fn nodes(&self) -> impl Iterator<Item = Node<'_>> {
        self.nodes.ids().map(|id| self.node(id))
    }

    /// The node itself, or the anchored node of an alias.
    pub fn target(&self, id: NodeId) -> NodeId {
        match self.node(id).kind {
            Kind::Alias { target, .. } => target,
            _ => id,
        }
    }

    /// Root nodes of the documents in the text, in order. An empty text has none.
    ///
    /// A document after `...` without `---` is left out, because neither Helm reads it.
    pub fn documents(&self) -> &[NodeId] {
        &self.roots
    }

    /// All comments, in the order of the text.
    pub fn comments(&self) -> &[Comment] {
        &self.comments
    }

    /// All duplicate keys, in the order of the later entries.
    pub fn duplicates(&self) -> &[DuplicateKey] {
        &self.duplicates
    }

    /// Reads plain scalars by YAML 1.2, as tools that write the values again before Helm reads them: `off` is a text.
    #[must_use]
    pub fn with_core_scalars(self) -> Self {
        self.with_scalars(true)
    }

    /// Reads plain scalars as another document does.
    #[must_use]
    pub fn with_scalars_of(self, other: &Self) -> Self {
        self.with_scalars(other.core_scalars)
    }

    /// Whether plain scalars are read by YAML 1.2.
    pub fn has_core_scalars(&self) -> bool {
        self.core_scalars
    }

    fn with_scalars(self, core_scalars: bool) -> Self {
        // A key such as `off` becomes another text, by which the indexes do not find it.
        match self.core_scalars == core_scalars {
            true => self,
            false => Self { core_scalars, indexes: KeyIndexes::default(), root_value: OnceLock::new(), ..self },
        }
    }

    /// Ignores that keys occur twice: branches of a template have the same keys.
    #[must_use]
    pub fn without_duplicates(self) -> Self {
        Self { duplicates: Vec::new(), ..self }
    }

    /// The text of a span.
    pub fn source(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// Line and column of a byte offset, both counted from 1, the column in characters.
    pub fn position(&self, byte: usize) -> (usize, usize) {
        self.lines.get_or_init(|| Lines::of(&self.text)).position(&self.text, byte)
    }
}

/// Line and column of a byte offset, for a single lookup without a [`Document`].
fn position(text: &str, byte: usize) -> (usize, usize) {
    Lines::of(text).position(text, byte)
}

#[cfg(test)]
mod tests;
