//! The nodes of a document, in little memory: a scalar borrows its text from the document if nothing is resolved in it,
//! and all lists and maps share two arrays.

use std::collections::BTreeMap;

use super::{Entry, Kind, Node, NodeId, Span, Style};

/// All nodes of a text, in the order of the text.
#[derive(Debug, Clone, Default)]
pub(super) struct Store {
    nodes: Vec<StoredNode>,
    /// The items of all lists.
    items: Vec<NodeId>,
    /// The entries of all maps.
    entries: Vec<Entry>,
    /// The texts of scalars that differ from the text of the document.
    texts: Vec<Box<str>>,
    /// Anchors and tags, which few nodes have.
    properties: BTreeMap<NodeId, Properties>,
}

#[derive(Debug, Clone, Copy)]
struct StoredNode {
    span: StoredSpan,
    shape: Shape,
    has_properties: bool,
    /// Text of a scalar, items of a list, or entries of a map. For a scalar of `texts`, `from` is its index there; for an
    /// alias, the node of the anchor.
    from: u32,
    to: u32,
}

/// A [`Span`] of a text of less than four gigabytes.
#[derive(Debug, Clone, Copy)]
struct StoredSpan {
    start: u32,
    end: u32,
    line: u32,
    column: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A scalar whose text is a part of the document.
    Scalar(Style),
    /// A scalar with a text of its own.
    OwnScalar(Style),
    List {
        flow: bool,
    },
    Map {
        flow: bool,
    },
    Alias,
}

#[derive(Debug, Clone, Default)]
struct Properties {
    tag: Option<Box<str>>,
    anchor: Option<(Box<str>, Span)>,
}

/// A new node, before its items or entries are known.
pub(super) enum NewNode {
    /// A scalar whose text is at these bytes of the document.
    Scalar {
        from: usize,
        to: usize,
        style: Style,
    },
    /// A scalar with a text that the document does not contain.
    OwnScalar {
        text: Box<str>,
        style: Style,
    },
    List {
        flow: bool,
    },
    Map {
        flow: bool,
    },
    Alias {
        target: NodeId,
    },
}

/// The text has more bytes or nodes than a number of 32 bits counts.
pub(super) struct TooLarge;

impl Store {
    /// Reserves memory for the nodes of a text of this size.
    pub fn reserve(&mut self, bytes: usize) {
        self.nodes.reserve(bytes / BYTES_OF_NODE);
        self.entries.reserve(bytes / BYTES_OF_NODE / 2);
    }

    /// Returns memory that no node needs.
    pub fn shrink(&mut self) {
        self.nodes.shrink_to_fit();
        self.items.shrink_to_fit();
        self.entries.shrink_to_fit();
        self.texts.shrink_to_fit();
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        // `add` has checked the number of nodes.
        (0..self.nodes.len() as u32).map(NodeId)
    }

    pub fn add(&mut self, span: Span, node: NewNode, tag: Option<Box<str>>) -> Result<NodeId, TooLarge> {
        let id = NodeId(number(self.nodes.len())?);
        let (shape, from, to) = match node {
            NewNode::Scalar { from, to, style } => (Shape::Scalar(style), number(from)?, number(to)?),
            NewNode::OwnScalar { text, style } => {
                self.texts.push(text);
                (Shape::OwnScalar(style), number(self.texts.len() - 1)?, 0)
            }
            NewNode::List { flow } => (Shape::List { flow }, 0, 0),
            NewNode::Map { flow } => (Shape::Map { flow }, 0, 0),
            NewNode::Alias { target } => (Shape::Alias, target.0, 0),
        };
        let has_properties = tag.is_some();
        if has_properties {
            self.properties.insert(id, Properties { tag, anchor: None });
        }
        let span = StoredSpan::of(span)?;
        self.nodes.push(StoredNode { span, shape, has_properties, from, to });
        Ok(id)
    }

    pub fn set_anchor(&mut self, id: NodeId, name: &str, span: Span) {
        self.properties.entry(id).or_default().anchor = Some((name.into(), span));
        self.nodes[id.0 as usize].has_properties = true;
    }

    /// Ends a list or map with its children. Its span ends at `end`.
    pub fn close(
        &mut self,
        id: NodeId,
        items: impl Iterator<Item = NodeId>,
        entries: impl Iterator<Item = Entry>,
        end: usize,
    ) -> Result<(), TooLarge> {
        let stored = &mut self.nodes[id.0 as usize];
        stored.span.end = number(end)?;
        match stored.shape {
            Shape::List { .. } => {
                stored.from = number(self.items.len())?;
                self.items.extend(items);
                stored.to = number(self.items.len())?;
            }
            Shape::Map { .. } => {
                stored.from = number(self.entries.len())?;
                self.entries.extend(entries);
                stored.to = number(self.entries.len())?;
            }
            Shape::Scalar(_) | Shape::OwnScalar(_) | Shape::Alias => {}
        }
        Ok(())
    }

    pub fn span(&self, id: NodeId) -> Span {
        self.nodes[id.0 as usize].span.into()
    }

    /// A node of the document with this text.
    pub fn node<'a>(&'a self, id: NodeId, text: &'a str) -> Node<'a> {
        let stored = self.nodes[id.0 as usize];
        let (from, to) = (stored.from as usize, stored.to as usize);
        let span = Span::from(stored.span);
        let kind = match stored.shape {
            Shape::Scalar(style) => Kind::Scalar { text: text.get(from..to).unwrap_or_default(), style },
            Shape::OwnScalar(style) => Kind::Scalar { text: &self.texts[from], style },
            Shape::List { flow } => Kind::List { items: &self.items[from..to], flow },
            Shape::Map { flow } => Kind::Map { entries: &self.entries[from..to], flow },
            Shape::Alias => {
                let name = text.get(span.start..span.end).unwrap_or_default();
                Kind::Alias { name: name.strip_prefix('*').unwrap_or(name), target: NodeId(stored.from) }
            }
        };
        let properties = if stored.has_properties { self.properties.get(&id) } else { None };
        Node {
            span,
            kind,
            tag: properties.and_then(|properties| properties.tag.as_deref()),
            anchor: properties.and_then(|properties| properties.anchor.as_ref()).map(|(name, span)| (&**name, *span)),
        }
    }
}

/// Bytes of a text for each node of it, in a file with few comments.
const BYTES_OF_NODE: usize = 16;

fn number(number: usize) -> Result<u32, TooLarge> {
    u32::try_from(number).map_err(|_| TooLarge)
}

impl StoredSpan {
    fn of(span: Span) -> Result<Self, TooLarge> {
        let Span { start, end, line, column } = span;
        Ok(Self { start: number(start)?, end: number(end)?, line: number(line)?, column: number(column)? })
    }
}

impl From<StoredSpan> for Span {
    fn from(span: StoredSpan) -> Self {
        let StoredSpan { start, end, line, column } = span;
        Self { start: start as usize, end: end as usize, line: line as usize, column: column as usize }
    }
}
