//! From a symbolic path to its place in the text, and back.

use std::collections::HashSet;

use super::{Document, Entry, Found, Kind, NodeId};
use crate::yaml::{MAX_DEPTH, Path, Segment};

impl Document {
    /// Where the value at `path` stands in the first document.
    ///
    /// Looks where Helm looks: the last of two equal keys counts, aliases and merge keys lead on to their node.
    pub fn find(&self, path: &Path) -> Option<Found> {
        self.find_below(*self.roots.first()?, path)
    }

    /// The same below a node, as the top of another document.
    pub fn find_below(&self, top: NodeId, path: &Path) -> Option<Found> {
        let top = Found { key: None, value: top };
        path.segments().iter().try_fold(top, |above, segment| {
            let node = self.target(above.value);
            match (segment, &self.node(node).kind) {
                (Segment::Key(key), Kind::Map { .. }) => {
                    let entry = self.entry(node, key, 0, &mut HashSet::new())?;
                    Some(Found { key: Some(entry.key), value: entry.value })
                }
                (Segment::Index(index), Kind::List { items, .. }) => {
                    Some(Found { key: None, value: *items.get(*index)? })
                }
                _ => None,
            }
        })
    }

    /// Visits every entry and item below a node that stands there in the text, with its path from that node.
    ///
    /// Aliases and merge keys are entries like others here: what they stand for is written elsewhere.
    pub fn walk(&self, top: NodeId, mut visit: impl FnMut(&Path, Found)) {
        self.walk_below(top, &mut Path::root(), &mut visit);
    }

    fn walk_below(&self, node: NodeId, path: &mut Path, visit: &mut dyn FnMut(&Path, Found)) {
        let mut step = |segment, found: Found| {
            path.push(segment);
            visit(path, found);
            self.walk_below(found.value, path, visit);
            path.pop();
        };
        match &self.node(node).kind {
            Kind::Map { entries, .. } => {
                for entry in entries {
                    if let Ok(key) = self.key_text(entry.key) {
                        step(Segment::Key(key), Found { key: Some(entry.key), value: entry.value });
                    }
                }
            }
            Kind::List { items, .. } => {
                for (at, item) in items.iter().enumerate() {
                    step(Segment::Index(at), Found { key: None, value: *item });
                }
            }
            Kind::Scalar { .. } | Kind::Alias { .. } => {}
        }
    }

    /// The entry that Helm takes for `key`: go-yaml sets key after key, merged ones too, so that the last one counts.
    fn entry(&self, map: NodeId, key: &str, depth: usize, seen: &mut HashSet<NodeId>) -> Option<Entry> {
        let Kind::Map { entries, .. } = &self.node(map).kind else { return None };
        if depth > MAX_DEPTH || !seen.insert(map) {
            // One that was seen has no such key, else the search had ended.
            return None;
        }
        entries.iter().rev().find_map(|entry| {
            if !self.is_merge(entry.key) {
                return (self.key_text(entry.key).as_deref() == Ok(key)).then_some(*entry);
            }
            let value = self.target(entry.value);
            match &self.node(value).kind {
                Kind::Map { .. } => self.entry(value, key, depth + 1, seen),
                // The first of several merged maps counts.
                Kind::List { items, .. } => {
                    items.iter().find_map(|item| self.entry(self.target(*item), key, depth + 1, seen))
                }
                _ => None,
            }
        })
    }
}
