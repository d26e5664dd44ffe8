//! Removal and insertion of members.

use super::{
    EditError, flow,
    tree::{Member, MemberKey, Node, TextKind, Tree, is_blank},
    write,
};
use crate::yaml::{Map, Path, Segment, Value};

pub(super) const IN_BRACKETS: &str = "redisgen does not edit comments in brackets: write the brackets as lines first";

/// Treatment of a parent that an edit has left empty.
pub(super) enum EmptyParent<'a> {
    /// The parent stays and becomes `{}` or `[]`.
    Stays,
    /// The parent is removed, unless it contains a comment.
    RemovedWithoutComments,
    /// The parent is removed, and its comments are collected here.
    Removed(&'a mut OrphanComments),
}

/// Comments of removed keys, without indentation.
#[derive(Default)]
pub(super) struct OrphanComments {
    /// Comments above a removed map and on the line of its key; one list for each map, from the outermost.
    pub above: Vec<Vec<String>>,
    /// Comments below the entries of the removed maps.
    pub below: Vec<String>,
    /// Index of the outermost removed map in its parent.
    pub place: Option<usize>,
}

impl Tree<'_> {
    /// Removes a member. Comments above it that are not head comments stay.
    pub(super) fn detach(&mut self, document: usize, path: &Path, steps: &[usize]) -> Result<Member, EditError> {
        let Some((at, parent_steps)) = steps.split_last() else { return Err(EditError::NotFound(path.clone())) };
        let is_root = parent_steps.is_empty();
        let eol = self.layout.eol;
        if let Some(member) = self.member(document, parent_steps).filter(|parent| has_comment_inside(&parent.value)) {
            return Err(self.refused(path, Some(member), IN_BRACKETS));
        }
        let Some(parent) = self.member_mut(document, parent_steps) else {
            return Err(EditError::NotFound(path.clone()));
        };
        let mut members = match &mut parent.value {
            Node::Flow { members, end, .. } if *at < members.len() => return Ok(flow::remove(members, *at, end)),
            Node::Block { members, .. } if *at < members.len() => std::mem::take(members),
            _ => return Err(EditError::NotFound(path.clone())),
        };
        let mut member = members.remove(*at);
        close_gap(&mut member, members.get_mut(*at), parent, &Gap { is_first: *at == 0, is_root, eol });
        if let Node::Block { members: place, .. } = &mut parent.value {
            *place = members;
        }
        Ok(member)
    }

    /// Treats the parents of a member that was removed at `path`: an empty parent is removed or becomes `{}`. Returns
    /// the number of removed parents.
    pub(super) fn handle_empty_parents(
        &mut self,
        document: usize,
        path: &Path,
        mut empty: EmptyParent,
    ) -> Result<usize, EditError> {
        let mut pruned = 0;
        let mut path = path.parent();
        let layout = self.layout;
        while let Some(parent) = path {
            let Ok(located) = self.locate(document, &parent) else { break };
            let Some(member) = self.member_mut(document, &located.steps).filter(|_| located.missing == 0) else {
                break;
            };
            if !member.value.members().is_empty() {
                break;
            }
            let may_remove = match empty {
                EmptyParent::Stays => false,
                EmptyParent::RemovedWithoutComments => !member.trail.contains('#'),
                EmptyParent::Removed(_) => true,
            };
            let is_removed = may_remove
                && member.value.is_map()
                && matches!(member.name, MemberKey::Key(_))
                && !matches!(&member.value, Node::Flow { end, .. } if end.contains('#'));
            if !is_removed {
                if let Node::Block { map, .. } = member.value {
                    write::add_colon_and_space(member);
                    if member.tail.is_empty() {
                        layout.eol.clone_into(&mut member.tail);
                    }
                    member.value = Node::empty(map);
                }
                break;
            }
            let mut removed = self.detach(document, &parent, &located.steps)?;
            if let EmptyParent::Removed(orphans) = &mut empty {
                let below = std::mem::take(&mut removed.trail);
                orphans.below.extend(comments_in(&below).map(str::to_owned));
                let mut above = Vec::new();
                comments_of(&removed, &mut above);
                orphans.above.insert(0, above);
                orphans.place = located.steps.last().copied();
            }
            pruned += 1;
            path = parent.parent();
        }
        Ok(pruned)
    }

    /// Inserts a member at a path without an entry: after the entry that contains `from` if this entry is in the same
    /// map, otherwise at the end.
    pub(super) fn attach(
        &mut self,
        document: usize,
        path: &Path,
        mut member: Member,
        from: Option<&Path>,
        value: &Value,
    ) -> Result<(), EditError> {
        let located = self.locate(document, path)?;
        let layout = self.layout;
        let missing = path.segments().get(located.steps.len()..).unwrap_or_default();
        let parent = self.member(document, &located.steps);
        if let Some(why) = located.blocked {
            return Err(self.refused(path, parent, why));
        }
        let (Some(first), Some(parent)) = (missing.first(), parent) else { return Ok(()) };
        let keys = missing.iter().skip(1).all(|segment| matches!(segment, Segment::Key(_)));
        let length = parent.value.members().len();
        if !keys || matches!(first, Segment::Index(index) if *index != length || missing.len() > 1) {
            return Err(self.refused(path, Some(parent), "a list takes new items only at its end, one at a time"));
        }
        let inside = self.in_flow(document, &located.steps);
        let in_brackets = inside || matches!(&parent.value, Node::Flow { members, .. } if !members.is_empty());
        let place = Path::clone(from.unwrap_or(path));
        if has_comment_inside(&parent.value) || in_brackets && is_odd_with_comment(&member.value) {
            return Err(self.refused(&place, Some(&member), IN_BRACKETS));
        }
        let mut orphans = OrphanComments::default();
        if in_brackets {
            let mut above = Vec::new();
            all_comments_of(&member, &mut above);
            orphans.above.push(above);
        }
        let names: Vec<String> = missing
            .iter()
            .filter_map(|segment| match segment {
                Segment::Key(key) => Some(key.clone()),
                Segment::Index(_) => None,
            })
            .collect();
        let holder = match from {
            Some(from) => self.beside(document, from, located.steps.len(), path)?,
            None => None,
        };
        // Members that an earlier edit moved out of the same entry come first.
        let at = holder.map_or(length, |holder| {
            let behind = parent.value.members().iter().skip(holder + 1);
            holder + 1 + behind.take_while(|member| member.came_out).count()
        });
        let is_map = matches!(first, Segment::Key(_));
        let parent_names: &[String] = names.split_last().map_or(&[], |(_, parents)| parents);
        let Some(parent) = self.member_mut(document, &located.steps) else { return Ok(()) };
        if in_brackets {
            let mut value = value.clone();
            for key in names.iter().skip(1).rev() {
                value = Value::Map(Map::from_iter([(key.clone(), value)]));
            }
            let mut inner = super::block::empty_member();
            if let Some(key) = names.first() {
                inner.token = crate::yaml::scalar(key);
                inner.name = MemberKey::Key(key.clone());
                inner.middle = ": ".to_owned();
            }
            inner.value = match member.value {
                Node::Text { text, what: what @ TextKind::Scalar(_) } if names.len() < 2 && is_plain_word(&text) => {
                    Node::Text { text, what }
                }
                _ => write::node(&write::in_brackets(&value))?,
            };
            if matches!(parent.value, Node::Text { .. }) {
                write::add_colon_and_space(parent);
                parent.value = Node::empty(is_map);
            }
            if let Some(members) = parent.value.members_mut() {
                inner.came_out = holder.is_some();
                flow::insert(members, at, inner);
            }
            return self.adopt(document, path, orphans);
        }
        from_brackets(&mut member, layout.eol);
        let item = parent.is_item();
        if !matches!(parent.value, Node::Block { .. }) {
            write::open(parent, is_map, layout);
        }
        let root = parent.token.is_empty();
        let bare = write::is_line_end(&parent.tail) && parent.middle.trim().is_empty();
        let behind_dash = item && length == 0 && bare && member.lead.is_empty();
        let step = if is_map { layout.step } else { layout.list_step };
        let column = match parent.value.members().last() {
            Some(last) => last.column,
            None if root => 0,
            None if item => parent.column + 2,
            None => parent.column + step,
        };
        let deeper = parent_names.len() * layout.step;
        member.shift((column + deeper) as isize - member.column as isize);
        for key in parent_names.iter().rev() {
            member = write::wrap_in_key(key, member, layout);
        }
        if behind_dash {
            parent.middle = " ".to_owned();
            parent.tail.clear();
            member.inline = true;
        }
        if let Some(members) = parent.value.members_mut() {
            let spaced =
                members.len() > 1 && members.iter().skip(1).all(|member| member.lead.starts_with(['\r', '\n']));
            if root && spaced && holder.is_none() && !members.last().is_some_and(Member::takes_blank_lines) {
                member.lead.insert_str(0, layout.eol);
            }
            member.came_out = holder.is_some();
            members.insert(at, member);
        }
        Ok(())
    }

    /// Adds an empty line above the member at `path`, if its neighbours in the map are separated by empty lines.
    pub(super) fn set_apart(&mut self, document: usize, path: &Path) -> Result<(), EditError> {
        let steps = self.existing(document, path)?;
        let eol = self.layout.eol;
        let Some((at, parent)) = steps.split_last() else { return Ok(()) };
        let Some(Node::Block { members, .. }) = self.member_mut(document, parent).map(|parent| &mut parent.value)
        else {
            return Ok(());
        };
        let is_apart = |member: &Member| member.lead.lines().any(is_blank);
        let Some(above) = at.checked_sub(1) else { return Ok(()) };
        let neighbours = [Some(above).filter(|above| *above > 0), Some(at + 1)];
        let gaps: Vec<bool> = neighbours.iter().flatten().filter_map(|at| members.get(*at)).map(is_apart).collect();
        let is_text = members.get(above).is_some_and(Member::takes_blank_lines);
        if !gaps.is_empty() && !gaps.contains(&false) && !is_text {
            members.get_mut(*at).into_iter().for_each(|member| member.lead.insert_str(0, eol));
        }
        Ok(())
    }

    /// Adds the comments of removed keys above and below another entry, around its own comments.
    ///
    /// Entries in brackets have no comments: those are added to the entry that contains the brackets.
    pub(super) fn adopt(&mut self, document: usize, heir: &Path, orphans: OrphanComments) -> Result<(), EditError> {
        let OrphanComments { mut above, mut below, place: _ } = orphans;
        let mut steps = self.existing(document, heir)?;
        while self.in_flow(document, &steps) {
            steps.pop();
            above.push(std::mem::take(&mut below));
        }
        let layout = self.layout;
        let lines = |comments: &[String], column: usize| -> String {
            comments.iter().map(|comment| format!("{}{comment}{}", " ".repeat(column), layout.eol)).collect()
        };
        let Some(heir) = self.member_mut(document, &steps) else { return Ok(()) };
        let column = heir.column;
        let (free_lines, head) = heir.split_lead();
        heir.lead = format!("{free_lines}{}{head}", lines(&above.concat(), column));
        // Comments below the last member of a map belong to the map, as before. After any other member, they would
        // become the head comments of the next one.
        let Some((at, parents)) = steps.split_last() else { return Ok(()) };
        let parent = self.member_mut(document, parents);
        match parent.filter(|parent| !parents.is_empty() && at + 1 == parent.value.members().len()) {
            Some(parent) => parent.trail.insert_str(0, &lines(&below, column)),
            None => {
                let heir = self.member_mut(document, &steps);
                heir.into_iter().for_each(|heir| heir.trail.push_str(&lines(&below, column + layout.step)));
            }
        }
        Ok(())
    }

    /// Index of the member that contains `from`, in the map `depth` steps down the path `to`. `None` if no member
    /// does.
    pub(super) fn beside(
        &self,
        document: usize,
        from: &Path,
        depth: usize,
        to: &Path,
    ) -> Result<Option<usize>, EditError> {
        if from.in_common(to) < depth || from.len() <= depth {
            return Ok(None);
        }
        let located = self.locate(document, &from.first(depth + 1))?;
        Ok(located.steps.last().copied().filter(|_| located.missing == 0))
    }
}

/// Length of the blank lines at the start of a text.
fn blank_start(text: &str) -> usize {
    text.split_inclusive('\n').take_while(|line| is_blank(line)).map(str::len).sum()
}

pub(super) fn rename(member: &mut Member, to: &str) {
    if member.is_key(to) {
        return;
    }
    let old = member.token.get(member.key_at..).unwrap_or_default();
    let new = write::key_like(old, to);
    member.token.truncate(member.key_at);
    member.token.push_str(&new);
    member.name = MemberKey::Key(to.to_owned());
}

/// Collects the comments of the member itself, without indentation: above, on its line, and below.
fn comments_of(member: &Member, out: &mut Vec<String>) {
    let end = match &member.value {
        Node::Flow { end, .. } => end,
        _ => "",
    };
    let header = member.header_comment().filter(|_| member.value.is_block_text()).unwrap_or_default();
    let pieces = [&member.lead, &member.middle, header, end, &member.tail, &member.trail];
    out.extend(pieces.into_iter().flat_map(comments_in).map(str::to_owned));
}

/// Where a member of a block was removed.
pub(super) struct Gap {
    /// Whether no other member was in front of it.
    pub is_first: bool,
    /// Whether the block is the root of a document.
    pub is_root: bool,
    pub eol: &'static str,
}

/// Gives the lines above a removed member that are not head comments to the next member, or to the end of the block.
pub(super) fn close_gap(member: &mut Member, mut next: Option<&mut Member>, parent: &mut Member, gap: &Gap) {
    let (free_lines, head) = member.split_lead();
    let (mut free_lines, head) = (free_lines.to_owned(), head.to_owned());
    member.lead = head;
    if member.inline {
        member.inline = false;
        if let Some(next) = next {
            if next.lead.contains('#') {
                parent.middle.truncate(parent.middle.trim_end().len());
                gap.eol.clone_into(&mut parent.tail);
            } else {
                next.lead.clear();
                next.inline = true;
            }
        }
        return;
    }
    if let Some(next) = next.as_mut().filter(|next| next.came_out) {
        // The next member replaces the removed one, and loses its own blank lines.
        next.lead.drain(..blank_start(&next.lead));
    }
    let has_successor = next.as_ref().is_some_and(|next| next.came_out);
    let below = match &next {
        Some(next) => &next.lead,
        None => &parent.trail,
    };
    let blank_below = below.split_inclusive('\n').next().map_or(next.is_none(), is_blank);
    if blank_below && !has_successor {
        let kept = free_lines.split_inclusive('\n').rev().skip_while(|line| is_blank(line)).map(str::len).sum();
        free_lines.truncate(kept);
    }
    match next {
        Some(next) => {
            if gap.is_first && free_lines.is_empty() {
                next.lead.drain(..blank_start(&next.lead));
            }
            next.lead.insert_str(0, &free_lines);
        }
        None if gap.is_root && gap.is_first => parent.lead.push_str(&free_lines),
        None => parent.trail.insert_str(0, &free_lines),
    }
}

/// Collects the comments of the member and of everything inside it.
pub(super) fn all_comments_of(member: &Member, out: &mut Vec<String>) {
    comments_of(member, out);
    member.value.members().iter().for_each(|member| all_comments_of(member, out));
}

/// The comments in full lines, or in the text after a value.
pub(super) fn comments_in(lines: &str) -> impl Iterator<Item = &str> {
    lines.lines().filter_map(|line| Some(line[line.find('#')?..].trim_end()))
}

/// Whether the value contains a part that is not split and may contain a comment.
fn is_odd_with_comment(value: &Node) -> bool {
    match value {
        Node::Text { text, what: TextKind::Odd(_) } => text.contains('#'),
        value => value.members().iter().any(|member| is_odd_with_comment(&member.value)),
    }
}

/// Whether brackets contain comments between their members.
fn has_comment_inside(value: &Node) -> bool {
    matches!(value, Node::Flow { members, end, .. } if end.contains('#') || members.iter().any(Member::has_comment))
}

/// Whether the text reads the same inside and outside of brackets.
fn is_plain_word(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '-' | '"' | '\''))
}

/// Turns a member of brackets into a member on a line of its own.
fn from_brackets(member: &mut Member, eol: &str) {
    if !member.inline {
        return;
    }
    member.inline = false;
    member.lead.clear();
    if !matches!(member.value, Node::Block { .. }) {
        eol.clone_into(&mut member.tail);
        if member.middle.is_empty() && !member.token.is_empty() {
            member.middle = ":".to_owned();
        }
        if !matches!(&member.value, Node::Text { text, .. } if text.is_empty()) {
            write::add_colon_and_space(member);
        }
    }
}
