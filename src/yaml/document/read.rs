//! From the parser's events to nodes; the only place that names the parser.

use std::collections::HashMap;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, StructureStyle};

use super::{Comment, Document, Duplicate, Entry, Kind, Node, NodeId, Span, Style, position};
use crate::yaml::{Error, MAX_DEPTH};

impl Document {
    /// Reads a text with all its documents.
    ///
    /// # Errors
    ///
    /// When it is no YAML that Helm reads, with the place.
    pub fn parse(text: &str) -> Result<Self, Error> {
        check_characters(text)?;
        let mut reader = Reader::new(text);
        for event in Parser::new_from_str_with_options(text, options()) {
            let (event, span) = event.map_err(|error| in_our_words(text, &error))?;
            reader.take(event, &span)?;
        }
        check_tabs(&reader.document)?;
        Ok(reader.document)
    }
}

fn options() -> granit_parser::Options {
    granit_parser::options! {
        // The default gives up on a hundred comment lines in a row.
        max_buffered_comment_events: usize::MAX,
        // Aliases without an anchor get a message of ours.
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        block_scalar_eof_without_line_feed: true,
        bom_inside_document_as_content: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    }
}

/// Refuses what Helm refuses, and what ends a line for Helm but not for other readers.
fn check_characters(text: &str) -> Result<(), Error> {
    let bad = |c: char| match c {
        '\t' | '\n' | '\r' => false,
        c => c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}'),
    };
    let Some((at, c)) = text.char_indices().find(|(_, c)| bad(*c)) else {
        return Ok(());
    };
    let (line, column) = position(text, at);
    let code = u32::from(c);
    let why = match c {
        '\u{85}' | '\u{2028}' | '\u{2029}' => "Helm takes it for the end of a line",
        _ => "Helm refuses it",
    };
    let escape = if code < 0x100 { format!("\\x{code:02x}") } else { format!("\\u{code:04x}") };
    Err(Error::new(
        line,
        column,
        format!("found the character U+{code:04X}, and {why}: write `{escape}` in double quotes, or take it out"),
    ))
}

/// A map or list whose end has not come yet.
struct Open {
    node: NodeId,
    /// The key whose value is next.
    key: Option<NodeId>,
    /// Where each key stands, to find the ones that come twice.
    keys: HashMap<String, Entry>,
}

struct Reader {
    document: Document,
    /// Where the last document ended: from here on `%` lines may stand.
    document_end: usize,
    open: Vec<Open>,
    /// By the parser's own numbers, which grow by one.
    anchors: HashMap<usize, (NodeId, String)>,
}

impl Reader {
    fn new(text: &str) -> Self {
        let document = Document {
            text: text.to_owned(),
            nodes: Vec::new(),
            roots: Vec::new(),
            comments: Vec::new(),
            duplicates: Vec::new(),
            directive: None,
        };
        Self { document, open: Vec::new(), anchors: HashMap::new(), document_end: 0 }
    }

    fn take(&mut self, event: Event<'_>, span: &granit_parser::Span) -> Result<(), Error> {
        let tag_end = span.tag_span().and_then(|tag| tag.end.byte_offset());
        let span = place(span);
        self.check_tag(tag_end)?;
        match event {
            Event::DocumentEnd => self.document_end = span.end,
            Event::DocumentStart(true, None) => self.check_directives(span.start)?,
            Event::DocumentStart(_, Some(version)) if (version.major, version.minor) != (1, 1) => {
                let found = format!(
                    "found `%YAML {}.{}`: Helm reads YAML 1.1; take the line out",
                    version.major, version.minor
                );
                return Err(Error::new(span.line, span.column, found));
            }
            Event::DocumentStart(true, Some(_)) => self.check_directives(span.start)?,
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
                // The parser's word for a value that is not there.
                let missing = style == ScalarStyle::Plain && span.start == span.end;
                let text = if missing { String::new() } else { text.into_owned() };
                let kind = Kind::Scalar { text, style: style_of(style) };
                match style {
                    ScalarStyle::DoubleQuoted => self.check_escapes(span)?,
                    ScalarStyle::Plain => self.check_plain_in_flow(span)?,
                    _ => {}
                }
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
                self.check_name(span, &name)?;
                if let Some((node, known)) = self.anchors.get_mut(&number) {
                    name.as_ref().clone_into(known);
                    let node = node.0 as usize;
                    self.document.nodes[node].anchor = Some((name.into_owned(), span));
                }
            }
            Event::Alias(number) => {
                let source = self.document.source(span);
                self.check_name(span, source.strip_prefix('*').unwrap_or(source))?;
                let Some((target, name)) = self.anchors.get(&number).cloned() else {
                    return Err(unknown_anchor(span, self.document.source(span)));
                };
                let node = self.add(span, Kind::Alias { name, target }, None, 0)?;
                self.place(node)?;
            }
            Event::UnresolvedAlias(_) => return Err(unknown_anchor(span, self.document.source(span))),
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

    /// Puts a finished node where it belongs.
    fn place(&mut self, node: NodeId) -> Result<(), Error> {
        let Some(open) = self.open.last_mut() else {
            self.document.roots.push(node);
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
        // A key that Helm refuses is told about when the values are read.
        let Ok(key) = self.document.key_text(entry.key) else {
            return;
        };
        if self.document.is_merge(entry.key) {
            return;
        }
        let Some(open) = self.open.last_mut() else { return };
        if let Some(first) = open.keys.insert(key.clone(), entry) {
            self.document.duplicates.push(Duplicate { key, first, second: entry });
        }
    }

    /// The parser ends a block where the next token starts; we end it with its last value.
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

    /// Helm takes `,` and brackets for a part of the tag, and so would read other values.
    fn check_tag(&self, end: Option<usize>) -> Result<(), Error> {
        let Some(end) = end else { return Ok(()) };
        match self.document.text.get(end..).unwrap_or_default().chars().next() {
            Some(c) if !c.is_whitespace() => {
                Err(self.error_at(end, format!("found `{c}` right behind a tag: expected a blank")))
            }
            _ => Ok(()),
        }
    }

    fn check_name(&self, span: Span, name: &str) -> Result<(), Error> {
        if name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
            return Ok(());
        }
        let expected = "expected letters, digits, `-` and `_`, all that Helm takes";
        Err(Error::new(span.line, span.column, format!("found the anchor `{name}`: {expected}")))
    }

    /// Helm knows `%YAML` and `%TAG` and refuses any other.
    fn check_directives(&mut self, end: usize) -> Result<(), Error> {
        let mut start = self.document_end;
        for line in self.document.text.get(start..end).unwrap_or_default().split_inclusive(['\n', '\r']) {
            let known = line.starts_with("%YAML") || line.starts_with("%TAG");
            if line.starts_with('%') && !known {
                return Err(self.error_at(start, "found a line with `%`: Helm knows `%YAML 1.1` and `%TAG` only"));
            }
            if known && self.document.directive.is_none() {
                let (number, column) = self.document.position(start);
                self.document.directive = Some(Span { start, end: start + line.len(), line: number, column });
            }
            start += line.len();
        }
        Ok(())
    }

    /// Inside of brackets Helm ends a plain value at `?`, and does not end it at `:,`.
    fn check_plain_in_flow(&self, span: Span) -> Result<(), Error> {
        let Some(open) = self.open.last() else { return Ok(()) };
        if !matches!(self.document.node(open.node).kind, Kind::List { flow: true, .. } | Kind::Map { flow: true, .. }) {
            return Ok(());
        }
        let source = self.document.source(span);
        let after = self.document.text.get(span.end..).unwrap_or_default().strip_prefix(':');
        if source.starts_with(':')
            || source.contains('?')
            || after.is_some_and(|after| after.starts_with([',', '[', ']', '{', '}']))
        {
            let found =
                "found a plain value with `:` or `?` inside of brackets, which not all read alike: put it in quotes";
            return Err(Error::new(span.line, span.column, found));
        }
        Ok(())
    }

    /// The parser joins two escaped halves of a character and knows `\/`, as JSON does; Helm refuses both.
    fn check_escapes(&self, span: Span) -> Result<(), Error> {
        let source = self.document.source(span).as_bytes();
        let mut at = 0;
        while let Some(found) = source[at..].iter().position(|b| *b == b'\\') {
            at += found;
            match &source[at + 1..] {
                [b'/', ..] => {
                    return Err(self.error_at(span.start + at, "found `\\/`: write `/`, Helm knows no such escape"));
                }
                [b'u', b'd' | b'D', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F', ..] => {
                    let found = "found half of a character (`\\ud800` to `\\udfff`): write the whole one, as itself or as `\\U0001f600`";
                    return Err(self.error_at(span.start + at, found));
                }
                _ => at = (at + 2).min(source.len()),
            }
        }
        Ok(())
    }

    fn error_at(&self, byte: usize, message: impl std::fmt::Display) -> Error {
        let (line, column) = self.document.position(byte);
        Error::new(line, column, message)
    }
}

/// Refuses tabs where Helm wants blanks: in front of a key or an item, and first on any line outside of brackets,
/// quotes and blocks of text.
fn check_tabs(document: &Document) -> Result<(), Error> {
    if !document.text.contains('\t') {
        return Ok(());
    }
    let mut free = document.nodes.iter().filter_map(|node| tabs_allowed(document, node)).peekable();
    let mut allowed_to = 0;
    let mut start = 0;
    for line in document.text.split_inclusive(['\n', '\r']) {
        while let Some(span) = free.next_if(|span| span.start < start) {
            allowed_to = allowed_to.max(span.end);
        }
        let indicators = line.find(|c| !matches!(c, ' ' | '\t' | '-' | '?' | ':')).unwrap_or(line.len());
        let content = line[indicators..].trim_end();
        let tab =
            line[..indicators].find('\t').filter(|tab| *tab == 0 || !(content.is_empty() || content.starts_with('#')));
        if let Some(tab) = tab.filter(|_| start >= allowed_to) {
            let (line, column) = document.position(start + tab);
            return Err(Error::new(line, column, TAB));
        }
        start += line.len();
    }
    Ok(())
}

/// Nodes come in the order of the text, and so do the stretches in which tabs mean nothing.
fn tabs_allowed(document: &Document, node: &Node) -> Option<std::ops::Range<usize>> {
    let Span { start, end, .. } = node.span;
    match node.kind {
        Kind::Scalar { style: Style::Literal | Style::Folded, .. } => {
            // From `|` or `>` on.
            Some(document.text.get(..start).unwrap_or_default().trim_end().len()..end)
        }
        Kind::Scalar { .. } | Kind::List { flow: true, .. } | Kind::Map { flow: true, .. } => Some(start..end),
        _ => None,
    }
}

const TAB: &str = "found a tab: expected blanks, the only indentation that YAML knows";

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

fn unknown_anchor(span: Span, alias: &str) -> Error {
    let name = alias.strip_prefix('*').unwrap_or(alias);
    Error::new(span.line, span.column, format!("found `*{name}`, and no `&{name}` before it"))
}

fn in_our_words(text: &str, error: &ScanError) -> Error {
    let place = error.marker();
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
        ErrorKind::RecursionLimitExceeded => format!("found more than {MAX_DEPTH} lists and maps inside each other"),
        ErrorKind::UnexpectedCharacter { character } => {
            format!(
                "found `{}`, with which no plain value can start: put the value in quotes",
                character.escape_default()
            )
        }
        ErrorKind::MappingValueNotAllowed => {
            "found a second `: ` in one line, or a key below a value: put the value in quotes, or mend the indentation"
                .to_owned()
        }
        ErrorKind::ExpectedDocumentStart => {
            "found less indentation than at the top of the file: Helm drops the rest without a word".to_owned()
        }
        kind => kind.to_string(),
    };
    let byte = place.byte_offset().map(|byte| match error.kind() {
        // The parser tells where the value starts.
        ErrorKind::TabInPlainScalar => {
            byte + text.get(byte..).and_then(|value| value.find("\n\t")).map_or(0, |before| before + 1)
        }
        _ => byte,
    });
    let (line, column) = byte.map_or((place.line(), place.col() + 1), |byte| position(text, byte));
    Error::new(line, column, message)
}
