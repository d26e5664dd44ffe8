//! The change list, made.

use std::collections::HashSet;

use super::Change;
use crate::yaml::{Map, Path, Segment, Value};

/// Makes the old values into the new ones, or by a list that is turned the new ones into the old.
pub fn apply<'c>(values: &mut Map, changes: impl IntoIterator<Item = &'c Change>) {
    // What goes makes room for what comes.
    let (come, gone): (Vec<_>, Vec<_>) = changes.into_iter().partition(|change| change.new.value.is_some());
    if !gone.is_empty() {
        let gone = gone.into_iter().map(|change| &change.path).collect();
        remove(values, &mut Path::root(), &gone);
    }
    for change in come {
        let Some(value) = &change.new.value else { continue };
        // Only what is no map stands in the way, and that is a change of its own.
        drop(values.insert_at(&change.path, value.clone()));
    }
}

/// Takes values out, and the maps above them that it leaves empty; says whether something went.
///
/// In one walk: to take one after the other out of a large map moves the others each time.
fn remove(values: &mut Map, path: &mut Path, gone: &HashSet<&Path>) -> bool {
    let before = values.len();
    let mut below_went = false;
    values.retain(|key, value| {
        path.push(Segment::Key(key.to_owned()));
        let went = gone.contains(&*path)
            || match value {
                Value::Map(map) => {
                    let went = remove(map, path, gone);
                    below_went |= went;
                    went && map.is_empty()
                }
                _ => false,
            };
        path.pop();
        !went
    });
    below_went || values.len() < before
}
