//! Values that each key is set to, and detection of these values in the output.
//!
//! A marker is a value that identifies one key: `zq0042z` as text, 300840 as number. Number markers have gaps,
//! because templates do arithmetic with some numbers.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::{
    pattern::Pattern,
    settings::{At, Settings},
};
use crate::{
    chart::{Chart, Key, Type},
    table::{Table, table},
    yaml::{Path, Segment},
};

const CHOICES: Table<4> = table!("src/measure/values.tsv", ["pattern", "types", "kind", "values"]);

const REPLACING: Table<1> = table!("src/measure/replacing.tsv", ["pattern"]);

/// Maximum number of keys. The text markers have four digits.
const MOST: usize = 9_999;

/// One key with the values for its tests.
#[derive(Debug, Clone)]
pub(super) struct Probe {
    pub path: String,
    pub segments: Vec<String>,
    pub kind: Kind,
    /// Default of the chart; null if the key has none.
    pub default: Json,
    /// Values to set, most likely first.
    pub values: Vec<Json>,
    /// Whether the key overrides other keys.
    pub replaces: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    /// Only some words are valid.
    Choice,
    /// The values contain the marker of the key.
    Marked,
    Plain,
}

/// Keys to measure: keys that the chart declares, and undeclared keys that `base` has. Maps with declared children
/// are left out, because they are measured through their children.
pub(super) fn probes(own: &Chart, base: &Chart) -> Vec<Probe> {
    let mut keys: Vec<Key<'_>> = own
        .keys()
        .filter(|key| if key.declared { key.default.is_some() } else { base.key(key.path).is_some() })
        .collect();
    keys.extend(base.keys().filter(|key| !key.declared && own.key(key.path).is_none()));
    keys.sort_by(|a, b| (a.rank, a.path).cmp(&(b.rank, b.path)));
    keys.truncate(MOST);
    let replacing: Vec<Pattern> = REPLACING.rows().map(|[pattern]| Pattern(pattern)).collect();
    let choices: Vec<[&str; 4]> = CHOICES.rows().collect();
    keys.iter()
        .enumerate()
        .filter_map(|(at, key)| {
            let replaces = replacing.iter().any(|pattern| pattern.fits(key.path));
            Probe::new(key, at, replaces, &choices)
        })
        .collect()
}

impl Probe {
    fn new(key: &Key<'_>, at: usize, replaces: bool, choices: &[[&'static str; 4]]) -> Option<Self> {
        let path: Path = key.path.parse().ok()?;
        let segment = |segment: &Segment| match segment {
            Segment::Key(name) => Some(name.clone()),
            Segment::Index(_) => None,
        };
        let segments = path.segments().iter().map(segment).collect::<Option<Vec<_>>>()?;
        let default = key.default.map_or(Json::Null, Json::from);
        let probe = |kind, values| Self {
            path: key.path.to_owned(),
            segments: segments.clone(),
            kind,
            default: default.clone(),
            values,
            replaces,
        };
        if key.kind == Type::Bool {
            return Some(probe(Kind::Bool, Vec::new()));
        }
        let (text, number) = (text_marker(at), number_marker(at));
        let kind_name = type_name(key.kind);
        for [pattern, types, kind, values] in choices {
            if Pattern(pattern).fits(key.path) && (*types == "-" || types.split(',').any(|one| one == kind_name)) {
                let values =
                    values.replace("\"@number\"", &format!("\"{number}\"")).replace("@number", &number.to_string());
                let values: Vec<Json> = serde_json::from_str(&values.replace("@text", &text)).ok()?;
                let kind = match *kind {
                    "choice" => Kind::Choice,
                    "marked" => Kind::Marked,
                    _ => Kind::Plain,
                };
                return Some(probe(kind, values));
            }
        }
        let pair = || json!({ &text: &text });
        let values = match key.kind {
            Type::Int | Type::Float => vec![json!(number), json!(text)],
            Type::List => vec![json!([text]), json!([{ "name": text }]), json!(text)],
            Type::Map => vec![pair(), json!({ &text: pair() }), json!(text), json!([text])],
            _ => vec![json!(text), json!(number), json!([text]), pair()],
        };
        Some(probe(Kind::Marked, values))
    }

    pub fn is_marked(&self) -> bool {
        self.kind == Kind::Marked
    }

    /// Whether the key is a count of objects that may be 0.
    pub fn is_count(&self) -> bool {
        self.kind == Kind::Plain && self.values.contains(&json!(0))
    }

    /// Value to set if the current value is `current`.
    pub fn other_than(&self, current: &Json, choice: usize) -> Json {
        if self.kind == Kind::Bool {
            return json!(current != &json!(true));
        }
        let value = &self.values[choice];
        if value == current && self.values.len() > 1 {
            self.values[(choice + 1) % self.values.len()].clone()
        } else {
            value.clone()
        }
    }

    /// Whether a value equals the default, or both are empty.
    pub fn is_unset(&self, value: &Json) -> bool {
        if self.kind == Kind::Bool {
            return (value == &json!(true)) == (self.default == json!(true));
        }
        if is_empty(&self.default) || is_empty(value) {
            return is_empty(&self.default) && is_empty(value);
        }
        same(value, &self.default)
    }

    /// Empty value of the type of the key.
    pub fn nothing(&self) -> Json {
        match self.default {
            Json::Array(_) => json!([]),
            Json::Object(_) => json!({}),
            Json::Bool(_) => json!(false),
            _ => json!(""),
        }
    }

    pub fn current<'a>(&'a self, at: At, settings: &'a Settings) -> &'a Json {
        settings.get(at).unwrap_or(&self.default)
    }
}

/// Whether two values render the same. Templates write a number like the text of the number.
pub(super) fn same(a: &Json, b: &Json) -> bool {
    word(a) == word(b)
}

/// Text of a value.
pub(super) fn word(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

pub(super) fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(list) => list.is_empty(),
        Json::Object(map) => map.is_empty(),
        _ => false,
    }
}

fn type_name(kind: Type) -> &'static str {
    match kind {
        Type::Null => "null",
        Type::Bool => "bool",
        Type::Int | Type::Float => "number",
        Type::String => "string",
        Type::List => "list",
        Type::Map => "map",
    }
}

fn text_marker(at: usize) -> String {
    format!("zq{at:04}z")
}

fn number_marker(at: usize) -> usize {
    300_000 + 20 * at
}

/// Pattern for candidates of markers in templates. [`marked`] selects the real markers.
pub(super) const MARKER: &str = r"zq[0-9]{4}z|\b[34][0-9]{5}\b";

/// Keys of the markers in `found`.
pub(super) fn marked<'a>(found: impl Iterator<Item = &'a str>) -> BTreeSet<At> {
    found
        .filter_map(|found| match found.strip_prefix("zq") {
            Some(text) => text.strip_suffix('z')?.parse().ok(),
            None => {
                let number = found.parse::<usize>().ok()?.checked_sub(300_000)?;
                (number % 20 == 0).then_some(number / 20)?.try_into().ok()
            }
        })
        .collect()
}
