//! What became of the items of a list. Helm replaces lists whole, so that a changed list is one change.

use std::collections::HashMap;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::Value;

/// An item of one list or of both.
#[derive(Debug, Clone, PartialEq)]
pub enum Item<'a> {
    /// In both, in the same order with the others that stayed.
    Stayed(&'a Value),
    Came(&'a Value),
    Went(&'a Value),
    /// In both, before or behind others than before; with its places, counted from 0.
    Moved {
        value: &'a Value,
        from: usize,
        to: usize,
    },
}

/// The items in the order of the new list, with those that went where they were.
pub fn items<'a>(old: &'a [Value], new: &'a [Value]) -> Vec<Item<'a>> {
    let (names_of_old, names_of_new) = (names(old), names(new));
    let ops = capture_diff_slices(Algorithm::Myers, &names_of_old, &names_of_new);
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    for op in &ops {
        if !matches!(op, DiffOp::Equal { .. }) {
            gone.extend(op.old_range());
            come.extend(op.new_range());
        }
    }
    let mut moved: HashMap<usize, usize> = HashMap::new();
    for to in come {
        if let Some(at) = gone.iter().position(|from| names_of_old[*from] == names_of_new[to]) {
            moved.insert(to, gone.remove(at));
        }
    }
    let mut found = Vec::new();
    for op in ops {
        if let DiffOp::Equal { new_index, len, .. } = op {
            found.extend(new[new_index..new_index + len].iter().map(Item::Stayed));
            continue;
        }
        found.extend(op.old_range().filter(|at| gone.contains(at)).map(|at| Item::Went(&old[at])));
        found.extend(op.new_range().map(|to| match moved.get(&to) {
            Some(from) => Item::Moved { value: &new[to], from: *from, to },
            None => Item::Came(&new[to]),
        }));
    }
    found
}

/// A text for each item, the same for equal ones.
fn names(items: &[Value]) -> Vec<String> {
    let mut names = Vec::new();
    for item in items {
        let mut name = String::new();
        write(item, &mut name);
        names.push(name);
    }
    names
}

fn write(value: &Value, into: &mut String) {
    match value {
        Value::Int(_) | Value::Float(_) => into.push_str(&format!("{:?}", value.as_f64())),
        Value::Map(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            into.push('{');
            for (key, value) in entries {
                into.push_str(&format!("{key:?}:"));
                write(value, into);
                into.push(',');
            }
            into.push('}');
        }
        Value::List(items) => {
            into.push('[');
            for item in items {
                write(item, into);
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

    fn told(old: &[&str], new: &[&str]) -> String {
        let list = |items: &[&str]| items.iter().map(|item| Value::from(*item)).collect::<Vec<_>>();
        let (old, new) = (list(old), list(new));
        let shown = |item: &Item| match item {
            Item::Stayed(value) => format!("={}", value.as_str().unwrap()),
            Item::Came(value) => format!("+{}", value.as_str().unwrap()),
            Item::Went(value) => format!("-{}", value.as_str().unwrap()),
            Item::Moved { value, from, to } => format!("{}:{from}>{to}", value.as_str().unwrap()),
        };
        items(&old, &new).iter().map(shown).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_item_has_one_story() {
        assert_eq!(told(&["a", "b"], &["a", "b"]), "=a =b");
        assert_eq!(told(&["a", "b"], &["a", "c", "b"]), "=a +c =b");
        assert_eq!(told(&["a", "b", "c"], &["a", "c"]), "=a -b =c");
        assert_eq!(told(&[], &["a"]), "+a");
        assert_eq!(told(&["a", "b", "c"], &["c", "a", "b"]), "c:2>0 =a =b");
        assert_eq!(told(&["a", "a"], &["a"]), "=a -a");
    }

    #[test]
    fn maps_are_equal_in_any_order() {
        let read = |text: &str| match crate::yaml::read_values(text).unwrap().get("a") {
            Some(Value::List(items)) => items.clone(),
            other => panic!("{other:?}"),
        };
        let (old, new) = (read("a: [{b: 1, c: 2}]"), read("a: [{c: 2.0, b: 1}]"));
        assert_eq!(items(&old, &new), [Item::Stayed(&new[0])]);
    }
}
