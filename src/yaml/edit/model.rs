//! What an edit means, without any text: what the text is held against.

use super::Edit;
use crate::yaml::{Map, Path, Segment, Value};

/// Makes the edit on values.
///
/// `pruned` is how many of the parents that got empty are gone; whoever edits the text knows which of them still hold
/// a comment.
///
/// # Errors
///
/// When the values do not let the edit be made, with the reason.
pub fn model(values: &mut Map, edit: &Edit, pruned: usize) -> Result<(), String> {
    match edit {
        Edit::Rename { path, to } => {
            let parent = path.parent().ok_or("the top has no key")?;
            let target = parent.key(to);
            if target == *path {
                return Ok(());
            }
            absent(values, &target)?;
            let value = take(values, path)?;
            put(values, &target, value)
        }
        Edit::Move { from, to } if from == to => Ok(()),
        Edit::Move { from, to } => {
            let value = take(values, from)?;
            match (values.get_at_mut(to), value) {
                (Some(Value::Map(there)), Value::Map(map)) => merge(there, map)?,
                (Some(there @ Value::Null), Value::Map(map)) if !map.is_empty() => *there = Value::Map(map),
                (Some(_), _) => return Err(taken(to)),
                (None, value) => put(values, to, value)?,
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
            absent(values, path)?;
            put(values, path, value.clone())
        }
    }
}

fn take(values: &mut Map, path: &Path) -> Result<Value, String> {
    values.remove_at(path).ok_or_else(|| missing(path))
}

fn put(values: &mut Map, path: &Path, value: Value) -> Result<(), String> {
    values.insert_at(path, value).map(drop).map_err(|error| error.to_string())
}

fn absent(values: &Map, path: &Path) -> Result<(), String> {
    if values.get_at(path).is_some() { Err(taken(path)) } else { Ok(()) }
}

fn merge(there: &mut Map, map: Map) -> Result<(), String> {
    for (key, value) in map {
        match (there.get_mut(&key), value) {
            (Some(Value::Map(there)), Value::Map(map)) => merge(there, map)?,
            (Some(there @ Value::Null), Value::Map(map)) if !map.is_empty() => *there = Value::Map(map),
            (Some(_), _) => return Err(format!("`{key}` stands in both")),
            (None, value) => {
                there.insert(key, value);
            }
        }
    }
    Ok(())
}

/// Takes out that many parents of `path`, from the nearest on; each must be an empty map.
fn prune(values: &mut Map, path: &Path, pruned: usize) -> Result<(), String> {
    let mut path = path.clone();
    for _ in 0..pruned {
        path.pop();
        let empty = matches!(values.get_at(&path), Some(Value::Map(map)) if map.is_empty());
        if !empty || !matches!(path.last(), Some(Segment::Key(_))) {
            return Err(format!("`{path}` is no empty map"));
        }
        take(values, &path)?;
    }
    Ok(())
}

fn missing(path: &Path) -> String {
    format!("`{path}` is not in the file")
}

fn taken(path: &Path) -> String {
    format!("`{path}` stands there already")
}
