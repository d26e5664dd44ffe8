//! Corrections after all edits, for block scalars and comments that have new neighbours.

use super::tree::{Member, Node, TextKind, Tree, indentation, is_blank};

impl Tree<'_> {
    /// Prints the edited text.
    pub fn finish(mut self) -> String {
        if self.open_end {
            let count = self.documents.len();
            for (at, part) in self.documents.iter_mut().enumerate() {
                part.root.close_text(at + 1 == count);
            }
            // A text that had a line end at its end keeps a line end.
            self.open_end = !self.documents.last().is_some_and(|part| part.root.ends_in_text());
        }
        for part in &mut self.documents {
            part.root.keep_comments(&mut None);
        }
        self.print()
    }
}

impl Member {
    /// Whether the member ends in a block scalar that had a line end in the original text.
    fn ends_in_text(&self) -> bool {
        self.trail.is_empty()
            && match &self.value {
                Node::Text { what: TextKind::OpenText, .. } | Node::Flow { .. } => false,
                Node::Text { .. } => self.value.is_block_text(),
                Node::Block { members, .. } => members.last().is_some_and(Self::ends_in_text),
            }
    }

    /// Whether blank lines below the member would become part of its value: the last value is a block scalar with
    /// `+`.
    pub(super) fn takes_blank_lines(&self) -> bool {
        self.trail.is_empty()
            && match &self.value {
                Node::Text { text, .. } => {
                    let header = text.lines().next().unwrap_or_default();
                    self.value.is_block_text() && header.chars().take(3).any(|c| c == '+')
                }
                Node::Block { members, .. } => members.last().is_some_and(Self::takes_blank_lines),
                Node::Flow { .. } => false,
            }
    }

    /// Changes `|` to `|-` if the block scalar was the last in a text without a line end, and is no longer the last.
    /// The value must not gain a line end.
    fn close_text(&mut self, last: bool) {
        let last = last && self.trail.is_empty();
        match &mut self.value {
            Node::Text { text, what: TextKind::OpenText } if !last => {
                let header = text.find(['\r', '\n', '#']).unwrap_or(text.len());
                if !text[..header].contains('-') {
                    let chomped: String = text[..header].chars().filter(|c| *c != '+').collect();
                    let (style, rest) = chomped.split_at(1.min(chomped.len()));
                    text.replace_range(..header, &format!("{style}-{rest}"));
                }
            }
            Node::Block { members, .. } => {
                let count = members.len();
                members.iter_mut().enumerate().for_each(|(at, member)| member.close_text(last && at + 1 == count));
            }
            Node::Text { .. } | Node::Flow { .. } => {}
        }
    }

    /// Keeps comments below a block scalar from becoming part of its text. `edge` is the indentation of the scalar's
    /// lines.
    fn keep_comments(&mut self, edge: &mut Option<usize>) {
        push_out(&mut self.lead, edge);
        if !self.token.is_empty() {
            *edge = None;
        }
        match &mut self.value {
            Node::Text { text, .. } if text.starts_with(['|', '>']) => {
                *edge = text.lines().skip(1).filter(|line| !is_blank(line)).map(indentation).min();
            }
            Node::Block { members, .. } => members.iter_mut().for_each(|member| member.keep_comments(edge)),
            Node::Text { .. } | Node::Flow { .. } => {}
        }
        push_out(&mut self.trail, edge);
    }
}

/// Reduces the indentation of the first comment below a block scalar, if the comment would be part of the text. This
/// comment ends the scalar for all comments below.
fn push_out(lines: &mut String, edge: &mut Option<usize>) {
    let mut out = None;
    let mut at = 0;
    for line in lines.split_inclusive('\n') {
        if !is_blank(line)
            && let Some(edge) = edge.take()
            && indentation(line) >= edge
        {
            out = Some(at..at + indentation(line) + 1 - edge);
        }
        at += line.len();
    }
    if let Some(out) = out {
        lines.replace_range(out, "");
    }
}
