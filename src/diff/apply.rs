//! Applies a list of changes to values.

use std::collections::HashSet;

use super::Change;
use crate::yaml::{Map, Path, Segment, Value};

/// Turns the old values into the new ones. Swapped changes turn the new values into the old ones.
pub fn apply<'c>(values: &mut Map, changes: impl IntoIterator<Item = &'c Change>) {
    // Removed values make room for added ones.
    let (added, removed): (Vec<_>, Vec<_>) = changes.into_iter().partition(|change| change.new.value.is_some());
    if !removed.is_empty() {
        let removed = removed.into_iter().map(|change| &change.path).collect();
        remove(values, &mut Path::root(), &removed);
    }
    for change in added {
        let Some(value) = &change.new.value else { continue };
        // An insertion fails only below a value that is no map, and that value has its own change.
        drop(values.insert_at(&change.path, value.clone()));
    }
}

/// Removes values and the maps that become empty. Returns whether it removed anything.
///
/// One walk removes all values, because each removal from a large map moves the entries after it.
fn remove(values: &mut Map, path: &mut Path, removed: &HashSet<&Path>) -> bool {
    let before = values.len();
    let mut removed_below = false;
    values.retain(|key, value| {
        path.push(Segment::Key(key.to_owned()));
        let is_removed = removed.contains(&*path)
            || match value {
                Value::Map(map) => {
                    let is_removed = remove(map, path, removed);
                    removed_below |= is_removed;
                    is_removed && map.is_empty()
                }
                _ => false,
            };
        path.pop();
        !is_removed
    });
    removed_below || values.len() < before
}
