//! Builds nodes from the events of the parser. Only this file uses the parser.

use std::{borrow::Cow, collections::HashMap};

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, StructureStyle};

use super::{
    Comment, Document, DuplicateKey, Entry, NodeId, Span, Style,
    checks::{TAB, check_characters, check_tabs},
    index::HashedKey,
    position,
    store::{NewNode, TooLarge},
};
use crate::yaml::{Error, MAX_DEPTH};

impl Document {
    /// Parses a text with all its documents.
    ///
    /// # Errors
    ///
    /// If Helm cannot read the text as YAML, with the position.
    pub fn parse(text: &str) -> Result<Self, Error> {
        check_characters(text)?;
        let mut reader = Reader::new(text);
        reader.document.nodes.reserve(text.len());
        for event in Parser::new_from_str_with_options(text, options()) {
            let (event, span) = event.map_err(|error| describe_parse_error(text, &error))?;
            reader.take(event, &span)?;
        }
        let document = reader.finish();
        check_tabs(&document)?;
        Ok(document)
    }
}

fn options() -> granit_parser::Options {
    granit_parser::options! {
        // The default limit fails at a hundred consecutive comment lines.
        max_buffered_comment_events: usize::MAX,
        // `unknown_anchor` has the message for an alias without an anchor.
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        block_scalar_eof_without_line_feed: true,
        bom_inside_document_as_content: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    }
}

/// Map or list without its end event yet.
struct Open {
    node: NodeId,
    is_map: bool,
    flow: bool,
    /// Key that waits for its value.
    key: Option<NodeId>,
    /// Number of items and entries before the first one of this map or list.
    items: usize,
    entries: usize,
}

struct Reader<'t> {
    text: &'t str,
    document: Document,
    /// End of the previous document. Lines with `%` may follow from here.
    document_end: usize,
    /// Whether the current document follows `...` without `---`. Neither Helm reads such a document.
    dropped: bool,
    open: Vec<Open>,
    /// The items of all open lists, and the entries of all open maps.
    items: Vec<NodeId>,
    entries: Vec<Entry>,
    /// Anchored nodes by the parser's own numbers, which increase by one.
    anchors: HashMap<usize, NodeId>,
    /// Duplicate keys, with the number of nodes before the end of the later entry.
    duplicates: Vec<(u32, DuplicateKey)>,
    hashes: Vec<HashedKey>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            document: Document::of_other_text(text),
            document_end: 0,
            dropped: false,
            open: Vec::new(),
            items: Vec::new(),
            entries: Vec::new(),
            anchors: HashMap::new(),
            duplicates: Vec::new(),
            hashes: Vec::new(),
        }
    }

    fn finish(mut self) -> Document {
        // A map is searched for duplicates at its end, and the later entry of a duplicate may end before.
        self.duplicates.sort_by_key(|(end, _)| *end);
        self.document.duplicates = self.duplicates.into_iter().map(|(_, duplicate)| duplicate).collect();
        self.document.nodes.shrink();
        self.document
    }

    fn take(&mut self, event: Event<'_>, span: &granit_parser::Span) -> Result<(), Error> {
        let tag = span.tag_span().and_then(|tag| tag.byte_range());
        let span = place(span);
        self.document.check_tag(tag)?;
        match event {
            Event::DocumentEnd => {
                self.document_end = span.end;
                self.dropped = false;
            }
            Event::DocumentStart(false, _) => self.dropped = !self.document.roots.is_empty(),
            Event::DocumentStart(true, None) => self.document.check_directives(self.document_end..span.start)?,
            Event::DocumentStart(_, Some(version)) if (version.major, version.minor) != (1, 1) => {
                let found =
                    format!("found `%YAML {}.{}`: Helm reads YAML 1.1. Remove the line", version.major, version.minor);
                return Err(Error::new(span.line, span.column, found));
            }
            Event::DocumentStart(true, Some(_)) => self.document.check_directives(self.document_end..span.start)?,
            Event::Comment(text, _) => {
                let own_line = self.has_own_line(span);
                self.document.comments.push(Comment { span, text: text.into_owned(), own_line });
            }
            Event::Scalar(text, style, anchor, tag) => {
                match style {
                    ScalarStyle::DoubleQuoted => self.document.check_escapes(span)?,
                    ScalarStyle::Plain if self.open.last().is_some_and(|open| open.flow) => {
                        self.document.check_plain_in_flow(span)?;
                    }
                    ScalarStyle::Literal | ScalarStyle::Folded => self.document.check_block(span, &text)?,
                    ScalarStyle::Plain | ScalarStyle::SingleQuoted => {}
                }
                let scalar = self.scalar(text, style, span);
                let node = self.add(span, scalar, tag.as_deref(), anchor)?;
                self.place(node);
            }
            Event::SequenceStart(style, anchor, tag) => {
                let flow = style == StructureStyle::Flow;
                let node = self.add(span, NewNode::List { flow }, tag.as_deref(), anchor)?;
                self.open(node, false, flow);
            }
            Event::MappingStart(style, anchor, tag) => {
                let flow = style == StructureStyle::Flow;
                let node = self.add(span, NewNode::Map { flow }, tag.as_deref(), anchor)?;
                self.open(node, true, flow);
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    self.close(&open, span)?;
                    self.place(open.node);
                }
            }
            Event::Anchor(number, name) => {
                self.document.check_name(span, &name)?;
                if let Some(node) = self.anchors.get(&number) {
                    self.document.nodes.set_anchor(*node, &name, span);
                }
            }
            Event::Alias(number) => {
                let source = self.document.source(span);
                self.document.check_name(span, source.strip_prefix('*').unwrap_or(source))?;
                let Some(target) = self.anchors.get(&number).copied() else {
                    return Err(unknown_anchor(span));
                };
                let node = self.add(span, NewNode::Alias { target }, None, 0)?;
                self.place(node);
            }
            Event::UnresolvedAlias(_) => return Err(unknown_anchor(span)),
            _ => {}
        }
        Ok(())
    }

    /// A scalar with the text of an event. The text is mostly a part of the document.
    fn scalar(&self, text: Cow<'_, str>, style: ScalarStyle, span: Span) -> NewNode {
        // The parser reports a missing value as an empty plain scalar.
        let is_missing = style == ScalarStyle::Plain && span.start == span.end;
        let style = style_of(style);
        if is_missing {
            return NewNode::Scalar { from: span.start, to: span.start, style };
        }
        let inner = match style {
            Style::SingleQuoted | Style::DoubleQuoted => span.start + 1,
            Style::Plain | Style::Literal | Style::Folded => span.start,
        };
        match self.text.get(inner..inner + text.len()) {
            Some(same) if *same == *text => NewNode::Scalar { from: inner, to: inner + text.len(), style },
            _ => NewNode::OwnScalar { text: text.into(), style },
        }
    }

    /// Whether a line has nothing but the comment at a span.
    fn has_own_line(&self, span: Span) -> bool {
        let before = self.text.get(..span.start).unwrap_or_default();
        let bare = before.trim_end_matches([' ', '\t']);
        if bare.is_empty() || bare.ends_with(['\n', '\r']) {
            return true;
        }
        let line = before.rsplit(['\n', '\r']).next().unwrap_or_default();
        line.trim_start_matches('\u{feff}').trim().is_empty()
    }

    fn add(
        &mut self,
        span: Span,
        node: NewNode,
        tag: Option<&granit_parser::Tag>,
        anchor: usize,
    ) -> Result<NodeId, Error> {
        let tag = tag.map(|tag| format!("{}{}", tag.handle(), tag.suffix()).into());
        let node = self.document.nodes.add(span, node, tag).map_err(|TooLarge| too_large(span))?;
        if anchor != 0 {
            self.anchors.insert(anchor, node);
        }
        Ok(node)
    }

    fn open(&mut self, node: NodeId, is_map: bool, flow: bool) {
        self.open.push(Open { node, is_map, flow, key: None, items: self.items.len(), entries: self.entries.len() });
    }

    /// Adds a finished node to its parent.
    fn place(&mut self, node: NodeId) {
        let Some(open) = self.open.last_mut() else {
            if !self.dropped {
                self.document.roots.push(node);
            }
            return;
        };
        match (open.is_map, open.key.take()) {
            (false, _) => self.items.push(node),
            (true, None) => open.key = Some(node),
            (true, Some(key)) => self.entries.push(Entry { key, value: node }),
        }
    }

    /// Ends a map or list. A block ends at its last value, where the parser ends it at the next token.
    fn close(&mut self, open: &Open, end: Span) -> Result<(), Error> {
        let (items, entries) = (&self.items[open.items..], &self.entries[open.entries..]);
        let last = items.last().copied().or_else(|| entries.last().map(|entry| entry.value)).filter(|_| !open.flow);
        let nodes = &mut self.document.nodes;
        let start = nodes.span(open.node).start;
        let end_at = last.map_or(end.end, |last| nodes.span(last).end).max(start);
        nodes
            .close(open.node, self.items.drain(open.items..), self.entries.drain(open.entries..), end_at)
            .map_err(|TooLarge| too_large(end))?;
        if open.is_map {
            self.document.index_keys(open.node, &mut self.hashes, &mut self.duplicates);
        }
        Ok(())
    }
}

fn too_large(span: Span) -> Error {
    Error::new(span.line, span.column, "the text is too large")
}

fn place(span: &granit_parser::Span) -> Span {
    let range = span.byte_range().unwrap_or_default();
    Span { start: range.start, end: range.end, line: span.start.line(), column: span.start.col() + 1 }
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::SingleQuoted,
        ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    }
}

/// Builds the error for an alias without an anchor. The message leaves out the name: a password that starts with `*`
/// may have been meant as a text.
fn unknown_anchor(span: Span) -> Error {
    let message = "found an alias (`*`) without its anchor (`&`) before it: put a text in quotes";
    Error::new(span.line, span.column, message)
}

fn describe_parse_error(text: &str, error: &ScanError) -> Error {
    let message = match error.kind() {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar => TAB.to_owned(),
        ErrorKind::UnclosedQuotedScalar => "found a quote that is never closed".to_owned(),
        ErrorKind::UnclosedFlowCollection { open } => format!("found a `{open}` that is never closed"),
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            format!("found `{close}`: expected the end of `{open}`")
        }
        ErrorKind::MisplacedFlowCollectionEnd => "found a closing bracket that nothing opened".to_owned(),
        ErrorKind::ExpectedFlowSequenceSeparator => "expected `,` or `]` here".to_owned(),
        ErrorKind::ExpectedFlowMappingSeparator => "expected `,` or `}` here".to_owned(),
        ErrorKind::InvalidColonPlacement => "found a `:` after `[`: is a `]` missing?".to_owned(),
        ErrorKind::RecursionLimitExceeded => format!("found more than {MAX_DEPTH} lists and maps inside each other"),
        ErrorKind::UnexpectedCharacter { character: '`' } => {
            "found a backtick at the start of a plain value: put the value in quotes".to_owned()
        }
        ErrorKind::UnexpectedCharacter { character } => {
            let character = character.escape_default();
            format!("found `{character}` at the start of a plain value: put the value in quotes")
        }
        ErrorKind::SimpleKeyExpected => "found a line without `: `: expected `key: value`".to_owned(),
        ErrorKind::ExpectedBlockMappingKey => "found no key in a map: check the indentation".to_owned(),
        ErrorKind::ExpectedBlockSequenceEntry => "found no `- ` in a list: check the indentation".to_owned(),
        ErrorKind::BlockSequenceEntryNotAllowed => {
            "found `- ` after other text: expected the list on the next line".to_owned()
        }
        ErrorKind::BlockEntryInFlowCollection => {
            "found `- ` in brackets: expected values with `,` between them".to_owned()
        }
        ErrorKind::MappingValueNotAllowed => {
            "found a second `: ` in one line, or a key below a value: put the value in quotes, or correct the \
             indentation"
                .to_owned()
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar => {
            "found text after the closing quote: write a quote in single quotes twice (`''`)".to_owned()
        }
        ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            "found text after the closing quote: write a quote in double quotes as `\\\"`".to_owned()
        }
        ErrorKind::UnknownQuotedScalarEscape => {
            "found a `\\` that escapes nothing: write `\\\\`, or use single quotes".to_owned()
        }
        ErrorKind::InvalidBlockScalarHeader => {
            "found text after `|` or `>`: expected the text on the next line, or the value in quotes".to_owned()
        }
        ErrorKind::CommentNotSeparated => {
            "found `#` directly after a value: expected a space in front of the comment".to_owned()
        }
        ErrorKind::MissingAnchorOrAliasName => "found `&` or `*` without a name: put the value in quotes".to_owned(),
        ErrorKind::UndeclaredTagHandle => "found a tag that no `%TAG` declares: put the value in quotes".to_owned(),
        ErrorKind::ExpectedDocumentStart => {
            "found text after the end of the values, which Helm ignores: check the indentation".to_owned()
        }
        kind => kind.to_string(),
    };
    let place = error.marker();
    let byte = place.byte_offset().map(|byte| match error.kind() {
        // The parser reports the start of the value, not the tab.
        ErrorKind::TabInPlainScalar => {
            byte + text.get(byte..).and_then(|value| value.find("\n\t")).map_or(0, |before| before + 1)
        }
        _ => byte,
    });
    let (line, column) = byte.map_or((place.line(), place.col() + 1), |byte| position(text, byte));
    Error::new(line, column, message)
}
