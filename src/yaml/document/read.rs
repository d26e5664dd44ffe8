//! Builds nodes from the events of the parser. Only this file uses the parser.

use std::collections::HashMap;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, StructureStyle};

use super::{
    Comment, Document, DuplicateKey, Entry, Kind, Node, NodeId, Span, Style,
    checks::{TAB, check_characters, check_tabs},
    position,
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
        for event in Parser::new_from_str_with_options(text, options()) {
            let (event, span) = event.map_err(|error| describe_parse_error(text, &error))?;
            reader.take(event, &span)?;
        }
        check_tabs(&reader.document)?;
        Ok(reader.document)
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
    /// Key that waits for its value.
    key: Option<NodeId>,
    /// Latest entry of each key, for the detection of duplicates.
    keys: HashMap<String, Entry>,
}

struct Reader {
    document: Document,
    /// End of the previous document. Lines with `%` may follow from here.
    document_end: usize,
    /// Whether the current document follows `...` without `---`. Neither Helm reads such a document.
    dropped: bool,
    open: Vec<Open>,
    /// Anchors by the parser's own numbers, which increase by one.
    anchors: HashMap<usize, (NodeId, String)>,
}

impl Reader {
    fn new(text: &str) -> Self {
        let document = Document::of_other_text(text);
        Self { document, open: Vec::new(), anchors: HashMap::new(), document_end: 0, dropped: false }
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
                let line = self
                    .document
                    .text
                    .get(..span.start)
                    .unwrap_or_default()
                    .rsplit(['\n', '\r'])
                    .next()
                    .unwrap_or_default();
                let own_line = line.trim_start_matches('\u{feff}').trim().is_empty();
                self.document.comments.push(Comment { span, text: text.into_owned(), own_line });
            }
            Event::Scalar(text, style, anchor, tag) => {
                // The parser reports a missing value as an empty plain scalar.
                let missing = style == ScalarStyle::Plain && span.start == span.end;
                let text = if missing { String::new() } else { text.into_owned() };
                match style {
                    ScalarStyle::DoubleQuoted => self.document.check_escapes(span)?,
                    ScalarStyle::Plain if self.in_flow() => self.document.check_plain_in_flow(span)?,
                    ScalarStyle::Literal | ScalarStyle::Folded => self.document.check_block(span, &text)?,
                    ScalarStyle::Plain | ScalarStyle::SingleQuoted => {}
                }
                let kind = Kind::Scalar { text, style: style_of(style) };
                let node = self.add(span, kind, tag.as_deref(), anchor)?;
                self.place(node)?;
            }
            Event::SequenceStart(style, anchor, tag) => {
                let kind = Kind::List { items: Vec::new(), flow: style == StructureStyle::Flow };
                let node = self.add(span, kind, tag.as_deref(), anchor)?;
                self.open.push(Open { node, key: None, keys: HashMap::new() });
            }
            Event::MappingStart(style, anchor, tag) => {
                let kind = Kind::Map { entries: Vec::new(), flow: style == StructureStyle::Flow };
                let node = self.add(span, kind, tag.as_deref(), anchor)?;
                self.open.push(Open { node, key: None, keys: HashMap::new() });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    self.close(open.node, span);
                    self.place(open.node)?;
                }
            }
            Event::Anchor(number, name) => {
                self.document.check_name(span, &name)?;
                if let Some((node, known)) = self.anchors.get_mut(&number) {
                    name.as_ref().clone_into(known);
                    let node = node.0 as usize;
                    self.document.nodes[node].anchor = Some((name.into_owned(), span));
                }
            }
            Event::Alias(number) => {
                let source = self.document.source(span);
                self.document.check_name(span, source.strip_prefix('*').unwrap_or(source))?;
                let Some((target, name)) = self.anchors.get(&number).cloned() else {
                    return Err(unknown_anchor(span));
                };
                let node = self.add(span, Kind::Alias { name, target }, None, 0)?;
                self.place(node)?;
            }
            Event::UnresolvedAlias(_) => return Err(unknown_anchor(span)),
            _ => {}
        }
        Ok(())
    }

    fn add(
        &mut self,
        span: Span,
        kind: Kind,
        tag: Option<&granit_parser::Tag>,
        anchor: usize,
    ) -> Result<NodeId, Error> {
        let number = u32::try_from(self.document.nodes.len());
        let node = NodeId(number.map_err(|_| Error::new(span.line, span.column, "the text is too large"))?);
        let tag = tag.map(|tag| format!("{}{}", tag.handle(), tag.suffix()));
        self.document.nodes.push(Node { span, kind, tag, anchor: None });
        if anchor != 0 {
            self.anchors.insert(anchor, (node, String::new()));
        }
        Ok(node)
    }

    fn in_flow(&self) -> bool {
        self.open.last().is_some_and(|open| {
            let kind = &self.document.node(open.node).kind;
            matches!(kind, Kind::List { flow: true, .. } | Kind::Map { flow: true, .. })
        })
    }

    /// Adds a finished node to its parent.
    fn place(&mut self, node: NodeId) -> Result<(), Error> {
        let Some(open) = self.open.last_mut() else {
            if !self.dropped {
                self.document.roots.push(node);
            }
            return Ok(());
        };
        let parent = open.node;
        let key = open.key.take();
        match (&mut self.document.nodes[parent.0 as usize].kind, key) {
            (Kind::List { items, .. }, _) => items.push(node),
            (Kind::Map { .. }, None) => open.key = Some(node),
            (Kind::Map { entries, .. }, Some(key)) => {
                let entry = Entry { key, value: node };
                entries.push(entry);
                self.note_duplicate(entry);
            }
            _ => {}
        }
        Ok(())
    }

    fn note_duplicate(&mut self, entry: Entry) {
        // The error for a key that Helm refuses comes later, from the conversion to values.
        let Ok(key) = self.document.key_text(entry.key) else {
            return;
        };
        if self.document.is_merge(entry.key) {
            return;
        }
        let Some(open) = self.open.last_mut() else { return };
        if let Some(first) = open.keys.insert(key.clone(), entry) {
            self.document.duplicates.push(DuplicateKey { key, first, second: entry });
        }
    }

    /// Ends a block map or list at its last value. The parser ends a block where the next token starts.
    fn close(&mut self, id: NodeId, end: Span) {
        let node = &self.document.nodes[id.0 as usize];
        let last = match &node.kind {
            Kind::List { items, flow: false } => items.last().copied(),
            Kind::Map { entries, flow: false } => entries.last().map(|entry| entry.value),
            _ => None,
        };
        let end = last.map_or(end.end, |last| self.document.node(last).span.end).max(node.span.start);
        self.document.nodes[id.0 as usize].span.end = end;
    }
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
