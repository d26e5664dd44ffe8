//! Splits a block map or list into members, by the positions of its nodes.

use super::{
    flow::flow,
    tree::{Member, MemberKey, Node, TextKind, indentation, is_blank},
};
use crate::yaml::{Document, Kind, NodeId, Style};

/// Syntax that cannot be edited: its byte offset and a description.
pub(super) struct UnsupportedText(pub usize, pub &'static str);

pub(super) struct Cursor<'a> {
    pub document: &'a Document,
    pub text: &'a str,
    /// Everything before this byte offset is split already.
    pub at: usize,
}

impl Cursor<'_> {
    /// Splits the entries or items of a block. The block starts at its first line, or at its first token if the token
    /// is on the line of the parent.
    pub fn block(&mut self, id: NodeId) -> Result<Node, UnsupportedText> {
        let document = self.document;
        let mut members: Vec<Member> = Vec::new();
        match document.node(id).kind {
            Kind::Map { entries, .. } => {
                for entry in entries {
                    let key = document.node(entry.key);
                    let mut member = self.start(key.span.start, members.last_mut())?;
                    let start = self.at;
                    member.token = self.slice(start, key.span.end).to_owned();
                    member.key_at = key.span.start - start;
                    member.name = name(document, entry.key, key.span.start)?;
                    let colon = key.span.end + blanks(self.slice(key.span.end, self.text.len()));
                    if !self.slice(colon, self.text.len()).starts_with(':') || is_explicit(&member.token) {
                        return Err(UnsupportedText(start, "found a key that is written with `?`"));
                    }
                    self.value(&mut member, entry.value, key.span.end, colon + 1)?;
                    members.push(member);
                }
                Ok(Node::Block { map: true, members })
            }
            Kind::List { items, .. } => {
                for item in items {
                    let dash = self.skip_comments(self.at);
                    let mut member = self.start(dash, members.last_mut())?;
                    if !self.slice(dash, self.text.len()).starts_with('-') || self.at != dash {
                        return Err(UnsupportedText(dash, "found a list of an odd layout"));
                    }
                    member.token = "-".to_owned();
                    self.value(&mut member, *item, dash + 1, dash + 1)?;
                    members.push(member);
                }
                Ok(Node::Block { map: false, members })
            }
            _ => Err(UnsupportedText(self.at, "found a value of an odd layout")),
        }
    }

    /// Starts the member with its token at the offset `token`, together with all lines above it.
    fn start(&mut self, token: usize, before: Option<&mut Member>) -> Result<Member, UnsupportedText> {
        let mut member = empty_member();
        let line = self.line_start(token);
        let column = indentation(self.slice(line, self.text.len()));
        if line >= self.at && line + column <= token {
            if let Some(before) = before {
                self.at += assign_trailing_lines(before, self.slice(self.at, line), false);
            }
            member.lead = self.slice(self.at, line).to_owned();
            if member.lead.lines().any(|line| !is_blank(line) && !line.trim_start().starts_with('#')) {
                return Err(UnsupportedText(token, "found an anchor or tag on a line of its own"));
            }
            member.inline = false;
            member.column = column;
            self.at = line + column;
        } else {
            self.at += blanks(self.slice(self.at, self.text.len()));
            if before.is_some() || self.at > token {
                return Err(UnsupportedText(token, "found a value of an odd layout"));
            }
            member.column = self.slice(self.line_start(self.at), self.at).chars().count();
        }
        member.origin = Some(token);
        Ok(member)
    }

    /// Reads the value of a member. `middle` starts at `from`, and `behind` is the offset after `:` or `-`.
    pub fn value(
        &mut self,
        member: &mut Member,
        id: NodeId,
        from: usize,
        behind: usize,
    ) -> Result<(), UnsupportedText> {
        let node = self.document.node(id);
        let (start, end, what) = match node.kind {
            Kind::List { flow: false, .. } | Kind::Map { flow: false, .. } => {
                let props =
                    if node.anchor.is_some() || node.tag.is_some() { self.skip_properties(behind) } else { behind };
                if node.anchor.as_ref().is_some_and(|(_, anchor)| anchor.end > props) {
                    return Err(UnsupportedText(node.span.start, "found an anchor on a line of its own"));
                }
                let rest = self.slice(props, self.line_end(props));
                if is_blank(rest) || rest.trim_start().starts_with('#') {
                    member.middle = self.slice(from, props).to_owned();
                    member.tail = rest.to_owned();
                    self.at = props + rest.len();
                } else {
                    self.at = props + blanks(rest);
                    member.middle = self.slice(from, self.at).to_owned();
                }
                member.value = self.block(id)?;
                return Ok(());
            }
            _ if is_missing(self.document, id) => {
                let props =
                    if node.anchor.is_some() || node.tag.is_some() { self.skip_properties(behind) } else { behind };
                (props, props, TextKind::Null)
            }
            Kind::Scalar { style: Style::Literal | Style::Folded, .. } => {
                let header = self.skip(behind);
                let end = self.end_of_text(header, node.span.end);
                member.middle = self.slice(from, header).to_owned();
                let (text, what) = (self.slice(header, end).to_owned(), TextKind::Scalar(Style::Literal));
                if !text.starts_with(['|', '>']) {
                    return Err(UnsupportedText(header, "found a block of text of an odd layout"));
                }
                member.value = Node::Text { text, what };
                self.at = end;
                return Ok(());
            }
            Kind::Scalar { style, .. } => {
                let null = style == Style::Plain && self.document.value(id) == Ok(crate::yaml::Value::Null);
                (self.skip(behind), node.span.end, if null { TextKind::Null } else { TextKind::Scalar(style) })
            }
            Kind::Alias { .. } => (self.skip(behind), node.span.end, TextKind::Alias),
            Kind::List { .. } | Kind::Map { .. } => (self.skip(behind), node.span.end, TextKind::Odd("")),
        };
        if start != node.span.start && what != TextKind::Null {
            return Err(UnsupportedText(node.span.start, "found a value of an odd layout"));
        }
        member.middle = self.slice(from, start).to_owned();
        member.value = match what {
            TextKind::Odd(_) => flow(self, id),
            what => Node::Text { text: self.slice(start, end).to_owned(), what },
        };
        self.at = self.line_end(end);
        let tail = self.slice(end, self.at);
        if !is_blank(tail) && !tail.trim_start().starts_with('#') {
            return Err(UnsupportedText(end, "found a value of an odd layout"));
        }
        member.tail = tail.to_owned();
        Ok(())
    }

    /// End of a block scalar. Blank lines below it are not part of it, unless the header has `+`.
    fn end_of_text(&self, header: usize, end: usize) -> usize {
        let body = self.line_end(header);
        let line = self.slice(header, body);
        let keeps = line.chars().take(3).any(|c| c == '+');
        if keeps || end <= body {
            let end = end.max(body);
            return if end == self.text.len() { end } else { self.line_start(end).max(body) };
        }
        let mut end = end;
        let lines: Vec<&str> = self.slice(body, end).split_inclusive('\n').collect();
        let indent = lines.iter().find(|line| !is_blank(line)).map_or(0, |line| indentation(line));
        for line in lines.iter().rev() {
            if !is_blank(line) || line.trim_end_matches(['\r', '\n']).len() > indent {
                break;
            }
            end -= line.len();
        }
        end
    }

    pub fn slice(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or_default()
    }

    pub fn line_start(&self, at: usize) -> usize {
        let start = self.slice(0, at).rfind('\n').map_or(0, |end| end + 1);
        if start == 0 && self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { start }
    }

    fn line_end(&self, at: usize) -> usize {
        self.slice(at, self.text.len()).find('\n').map_or(self.text.len(), |end| at + end + 1)
    }

    /// Offset after spaces, line ends and comments.
    pub fn skip_comments(&self, mut at: usize) -> usize {
        loop {
            let rest = self.slice(at, self.text.len());
            at += rest.len() - rest.trim_start().len();
            if !self.slice(at, self.text.len()).starts_with('#') {
                return at;
            }
            at = self.line_end(at);
        }
    }

    /// Offset after spaces, line ends, comments, anchors and tags.
    pub fn skip(&self, mut at: usize) -> usize {
        loop {
            at = self.skip_comments(at);
            if !self.slice(at, self.text.len()).starts_with(['&', '!']) {
                return at;
            }
            at += self.word(at);
        }
    }

    /// Offset after anchors and tags on the same line, without the spaces after them.
    fn skip_properties(&self, behind: usize) -> usize {
        let mut at = behind;
        loop {
            let next = at + blanks(self.slice(at, self.text.len()));
            if !self.slice(next, self.text.len()).starts_with(['&', '!']) {
                return at;
            }
            at = next + self.word(next);
        }
    }

    fn word(&self, at: usize) -> usize {
        let rest = self.slice(at, self.text.len());
        let end = |c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']' | '{' | '}');
        rest.find(end).unwrap_or(rest.len()).max(1)
    }
}

pub(super) fn empty_member() -> Member {
    Member {
        lead: String::new(),
        inline: true,
        column: 0,
        token: String::new(),
        key_at: 0,
        name: MemberKey::None,
        middle: String::new(),
        value: Node::empty(true),
        tail: String::new(),
        trail: String::new(),
        origin: None,
        came_out: false,
    }
}

pub(super) fn name(document: &Document, key: NodeId, at: usize) -> Result<MemberKey, UnsupportedText> {
    if document.is_merge(key) {
        return Ok(MemberKey::Merge);
    }
    let text = document.key_text(key).map_err(|_| UnsupportedText(at, "found a key that Helm refuses"))?.into_owned();
    Ok(if document.target(key) == key { MemberKey::Key(text) } else { MemberKey::Alias(text) })
}

pub(super) fn is_missing(document: &Document, id: NodeId) -> bool {
    let node = document.node(id);
    node.span.start == node.span.end
        && matches!(node.kind, Kind::Scalar { text, style: Style::Plain } if text.is_empty())
}

/// Whether the key has the form `? key`.
pub(super) fn is_explicit(token: &str) -> bool {
    token.strip_prefix('?').is_some_and(|rest| rest.starts_with(char::is_whitespace))
}

fn blanks(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\t']).len()
}

/// Assigns lines below a member to the member, or to its last descendant that they belong to. Returns the number of
/// assigned bytes.
pub(super) fn assign_trailing_lines(member: &mut Member, gap: &str, root: bool) -> usize {
    let mut assigned = 0;
    let mut leaf = true;
    if let Node::Block { members, .. } = &mut member.value
        && let Some(last) = members.last_mut()
    {
        assigned = assign_trailing_lines(last, gap, false);
        leaf = false;
    }
    if root {
        member.trail = gap.get(assigned..).unwrap_or_default().to_owned();
        return gap.len();
    }
    let mut end = assigned;
    let mut at = assigned;
    for line in gap.get(assigned..).unwrap_or_default().split_inclusive('\n') {
        at += line.len();
        if is_blank(line) {
            // A comment below a scalar continues the comment on the line of the scalar only without a blank line
            // between them.
            if leaf {
                break;
            }
        } else if indentation(line) > member.column {
            end = at;
        } else {
            break;
        }
    }
    member.trail = gap.get(assigned..end).unwrap_or_default().to_owned();
    end
}
