//! Lookup between symbolic paths and nodes of the text.

use std::collections::HashSet;

use super::{Document, Entry, FoundNode, Kind, NodeId};
use crate::yaml::{MAX_DEPTH, Path, Segment};

impl Document {
    /// Finds the value at `path` in the first document.
    ///
    /// The lookup follows Helm: the last of two equal keys wins, and aliases and merge keys lead to their node.
    pub fn find(&self, path: &Path) -> Option<FoundNode> {
        self.find_below(*self.roots.first()?, path)
    }

    /// Finds the value at `path` below a node, for example below the root of another document.
    pub fn find_below(&self, top: NodeId, path: &Path) -> Option<FoundNode> {
        let top = FoundNode { key: None, value: top };
        path.segments().iter().try_fold(top, |above, segment| {
            let node = self.target(above.value);
            match (segment, self.node(node).kind) {
                (Segment::Key(key), Kind::Map { .. }) => {
                    let entry = self.entry(node, key, 0, &mut HashSet::new())?;
                    Some(FoundNode { key: Some(entry.key), value: entry.value })
                }
                (Segment::Index(index), Kind::List { items, .. }) => {
                    Some(FoundNode { key: None, value: *items.get(*index)? })
                }
                _ => None,
            }
        })
    }

    /// Finds the entry or item that is written at `path` below a node: without those of aliases and merge keys, and with
    /// those of an earlier map that a later duplicate of its key replaces. A merge key has the key `<<`.
    pub fn find_written(&self, top: NodeId, path: &Path) -> Option<FoundNode> {
        self.written_below(FoundNode { key: None, value: top }, path.segments())
    }

    fn written_below(&self, above: FoundNode, path: &[Segment]) -> Option<FoundNode> {
        let Some((segment, rest)) = path.split_first() else { return Some(above) };
        match (segment, self.node(above.value).kind) {
            (Segment::Key(key), Kind::Map { entries, .. }) => {
                let mut same = self.entries_with_key(above.value, entries, key);
                same.find_map(|entry| self.written_below(FoundNode { key: Some(entry.key), value: entry.value }, rest))
            }
            (Segment::Index(index), Kind::List { items, .. }) => {
                self.written_below(FoundNode { key: None, value: *items.get(*index)? }, rest)
            }
            _ => None,
        }
    }

    /// Visits every entry and item in the text below a node, with its path relative to that node.
    ///
    /// Aliases and merge keys count as ordinary entries: their content is elsewhere in the text.
    pub fn walk(&self, top: NodeId, mut visit: impl FnMut(&Path, FoundNode)) {
        self.walk_below(top, &mut Path::root(), &|_| true, &mut visit);
    }

    /// Visits the same entries and items, except those that `is_wanted` is false for and everything below them.
    pub fn walk_some(
        &self,
        top: NodeId,
        is_wanted: impl Fn(FoundNode) -> bool,
        mut visit: impl FnMut(&Path, FoundNode),
    ) {
        self.walk_below(top, &mut Path::root(), &is_wanted, &mut visit);
    }

    fn walk_below(
        &self,
        node: NodeId,
        path: &mut Path,
        is_wanted: &dyn Fn(FoundNode) -> bool,
        visit: &mut dyn FnMut(&Path, FoundNode),
    ) {
        let mut step = |segment, found: FoundNode| {
            path.push(segment);
            visit(path, found);
            self.walk_below(found.value, path, is_wanted, visit);
            path.pop();
        };
        match self.node(node).kind {
            Kind::Map { entries, .. } => {
                for entry in entries {
                    let found = FoundNode { key: Some(entry.key), value: entry.value };
                    if is_wanted(found)
                        && let Ok(key) = self.key_text(entry.key)
                    {
                        step(Segment::Key(key.into_owned()), found);
                    }
                }
            }
            Kind::List { items, .. } => {
                for (at, item) in items.iter().enumerate() {
                    let found = FoundNode { key: None, value: *item };
                    if is_wanted(found) {
                        step(Segment::Index(at), found);
                    }
                }
            }
            Kind::Scalar { .. } | Kind::Alias { .. } => {}
        }
    }

    /// The entry that Helm uses for `key`. go-yaml sets key after key, merged keys too, and the last one wins.
    fn entry(&self, map: NodeId, key: &str, depth: usize, seen: &mut HashSet<NodeId>) -> Option<Entry> {
        let Kind::Map { entries, .. } = self.node(map).kind else { return None };
        if self.is_indexed(map) {
            return self.entries_with_key(map, entries, key).next();
        }
        if depth > MAX_DEPTH || !seen.insert(map) {
            // A map that was visited before has no such key: the search would have ended there.
            return None;
        }
        entries.iter().rev().find_map(|entry| {
            if !self.is_merge(entry.key) {
                return (self.key_text(entry.key).as_deref() == Ok(key)).then_some(*entry);
            }
            let value = self.target(entry.value);
            match self.node(value).kind {
                Kind::Map { .. } => self.entry(value, key, depth + 1, seen),
                // Of several merged maps, the first has precedence.
                Kind::List { items, .. } => {
                    items.iter().find_map(|item| self.entry(self.target(*item), key, depth + 1, seen))
                }
                _ => None,
            }
        })
    }
}
