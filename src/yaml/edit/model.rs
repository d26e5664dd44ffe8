//! Effect of an edit on values, without any text. The edited text is compared with this result.

use super::Edit;
use crate::yaml::{Map, Path, Segment, Value};

/// Applies `edit` to `values`.
///
/// `pruned` is the number of empty parents that were removed. Only the text shows which empty parents contain a
/// comment and stay.
///
/// # Errors
///
/// If the edit is not possible on these values, with the reason.
pub fn apply_to_values(values: &mut Map, edit: &Edit, pruned: usize) -> Result<(), String> {
    match edit {
        Edit::Rename { path, to } => {
            let parent = path.parent().ok_or("the top has no key")?;
            let target = parent.key(to);
            if target == *path {
                return Ok(());
            }
            check_absent(values, &target)?;
            let value = take(values, path)?;
            insert(values, &target, value)
        }
        Edit::Move { from, to } if from == to => Ok(()),
        Edit::Move { from, to } => {
            let value = take(values, from)?;
            match (values.get_at_mut(to), value) {
                (Some(Value::Map(there)), Value::Map(map)) => merge(there, map)?,
                (Some(there @ Value::Null), Value::Map(map)) if !map.is_empty() => *there = Value::Map(map),
                (Some(_), _) => return Err(exists_already(to)),
                (None, value) => insert(values, to, value)?,
            }
            prune(values, from, pruned)
        }
        Edit::Delete { path, .. } => {
            take(values, path)?;
            prune(values, path, pruned)
        }
        Edit::Set { path, value } => {
            let there = values.get_at_mut(path).ok_or_else(|| missing(path))?;
            *there = value.clone();
            Ok(())
        }
        Edit::Insert { path, value, .. } => {
            check_absent(values, path)?;
            insert(values, path, value.clone())
        }
    }
}

fn take(values: &mut Map, path: &Path) -> Result<Value, String> {
    values.remove_at(path).ok_or_else(|| missing(path))
}

fn insert(values: &mut Map, path: &Path, value: Value) -> Result<(), String> {
    values.insert_at(path, value).map(drop).map_err(|error| error.to_string())
}

fn check_absent(values: &Map, path: &Path) -> Result<(), String> {
    if values.get_at(path).is_some() { Err(exists_already(path)) } else { Ok(()) }
}

fn merge(there: &mut Map, map: Map) -> Result<(), String> {
    for (key, value) in map {
        match (there.get_mut(&key), value) {
            (Some(Value::Map(there)), Value::Map(map)) => merge(there, map)?,
            (Some(there @ Value::Null), Value::Map(map)) if !map.is_empty() => *there = Value::Map(map),
            (Some(_), _) => return Err(format!("`{key}` is in both maps")),
            (None, value) => {
                there.insert(key, value);
            }
        }
    }
    Ok(())
}

/// Removes the `pruned` nearest parents of `path`. Each of them must be an empty map.
pub(super) fn prune(values: &mut Map, path: &Path, pruned: usize) -> Result<(), String> {
    let mut path = path.clone();
    for _ in 0..pruned {
        path.pop();
        let empty = matches!(values.get_at(&path), Some(Value::Map(map)) if map.is_empty());
        if !empty || !matches!(path.last(), Some(Segment::Key(_))) {
            return Err(format!("`{path}` is not an empty map"));
        }
        take(values, &path)?;
    }
    Ok(())
}

fn missing(path: &Path) -> String {
    format!("`{path}` is not in the file")
}

fn exists_already(path: &Path) -> String {
    format!("`{path}` exists already")
}
