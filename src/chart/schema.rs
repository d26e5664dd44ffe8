//! Types of values that `values.schema.json` allows at a key.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    Chart, catalogue, condition,
    pack::{JsonType, SchemaRow, Section},
};
use crate::yaml::{self, List, Map, Value};

/// Set of value types that a schema allows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Words", into = "Words")]
pub struct Accepts {
    /// Bits of the allowed types; zero if any type is allowed.
    types: u8,
    /// Bits of the types of list items; zero if any type is allowed.
    items: u8,
}

/// Stored form, with the names of JSON Schema.
#[derive(Clone, Serialize, Deserialize)]
struct Words {
    types: Vec<JsonType>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    items: Vec<JsonType>,
}

impl Accepts {
    /// Allowed types of a schema. A schema without types allows all types.
    pub(super) fn of(schema: &serde_json::Value) -> Self {
        let types = |schema: Option<&serde_json::Value>| {
            let declared = schema.and_then(|schema| schema.get("type")).cloned();
            let named = match declared {
                Some(serde_json::Value::Array(several)) => several,
                one => one.into_iter().collect(),
            };
            // Other names of types, such as null, do not occur in values.
            bits(named.into_iter().filter_map(|name| serde_json::from_value(name).ok()))
        };
        Self { types: types(Some(schema)), items: types(schema.get("items")) }
    }

    /// Whether the schema allows all types.
    pub fn takes_all(self) -> bool {
        self.types == 0
    }

    /// Whether the schema allows a value. Null always passes, because Helm removes null values.
    pub fn takes(self, value: &Value) -> bool {
        match value {
            Value::List(items) => is_in(self.types, value) && items.iter().all(|item| is_in(self.items, item)),
            value => is_in(self.types, value),
        }
    }
}

impl Accepts {
    /// Converts a value to an allowed type with the same meaning. `None` if there is no such value, or if the value
    /// itself is allowed.
    ///
    /// Most templates read a number in quotes as a number. A text in place of a list or a map is rendered first; a
    /// text without a template action equals the list or map in it.
    pub fn convert(self, value: &Value) -> Option<Value> {
        if self.takes(value) {
            return None;
        }
        let other = match value {
            // A value that is false in an `if` becomes an empty value of the allowed type.
            value if !condition::is_truthy(Some(value)) => self.empty_value()?,
            Value::Int(number) => Value::from(number.to_string()),
            Value::Bool(true) => Value::from("true"),
            Value::String(text) if !text.contains("{{") => read(text)?,
            Value::List(items) => {
                let items = items.iter().map(|item| match self.items_of().convert(item) {
                    Some(other) => other,
                    None => item.clone(),
                });
                Value::List(items.collect())
            }
            _ => return None,
        };
        // "false" as a text is true in an `if`.
        let is_as_true = condition::is_truthy(Some(&other)) == condition::is_truthy(Some(value));
        (is_as_true && self.takes(&other)).then_some(other)
    }

    /// Allowed types of the items of a list.
    fn items_of(self) -> Self {
        Self { types: self.items, items: 0 }
    }

    fn empty_value(self) -> Option<Value> {
        let empty = [Value::from(""), Value::List(List::default()), Value::Map(Map::new())];
        empty.into_iter().find(|empty| self.takes(empty))
    }
}

/// The value of a text that is read as YAML.
fn read(text: &str) -> Option<Value> {
    let nested: Vec<_> = text.lines().map(|line| format!("  {line}\n")).collect();
    yaml::read_values(&format!("a:\n{}", nested.concat())).ok()?.remove("a")
}

impl Chart {
    /// Converts a value at a key to a type that the schema allows, if there is one with the same meaning. Otherwise
    /// the value stays unchanged.
    pub fn convert(&self, path: &str, value: Value) -> Value {
        self.schema(path).and_then(|accepts| accepts.convert(&value)).unwrap_or(value)
    }

    /// Types that `values.schema.json` allows at a key. `None` if any type is allowed, because the version has no
    /// schema or the schema does not have the key. Source: `schemas.tsv`, or the file of an imported chart.
    pub fn schema(&self, path: &str) -> Option<Accepts> {
        if let Some(own) = self.own() {
            return own.schema(path);
        }
        let table = catalogue::table(Section::Schemas);
        let entry = table.named(path).find(|entry| entry.holds(self.position()))?;
        let SchemaRow { types, items } = table.row(entry);
        Some(Accepts { types, items })
    }
}

fn is_in(types: u8, value: &Value) -> bool {
    let fits = match value {
        Value::Null => return true,
        Value::Bool(_) => JsonType::Boolean.bit(),
        Value::Int(_) => JsonType::Integer.bit() | JsonType::Number.bit(),
        Value::Float(number) if number.fract() == 0.0 => JsonType::Integer.bit() | JsonType::Number.bit(),
        Value::Float(_) => JsonType::Number.bit(),
        Value::String(_) => JsonType::String.bit(),
        Value::List(_) => JsonType::Array.bit(),
        Value::Map(_) => JsonType::Object.bit(),
    };
    types == 0 || types & fits != 0
}

fn bits(types: impl IntoIterator<Item = JsonType>) -> u8 {
    types.into_iter().fold(0, |bits, kind| bits | kind.bit())
}

fn types(bits: u8) -> impl Iterator<Item = JsonType> {
    JsonType::ALL.into_iter().filter(move |kind| bits & kind.bit() != 0)
}

impl From<Words> for Accepts {
    fn from(words: Words) -> Self {
        Self { types: bits(words.types), items: bits(words.items) }
    }
}

impl From<Accepts> for Words {
    fn from(accepts: Accepts) -> Self {
        Self { types: types(accepts.types).collect(), items: types(accepts.items).collect() }
    }
}

/// The types as part of a sentence: `a list of strings or a string`.
impl fmt::Display for Accepts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, kind) in types(self.types).enumerate() {
            f.write_str(if at > 0 { " or " } else { "" })?;
            f.write_str(match kind {
                JsonType::Array => "a list",
                JsonType::Boolean => "a boolean",
                JsonType::Integer => "a whole number",
                JsonType::Number => "a number",
                JsonType::Object => "a map",
                JsonType::String => "a string",
            })?;
            if kind == JsonType::Array && self.items == JsonType::String.bit() {
                f.write_str(" of strings")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(version: &str, path: &str) -> Option<Accepts> {
        Chart::at(&version.parse().unwrap()).unwrap().schema(path)
    }

    #[test]
    fn each_version_has_its_own() {
        let port = "master.service.nodePorts.redis";
        assert_eq!(accepts("20.0.3", port), None);
        let strict = accepts("20.0.4", port).unwrap();
        assert!(strict.takes(&Value::from("30000")) && strict.takes(&Value::Null));
        assert!(!strict.takes(&Value::Int(30_000)) && !strict.takes(&Value::List(List::default())));
        assert_eq!(strict.to_string(), "a string");
        let count = accepts("14.0.0", "replica.replicaCount").unwrap();
        assert!(count.takes(&Value::Int(3)) && count.takes(&Value::Float(3.0)));
        assert!(!count.takes(&Value::Float(3.5)) && !count.takes(&Value::from("3")));
        assert_eq!(accepts("23.1.1", "master.affinity").unwrap().to_string(), "a map or a string");
        assert_eq!(accepts("23.1.1", "image.tag"), None);
    }

    #[test]
    fn the_items_of_a_list_count() {
        let of_strings = accepts("23.1.1", "master.disableCommands").unwrap();
        assert_eq!(of_strings.to_string(), "a list of strings");
        assert!(of_strings.takes(&Value::from(vec!["KEYS"])));
        assert!(!of_strings.takes(&Value::from(vec![Value::Int(1)])));
        let any = accepts("23.1.1", "auth.acl.users").unwrap();
        assert!(any.takes(&Value::from(vec![Value::Int(1), Value::from("a")])));
    }

    #[test]
    fn a_value_of_the_wrong_type_is_said_in_the_right_one() {
        let converted = |path: &str, value: Value| accepts("20.0.4", path).unwrap().convert(&value);
        let port = "master.service.nodePorts.redis";
        assert_eq!(converted(port, Value::Int(30_000)), Some(Value::from("30000")));
        assert_eq!(converted(port, Value::Int(0)), Some(Value::from("")));
        assert_eq!(converted(port, Value::from("30000")), None, "it is taken as it is");
        assert_eq!(converted("sentinel.quorum", Value::from("2")), Some(Value::Int(2)));
        assert_eq!(converted("sentinel.quorum", Value::from("two")), None);
        assert_eq!(converted("sentinel.enabled", Value::from("true")), Some(Value::from(true)));
        assert_eq!(converted("sentinel.enabled", Value::from("false")), None, "it was on");
        let map: Map = [("a".to_owned(), Value::from("b"))].into_iter().collect();
        assert_eq!(converted("master.affinity", Value::from("a: b\n")), Some(Value::Map(map)));
        assert_eq!(converted("master.affinity", Value::from("a: {{ .Release.Name }}\n")), None);
        let list = Value::from(vec![Value::Int(1), Value::from("a")]);
        assert_eq!(converted("master.disableCommands", list), Some(Value::from(vec!["1", "a"])));
    }

    #[test]
    fn a_schema_is_read_as_it_is_written() {
        let of = |text: &str| Accepts::of(&serde_json::from_str(text).unwrap());
        assert_eq!(of(r#"{"type": ["string", "null"]}"#), of(r#"{"type": "string"}"#));
        assert!(of(r#"{"enum": [1]}"#).takes(&Value::from(true)));
        let list = of(r#"{"type": "array", "items": {"type": "integer"}}"#);
        let again: Accepts = serde_json::from_value(serde_json::to_value(list).unwrap()).unwrap();
        assert_eq!(again, list);
        assert!(!list.takes(&Value::from(vec!["a"])));
    }
}
