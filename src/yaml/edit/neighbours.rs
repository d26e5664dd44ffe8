//! Removal of many entries of one map at once, with the result of one removal after the other.

use std::collections::{HashMap, HashSet};

use super::{
    Edit, model,
    place::{EmptyParent, Gap, close_gap},
    tree::{Member, MemberKey, Node, Tree},
};
use crate::yaml::{Map, Path, Segment, Value};

/// Fewest removals that are made at once.
const FEWEST: usize = 8;

impl Tree<'_> {
    /// Removes the entries of one map that the first edits remove, in the order of the text, and their values from
    /// `values`. Returns the number of these edits, or `None` if each edit has to be made alone.
    ///
    /// # Errors
    ///
    /// If the parents of the entries have other values than the text.
    pub(super) fn delete_neighbours(&mut self, edits: &[Edit], values: &mut [Map]) -> Result<Option<usize>, String> {
        let Some((parent, keys, prune)) = neighbours(edits) else { return Ok(None) };
        let ([_], [values]) = (self.documents.as_slice(), values) else { return Ok(None) };
        let Some(steps) = self.locate(0, &parent).ok().filter(|located| located.missing == 0) else {
            return Ok(None);
        };
        let steps = steps.steps;
        let Some(Node::Block { map: true, members }) = self.member(0, &steps).map(|member| &member.value) else {
            return Ok(None);
        };
        let Some(map) = map_at(values, &parent) else { return Ok(None) };
        let count = ascending(members, &keys);
        let keys = &keys[..count];
        if count < FEWEST || !keys.iter().all(|key| map.contains_key(key)) {
            return Ok(None);
        }
        let removed: HashSet<&str> = keys.iter().copied().collect();
        map.retain(|key, _| !removed.contains(key));
        self.remove_members(&steps, &removed);
        let Some(last) = keys.last().map(|key| parent.key(*key)) else { return Ok(None) };
        let empty = if prune { EmptyParent::RemovedWithoutComments } else { EmptyParent::Stays };
        let pruned = self.handle_empty_parents(0, &last, empty).map_err(|error| error.to_string())?;
        model::prune(values, &last, pruned)?;
        Ok(Some(count))
    }

    /// Removes members of a block of the only document.
    fn remove_members(&mut self, steps: &[usize], removed: &HashSet<&str>) {
        let (is_root, eol) = (steps.is_empty(), self.layout.eol);
        let Some(parent) = self.member_mut(0, steps) else { return };
        let Some(members) = parent.value.members_mut().map(std::mem::take) else { return };
        let mut kept: Vec<Member> = Vec::new();
        let mut rest = members.into_iter().peekable();
        while let Some(mut member) = rest.next() {
            match &member.name {
                MemberKey::Key(key) if removed.contains(key.as_str()) => {
                    let gap = Gap { is_first: kept.is_empty(), is_root, eol };
                    close_gap(&mut member, rest.peek_mut(), parent, &gap);
                }
                _ => kept.push(member),
            }
        }
        if let Some(members) = parent.value.members_mut() {
            *members = kept;
        }
    }
}

/// The map, the keys and `prune` of the removals at the start of these edits that are about one map.
fn neighbours(edits: &[Edit]) -> Option<(Path, Vec<&str>, bool)> {
    let removal = |edit: &'_ Edit| match edit {
        Edit::Delete { path, prune } => Some((path.clone(), *prune)),
        _ => None,
    };
    let (first, prune) = removal(edits.first()?)?;
    let above = &first.segments()[..first.len().checked_sub(1)?];
    let keys = edits.iter().map_while(|edit| match edit {
        Edit::Delete { path, prune: other } if *other == prune => match path.segments().split_last()? {
            (Segment::Key(key), parents) if parents == above => Some(key.as_str()),
            _ => None,
        },
        _ => None,
    });
    let keys: Vec<&str> = keys.collect();
    Some((first.parent()?, keys, prune)).filter(|(_, keys, _)| keys.len() >= FEWEST)
}

fn map_at<'v>(values: &'v mut Map, path: &Path) -> Option<&'v mut Map> {
    if path.is_root() {
        return Some(values);
    }
    match values.get_at_mut(path)? {
        Value::Map(map) => Some(map),
        _ => None,
    }
}

/// The number of keys at the start that the members have in the same order, each once.
fn ascending(members: &[Member], keys: &[&str]) -> usize {
    let mut positions: HashMap<&str, usize> = HashMap::new();
    for (at, member) in members.iter().enumerate() {
        let MemberKey::Key(key) = &member.name else { continue };
        if positions.insert(key, at).is_some() {
            return 0;
        }
    }
    let mut next = 0;
    let in_order = |key: &&&str| {
        let at = positions.get(**key).filter(|at| **at >= next);
        next = at.map_or(next, |at| at + 1);
        at.is_some()
    };
    keys.iter().take_while(in_order).count()
}
