//! Redaction of values. The redacted values of two sides still show that the values differ.

use std::{borrow::Cow, collections::HashSet, ops::Range};

use super::{
    CHANGED, PRIVATE_KEY, REDACTED, SECRET_DATA,
    key::{ParentContext, is_secret_key},
    line,
};
use crate::yaml::{ItemChange, Map, Path, Segment, Value, items};

/// Redacts a value for a comparison with `other`, the value at the same place on the other side.
///
/// `names` are the paths of the place. The secrets in `copied` are hidden anywhere. A hidden value that differs from
/// the value on the other side is shown as changed: if both values differ, the redacted `value` differs from the
/// redacted `other`.
pub fn redact_value<'v>(
    names: &[&Path],
    value: &'v Value,
    other: Option<&Value>,
    copied: &HashSet<String>,
) -> Cow<'v, Value> {
    let inside = names.iter().map(|path| above(path)).find(|inside| *inside != ParentContext::Nothing);
    let (hider, inside) = (Hider { copied }, inside.unwrap_or(ParentContext::Nothing));
    match hider.hides_any(value, inside) {
        true => Cow::Owned(hider.hide(value, other, inside)),
        false => Cow::Borrowed(value),
    }
}

/// Whether the keys of a path make its value a secret.
pub fn is_secret_path(path: &Path) -> bool {
    above(path) != ParentContext::Nothing
}

fn above(path: &Path) -> ParentContext {
    path.segments().iter().fold(ParentContext::Nothing, |inside, segment| match segment {
        Segment::Key(key) => inside.key(key),
        Segment::Index(_) => inside,
    })
}

/// Redacts the passwords in the keys of a path.
pub fn hidden_path(path: &Path) -> Path {
    let mut redacted = Path::root();
    for segment in path.segments() {
        redacted.push(match segment {
            Segment::Key(key) => Segment::Key(text(key).into_owned()),
            Segment::Index(at) => Segment::Index(*at),
        });
    }
    redacted
}

/// Whether the values contain a secret.
pub fn holds_secret(values: &Map) -> bool {
    let hider = Hider { copied: &HashSet::new() };
    let inside = ParentContext::Nothing;
    hider.hides_any_in_map(values, inside) && hider.in_map(values, None, inside) != *values
}

struct Hider<'a> {
    copied: &'a HashSet<String>,
}

impl Hider<'_> {
    fn is_copied(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.copied.contains(text),
            Value::Int(number) => !self.copied.is_empty() && self.copied.contains(&number.to_string()),
            _ => false,
        }
    }

    /// Whether a part of a value is redacted. Most values have no such part, and need no copy.
    fn hides_any(&self, value: &Value, inside: ParentContext) -> bool {
        match value {
            Value::Map(map) => self.hides_any_in_map(map, inside),
            Value::List(list) => {
                let mut open = false;
                list.iter().any(|item| {
                    let hides_any = self.hides_any(item, if open { ParentContext::Secret } else { inside });
                    open = item.as_str().is_some_and(line::asks_for_one);
                    hides_any
                })
            }
            Value::Null | Value::Bool(_) => false,
            Value::String(text) if text.is_empty() => false,
            value if is_reference(value) => false,
            value if inside != ParentContext::Nothing || self.is_copied(value) => true,
            Value::String(text) => holds_password(text),
            Value::Int(_) | Value::Float(_) => false,
        }
    }

    fn hides_any_in_map(&self, map: &Map, inside: ParentContext) -> bool {
        let context = MapContext::of(map, inside);
        map.iter().any(|(key, value)| {
            // A key with the replacement itself can change, too.
            holds_password(key) || key.contains(REDACTED) || self.hides_any(value, context.below(key))
        })
    }

    /// Redacts a value. With `inside`, all of the value is secret.
    fn hide(&self, value: &Value, other: Option<&Value>, inside: ParentContext) -> Value {
        match value {
            Value::Map(map) => Value::Map(self.in_map(map, other.and_then(Value::as_map), inside)),
            Value::List(list) => Value::from(self.in_list(list, other.and_then(Value::as_list), inside)),
            // Booleans are no secrets, and many keys with booleans are named like secrets.
            Value::Null | Value::Bool(_) => value.clone(),
            Value::String(text) if text.is_empty() => value.clone(),
            value if is_reference(value) => value.clone(),
            value if inside != ParentContext::Nothing || self.is_copied(value) => Value::from(match other {
                None => REDACTED,
                Some(other) if is_null_or_empty(other) || other == value => REDACTED,
                Some(_) => CHANGED,
            }),
            Value::String(text) => Value::String(redact_text(text, other.and_then(Value::as_str))),
            Value::Int(_) | Value::Float(_) => value.clone(),
        }
    }

    fn in_map(&self, map: &Map, other: Option<&Map>, inside: ParentContext) -> Map {
        let context = MapContext::of(map, inside);
        let mut redacted = Map::new();
        for (key, value) in map.iter() {
            let other_value = other.and_then(|other| other.get(key));
            // A key that is missing on the other side counts as changed, even if everything that differs is hidden.
            let is_new = other.is_some() && other_value.is_none();
            let mut name = text(key).into_owned();
            if is_new {
                name = name.replace(REDACTED, CHANGED);
            }
            while redacted.contains_key(&name) {
                name.push('\'');
            }
            redacted.insert(name, self.hide(value, other_value, context.below(key)));
        }
        // A copy that shares its entries needs no memory.
        if redacted == *map { map.clone() } else { redacted }
    }

    fn in_list(&self, list: &[Value], other: Option<&[Value]>, inside: ParentContext) -> Vec<Value> {
        let shown = |partners: &[Option<&Value>]| -> Vec<Value> {
            let mut open = false;
            let each = list.iter().zip(partners).map(|(item, partner)| {
                let shown = self.hide(item, *partner, if open { ParentContext::Secret } else { inside });
                open = item.as_str().is_some_and(line::asks_for_one);
                shown
            });
            each.collect()
        };
        let Some(other) = other.filter(|other| *other != list) else { return shown(&vec![None; list.len()]) };
        redact_items(
            list,
            other,
            |item| self.hide(item, None, inside),
            shown,
            |other| self.in_list(other, None, inside),
        )
    }
}

/// What makes the values of a map secret.
struct MapContext {
    inside: ParentContext,
    /// Whether the map is an environment variable such as `name: REDIS_PASSWORD` with `value: ...`.
    names_one: bool,
    is_manifest: bool,
}

impl MapContext {
    fn of(map: &Map, inside: ParentContext) -> Self {
        let text = |key: &str| map.get(key).and_then(Value::as_str);
        Self { inside, names_one: text("name").is_some_and(is_secret_key), is_manifest: text("kind") == Some("Secret") }
    }

    /// Effect of the map on the value of a key.
    fn below(&self, key: &str) -> ParentContext {
        match self.inside.key(key) {
            _ if self.is_manifest && SECRET_DATA.contains(&key) => ParentContext::Data,
            ParentContext::Nothing if self.names_one && key == "value" => ParentContext::Secret,
            within => within,
        }
    }
}

fn is_reference(value: &Value) -> bool {
    value.as_str().is_some_and(line::is_reference)
}

fn is_null_or_empty(value: &Value) -> bool {
    matches!(value, Value::Null) || value.as_str() == Some("")
}

/// Redacts each item in comparison with the item that it replaces. If the result equals the redacted other list, each
/// item is compared with the item at its index instead.
fn redact_items(
    list: &[Value],
    other: &[Value],
    like: impl Fn(&Value) -> Value,
    redact: impl Fn(&[Option<&Value>]) -> Vec<Value>,
    alone: impl Fn(&[Value]) -> Vec<Value>,
) -> Vec<Value> {
    let changes = items(other, list);
    let mut removed: Vec<(&Value, Value)> = Vec::new();
    for item in &changes {
        if let ItemChange::Removed(value) = item {
            removed.push((value, like(value)));
        }
    }
    let mut partners: Vec<Option<&Value>> = Vec::new();
    for item in &changes {
        partners.push(match item {
            ItemChange::Removed(_) => continue,
            ItemChange::Unchanged(_) | ItemChange::Moved { .. } => None,
            ItemChange::Added(_) if removed.is_empty() => None,
            ItemChange::Added(value) => {
                // An item that differs only in its secrets is preferred.
                let look = like(value);
                let at = removed.iter().position(|(_, other)| *other == look).unwrap_or_default();
                Some(removed.remove(at).0)
            }
        });
    }
    let first = redact(&partners);
    if first != alone(other) {
        return first;
    }
    redact(&other.iter().map(Some).collect::<Vec<_>>())
}

/// Redacts the passwords in a text.
pub fn text(text: &str) -> Cow<'_, str> {
    if holds_password(text) { Cow::Owned(redact_text(text, None)) } else { Cow::Borrowed(text) }
}

/// Most texts contain no password and are not split.
fn holds_password(text: &str) -> bool {
    text.lines().any(|line| line::ends_open(line) || !holes(line).is_empty() || is_private(line))
}

fn is_private(text: &str) -> bool {
    text.bytes().any(|byte| byte == b'-') && text.contains(PRIVATE_KEY)
}

/// Redacts a text in comparison with the text on the other side.
fn redact_text(text: &str, other: Option<&str>) -> String {
    if !holds_password(text) {
        return text.to_owned();
    }
    if is_private(text) {
        return if other.is_some_and(|other| other != text) { CHANGED } else { REDACTED }.to_owned();
    }
    if let Some(other) = other.filter(|other| !other.contains('\n') && !text.contains('\n')) {
        return redact_line(text, Some(other));
    }
    let split = |text: &str| text.split('\n').map(Value::from).collect::<Vec<_>>();
    let list = split(text);
    let lines = |list: &[Value], partners: &[Option<&Value>]| -> Vec<Value> {
        let mut open = false;
        let each = list.iter().zip(partners).map(|(item, partner)| {
            let (item, partner) = (item.as_str().unwrap_or_default(), partner.and_then(Value::as_str));
            let shown = match open && !item.trim().is_empty() {
                true => cover(item, std::iter::once(0..item.len()), partner.into_iter().collect::<Vec<_>>()),
                false => redact_line(item, partner),
            };
            open = line::ends_open(item);
            Value::from(shown)
        });
        each.collect()
    };
    let shown = match other.filter(|other| *other != text).map(split) {
        None => lines(&list, &vec![None; list.len()]),
        Some(other) => {
            let alone = |other: &[Value]| lines(other, &vec![None; other.len()]);
            let like = |item: &Value| Value::from(redact_line(item.as_str().unwrap_or_default(), None));
            redact_items(&list, &other, like, |partners| lines(&list, partners), alone)
        }
    };
    shown.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
}

/// Redacts the passwords in one line. A password that differs from the one at the same place in the other line is
/// shown as changed.
fn redact_line(line: &str, other: Option<&str>) -> String {
    let others = other.into_iter().flat_map(|other| holes(other).into_iter().map(|at| &other[at]));
    cover(line, holes(line).into_iter(), others.collect())
}

fn cover(line: &str, holes: impl Iterator<Item = Range<usize>>, others: Vec<&str>) -> String {
    let (mut shown, mut from) = (String::new(), 0);
    for (nth, hole) in holes.enumerate() {
        shown.push_str(&line[from..hole.start]);
        let is_other = others.get(nth).is_some_and(|other| *other != &line[hole.clone()]);
        shown.push_str(if is_other { CHANGED } else { REDACTED });
        from = hole.end;
    }
    shown.push_str(&line[from..]);
    shown
}

/// Ranges of the passwords in a line, sorted and without overlaps.
fn holes(line: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    line::secrets(line, 0, &mut found);
    line::in_order(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::yaml::{Notes, emit, read_values};

    fn path(text: &str) -> Path {
        text.parse().unwrap()
    }

    /// Redacts the values of both texts for a comparison.
    fn shown(old: &str, new: &str) -> [String; 2] {
        let (old, new) = (read_values(old).unwrap(), read_values(new).unwrap());
        let [old, new] = [Value::Map(old), Value::Map(new)];
        let none = HashSet::new();
        let shown = [redact_value(&[], &old, None, &none), redact_value(&[], &new, Some(&old), &none)];
        shown.map(|value| match value.into_owned() {
            Value::Map(map) => emit(&map, &Notes::new()),
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn what_is_another_secret_says_so() {
        for (old, new, wanted) in [
            ("password: a\n", "password: b\n", "password: \"<redacted, changed>\"\n"),
            ("password: a\n", "password: a\n", "password: \"<redacted>\"\n"),
            ("password: \"\"\n", "password: b\n", "password: \"<redacted>\"\n"),
            ("{}", "password: 1\n", "password: \"<redacted>\"\n"),
            ("password: 1\n", "password: ''\n", "password: \"\"\n"),
            (
                "passwords: [a, b]\n",
                "passwords: [x, a, b]\n",
                "passwords:\n  - \"<redacted>\"\n  - \"<redacted>\"\n  - \"<redacted>\"\n",
            ),
            (
                "a: |-\n  save 1\n  requirepass a\n",
                "a: |-\n  requirepass b\n  save 2\n",
                "a: |-\n  requirepass <redacted, changed>\n  save 2\n",
            ),
            (
                "args: [--pass, a, b]\n",
                "args: [b, --pass, c]\n",
                "args:\n  - b\n  - \"--pass\"\n  - \"<redacted, changed>\"\n",
            ),
            (
                "env: [{name: A, value: a}]\n",
                "env: [{name: A_PASSWORD, value: b}]\n",
                "env:\n  - name: A_PASSWORD\n    value: \"<redacted, changed>\"\n",
            ),
            (
                "v: {secret: {secretName: a, x: a}}\n",
                "v: {secret: {secretName: b, x: b}}\n",
                "v:\n  secret:\n    secretName: b\n    x: \"<redacted, changed>\"\n",
            ),
            ("a: redis://:a@h\n", "a: redis://:b@h\n", "a: \"redis://:<redacted, changed>@h\"\n"),
            ("a: |-\n  sh --pass\n  a\n", "a: |-\n  sh --pass\n  b\n", "a: |-\n  sh --pass\n  <redacted, changed>\n"),
        ] {
            assert_eq!(shown(old, new)[1], wanted, "{old}{new}");
        }
    }

    #[test]
    fn the_place_names_a_secret_too() {
        let (value, none) = (Value::from("x"), HashSet::new());
        assert_eq!(*redact_value(&[&path("auth.password")], &value, None, &none), Value::from(REDACTED));
        assert_eq!(*redact_value(&[&path("a.b"), &path("passwords.b")], &value, None, &none), Value::from(REDACTED));
        assert_eq!(*redact_value(&[&path("auth.existingSecretPasswordKey")], &value, None, &none), value);
        assert_eq!(hidden_path(&Path::of(["a", "redis://:x@h"])).to_string(), "a.redis://:<redacted>@h");
    }

    fn value() -> impl Strategy<Value = Value> {
        let text = prop::sample::select(
            &[
                "",
                "a",
                "b",
                "requirepass a",
                "requirepass b",
                "x\nrequirepass a",
                "requirepass\na",
                "redis://:a@h",
                "--pass",
            ][..],
        );
        let leaf =
            prop_oneof![4 => text.prop_map(Value::from), 1 => (0..2i64).prop_map(Value::Int), 1 => Just(Value::Null)];
        let key = prop::sample::select(&["a", "password", "name", "value", "redis://:a@h", "redis://:b@h"][..]);
        leaf.prop_recursive(3, 16, 4, move |inner| {
            let map = prop::collection::vec((key.clone(), inner.clone()), 0..4);
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(Value::from),
                map.prop_map(|entries| {
                    Value::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_differs_is_shown_to_differ_and_the_same_the_same(old in value(), new in value(), secret: bool) {
            let place = if secret { path("password") } else { path("a") };
            let copied = HashSet::from(["b".to_owned()]);
            let alone = redact_value(&[&place], &old, None, &copied);
            prop_assert_eq!(redact_value(&[&place], &new, Some(&old), &copied) == alone, old == new);
            prop_assert_eq!(redact_value(&[&place], &old, Some(&old), &copied), alone);
        }
    }
}
