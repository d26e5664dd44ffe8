//! The edits, on the pieces.

use super::{
    Edit, EditError, flow,
    tree::{Member, Name, Node, Tree, What, indentation, is_blank},
    write,
};
use crate::yaml::{Map, Path, Segment, Value};

/// What an edit came to.
pub(super) struct Done {
    /// The document that it was made in.
    pub document: usize,
    /// How many parents that got empty are gone.
    pub pruned: usize,
}

impl Tree<'_> {
    /// `values` are those of the documents, before the edit.
    pub fn apply(&mut self, edit: &Edit, values: &[Map]) -> Result<Done, EditError> {
        let path = edit.path();
        let document = self.document_of(path)?;
        let empty = Map::new();
        let values = values.get(document).unwrap_or(&empty);
        let mut pruned = 0;
        match edit {
            Edit::Rename { path, to } => self.rename(document, path, to)?,
            Edit::Move { from, to } => {
                if self.document_of(to)? != document && self.stands(to)? {
                    return Err(self.refused(to, None, "stands in another document of the file"));
                }
                pruned = self.carry(document, from, to, values)?;
            }
            Edit::Delete { path, prune } => {
                let steps = self.existing(document, path)?;
                self.detach(document, path, &steps)?;
                pruned = self.settle(document, path, *prune, &mut Vec::new())?;
            }
            Edit::Set { path, value } => {
                let steps = self.existing(document, path)?;
                let in_flow = self.in_flow(document, &steps);
                let layout = self.layout;
                if let Some(member) = self.member_mut(document, &steps).filter(|_| !steps.is_empty()) {
                    write::replace(member, value, in_flow, layout)?;
                } else {
                    return Err(self.refused(path, None, "the top has no value of its own"));
                }
            }
            Edit::Insert { path, value, comment } => {
                let located = self.locate(document, path)?;
                if located.missing == 0 {
                    let there = self.place(path, self.member(document, &located.steps));
                    return Err(EditError::Clash { what: super::Place { path: path.clone(), at: None }, there });
                }
                let (key, comment) = (path.last(), comment.as_deref());
                let member = match key {
                    Some(Segment::Key(key)) => write::entry(key, value, comment, self.layout)?,
                    Some(Segment::Index(_)) => {
                        let list = Value::List(vec![value.clone()]);
                        let mut list = write::entry("a", &list, None, self.layout)?;
                        let item = list.value.members_mut().and_then(Vec::pop);
                        let mut item = item.ok_or_else(|| EditError::NotFound(path.clone()))?;
                        if let Some(comment) = comment {
                            let column = item.column;
                            item.lead = write::entry("a", value, Some(comment), self.layout)?.lead;
                            item.lead = indented(&item.lead, column);
                        }
                        item
                    }
                    None => return Err(EditError::NotFound(path.clone())),
                };
                self.attach(document, path, member, None, value)?;
            }
        }
        Ok(Done { document, pruned })
    }

    /// The document that holds the path, or most of it; the first if none does.
    fn document_of(&self, path: &Path) -> Result<usize, EditError> {
        let mut best = (0, usize::MAX);
        for document in 0..self.documents.len() {
            let located = self.locate(document, path)?;
            if located.missing == 0 && best.1 == 0 {
                let first = self.locate(best.0, path)?;
                let there = self.place(path, self.member(document, &located.steps)).to_string();
                let why = format!("stands in two documents of the file ({there} too): take one of them out first");
                return Err(self.refused(path, self.member(best.0, &first.steps), why));
            }
            if located.missing < best.1 {
                best = (document, located.missing);
            }
        }
        Ok(best.0)
    }

    fn stands(&self, path: &Path) -> Result<bool, EditError> {
        Ok(self.locate(self.document_of(path)?, path)?.missing == 0)
    }

    /// The steps to what stands at the path.
    fn existing(&self, document: usize, path: &Path) -> Result<Vec<usize>, EditError> {
        let located = self.locate(document, path)?;
        let last = self.member(document, &located.steps);
        if located.missing == 0 && !path.is_root() {
            return Ok(located.steps);
        }
        if let Some(why) = located.blocked {
            return Err(self.refused(path, last, why));
        }
        let aside = last.and_then(|map| {
            map.value.members().iter().find(|member| match (&member.name, path.segments().get(located.steps.len())) {
                (Name::Merge, Some(Segment::Key(_))) => true,
                (Name::Alias(name), Some(Segment::Key(key))) => name == key,
                _ => false,
            })
        });
        match aside {
            Some(aside) => Err(self.refused(path, Some(aside), "does not stand there itself: a merge key (`<<`) or an alias (`*`) brings it")),
            None => Err(EditError::NotFound(path.clone())),
        }
    }

    fn in_flow(&self, document: usize, steps: &[usize]) -> bool {
        let parent = steps.split_last().and_then(|(_, parent)| self.member(document, parent));
        parent.is_some_and(|parent| matches!(parent.value, Node::Flow { .. }))
    }

    fn rename(&mut self, document: usize, path: &Path, to: &str) -> Result<(), EditError> {
        let steps = self.existing(document, path)?;
        let member = self.member(document, &steps);
        let (Some(Segment::Key(key)), Some(parent)) = (path.last(), path.parent()) else {
            return Err(self.refused(path, member, "an item of a list has no key"));
        };
        if key == to {
            return Ok(());
        }
        let target = parent.key(to);
        let located = self.locate(document, &target)?;
        if located.missing == 0 {
            let there = self.place(&target, self.member(document, &located.steps));
            return Err(EditError::Clash { what: self.place(path, member), there });
        }
        if to.len() > 1000 {
            return Err(self.refused(path, member, "the new key is too long for one line"));
        }
        if let Some(member) = self.member_mut(document, &steps) {
            rename(member, to);
        }
        Ok(())
    }

    /// Moves an entry; how many emptied parents are gone.
    fn carry(&mut self, document: usize, from: &Path, to: &Path, values: &Map) -> Result<usize, EditError> {
        if from == to {
            return self.existing(document, from).map(|_| 0);
        }
        let steps = self.existing(document, from)?;
        let located = self.locate(document, to)?;
        let member = self.member(document, &steps);
        let (Some(Segment::Key(_)), Some(parent), Some(Segment::Key(key))) = (from.last(), from.parent(), to.last()) else {
            return Err(self.refused(from, member, "an item of a list is not moved"));
        };
        if from.starts_with(to) {
            return Err(self.refused(from, member, format!("is inside of `{to}`, and cannot take its place")));
        }
        if located.missing == 0 && !to.starts_with(from) {
            return self.unite(document, from, to, values);
        }
        // What `to` goes on with below the map that is there already.
        let above = shorten(to, located.missing.max(1));
        if above == parent || to.starts_with(from) {
            let below = to.strip_prefix(&parent).unwrap_or_default();
            if let [Segment::Key(_)] = below.segments() {
                self.rename(document, from, key)?;
            } else {
                self.wrap(document, from, &below)?;
            }
            return Ok(0);
        }
        if let Some(why) = located.blocked {
            return Err(self.refused(to, self.member(document, &located.steps), why));
        }
        let mut member = self.detach(document, from, &steps)?;
        let value = values.get_at(from).cloned().unwrap_or(Value::Null);
        rename(&mut member, key);
        self.attach(document, to, member, Some(from), &value)?;
        let mut orphans = Vec::new();
        let pruned = self.settle(document, from, true, &mut orphans)?;
        self.adopt(document, from, to, &orphans)?;
        Ok(pruned)
    }

    /// Puts new parents around an entry, where it stands.
    fn wrap(&mut self, document: usize, from: &Path, below: &Path) -> Result<(), EditError> {
        let steps = self.existing(document, from)?;
        let (layout, in_flow) = (self.layout, self.in_flow(document, &steps));
        let Some(member) = self.member_mut(document, &steps) else { return Ok(()) };
        let mut keys = below.segments().iter().rev().filter_map(|segment| match segment {
            Segment::Key(key) => Some(key.as_str()),
            Segment::Index(_) => None,
        });
        if keys.clone().count() != below.len() {
            let member = self.member(document, &steps);
            return Err(self.refused(from, member, "an item of a list that is not there cannot be put around it"));
        }
        let mut inner = member.clone();
        rename(&mut inner, keys.next().unwrap_or_default());
        if in_flow {
            inner.lead.clear();
            inner.tail.clear();
            write::space(&mut inner);
            for key in keys {
                let members = vec![std::mem::replace(&mut inner, super::block::bare())];
                inner.token = crate::yaml::scalar(key);
                inner.name = Name::Key(key.to_owned());
                inner.middle = ": ".to_owned();
                inner.value = Node::Flow { map: true, members, end: String::new() };
            }
            inner.lead.clone_from(&member.lead);
            inner.tail.clone_from(&member.tail);
            *member = inner;
            return Ok(());
        }
        let (loose, head) = member.split_lead();
        let (loose, column) = (loose.to_owned(), member.column);
        inner.lead = head.to_owned();
        inner.inline = false;
        let deeper = below.len().saturating_sub(1) * layout.step;
        inner.shift(deeper as isize);
        for key in keys {
            inner = write::around(key, inner, layout);
        }
        inner.lead = loose;
        inner.column = column;
        inner.inline = member.inline;
        inner.origin = member.origin;
        *member = inner;
        Ok(())
    }

    /// Merges a map into the one at `to`.
    fn unite(&mut self, document: usize, from: &Path, to: &Path, values: &Map) -> Result<usize, EditError> {
        let mut moves = Vec::new();
        self.plan_union(document, from, to, &mut moves)?;
        for (from, to) in &moves {
            let steps = self.existing(document, from)?;
            let member = self.detach(document, from, &steps)?;
            self.settle(document, from, false, &mut Vec::new())?;
            self.attach(document, to, member, None, values.get_at(from).unwrap_or(&Value::Null))?;
        }
        let steps = self.existing(document, from)?;
        let mut orphans = Vec::new();
        all_comments_of(&self.detach(document, from, &steps)?, &mut orphans);
        let pruned = self.settle(document, from, true, &mut orphans)?;
        let heir = moves.first().map_or(to, |(_, to)| to);
        self.adopt(document, from, heir, &orphans)?;
        Ok(pruned)
    }

    /// Puts comments that have lost their key above another one, over those that it has.
    fn adopt(&mut self, document: usize, from: &Path, heir: &Path, orphans: &[String]) -> Result<(), EditError> {
        if orphans.is_empty() {
            return Ok(());
        }
        let steps = self.existing(document, heir)?;
        let eol = self.layout.eol;
        if self.in_flow(document, &steps) {
            return Err(self.refused(from, None, IN_BRACKETS));
        }
        if let Some(heir) = self.member_mut(document, &steps) {
            adopt(heir, orphans, eol);
        }
        Ok(())
    }

    fn plan_union(&self, document: usize, from: &Path, to: &Path, moves: &mut Vec<(Path, Path)>) -> Result<(), EditError> {
        let steps = (self.existing(document, from)?, self.existing(document, to)?);
        let (Some(what), Some(there)) = (self.member(document, &steps.0), self.member(document, &steps.1)) else {
            return Ok(());
        };
        if !what.value.is_map() || !there.value.is_map() {
            return Err(EditError::Clash { what: self.place(from, Some(what)), there: self.place(to, Some(there)) });
        }
        for member in what.value.members() {
            let Name::Key(key) = &member.name else {
                return Err(self.refused(from, Some(member), "a merge key (`<<`) or an alias cannot be merged into another map"));
            };
            let (from, to) = (from.key(key), to.key(key));
            if self.locate(document, &to)?.missing == 0 {
                self.plan_union(document, &from, &to, moves)?;
            } else {
                moves.push((from, to));
            }
        }
        Ok(())
    }

    /// Takes a member out; what is above it and not its own stays.
    fn detach(&mut self, document: usize, path: &Path, steps: &[usize]) -> Result<Member, EditError> {
        let Some((at, parent_steps)) = steps.split_last() else { return Err(EditError::NotFound(path.clone())) };
        let is_root = parent_steps.is_empty();
        let eol = self.layout.eol;
        if let Some(member) = self.member(document, parent_steps).filter(|parent| has_comment_inside(&parent.value)) {
            return Err(self.refused(path, Some(member), IN_BRACKETS));
        }
        let Some(parent) = self.member_mut(document, parent_steps) else { return Err(EditError::NotFound(path.clone())) };
        let members = match &mut parent.value {
            Node::Flow { members, end, .. } if *at < members.len() => return Ok(flow::remove(members, *at, end)),
            Node::Block { members, .. } if *at < members.len() => members,
            _ => return Err(EditError::NotFound(path.clone())),
        };
        let mut member = members.remove(*at);
        let (loose, head) = member.split_lead();
        let (mut loose, head) = (loose.to_owned(), head.to_owned());
        member.lead = head;
        let first = *at == 0;
        let next = members.get_mut(*at);
        if member.inline {
            member.inline = false;
            if let Some(next) = next {
                if next.lead.contains('#') {
                    parent.middle.truncate(parent.middle.trim_end().len());
                    eol.clone_into(&mut parent.tail);
                } else {
                    next.lead.clear();
                    next.inline = true;
                }
            }
            return Ok(member);
        }
        let below = match &next {
            Some(next) => &next.lead,
            None => &parent.trail,
        };
        let blank_below = below.split_inclusive('\n').next().map_or(next.is_none(), is_blank);
        if blank_below {
            let kept = loose.split_inclusive('\n').rev().skip_while(|line| is_blank(line)).map(str::len).sum();
            loose.truncate(kept);
        }
        match next {
            Some(next) => {
                if first && loose.is_empty() {
                    let blank: usize = next.lead.split_inclusive('\n').take_while(|line| is_blank(line)).map(str::len).sum();
                    next.lead.drain(..blank);
                }
                next.lead.insert_str(0, &loose);
            }
            None if is_root && first => parent.lead.push_str(&loose),
            None => parent.trail.insert_str(0, &loose),
        }
        Ok(member)
    }

    /// Sees to the parents of what was taken out at `path`: an empty one goes, or becomes `{}`; how many are gone.
    /// The comments of those that go are put into `orphans`.
    fn settle(&mut self, document: usize, path: &Path, prune: bool, orphans: &mut Vec<String>) -> Result<usize, EditError> {
        let mut pruned = 0;
        let mut path = path.parent();
        let layout = self.layout;
        while let Some(parent) = path {
            let Ok(located) = self.locate(document, &parent) else { break };
            let Some(member) = self.member_mut(document, &located.steps).filter(|_| located.missing == 0) else { break };
            if !member.value.members().is_empty() {
                break;
            }
            let goes = prune
                && member.value.is_map()
                && matches!(member.name, Name::Key(_))
                && !member.trail.contains('#')
                && !matches!(&member.value, Node::Flow { end, .. } if end.contains('#'));
            if !goes {
                if let Node::Block { map, .. } = member.value {
                    write::space(member);
                    if member.tail.is_empty() {
                        layout.eol.clone_into(&mut member.tail);
                    }
                    member.value = Node::empty(map);
                }
                break;
            }
            let mut comments = Vec::new();
            comments_of(&self.detach(document, &parent, &located.steps)?, &mut comments);
            comments.append(orphans);
            *orphans = comments;
            pruned += 1;
            path = parent.parent();
        }
        Ok(pruned)
    }

    /// Puts a member at a path where nothing stands yet.
    fn attach(
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
            return Err(self.refused(path, Some(parent), "items of a list are added at its end, one at a time"));
        }
        let inside = self.in_flow(document, &located.steps);
        let in_brackets = inside || matches!(&parent.value, Node::Flow { members, .. } if !members.is_empty());
        let place = Path::clone(from.unwrap_or(path));
        if has_comment_inside(&parent.value) || in_brackets && member.has_comment() {
            return Err(self.refused(&place, Some(&member), IN_BRACKETS));
        }
        let names: Vec<String> = missing
            .iter()
            .filter_map(|segment| match segment {
                Segment::Key(key) => Some(key.clone()),
                Segment::Index(_) => None,
            })
            .collect();
        let is_map = matches!(first, Segment::Key(_));
        let parent_names: &[String] = names.split_last().map_or(&[], |(_, parents)| parents);
        let Some(parent) = self.member_mut(document, &located.steps) else { return Ok(()) };
        if in_brackets {
            let mut value = value.clone();
            for key in names.iter().skip(1).rev() {
                value = Value::Map(Map::from_iter([(key.clone(), value)]));
            }
            let mut inner = super::block::bare();
            if let Some(key) = names.first() {
                inner.token = crate::yaml::scalar(key);
                inner.name = Name::Key(key.clone());
                inner.middle = ": ".to_owned();
            }
            inner.value = match member.value {
                Node::Text { text, what: what @ What::Scalar(_) } if names.len() < 2 && is_plain_word(&text) => {
                    Node::Text { text, what }
                }
                _ => write::node(&write::in_brackets(&value))?,
            };
            if matches!(parent.value, Node::Text { .. }) {
                write::space(parent);
                parent.value = Node::empty(is_map);
            }
            if let Some(members) = parent.value.members_mut() {
                flow::insert(members, length, inner);
            }
            return Ok(());
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
            member = write::around(key, member, layout);
        }
        if behind_dash {
            parent.middle = " ".to_owned();
            parent.tail.clear();
            member.inline = true;
        }
        if let Some(members) = parent.value.members_mut() {
            let spaced = members.len() > 1 && members.iter().skip(1).all(|member| member.lead.starts_with(['\r', '\n']));
            if root && spaced {
                member.lead.insert_str(0, layout.eol);
            }
            members.push(member);
        }
        Ok(())
    }
}

const IN_BRACKETS: &str = "comments in brackets are not edited: spell the brackets out as lines first";

/// Whether brackets have comments between their members.
fn has_comment_inside(value: &Node) -> bool {
    matches!(value, Node::Flow { members, end, .. } if end.contains('#') || members.iter().any(Member::has_comment))
}

/// A text that reads the same in brackets and out of them.
fn is_plain_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '-' | '"' | '\''))
}

fn rename(member: &mut Member, to: &str) {
    if member.is_key(to) {
        return;
    }
    let old = member.token.get(member.key_at..).unwrap_or_default();
    let new = write::key_like(old, to);
    member.token.truncate(member.key_at);
    member.token.push_str(&new);
    member.name = Name::Key(to.to_owned());
}

/// Makes an entry out of brackets one on a line.
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
            write::space(member);
        }
    }
}

/// The comments that a member itself has, without indentation: those above, on its line, and below.
fn comments_of(member: &Member, out: &mut Vec<String>) {
    let lines = member.lead.lines().chain([member.middle.as_str(), member.tail.as_str()]).chain(member.trail.lines());
    for line in lines.flat_map(str::lines) {
        if let Some(hash) = line.find('#') {
            out.push(line[hash..].trim_end().to_owned());
        }
    }
}

/// Those, and the ones of all that it holds.
fn all_comments_of(member: &Member, out: &mut Vec<String>) {
    comments_of(member, out);
    member.value.members().iter().for_each(|member| all_comments_of(member, out));
}

/// Puts comments above a member, over those that it has.
fn adopt(member: &mut Member, comments: &[String], eol: &str) {
    let (loose, head) = member.split_lead();
    let mut lead = loose.to_owned();
    for comment in comments {
        lead.extend(std::iter::repeat_n(' ', member.column));
        lead.push_str(comment);
        lead.push_str(eol);
    }
    lead.push_str(head);
    member.lead = lead;
}

fn indented(lines: &str, column: usize) -> String {
    lines.split_inclusive('\n').map(|line| format!("{}{}", " ".repeat(column), &line[indentation(line)..])).collect()
}

fn shorten(path: &Path, by: usize) -> Path {
    let mut path = path.clone();
    for _ in 0..by {
        path.pop();
    }
    path
}
