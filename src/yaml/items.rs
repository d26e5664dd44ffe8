//! Difference between two lists, item by item.
//!
//! Helm replaces lists as a whole. A list with any difference is therefore one change of the values.

use std::collections::{HashMap, HashSet, VecDeque};

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::Value;

/// Item of the old list, of the new list, or of both.
#[derive(Debug, Clone, PartialEq)]
pub enum ItemChange<'a> {
    /// The item is in both lists, in the same order relative to the other unchanged items.
    Unchanged(&'a Value),
    Added(&'a Value),
    Removed(&'a Value),
    /// The item is in both lists at different positions. The positions are counted from 0.
    Moved {
        value: &'a Value,
        from: usize,
        to: usize,
    },
}

/// Compares two lists: returns the items in the order of the new list, with removed items at their old position.
pub fn items<'a>(old: &'a [Value], new: &'a [Value]) -> Vec<ItemChange<'a>> {
    // Most items of long lists are the same on both sides, and need no text.
    let pairs = old.iter().zip(new);
    let before = pairs.take_while(|(old, new)| old == new).count();
    let (old, new, start) = (&old[before..], &new[before..], &new[..before]);
    let after = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count();
    let (old, (new, end)) = (&old[..old.len() - after], new.split_at(new.len() - after));
    let unchanged = |items: &'a [Value]| items.iter().map(ItemChange::Unchanged);
    unchanged(start).chain(different_items(old, new, before)).chain(unchanged(end)).collect()
}

/// Compares two lists, in which `before` items are left out at their starts.
fn different_items<'a>(old: &'a [Value], new: &'a [Value], before: usize) -> Vec<ItemChange<'a>> {
    let (old_texts, new_texts) = (canonical_texts(old), canonical_texts(new));
    let ops = capture_diff_slices(Algorithm::Myers, &old_texts, &new_texts);
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    for op in &ops {
        if !matches!(op, DiffOp::Equal { .. }) {
            removed.extend(op.old_range());
            added.extend(op.new_range());
        }
    }
    let mut same: HashMap<&str, VecDeque<usize>> = HashMap::new();
    for from in &removed {
        same.entry(&old_texts[*from]).or_default().push_back(*from);
    }
    let mut moved: HashMap<usize, usize> = HashMap::new();
    for to in added {
        if let Some(from) = same.get_mut(new_texts[to].as_str()).and_then(VecDeque::pop_front) {
            moved.insert(to, from);
        }
    }
    let removed: HashSet<usize> = same.into_values().flatten().collect();
    let mut differences = Vec::new();
    for op in ops {
        if let DiffOp::Equal { new_index, len, .. } = op {
            differences.extend(new[new_index..new_index + len].iter().map(ItemChange::Unchanged));
            continue;
        }
        differences.extend(op.old_range().filter(|at| removed.contains(at)).map(|at| ItemChange::Removed(&old[at])));
        differences.extend(op.new_range().map(|to| match moved.get(&to) {
            Some(from) => ItemChange::Moved { value: &new[to], from: before + *from, to: before + to },
            None => ItemChange::Added(&new[to]),
        }));
    }
    differences
}

/// Canonical texts of the items. Equal items have equal texts.
fn canonical_texts(items: &[Value]) -> Vec<String> {
    let mut texts = Vec::new();
    for item in items {
        let mut name = String::new();
        write_canonical(item, &mut name);
        texts.push(name);
    }
    texts
}

fn write_canonical(value: &Value, into: &mut String) {
    match value {
        Value::Int(_) | Value::Float(_) => into.push_str(&format!("{:?}", value.as_f64())),
        Value::Map(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            into.push('{');
            for (key, value) in entries {
                into.push_str(&format!("{key:?}:"));
                write_canonical(value, into);
                into.push(',');
            }
            into.push('}');
        }
        Value::List(items) => {
            into.push('[');
            for item in items {
                write_canonical(item, into);
                into.push(',');
            }
            into.push(']');
        }
        value => into.push_str(&format!("{value:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn describe(old: &[&str], new: &[&str]) -> String {
        let list = |items: &[&str]| items.iter().map(|item| Value::from(*item)).collect::<Vec<_>>();
        let (old, new) = (list(old), list(new));
        let describe_item = |item: &ItemChange| match item {
            ItemChange::Unchanged(value) => format!("={}", value.as_str().unwrap()),
            ItemChange::Added(value) => format!("+{}", value.as_str().unwrap()),
            ItemChange::Removed(value) => format!("-{}", value.as_str().unwrap()),
            ItemChange::Moved { value, from, to } => format!("{}:{from}>{to}", value.as_str().unwrap()),
        };
        items(&old, &new).iter().map(describe_item).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_item_has_one_story() {
        assert_eq!(describe(&["a", "b"], &["a", "b"]), "=a =b");
        assert_eq!(describe(&["a", "b"], &["a", "c", "b"]), "=a +c =b");
        assert_eq!(describe(&["a", "b", "c"], &["a", "c"]), "=a -b =c");
        assert_eq!(describe(&[], &["a"]), "+a");
        assert_eq!(describe(&["a", "b", "c"], &["c", "a", "b"]), "c:2>0 =a =b");
        assert_eq!(describe(&["a", "a"], &["a"]), "=a -a");
    }

    #[test]
    fn maps_are_equal_in_any_order() {
        let read = |text: &str| match crate::yaml::read_values(text).unwrap().get("a") {
            Some(Value::List(items)) => items.clone(),
            other => panic!("{other:?}"),
        };
        let (old, new) = (read("a: [{b: 1, c: 2}]"), read("a: [{c: 2.0, b: 1}]"));
        assert_eq!(items(&old, &new), [ItemChange::Unchanged(&new[0])]);
    }
}
