//! A text in pieces: printed one after the other they are the text again, to the byte.

use super::{EditError, Place};
use crate::yaml::{Document, Path, Segment, Style};

pub(super) struct Tree<'a> {
    pub document: &'a Document,
    pub documents: Vec<Part>,
    pub layout: Layout,
    /// Whether the last line has no end in the text.
    pub open_end: bool,
}

/// How the user writes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub eol: &'static str,
    /// By how many blanks an entry stands behind the key above it.
    pub step: usize,
    /// The same for the `-` of a list.
    pub list_step: usize,
}

/// One document of the text.
pub(super) struct Part {
    /// Up to the first line that belongs to the root: `---`, directives, the mark at the start of a file.
    pub before: String,
    /// Has neither key nor indentation.
    pub root: Member,
    /// `...`, and what follows it.
    pub after: String,
}

/// An entry of a map, an item of a list, or the top of a document.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// The full lines above it: blank ones, and comments. In brackets: what stands in front of it.
    pub lead: String,
    /// Whether it stands on the line of its parent, behind `- ` or in brackets.
    pub inline: bool,
    /// Where its first line starts, in blanks.
    pub column: usize,
    /// The key as it is written, or `-`.
    pub token: String,
    /// Where in `token` the key starts, behind an anchor and a tag.
    pub key_at: usize,
    pub name: Name,
    /// From the key to the value: `:`, blanks, anchor and tag.
    pub middle: String,
    pub value: Node,
    /// What follows the value on its line; below a key with lines of its own, what follows the key.
    pub tail: String,
    /// Full lines below the value that belong to it: comments.
    pub trail: String,
    /// Where it starts in the text before all edits.
    pub origin: Option<usize>,
    /// Whether an edit has put it behind the entry that it came out of.
    pub came_out: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Name {
    /// As Helm reads it.
    Key(String),
    /// A key that is an alias.
    Alias(String),
    /// `<<`
    Merge,
    /// An item, or the top.
    None,
}

#[derive(Debug, Clone)]
pub(super) enum Node {
    /// Written as it stands.
    Text {
        text: String,
        what: What,
    },
    Block {
        map: bool,
        members: Vec<Member>,
    },
    Flow {
        map: bool,
        members: Vec<Member>,
        /// What stands between the last member and the closing bracket.
        end: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// Missing, or written.
    Null,
    Scalar(Style),
    Alias,
    /// A block of text whose last line has no end, as it is the last of the file.
    OpenText,
    /// Brackets with something in them that is not taken apart, and why.
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
        matches!(self, Self::Text { what: What::Scalar(Style::Literal | Style::Folded) | What::OpenText, .. })
    }
}

impl Member {
    pub fn is_item(&self) -> bool {
        self.token == "-"
    }

    pub fn is_key(&self, key: &str) -> bool {
        matches!(&self.name, Name::Key(name) if name == key)
    }

    /// Whether a comment stands in its lines, on them, or below.
    pub fn has_comment(&self) -> bool {
        let own = [&self.lead, &self.middle, &self.tail, &self.trail].into_iter().any(|text| text.contains('#'));
        let header = self.value.is_block_text() && self.header_comment().is_some();
        own || header || self.value.members().iter().any(Self::has_comment)
    }

    /// The comment behind `|` or `>`, with the blanks before it.
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

    /// Indents all of it by `by` blanks more, or less.
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

    /// Splits the lines above it: those that stay when it goes, and its head comments.
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

/// `text` with each of its lines indented by `by` more; the first only where it is a whole line.
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

/// The same for what goes on behind it, also where that starts at the left edge of a new line.
fn continued(text: &str, by: isize) -> String {
    let mut out = shifted(text, by, false);
    if text.ends_with('\n') {
        out.extend(std::iter::repeat_n(' ', by.max(0).unsigned_abs()));
    }
    out
}

/// How many blanks a line starts with.
pub(super) fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

pub(super) fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

/// Where a path leads in one document, as far as it does.
pub(super) struct Located {
    /// Which member of which, from the root on.
    pub steps: Vec<usize>,
    /// How far the path goes on from there.
    pub missing: usize,
    /// Whether the last member stands in brackets.
    pub in_flow: bool,
    /// Why nothing can be put there.
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

    /// # Errors
    ///
    /// When a key on the way stands twice.
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
                        let why = format!("the key stands twice ({there} too): take one of them out first");
                        return Err(self.refused(path, Some(first), why));
                    }
                    first
                }
                (
                    Segment::Index(index),
                    Node::Block { map: false, members } | Node::Flow { map: false, members, .. },
                ) => members.get(*index).map(|member| (*index, member)),
                (_, Node::Text { what: What::Null, .. }) => None,
                (_, value) => {
                    located.blocked = Some(in_the_way(value));
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

fn in_the_way(value: &Node) -> String {
    match value {
        Node::Text { what: What::Alias, .. } => {
            "an alias (`*`) stands for the value: edit it at its anchor (`&`)".to_owned()
        }
        Node::Text { what: What::Odd(why), .. } => (*why).to_owned(),
        Node::Text { .. } => "a value stands on the way: expected a map".to_owned(),
        value if value.is_map() => "a map stands on the way: expected a list".to_owned(),
        _ => "a list stands on the way: expected a map".to_owned(),
    }
}
