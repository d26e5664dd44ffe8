//! Checks for texts that the parser accepts and Helm refuses or reads differently.

use std::ops::Range;

use super::{Document, Kind, Node, Span, Style, position};
use crate::yaml::Error;

/// Refuses characters that Helm refuses, or that only some readers take for a line end or a byte order mark.
pub(super) fn check_characters(text: &str) -> Result<(), Error> {
    // Nearly all texts have no other characters than these.
    if text.bytes().all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~')) {
        return Ok(());
    }
    let mut before = 'a';
    for (at, c) in text.char_indices() {
        let why = match c {
            '\t' | '\n' | '\r' => None,
            '\u{85}' | '\u{2028}' | '\u{2029}' => Some("Helm reads it as the end of a line"),
            '\u{feff}' if matches!(before, '\n' | '\r' | '\u{feff}') => Some("it is valid only at the start of a file"),
            '\u{fffe}' | '\u{ffff}' => Some("Helm refuses it"),
            c if c.is_control() => Some("Helm refuses it"),
            _ => None,
        };
        if let Some(why) = why {
            let (line, column) = position(text, at);
            let code = u32::from(c);
            let escape = if code < 0x100 { format!("\\x{code:02x}") } else { format!("\\u{code:04x}") };
            let next = format!("write `{escape}` in double quotes, or remove it");
            return Err(Error::new(line, column, format!("found the character U+{code:04X}, and {why}: {next}")));
        }
        before = c;
    }
    Ok(())
}

impl Document {
    /// Refuses a tag without a space after it. Helm takes `,` and brackets for a part of the tag, and refuses `#`.
    pub(super) fn check_tag(&self, tag: Option<Range<usize>>) -> Result<(), Error> {
        let Some(tag) = tag else { return Ok(()) };
        if self.text.get(tag.clone()).is_some_and(|tag| tag.contains('#')) {
            return Err(self.error_at(tag.start, "found a `#` in a tag: expected a space in front of it"));
        }
        match self.text.get(tag.end..).unwrap_or_default().chars().next() {
            Some(c) if !c.is_whitespace() => {
                Err(self.error_at(tag.end, format!("found `{c}` directly after a tag: expected a space")))
            }
            _ => Ok(()),
        }
    }

    /// Refuses a tab at the start of a block scalar. Helm detects the indentation from the first line and accepts no
    /// tab there.
    pub(super) fn check_block(&self, span: Span, text: &str) -> Result<(), Error> {
        if !text.trim_start_matches('\n').starts_with('\t') {
            return Ok(());
        }
        let header = self.text.get(..span.start).unwrap_or_default().trim_end();
        let behind = header.rsplit(['|', '>']).next().unwrap_or_default();
        if behind.chars().take(2).any(|c| c.is_ascii_digit()) {
            return Ok(());
        }
        Err(Error::new(span.line, span.column, TAB))
    }

    pub(super) fn check_name(&self, span: Span, name: &str) -> Result<(), Error> {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let Some(other) = name.chars().find(|c| !is_allowed(*c)) else { return Ok(()) };
        // The message leaves out the name: a password that starts with `*` or `&` may have been meant as a text.
        let expected = "expected letters, digits, `-` and `_`";
        let message = format!("found `{}` in the name of an anchor: {expected}", other.escape_debug());
        Err(Error::new(span.line, span.column, message))
    }

    /// Refuses directives other than `%YAML` and `%TAG`, as Helm does.
    pub(super) fn check_directives(&mut self, Range { mut start, end }: Range<usize>) -> Result<(), Error> {
        for line in self.text.get(start..end).unwrap_or_default().split_inclusive(['\n', '\r']) {
            let known = line.starts_with("%YAML") || line.starts_with("%TAG");
            if line.starts_with('%') && !known {
                return Err(self.error_at(start, "found a line with `%`: Helm reads only `%YAML 1.1` and `%TAG`"));
            }
            if known && self.directive.is_none() {
                let (number, column) = self.position(start);
                self.directive = Some(Span { start, end: start + line.len(), line: number, column });
            }
            start += line.len();
        }
        Ok(())
    }

    /// Refuses plain values in brackets on which readers disagree. Helm ends such a value at `?`, and does not end it
    /// at `:,`.
    pub(super) fn check_plain_in_flow(&self, span: Span) -> Result<(), Error> {
        let source = self.source(span);
        let after = self.text.get(span.end..).unwrap_or_default().strip_prefix(':');
        if source.starts_with(':')
            || source.contains('?')
            || after.is_some_and(|after| after.starts_with([',', '[', ']', '{', '}']))
        {
            let found = "found a plain value with `:` or `?` in brackets, which YAML readers read differently: put it in \
                 quotes";
            return Err(Error::new(span.line, span.column, found));
        }
        Ok(())
    }

    /// Refuses escapes that the parser accepts and Helm refuses: surrogate pairs, and `\/` of JSON.
    pub(super) fn check_escapes(&self, span: Span) -> Result<(), Error> {
        let source = self.source(span).as_bytes();
        let mut at = 0;
        while let Some(found) = source[at..].iter().position(|b| *b == b'\\') {
            at += found;
            match &source[at + 1..] {
                [b'/', ..] => {
                    return Err(self.error_at(span.start + at, "found `\\/`: write `/`, since Helm has no such escape"));
                }
                [b'u', b'd' | b'D', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F', ..] => {
                    let found = "found half of a character (`\\ud800` to `\\udfff`): write the whole character, or \
                                 `\\U0001f600`";
                    return Err(self.error_at(span.start + at, found));
                }
                _ => at = (at + 2).min(source.len()),
            }
        }
        Ok(())
    }

    fn error_at(&self, byte: usize, message: impl std::fmt::Display) -> Error {
        let (line, column) = self.position(byte);
        Error::new(line, column, message)
    }
}

/// Refuses tabs where Helm expects spaces: before a key or an item, and first on any line outside of brackets, quotes
/// and block scalars.
pub(super) fn check_tabs(document: &Document) -> Result<(), Error> {
    if !document.text.contains('\t') {
        return Ok(());
    }
    let mut free = document.nodes().filter_map(|node| tabs_allowed(document, node)).peekable();
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

/// Range of the text in which tabs are allowed because of `node`. Nodes and their ranges are in the order of the
/// text.
fn tabs_allowed(document: &Document, node: Node) -> Option<Range<usize>> {
    let Span { start, end, .. } = node.span;
    match node.kind {
        Kind::Scalar { style: Style::Literal | Style::Folded, .. } => {
            // The range starts at `|` or `>`.
            Some(document.text.get(..start).unwrap_or_default().trim_end().len()..end)
        }
        Kind::Scalar { .. } | Kind::List { flow: true, .. } | Kind::Map { flow: true, .. } => Some(start..end),
        _ => None,
    }
}

pub(super) const TAB: &str = "found a tab: expected spaces, the only indentation in YAML";
