//! From a symbolic path to its place in the text.

use super::{Document, Entry, Kind, NodeId};
use crate::yaml::{Path, Segment};

impl Document {
    /// The value at `path` in the first document, with its key where it stands in a map.
    ///
    /// Looks where Helm looks: the last of two equal keys counts, aliases and merge keys lead on to their node.
    pub fn find(&self, path: &Path) -> Option<(Option<NodeId>, NodeId)> {
        self.find_below(*self.roots.first()?, path)
    }

    /// The same, below a node.
    pub fn find_below(&self, top: NodeId, path: &Path) -> Option<(Option<NodeId>, NodeId)> {
        path.segments().iter().try_fold((None, top), |(_, node), segment| {
            match (segment, &self.node(self.target(node)).kind) {
                (Segment::Key(key), Kind::Map { .. }) => {
                    let entry = self.entry(self.target(node), key, 0)?;
                    Some((Some(entry.key), entry.value))
                }
                (Segment::Index(index), Kind::List { items, .. }) => Some((None, *items.get(*index)?)),
                _ => None,
            }
        })
    }

    /// The entry that Helm takes for `key`: go-yaml sets key after key, merged ones too, so that the last one counts.
    fn entry(&self, map: NodeId, key: &str, depth: usize) -> Option<Entry> {
        let Kind::Map { entries, .. } = &self.node(map).kind else {
            return None;
        };
        if depth > crate::yaml::MAX_DEPTH {
            return None;
        }
        entries.iter().rev().find_map(|entry| {
            if !self.is_merge(entry.key) {
                return (self.key_text(entry.key).as_deref() == Ok(key)).then_some(*entry);
            }
            let value = self.target(entry.value);
            match &self.node(value).kind {
                Kind::Map { .. } => self.entry(value, key, depth + 1),
                // The first of several merged maps counts.
                Kind::List { items, .. } => {
                    items.iter().find_map(|item| self.entry(self.target(*item), key, depth + 1))
                }
                _ => None,
            }
        })
    }
}
