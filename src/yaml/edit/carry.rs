//! Move of an entry: to another map, under new parents in the same place, or into an existing map.

use super::{
    EditError,
    place::{EmptyParent, OrphanComments, all_comments_of, comments_in, rename},
    tree::{MemberKey, Node, TextKind, Tree},
    write,
};
use crate::yaml::{Map, Path, Segment, Value};

impl Tree<'_> {
    /// Moves an entry, and returns the number of removed empty parents.
    pub(super) fn carry(&mut self, document: usize, from: &Path, to: &Path, values: &Map) -> Result<usize, EditError> {
        if from == to {
            return self.existing(document, from).map(|_| 0);
        }
        let steps = self.existing(document, from)?;
        let located = self.locate(document, to)?;
        let member = self.member(document, &steps);
        let (Some(Segment::Key(_)), Some(parent), Some(Segment::Key(key))) = (from.last(), from.parent(), to.last())
        else {
            return Err(self.refused(from, member, "redisgen does not move an item of a list"));
        };
        if from.starts_with(to) {
            return Err(self.refused(from, member, format!("is inside `{to}` and cannot replace it")));
        }
        if located.missing == 0 && !to.starts_with(from) {
            return self.unite(document, from, to, values);
        }
        // The part of `to` that exists already is left out here.
        let above = to.first(to.len() - located.missing.max(1));
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
        let holder = self.beside(document, from, above.len(), to)?;
        let mut orphans = OrphanComments::default();
        let pruned = self.handle_empty_parents(document, from, EmptyParent::Removed(&mut orphans))?;
        if let Some(holder) = holder {
            let top = to.first(above.len() + 1);
            if self.existing(document, &top)?.last() != Some(&holder) {
                self.set_apart(document, &top)?;
            }
        }
        if let Some(heir) = orphans.place.and_then(|place| self.successor(document, from, pruned, place)) {
            let above = orphans.above.drain(..1).collect();
            self.adopt(document, &heir, OrphanComments { above, ..OrphanComments::default() })?;
        }
        self.adopt(document, to, orphans)?;
        Ok(pruned)
    }

    /// Path of the entry that took the place of the outermost removed parent, if that entry came from inside this
    /// parent.
    fn successor(&self, document: usize, from: &Path, pruned: usize, place: usize) -> Option<Path> {
        let above = from.first(from.len() - pruned).parent()?;
        let steps = self.locate(document, &above).ok()?.steps;
        let member = self.member(document, &steps)?.value.members().get(place)?;
        match &member.name {
            MemberKey::Key(key) if member.came_out => Some(above.key(key)),
            _ => None,
        }
    }

    /// Wraps an entry in new parents, in its place.
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
            return Err(self.refused(from, member, "a new item of a list cannot hold it"));
        }
        let mut inner = member.clone();
        rename(&mut inner, keys.next().unwrap_or_default());
        if in_flow {
            inner.lead.clear();
            inner.tail.clear();
            write::add_colon_and_space(&mut inner);
            for key in keys {
                let members = vec![std::mem::replace(&mut inner, super::block::empty_member())];
                inner.token = crate::yaml::scalar(key);
                inner.name = MemberKey::Key(key.to_owned());
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
            inner = write::wrap_in_key(key, inner, layout);
        }
        inner.lead = loose;
        inner.column = column;
        inner.inline = member.inline;
        inner.origin = member.origin;
        *member = inner;
        Ok(())
    }

    /// Merges the map at `from` into the map at `to`.
    fn unite(&mut self, document: usize, from: &Path, to: &Path, values: &Map) -> Result<usize, EditError> {
        let (mut maps, mut moves) = (Vec::new(), Vec::new());
        self.plan_union(document, from, to, &mut maps, &mut moves)?;
        for (from, to) in &moves {
            let steps = self.existing(document, from)?;
            let member = self.detach(document, from, &steps)?;
            self.handle_empty_parents(document, from, EmptyParent::Stays)?;
            self.attach(document, to, member, None, values.get_at(from).unwrap_or(&Value::Null))?;
        }
        for (from, to) in &maps {
            let (steps, heirs) = (self.existing(document, from)?, self.existing(document, to)?);
            let below = self.member_mut(document, &steps).map(|member| std::mem::take(&mut member.trail));
            let below = comments_in(&below.unwrap_or_default()).map(str::to_owned).collect();
            let last = self.member(document, &heirs).and_then(|heir| heir.value.members().last());
            let heir = match last.map(|last| &last.name) {
                Some(MemberKey::Key(key)) => to.key(key),
                _ => to.clone(),
            };
            self.adopt(document, &heir, OrphanComments { below, ..OrphanComments::default() })?;
        }
        let steps = self.existing(document, from)?;
        let mut orphans = OrphanComments::default();
        let mut above = Vec::new();
        all_comments_of(&self.detach(document, from, &steps)?, &mut above);
        orphans.above.push(above);
        let pruned = self.handle_empty_parents(document, from, EmptyParent::Removed(&mut orphans))?;
        let heir = moves.first().map_or(to, |(_, to)| to);
        self.adopt(document, heir, orphans)?;
        Ok(pruned)
    }

    /// Lists the pairs of maps to merge, and the entries to move.
    fn plan_union(
        &self,
        document: usize,
        from: &Path,
        to: &Path,
        maps: &mut Vec<(Path, Path)>,
        moves: &mut Vec<(Path, Path)>,
    ) -> Result<(), EditError> {
        let steps = (self.existing(document, from)?, self.existing(document, to)?);
        let (Some(what), Some(there)) = (self.member(document, &steps.0), self.member(document, &steps.1)) else {
            return Ok(());
        };
        // A key without a value accepts the entries of a map.
        let is_free =
            matches!(there.value, Node::Text { what: TextKind::Null, .. }) && !what.value.members().is_empty();
        if !what.value.is_map() || !there.value.is_map() && !is_free {
            return Err(EditError::Clash { what: self.place(from, Some(what)), there: self.place(to, Some(there)) });
        }
        maps.push((from.clone(), to.clone()));
        for member in what.value.members() {
            let MemberKey::Key(key) = &member.name else {
                return Err(self.refused(
                    from,
                    Some(member),
                    "a merge key (`<<`) or an alias cannot be merged into another map",
                ));
            };
            let (from, to) = (from.key(key), to.key(key));
            if self.locate(document, &to)?.missing == 0 {
                self.plan_union(document, &from, &to, maps, moves)?;
            } else {
                moves.push((from, to));
            }
        }
        Ok(())
    }
}
