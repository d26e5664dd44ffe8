//! A text inside of another text: one of several YAML documents, or YAML in a block scalar.

use std::{borrow::Cow, ops::Range, sync::Arc};

use crate::placeholder::{self, Mask, Masked};
use crate::yaml::{Document, Kind, Map, NodeId, Path, Span, Style, Value, read_values};

/// A text inside of another text, with the positions of its pieces.
#[derive(Debug, Clone)]
pub struct EmbeddedText {
    pub text: Arc<str>,
    pieces: Arc<[Piece]>,
    write_back: WriteBack,
    /// The template expressions of the outer text, which `text` does not have.
    mask: Option<Arc<Mask>>,
}

/// A piece of the inner text, from this byte on.
#[derive(Debug, Clone, Copy)]
struct Piece {
    inner: usize,
    outer: OuterText,
}

#[derive(Debug, Clone, Copy)]
enum OuterText {
    /// The outer text has the same bytes, from this byte on.
    From(usize),
    /// The whole span of the outer text corresponds to the piece.
    Whole(Span),
}

/// How a changed inner text is written back.
#[derive(Debug, Clone)]
enum WriteBack {
    /// Replace these bytes.
    Slice { start: usize, end: usize },
    /// Indent each line and replace these bytes.
    Lines { start: usize, end: usize, indent: String, eol: &'static str },
    /// Replace the names of values, each in its span.
    Names(Arc<[(Path, Span)]>),
    /// The inner text cannot be written back.
    Never,
}

impl EmbeddedText {
    /// The whole text.
    pub fn whole(text: &str) -> Self {
        Self::slice(text, 0, text.len())
    }

    /// A range of the text.
    pub(super) fn slice(text: &str, start: usize, end: usize) -> Self {
        let piece = Piece { inner: 0, outer: OuterText::From(start) };
        let inner = text.get(start..end).unwrap_or_default();
        Self { text: inner.into(), pieces: [piece].into(), write_back: WriteBack::Slice { start, end }, mask: None }
    }

    /// The text of a scalar. The lines of a literal block have exact positions, other scalars have one position.
    pub(super) fn scalar(document: &Document, node: NodeId) -> Option<Self> {
        let node = document.node(document.target(node));
        let Kind::Scalar { text, style } = node.kind else { return None };
        let exact = (style == Style::Literal).then(|| Self::lines(document.text(), text, node.span.start)).flatten();
        Some(exact.unwrap_or_else(|| Self::derived(text.to_owned(), vec![(0, node.span)])))
    }

    /// A text that the outer text does not contain, with the spans that its pieces come from, by their first bytes.
    pub(super) fn derived(text: String, places: Vec<(usize, Span)>) -> Self {
        let pieces = places.into_iter().map(|(inner, span)| Piece { inner, outer: OuterText::Whole(span) }).collect();
        Self { text: text.into(), pieces, write_back: WriteBack::Never, mask: None }
    }

    /// The values of `--set` words as a text, with the span of each word. A change can rename values.
    pub(super) fn of_names(text: String, places: Vec<(usize, Span)>, names: Vec<(Path, Span)>) -> Self {
        Self { write_back: WriteBack::Names(names.into()), ..Self::derived(text, places) }
    }

    /// A text whose lines are indented lines of the outer text, from the line of `byte` on. `None` if they are not.
    pub(super) fn lines(text: &str, inner: &str, byte: usize) -> Option<Self> {
        // Leading empty lines belong to the text and not to the span.
        let leading = inner.bytes().take_while(|b| *b == b'\n').count();
        let mut start = text.get(..byte)?.rfind('\n').map_or(0, |at| at + 1);
        for _ in 0..leading {
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
            let (bare, expected) = (outer.trim_end_matches(['\n', '\r']), line.trim_end_matches('\n'));
            let before = bare.strip_suffix(expected)?;
            if !before.bytes().all(|b| b == b' ') {
                return None;
            }
            if !expected.is_empty() && indent.is_none_or(|indent| before.len() < indent.len()) {
                indent = Some(before);
            }
            pieces.push(Piece { inner: inside, outer: OuterText::From(at + before.len()) });
            inside += line.len();
            at += outer.len();
        }
        let lines = text.get(start..at).filter(|lines| !lines.is_empty());
        // A block with `|-` does not contain the end of its last line.
        if !inner.ends_with('\n') {
            let block = text.get(..at)?;
            at = block.strip_suffix('\n').map_or(at, |block| block.strip_suffix('\r').unwrap_or(block).len());
        }
        let write_back = match lines.and_then(line_ending) {
            Some(eol) => WriteBack::Lines { start, end: at, indent: indent.unwrap_or_default().to_owned(), eol },
            None => WriteBack::Never,
        };
        Some(Self { text: inner.into(), pieces: pieces.into(), write_back, mask: None })
    }

    /// The same text with its template expressions masked. `None` if it has none.
    pub(super) fn masked(&self) -> Option<Self> {
        Some(self.masked_as(placeholder::mask(&self.text)?))
    }

    /// The same text, masked already.
    pub(super) fn masked_as(&self, Masked { text, mask }: Masked) -> Self {
        let write_back = if mask.is_complete() { self.write_back.clone() } else { WriteBack::Never };
        Self { text: text.into(), mask: Some(mask), write_back, ..self.clone() }
    }

    /// The same text, which has the masked expressions of the text around it.
    pub(super) fn with_mask_of(self, outer: &Self) -> Self {
        let mask = self.mask.or_else(|| outer.mask.clone());
        Self { mask, ..self }
    }

    /// The same expressions, for the values in the text.
    pub(super) fn mask_of_text(&self) -> Option<Arc<Mask>> {
        self.mask.clone()
    }

    /// The template expressions that the text does not have.
    pub(super) fn mask(&self) -> Option<&Mask> {
        self.mask.as_deref()
    }

    /// Whether the outer text contains more than this text.
    pub fn is_part(&self) -> bool {
        !matches!(self.write_back, WriteBack::Slice { start: 0, end } if end == self.text.len())
    }

    /// Whether this is YAML in a block scalar.
    pub fn is_text(&self) -> bool {
        matches!(self.write_back, WriteBack::Lines { .. })
    }

    /// Whether a changed text can be written back.
    pub fn can_change(&self) -> bool {
        self.range().is_some() && !self.mask.as_ref().is_some_and(|mask| mask.has_lines_in(&self.text))
    }

    /// Whether a change can only rename values.
    pub fn can_only_rename(&self) -> bool {
        matches!(self.write_back, WriteBack::Names(_))
    }

    /// The bytes of the outer text that a changed text replaces.
    pub fn range(&self) -> Option<Range<usize>> {
        match &self.write_back {
            WriteBack::Slice { start, end } | WriteBack::Lines { start, end, .. } => Some(*start..*end),
            WriteBack::Names(names) => {
                let start = names.iter().map(|(_, span)| span.start).min()?;
                Some(start..names.iter().map(|(_, span)| span.end).max()?)
            }
            WriteBack::Never => None,
        }
    }

    /// The span in the outer text that corresponds to a span of the inner text.
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

    /// The outer text with another inner text. `None` if the text cannot be written back.
    pub fn put_back(&self, outer: &str, inner: &str) -> Option<String> {
        match &self.write_back {
            WriteBack::Names(names) if self.keeps_mask(inner) => {
                rename_in(outer, names, &self.text, &self.unmasked(inner))
            }
            _ => {
                let (range, inner) = self.replacement(outer, inner)?;
                Some(format!("{}{inner}{}", outer.get(..range.start)?, outer.get(range.end..)?))
            }
        }
    }

    /// The bytes of the outer text that another inner text replaces, and their new text. `None` if the text cannot be
    /// written back, or a change can only rename values.
    pub fn replacement(&self, outer: &str, inner: &str) -> Option<(Range<usize>, String)> {
        if !self.keeps_mask(inner) {
            return None;
        }
        let inner = &*self.unmasked(inner);
        let (start, end, inner) = match &self.write_back {
            WriteBack::Slice { start, end } => (*start, *end, inner.to_owned()),
            WriteBack::Lines { start, end, indent, eol } => {
                let has_newline = self.text.ends_with('\n');
                let inner = if has_newline { inner } else { inner.trim_end_matches('\n') };
                let mut lines = String::with_capacity(inner.len() * 2);
                for line in inner.split_inclusive('\n') {
                    if !line.trim_end_matches(['\n', '\r']).is_empty() {
                        lines.push_str(indent);
                    }
                    lines.push_str(line);
                }
                if has_newline && !lines.is_empty() && !lines.ends_with('\n') {
                    lines.push('\n');
                }
                (*start, *end, if *eol == "\n" { lines } else { lines.replace('\n', eol) })
            }
            WriteBack::Names(_) | WriteBack::Never => return None,
        };
        outer.get(start..end).map(|_| (start..end, inner))
    }

    /// Whether another inner text has the same template expressions.
    fn keeps_mask(&self, inner: &str) -> bool {
        !self.mask.as_ref().is_some_and(|mask| mask.has_lines_in(&self.text) || !mask.is_kept(&self.text, inner))
    }

    fn unmasked<'i>(&self, inner: &'i str) -> Cow<'i, str> {
        match &self.mask {
            Some(mask) => Cow::Owned(mask.unmask(inner)),
            None => Cow::Borrowed(inner),
        }
    }
}

/// Renames values in the outer text as they were renamed in the inner text. `None` if more has changed.
fn rename_in(outer: &str, names: &[(Path, Span)], before: &str, after: &str) -> Option<String> {
    let leaves = |text: &str| {
        let mut found = Vec::new();
        leaves_of(&read_values(text).ok()?, &Path::root(), &mut found);
        Some(found)
    };
    let (before, after) = (leaves(before)?, leaves(after)?);
    let removed: Vec<_> = before.iter().filter(|leaf| !after.contains(leaf)).collect();
    let mut added: Vec<_> = after.iter().filter(|leaf| !before.contains(leaf)).collect();
    if removed.len() != added.len() {
        return None;
    }
    let mut changes: Vec<(usize, usize, String)> = Vec::new();
    for (path, value) in removed {
        let at = added.iter().position(|(_, other)| other == value)?;
        let (to, _) = added.remove(at);
        let (_, span) = names.iter().find(|(name, _)| name == path)?;
        let (from, to) = (path.to_string(), to.to_string());
        let word = outer.get(span.start..span.end)?;
        // The name ends where its value begins, or at the end of the word.
        let is_name = |at: &usize| {
            let behind = word[at + from.len()..].chars().next();
            let before = word[..*at].chars().next_back();
            behind.is_none_or(|c| "='\"".contains(c)) && before.is_none_or(|c| !c.is_alphanumeric() && c != '.')
        };
        let at = word.match_indices(&from).map(|(at, _)| at).find(is_name)?;
        changes.push((span.start + at, span.start + at + from.len(), to));
    }
    changes.sort_unstable();
    let mut text = outer.to_owned();
    for (start, end, to) in changes.into_iter().rev() {
        text.replace_range(start..end, &to);
    }
    Some(text)
}

/// The values of a map that are no maps, with their paths.
fn leaves_of(map: &Map, above: &Path, found: &mut Vec<(Path, Value)>) {
    for (key, value) in map.iter() {
        let path = above.key(key);
        match value {
            Value::Map(below) if !below.is_empty() => leaves_of(below, &path, found),
            value => found.push((path, value.clone())),
        }
    }
}

/// The line ending of a text. `None` for mixed line endings, which YAML reads as one.
fn line_ending(text: &str) -> Option<&'static str> {
    let count = |end: &str| text.matches(end).count();
    match (count("\r"), count("\n"), count("\r\n")) {
        (0, ..) => Some("\n"),
        (cr, lf, both) if cr == both && lf == both => Some("\r\n"),
        _ => None,
    }
}

/// The YAML documents of a text, each with its range between `---` lines.
pub(super) fn documents(document: &Document) -> Vec<(EmbeddedText, Arc<Document>)> {
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
    let mut embedded = Vec::new();
    for pair in cuts.windows(2) {
        let (start, end) = (pair[0], pair[1]);
        let start = if text.get(start..end).is_some_and(|part| part.starts_with("---")) { start + 3 } else { start };
        let inset = EmbeddedText::slice(text, start, end);
        // A range that fails to parse is skipped, because the caller has parsed the whole text.
        let Ok(document) = Document::parse(&inset.text) else { continue };
        if !document.documents().is_empty() {
            embedded.push((inset, Arc::new(document)));
        }
    }
    embedded
}

/// The YAML text in a string at a path below a node.
pub(super) fn text_below(document: &Document, top: NodeId, path: &Path) -> Option<(EmbeddedText, Document)> {
    let node = document.find_below(top, path)?;
    let inset = EmbeddedText::scalar(document, node.value)?;
    parsed(inset)
}

/// The document of a text, without its template expressions if they are no YAML.
pub(super) fn parsed(inset: EmbeddedText) -> Option<(EmbeddedText, Document)> {
    // `{{ x }}` without quotes may be YAML too: a map with a map as its key, which no value can be.
    if let Ok(document) = Document::parse(&inset.text)
        && document.documents().iter().all(|top| document.value(*top).is_ok())
    {
        return Some((inset, document));
    }
    let Some(inset) = inset.masked() else {
        return Document::parse(&inset.text).ok().map(|document| (inset, document));
    };
    let document = Document::parse(&inset.text).ok()?;
    let has_branches = inset.mask().is_some_and(|mask| mask.has_branches);
    let document = if has_branches { document.without_duplicates() } else { document };
    Some((inset, document))
}

impl EmbeddedText {
    /// Converts a text inside of `outer` to a text inside of the text that contains `outer`.
    pub(super) fn rebased(self, outer: &Self) -> Self {
        let this = self.with_mask_of(outer);
        if !outer.is_part() {
            return this;
        }
        let shift = match outer.write_back {
            WriteBack::Slice { start, .. } => start,
            _ => 0,
        };
        let pieces = this.pieces.iter().map(|Piece { inner, outer }| {
            let outer = match outer {
                OuterText::From(byte) => OuterText::From(byte + shift),
                OuterText::Whole(span) => {
                    OuterText::Whole(Span { start: span.start + shift, end: span.end + shift, ..*span })
                }
            };
            Piece { inner: *inner, outer }
        });
        let write_back = match this.write_back {
            WriteBack::Slice { start, end } => WriteBack::Slice { start: start + shift, end: end + shift },
            WriteBack::Lines { start, end, indent, eol } => {
                WriteBack::Lines { start: start + shift, end: end + shift, indent, eol }
            }
            WriteBack::Names(names) => {
                let shifted = |span: Span| Span { start: span.start + shift, end: span.end + shift, ..span };
                WriteBack::Names(names.iter().map(|(path, span)| (path.clone(), shifted(*span))).collect())
            }
            WriteBack::Never => WriteBack::Never,
        };
        Self { text: this.text, pieces: pieces.collect(), write_back, mask: this.mask }
    }
}
