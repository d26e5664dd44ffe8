//! A text that stands within another one: a document of several, or YAML in a block of text.

use std::{ops::Range, rc::Rc};

use crate::yaml::{Document, Kind, NodeId, Path, Span, Style};

/// A text within a text, with where each piece of it stands.
#[derive(Debug, Clone)]
pub struct EmbeddedText {
    pub text: Rc<str>,
    pieces: Rc<[Piece]>,
    how: WriteBack,
}

/// From this byte of the inner text on.
#[derive(Debug, Clone, Copy)]
struct Piece {
    inner: usize,
    outer: OuterText,
}

#[derive(Debug, Clone, Copy)]
enum OuterText {
    /// Byte by byte, from this one on.
    From(usize),
    /// All of it stands for this stretch.
    Whole(Span),
}

/// How a changed inner text gets back.
#[derive(Debug, Clone)]
enum WriteBack {
    /// As it is, in the place of these bytes.
    Slice { start: usize, end: usize },
    /// Each line with this before it, in the place of these bytes.
    Lines { start: usize, end: usize, indent: String, eol: &'static str },
    /// Not at all.
    Never,
}

impl EmbeddedText {
    /// The text itself.
    pub fn whole(text: &str) -> Self {
        Self::slice(text, 0, text.len())
    }

    /// Range of the text.
    pub(super) fn slice(text: &str, start: usize, end: usize) -> Self {
        let piece = Piece { inner: 0, outer: OuterText::From(start) };
        let inner = text.get(start..end).unwrap_or_default();
        Self { text: inner.into(), pieces: [piece].into(), how: WriteBack::Slice { start, end } }
    }

    /// The text that a scalar holds: in a literal block line for line, else as a whole.
    pub(super) fn scalar(document: &Document, node: NodeId) -> Option<Self> {
        let node = document.node(document.target(node));
        let Kind::Scalar { text, style } = &node.kind else { return None };
        let exact = (*style == Style::Literal).then(|| Self::lines(document, text, node.span)).flatten();
        Some(exact.unwrap_or_else(|| Self::standing_for(text.clone(), vec![(0, node.span)])))
    }

    /// A text that stands nowhere as it is, with the places of what it was made from, by its first bytes.
    pub(super) fn standing_for(text: String, places: Vec<(usize, Span)>) -> Self {
        let pieces = places.into_iter().map(|(inner, span)| Piece { inner, outer: OuterText::Whole(span) }).collect();
        Self { text: text.into(), pieces, how: WriteBack::Never }
    }

    fn lines(document: &Document, inner: &str, span: Span) -> Option<Self> {
        let text = document.text();
        // Empty lines ahead belong to the text, and not to the span.
        let ahead = inner.bytes().take_while(|b| *b == b'\n').count();
        let mut start = text.get(..span.start)?.rfind('\n').map_or(0, |at| at + 1);
        for _ in 0..ahead {
            let before = text.get(..start)?.strip_suffix('\n')?;
            let line = before.rfind('\n').map_or(0, |at| at + 1);
            if !before.get(line..)?.trim().is_empty() {
                break;
            }
            start = line;
        }
        let (mut pieces, mut at, mut inside) = (Vec::new(), start, 0);
        let mut indent: Option<&str> = None;
        for line in inner.split_inclusive('\n') {
            let outer = text.get(at..)?.split_inclusive('\n').next()?;
            let (bare, wanted) = (outer.trim_end_matches(['\n', '\r']), line.trim_end_matches('\n'));
            let before = bare.strip_suffix(wanted)?;
            if !before.bytes().all(|b| b == b' ') {
                return None;
            }
            if !wanted.is_empty() && indent.is_none_or(|indent| before.len() < indent.len()) {
                indent = Some(before);
            }
            pieces.push(Piece { inner: inside, outer: OuterText::From(at + before.len()) });
            inside += line.len();
            at += outer.len();
        }
        let lines = text.get(start..at).filter(|lines| !lines.is_empty());
        // A block that is stripped (`|-`) leaves the end of its last line outside.
        if !inner.ends_with('\n') {
            let block = text.get(..at)?;
            at = block.strip_suffix('\n').map_or(at, |block| block.strip_suffix('\r').unwrap_or(block).len());
        }
        let how = match lines.and_then(ends) {
            Some(eol) => WriteBack::Lines { start, end: at, indent: indent.unwrap_or_default().to_owned(), eol },
            None => WriteBack::Never,
        };
        Some(Self { text: inner.into(), pieces: pieces.into(), how })
    }

    /// Whether it is not the whole text.
    pub fn is_part(&self) -> bool {
        !matches!(self.how, WriteBack::Slice { start: 0, end } if end == self.text.len())
    }

    /// Whether it is YAML in a block of text.
    pub fn is_text(&self) -> bool {
        matches!(self.how, WriteBack::Lines { .. })
    }

    /// Whether a changed text can be brought back.
    pub fn can_change(&self) -> bool {
        self.range().is_some()
    }

    /// The bytes in whose place a changed text would stand.
    pub fn range(&self) -> Option<Range<usize>> {
        match self.how {
            WriteBack::Slice { start, end } | WriteBack::Lines { start, end, .. } => Some(start..end),
            WriteBack::Never => None,
        }
    }

    /// Where a stretch of the inner text stands in the outer one.
    pub fn outer(&self, document: &Document, span: Span) -> Span {
        if !self.is_part() {
            return span;
        }
        let (start, end) = match (self.piece(span.start), self.piece(span.end)) {
            (OuterText::Whole(whole), _) | (_, OuterText::Whole(whole)) => (whole.start, whole.end),
            (OuterText::From(start), OuterText::From(end)) => (start, end),
        };
        let (line, column) = document.position(start);
        Span { start, end: end.max(start), line, column }
    }

    fn piece(&self, byte: usize) -> OuterText {
        let at = self.pieces.partition_point(|piece| piece.inner <= byte).saturating_sub(1);
        match self.pieces.get(at) {
            Some(Piece { inner, outer: OuterText::From(outer) }) => {
                OuterText::From(outer + byte.saturating_sub(*inner))
            }
            Some(Piece { outer, .. }) => *outer,
            None => OuterText::From(byte),
        }
    }

    /// The outer text with another inner one; none where that cannot be.
    pub fn put_back(&self, outer: &str, inner: &str) -> Option<String> {
        let (start, end, inner) = match &self.how {
            WriteBack::Slice { start, end } => (*start, *end, inner.to_owned()),
            WriteBack::Lines { start, end, indent, eol } => {
                let ends = self.text.ends_with('\n');
                let inner = if ends { inner } else { inner.trim_end_matches('\n') };
                let mut lines = String::with_capacity(inner.len() * 2);
                for line in inner.split_inclusive('\n') {
                    if !line.trim_end_matches(['\n', '\r']).is_empty() {
                        lines.push_str(indent);
                    }
                    lines.push_str(line);
                }
                if ends && !lines.is_empty() && !lines.ends_with('\n') {
                    lines.push('\n');
                }
                (*start, *end, if *eol == "\n" { lines } else { lines.replace('\n', eol) })
            }
            WriteBack::Never => return None,
        };
        Some(format!("{}{inner}{}", outer.get(..start)?, outer.get(end..)?))
    }
}

/// How the lines of a text end; none where they do so in several ways, which a reader takes for one.
fn ends(text: &str) -> Option<&'static str> {
    let count = |end: &str| text.matches(end).count();
    match (count("\r"), count("\n"), count("\r\n")) {
        (0, ..) => Some("\n"),
        (cr, lf, both) if cr == both && lf == both => Some("\r\n"),
        _ => None,
    }
}

/// The documents of a text, each as its stretch between the `---` lines, with the top of each.
pub(super) fn documents(document: &Document) -> Vec<(EmbeddedText, Rc<Document>)> {
    let text = document.text();
    let mut cuts = vec![0];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.strip_prefix("---").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n'])) {
            cuts.push(at);
        }
        at += line.len();
    }
    cuts.push(text.len());
    let mut found = Vec::new();
    for pair in cuts.windows(2) {
        let (start, end) = (pair[0], pair[1]);
        let start = if text.get(start..end).is_some_and(|part| part.starts_with("---")) { start + 3 } else { start };
        let inset = EmbeddedText::slice(text, start, end);
        // One alone is as it is in the whole: a directive before it, for one.
        let Ok(document) = Document::parse(&inset.text) else { continue };
        if !document.documents().is_empty() {
            found.push((inset, Rc::new(document)));
        }
    }
    found
}

/// The inset of YAML text in a string at a path below a node.
pub(super) fn text_below(document: &Document, top: NodeId, path: &Path) -> Option<(EmbeddedText, Document)> {
    let found = document.find_below(top, path)?;
    let inset = EmbeddedText::scalar(document, found.value)?;
    let inner = Document::parse(&inset.text).ok()?;
    Some((inset, inner))
}

impl EmbeddedText {
    /// An inset of this one, as one of the text around.
    pub(super) fn around(self, outer: &Self) -> Self {
        if !outer.is_part() {
            return self;
        }
        let shift = match outer.how {
            WriteBack::Slice { start, .. } => start,
            _ => 0,
        };
        let pieces = self.pieces.iter().map(|Piece { inner, outer }| {
            let outer = match outer {
                OuterText::From(byte) => OuterText::From(byte + shift),
                OuterText::Whole(span) => {
                    OuterText::Whole(Span { start: span.start + shift, end: span.end + shift, ..*span })
                }
            };
            Piece { inner: *inner, outer }
        });
        let how = match self.how {
            WriteBack::Slice { start, end } => WriteBack::Slice { start: start + shift, end: end + shift },
            WriteBack::Lines { start, end, indent, eol } => {
                WriteBack::Lines { start: start + shift, end: end + shift, indent, eol }
            }
            WriteBack::Never => WriteBack::Never,
        };
        Self { text: self.text, pieces: pieces.collect(), how }
    }
}
