use super::*;

mod every_key;
mod golden;
mod random;
mod rules;

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

fn rename(at: &str, to: &str) -> Edit {
    Edit::Rename { path: path(at), to: to.to_owned() }
}

fn carry(from: &str, to: &str) -> Edit {
    Edit::Move { from: path(from), to: path(to) }
}

fn delete(at: &str) -> Edit {
    Edit::Delete { path: path(at), prune: false }
}

fn prune(at: &str) -> Edit {
    Edit::Delete { path: path(at), prune: true }
}

fn set(at: &str, value: impl Into<Value>) -> Edit {
    Edit::Set { path: path(at), value: value.into() }
}

fn insert(at: &str, value: impl Into<Value>, comment: Option<&str>) -> Edit {
    Edit::Insert { path: path(at), value: value.into(), comment: comment.map(str::to_owned) }
}

/// Parses a value in text form, for example `{a: 1}`.
fn value(text: &str) -> Value {
    crate::yaml::read_values(&format!("a: {text}")).unwrap().get("a").unwrap().clone()
}
