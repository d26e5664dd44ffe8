//! Text split into members. The pieces, printed in order, give the same text byte for byte.

use super::{EditError, Place};
use crate::yaml::{Document, Path, Segment, Style};

pub(super) struct Tree<'a> {
    pub document: &'a Document,
    pub documents: Vec<Part>,
    pub layout: Layout,
    /// Whether the last line of the text has no line end.
    pub open_end: bool,
}

/// Layout that the user prefers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub eol: &'static str,
    /// Number of spaces by which an entry is indented below the key of its parent.
    pub step: usize,
    /// Number of spaces by which the `-` of a list is indented below its key.
    pub list_step: usize,
}

/// One document of the text.
pub(super) struct Part {
    /// Text before the first line of the root: byte order mark, directives and `---`.
    pub before: String,
    /// Member without a key and without indentation.
    pub root: Member,
    /// `...` and the text after it.
    pub after: String,
}

/// Entry of a map, item of a list, or root of a document.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// Full lines above the member: blank lines and comments. In brackets: the text before the member.
    pub lead: String,
    /// Whether the member continues the line of its parent, after `- ` or in brackets.
    pub inline: bool,
    /// Indentation of the first line, in spaces.
    pub column: usize,
    /// The key as written, or `-`.
    pub token: String,
    /// Offset of the key in `token`, after an anchor and a tag.
    pub key_at: usize,
    pub name: MemberKey,
    /// Text between key and value: `:`, spaces, anchor and tag.
    pub middle: String,
    pub value: Node,
    /// Rest of the line after the value. If the value starts on its own line: rest of the line after the key.
    pub tail: String,
    /// Comment lines below the value that belong to the member.
    pub trail: String,
    /// Offset of the member in the text before all edits. `None` for an added member.
    pub origin: Option<usize>,
    /// Whether an edit moved the member to the place after the entry that had contained it.
    pub came_out: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MemberKey {
    /// The key as Helm reads it.
    Key(String),
    /// A key that is an alias.
    Alias(String),
    /// `<<`
    Merge,
    /// An item or a root has no key.
    None,
}

#[derive(Debug, Clone)]
pub(super) enum Node {
    /// Text that is not split.
    Text {
        text: String,
        what: TextKind,
    },
    Block {
        map: bool,
        members: Vec<Member>,
    },
    Flow {
        map: bool,
        members: Vec<Member>,
        /// Text between the last member and the closing bracket.
        end: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextKind {
    /// No value, or a written null.
    Null,
    Scalar(Style),
    Alias,
    /// Block scalar at the end of a text without a line end.
    OpenText,
    /// Brackets with a part that cannot be split, and the reason.
    Odd(&'static str),
}

impl Node {
    pub fn empty(map: bool) -> Self {
        Self::Flow { map, members: Vec::new(), end: String::new() }
    }

    pub fn members(&self) -> &[Member] {
        match self {
            Self::Text { .. } => &[],
            Self::Block { members, .. } | Self::Flow { members, .. } => members,
        }
    }

    pub fn members_mut(&mut self) -> Option<&mut Vec<Member>> {
        match self {
            Self::Text { .. } => None,
            Self::Block { members, .. } | Self::Flow { members, .. } => Some(members),
        }
    }

    pub fn is_map(&self) -> bool {
        matches!(self, Self::Block { map: true, .. } | Self::Flow { map: true, .. })
    }

    pub fn is_block_text(&self) -> bool {
        matches!(self, Self::Text { what: TextKind::Scalar(Style::Literal | Style::Folded) | TextKind::OpenText, .. })
    }
}

impl Member {
    pub fn is_item(&self) -> bool {
        self.token == "-"
    }

    pub fn is_key(&self, key: &str) -> bool {
        matches!(&self.name, MemberKey::Key(name) if name == key)
    }

    /// Whether the member contains a comment, or has one above, below or on its line.
    pub fn has_comment(&self) -> bool {
        let own = [&self.lead, &self.middle, &self.tail, &self.trail].into_iter().any(|text| text.contains('#'));
        let header = self.value.is_block_text() && self.header_comment().is_some();
        own || header || self.value.members().iter().any(Self::has_comment)
    }

    /// The comment after `|` or `>`, with the spaces before it.
    pub fn header_comment(&self) -> Option<&str> {
        let Node::Text { text, .. } = &self.value else { return None };
        let line = text.lines().next()?;
        let hash = line.find('#')?;
        Some(&line[line[..hash].trim_end().len()..])
    }

    pub fn print(&self, out: &mut String) {
        out.push_str(&self.lead);
        if !self.inline {
            out.extend(std::iter::repeat_n(' ', self.column));
        }
        out.push_str(&self.token);
        out.push_str(&self.middle);
        match &self.value {
            Node::Text { text, .. } => {
                out.push_str(text);
                out.push_str(&self.tail);
            }
            Node::Block { members, .. } => {
                out.push_str(&self.tail);
                members.iter().for_each(|member| member.print(out));
            }
            Node::Flow { map, members, end } => {
                out.push(if *map { '{' } else { '[' });
                for (at, member) in members.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    member.print(out);
                }
                out.push_str(end);
                out.push(if *map { '}' } else { ']' });
                out.push_str(&self.tail);
            }
        }
        out.push_str(&self.trail);
    }

    /// Indents all lines of the member by `by` spaces more. A negative number indents less.
    pub fn shift(&mut self, by: isize) {
        if by == 0 {
            return;
        }
        self.lead = if self.inline { continued(&self.lead, by) } else { shifted(&self.lead, by, true) };
        self.column = self.column.saturating_add_signed(by);
        self.middle = shifted(&self.middle, by, false);
        self.tail = shifted(&self.tail, by, false);
        self.trail = shifted(&self.trail, by, true);
        match &mut self.value {
            Node::Text { text, .. } => *text = shifted(text, by, false),
            Node::Block { members, .. } => members.iter_mut().for_each(|member| member.shift(by)),
            Node::Flow { members, end, .. } => {
                for member in members {
                    let tail = continued(&member.tail, by);
                    member.shift(by);
                    member.tail = tail;
                }
                *end = continued(end, by);
            }
        }
    }

    /// Splits the lines above the member: lines that stay if the member is removed, and head comments.
    pub fn split_lead(&self) -> (&str, &str) {
        let mut head = self.lead.len();
        for line in self.lead.split_inclusive('\n').rev() {
            if indentation(line) != self.column || !line.trim_start().starts_with('#') {
                break;
            }
            head -= line.len();
        }
        self.lead.split_at(head)
    }
}

/// Indents each line of `text` by `by` spaces more. The first line is indented only if `whole` is true, because it
/// may continue another line.
pub(super) fn shifted(text: &str, by: isize, whole: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, line) in text.split_inclusive('\n').enumerate() {
        let empty = matches!(line, "\n" | "\r\n");
        if (at == 0 && !whole) || empty {
            out.push_str(line);
        } else if by >= 0 {
            out.extend(std::iter::repeat_n(' ', by.unsigned_abs()));
            out.push_str(line);
        } else {
            out.push_str(&line[indentation(line).min(by.unsigned_abs())..]);
        }
    }
    out
}

/// Shifts a text that another member continues, including the continuation at the start of a new line.
fn continued(text: &str, by: isize) -> String {
    let mut out = shifted(text, by, false);
    if text.ends_with('\n') {
        out.extend(std::iter::repeat_n(' ', by.max(0).unsigned_abs()));
    }
    out
}

/// Number of spaces at the start of a line.
pub(super) fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

pub(super) fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

/// Result of the lookup of a path in one document.
pub(super) struct Located {
    /// Member indices from the root, as far as the path exists.
    pub steps: Vec<usize>,
    /// Number of steps of the path that do not exist.
    pub missing: usize,
    /// Whether the last member is in brackets.
    pub in_flow: bool,
    /// Reason why nothing can be inserted there.
    pub blocked: Option<String>,
}

impl Tree<'_> {
    pub fn print(&self) -> String {
        let mut out = String::with_capacity(self.document.text().len() + 256);
        for part in &self.documents {
            out.push_str(&part.before);
            part.root.print(&mut out);
            out.push_str(&part.after);
        }
        if self.open_end && out.ends_with('\n') {
            out.pop();
            if out.ends_with('\r') {
                out.pop();
            }
        }
        out
    }

    pub fn place(&self, path: &Path, member: Option<&Member>) -> Place {
        let origin = member.and_then(|member| member.origin);
        Place { path: path.clone(), at: origin.map(|byte| self.document.position(byte)) }
    }

    pub fn refused(&self, path: &Path, member: Option<&Member>, why: impl Into<String>) -> EditError {
        EditError::Refused { place: self.place(path, member), why: why.into() }
    }

    pub fn root(&self, document: usize) -> Option<&Member> {
        self.documents.get(document).map(|part| &part.root)
    }

    pub fn member(&self, document: usize, steps: &[usize]) -> Option<&Member> {
        steps.iter().try_fold(self.root(document)?, |member, step| member.value.members().get(*step))
    }

    pub fn member_mut(&mut self, document: usize, steps: &[usize]) -> Option<&mut Member> {
        let root = &mut self.documents.get_mut(document)?.root;
        steps.iter().try_fold(root, |member, step| member.value.members_mut()?.get_mut(*step))
    }

    /// Looks up a path.
    ///
    /// # Errors
    ///
    /// If a key on the way occurs twice.
    pub fn locate(&self, document: usize, path: &Path) -> Result<Located, EditError> {
        let mut located = Located { steps: Vec::new(), missing: path.len(), in_flow: false, blocked: None };
        let Some(mut member) = self.root(document) else { return Ok(located) };
        for segment in path.segments() {
            let next = match (segment, &member.value) {
                (Segment::Key(key), value) if value.is_map() => {
                    let mut found = value.members().iter().enumerate().filter(|(_, member)| member.is_key(key));
                    let (first, second) = (found.next(), found.next());
                    if let (Some((_, first)), Some((_, second))) = (first, second) {
                        let there = self.place(path, Some(second)).to_string();
                        let why = format!("the key exists twice (also {there}): remove one of them first");
                        return Err(self.refused(path, Some(first), why));
                    }
                    first
                }
                (
                    Segment::Index(index),
                    Node::Block { map: false, members } | Node::Flow { map: false, members, .. },
                ) => members.get(*index).map(|member| (*index, member)),
                (_, Node::Text { what: TextKind::Null, .. }) => None,
                (_, value) => {
                    located.blocked = Some(describe_obstacle(value));
                    None
                }
            };
            let Some((step, next)) = next else { break };
            located.in_flow = matches!(member.value, Node::Flow { .. });
            located.steps.push(step);
            located.missing -= 1;
            member = next;
        }
        Ok(located)
    }
}

fn describe_obstacle(value: &Node) -> String {
    match value {
        Node::Text { what: TextKind::Alias, .. } => "the value is an alias (`*`): edit its anchor (`&`)".to_owned(),
        Node::Text { what: TextKind::Odd(why), .. } => (*why).to_owned(),
        Node::Text { .. } => "found a value on the path: expected a map".to_owned(),
        value if value.is_map() => "found a map on the path: expected a list".to_owned(),
        _ => "found a list on the path: expected a map".to_owned(),
    }
}
