//! Splits a text into its documents, and detects the layout of the user.

use super::{
    EditError, Place,
    block::{Cursor, UnsupportedText, assign_trailing_lines, empty_member, is_missing},
    tree::{Layout, Member, MemberKey, Node, Part, TextKind, Tree},
};
use crate::yaml::{Document, Kind, Path, Style};

impl<'a> Tree<'a> {
    /// # Errors
    ///
    /// If the text has syntax that cannot be split, such as `? key`.
    pub fn of(document: &'a Document) -> Result<Self, EditError> {
        let text = document.text();
        let refused = |UnsupportedText(at, why)| EditError::Refused {
            place: Place { path: Path::root(), at: Some(document.position(at)) },
            why: format!("{why}, which redisgen does not edit"),
        };
        let eol = text.find('\n').map_or("\n", |at| if text[..at].ends_with('\r') { "\r\n" } else { "\n" });
        let mut cursor = Cursor { document, text, at: 0 };
        let documents = cursor.documents().map_err(refused)?;
        let open_end = !text.is_empty() && !text.ends_with('\n');
        let layout = Layout { eol, step: 2, list_step: 2 };
        let mut tree = Tree { document, documents, layout, open_end: false };
        if tree.print() != text {
            return Err(refused(UnsupportedText(0, "found an unknown layout")));
        }
        tree.layout = layout_of(eol, &tree.documents);
        if open_end {
            tree.open_end = true;
            for part in tree.documents.last_mut().into_iter().filter(|part| part.after.is_empty()) {
                end_line(&mut part.root, eol);
            }
        }
        Ok(tree)
    }
}

impl Cursor<'_> {
    pub(super) fn documents(&mut self) -> Result<Vec<Part>, UnsupportedText> {
        if let Some(at) =
            self.text.match_indices('\r').map(|(at, _)| at).find(|at| !self.text[at + 1..].starts_with('\n'))
        {
            return Err(UnsupportedText(at, "found a line that ends in a lone CR"));
        }
        if self.text.starts_with('\u{feff}') {
            self.at = '\u{feff}'.len_utf8();
        }
        let mut start = 0;
        let mut parts: Vec<Part> = Vec::new();
        let roots = self.document.documents();
        for root in roots {
            let node = self.document.node(*root);
            let missing = is_missing(self.document, *root);
            let line = if missing { self.text.len() } else { self.line_start(node.span.start) };
            if missing && parts.len() + 1 == roots.len() && !parts.is_empty() {
                // A `---` at the end of the text starts no document.
                break;
            }
            if missing && roots.len() > 1 {
                return Err(UnsupportedText(node.span.start, "found an empty document among others"));
            }
            let gap = self.slice(self.at, line.max(self.at));
            let (below, _) = split_at_marker(gap);
            if let Some(before) = parts.last_mut() {
                self.at += assign_trailing_lines(&mut before.root, below, true);
                start = self.at;
            }
            let from = self.at + behind_start(self.slice(self.at, line.max(self.at)));
            let mut member = empty_member();
            if missing {
                self.at = self.text.len();
                member.value = Node::Text { text: String::new(), what: TextKind::Null };
                parts.push(Part { before: self.text.to_owned(), root: member, after: String::new() });
                return Ok(parts);
            }
            let block = matches!(node.kind, Kind::Map { flow: false, .. });
            // A map in brackets has no head comments: the lines above it, and `--- ` on its line, belong to the
            // document.
            self.at = if block { from } else { node.span.start };
            if block && self.slice(line, self.text.len()).starts_with("---") {
                return Err(UnsupportedText(line, "found values on the line of `---`"));
            }
            let before = self.slice(start, self.at).to_owned();
            if block {
                member.value = self.block(*root)?;
            } else {
                let at = self.at;
                self.value(&mut member, *root, at, at)?;
            }
            parts.push(Part { before, root: member, after: String::new() });
        }
        if let Some(last) = parts.last_mut() {
            let (below, _) = split_at_marker(self.slice(self.at, self.text.len()));
            self.at += assign_trailing_lines(&mut last.root, below, true);
            last.after = self.slice(self.at, self.text.len()).to_owned();
        }
        if parts.is_empty() {
            let mut root = empty_member();
            root.value = Node::Text { text: String::new(), what: TextKind::Null };
            parts.push(Part { before: self.text.to_owned(), root, after: String::new() });
        }
        Ok(parts)
    }
}

/// Adds a line end to the last line, because an edit may add something after it. Printing removes the line end again.
fn end_line(member: &mut Member, eol: &str) {
    if !member.trail.is_empty() {
        return member.trail.push_str(eol);
    }
    match &mut member.value {
        Node::Text { text, what: what @ TextKind::Scalar(Style::Literal | Style::Folded) } => {
            text.push_str(eol);
            *what = TextKind::OpenText;
        }
        Node::Block { members, .. } => members.iter_mut().next_back().into_iter().for_each(|last| end_line(last, eol)),
        Node::Text { .. } | Node::Flow { .. } => member.tail.push_str(eol),
    }
}

fn layout_of(eol: &'static str, documents: &[Part]) -> Layout {
    let (mut step, mut list_step) = (None, None);
    let mut open: Vec<&Member> = documents.iter().map(|part| &part.root).rev().collect();
    while let Some(member) = open.pop() {
        if let Node::Block { map, members } = &member.value {
            let first = members.first().filter(|first| !first.inline && matches!(member.name, MemberKey::Key(_)));
            let by = first.and_then(|first| first.column.checked_sub(member.column));
            let known = if *map { &mut step } else { &mut list_step };
            *known = known.or(by);
            open.extend(members.iter().rev());
        }
    }
    let step = step.filter(|step| (1..=16).contains(step)).unwrap_or(2);
    Layout { eol, step, list_step: list_step.unwrap_or(step).min(16) }
}

/// Splits the lines between two documents before the first `---` or `...`.
fn split_at_marker(gap: &str) -> (&str, &str) {
    let mut at = 0;
    for line in gap.split_inclusive('\n') {
        if line.starts_with("---") || line.starts_with("...") {
            break;
        }
        at += line.len();
    }
    gap.split_at(at)
}

/// Length of the lines above a document that belong to the document and not to its first entry: up to and including
/// `---`, and a first comment for programs.
fn behind_start(gap: &str) -> usize {
    let (mut at, mut start) = (0, 0);
    for line in gap.split_inclusive('\n') {
        let is_first = at == start;
        at += line.len();
        if line.starts_with("---") || line.starts_with('%') || is_first && is_directive(line) {
            start = at;
        }
    }
    start
}

/// Whether a first line is a comment for programs, such as `# yaml-language-server: ...`.
///
/// Such a comment applies to the file, even directly above the first key. A comment that ignores a finding applies to
/// the key.
fn is_directive(line: &str) -> bool {
    let words = line.strip_prefix('#').and_then(|comment| comment.trim_start().split_once(": "));
    let is_word = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    words.is_some_and(|(name, what)| is_word(name) && !what.trim_start().starts_with("ignore"))
}
