//! The change list, made.

use super::Change;
use crate::yaml::{Map, Path, Value};

/// Makes the old values into the new ones, or by a list that is turned the new ones into the old.
pub fn apply<'c>(values: &mut Map, changes: impl IntoIterator<Item = &'c Change>) {
    // What goes makes room for what comes.
    let (come, gone): (Vec<_>, Vec<_>) = changes.into_iter().partition(|change| change.new.value.is_some());
    for change in gone {
        remove(values, &change.path);
    }
    for change in come {
        let Some(value) = &change.new.value else { continue };
        // Only what is no map stands in the way, and that is a change of its own.
        drop(values.insert_at(&change.path, value.clone()));
    }
}

/// Takes a value out, and the maps above it that it leaves empty.
fn remove(values: &mut Map, path: &Path) {
    values.remove_at(path);
    let mut above = path.parent();
    while let Some(path) = above.filter(|path| !path.is_root()) {
        if !matches!(values.get_at(&path), Some(Value::Map(map)) if map.is_empty()) {
            break;
        }
        values.remove_at(&path);
        above = path.parent();
    }
}
