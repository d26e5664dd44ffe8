//! Applies edits to the split text.

use super::{
    Edit, EditError,
    place::{EmptyParent, rename},
    tree::{MemberKey, Node, Tree, indentation},
    write,
};
use crate::yaml::{Map, Path, Segment, Value};

/// Result of an edit.
pub(super) struct Applied {
    /// Index of the edited document.
    pub document: usize,
    /// Number of removed empty parents.
    pub pruned: usize,
}

impl Tree<'_> {
    /// Applies an edit. `values` are the values of each document before the edit.
    pub fn apply(&mut self, edit: &Edit, values: &[Map]) -> Result<Applied, EditError> {
        let path = edit.path();
        let document = self.document_of(path)?;
        let empty = Map::new();
        let values = values.get(document).unwrap_or(&empty);
        let mut pruned = 0;
        match edit {
            Edit::Rename { path, to } => self.rename(document, path, to)?,
            Edit::Move { from, to } => {
                if self.document_of(to)? != document && self.exists(to)? {
                    return Err(self.refused(to, None, "is in another document of the file"));
                }
                pruned = self.carry(document, from, to, values)?;
            }
            Edit::Delete { path, prune } => {
                let steps = self.existing(document, path)?;
                self.detach(document, path, &steps)?;
                let empty = if *prune { EmptyParent::RemovedWithoutComments } else { EmptyParent::Stays };
                pruned = self.handle_empty_parents(document, path, empty)?;
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
                        let list = Value::from(vec![value.clone()]);
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
        Ok(Applied { document, pruned })
    }

    /// Index of the document that contains the path or its longest part; the first document if none does.
    fn document_of(&self, path: &Path) -> Result<usize, EditError> {
        let mut best = (0, usize::MAX);
        for document in 0..self.documents.len() {
            let located = self.locate(document, path)?;
            if located.missing == 0 && best.1 == 0 {
                let first = self.locate(best.0, path)?;
                let there = self.place(path, self.member(document, &located.steps)).to_string();
                let why = format!("is in two documents of the file (also {there}): remove one of them first");
                return Err(self.refused(path, self.member(best.0, &first.steps), why));
            }
            if located.missing < best.1 {
                best = (document, located.missing);
            }
        }
        Ok(best.0)
    }

    fn exists(&self, path: &Path) -> Result<bool, EditError> {
        Ok(self.locate(self.document_of(path)?, path)?.missing == 0)
    }

    /// Member indices from the root to the existing entry or item at the path.
    pub(super) fn existing(&self, document: usize, path: &Path) -> Result<Vec<usize>, EditError> {
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
                (MemberKey::Merge, Some(Segment::Key(_))) => true,
                (MemberKey::Alias(name), Some(Segment::Key(key))) => name == key,
                _ => false,
            })
        });
        match aside {
            Some(aside) => Err(self.refused(
                path,
                Some(aside),
                "comes from a merge key (`<<`) or an alias (`*`): edit the original",
            )),
            None => Err(EditError::NotFound(path.clone())),
        }
    }

    pub(super) fn in_flow(&self, document: usize, steps: &[usize]) -> bool {
        let parent = steps.split_last().and_then(|(_, parent)| self.member(document, parent));
        parent.is_some_and(|parent| matches!(parent.value, Node::Flow { .. }))
    }

    pub(super) fn rename(&mut self, document: usize, path: &Path, to: &str) -> Result<(), EditError> {
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
}

fn indented(lines: &str, column: usize) -> String {
    lines.split_inclusive('\n').map(|line| format!("{}{}", " ".repeat(column), &line[indentation(line)..])).collect()
}
