//! The fields of a profile and the values that each accepts, read from the JSON schema.
//!
//! Only the explanation of an error needs this module. serde alone reads a valid profile.

use serde_json::Value;

use crate::intent::Intent;

/// The values that a field accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FieldKind {
    Flag,
    /// a whole number, at most this
    Number(u64),
    Text,
    /// one of these words
    Word(Vec<String>),
    /// a text with a grammar of its own, as this example
    Written(String),
    /// a list, of texts with the grammar of the example if there is one
    List(Option<String>),
}

impl FieldKind {
    /// Continues a message after `expected`.
    pub(super) fn expected(&self) -> String {
        match self {
            Self::Flag => "`true` or `false`".to_owned(),
            Self::Number(most) if *most == u64::from(u32::MAX) => "a whole number".to_owned(),
            Self::Number(most) => format!("a whole number from 0 to {most}"),
            Self::Text => "a text".to_owned(),
            Self::Word(words) => {
                let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
                match words.split_last() {
                    Some((last, [])) => last.clone(),
                    Some((last, others)) => format!("{} or {last}", others.join(", ")),
                    None => "a word".to_owned(),
                }
            }
            Self::Written(example) => format!("a text such as `{example}`"),
            Self::List(Some(example)) => format!("a list such as `[\"{example}\"]`"),
            Self::List(None) => "a list such as `[one, two]`".to_owned(),
        }
    }
}

/// All fields of [`Intent`] with their accepted values, in the order of declaration.
pub(super) fn fields() -> Vec<(String, FieldKind)> {
    let schema = schemars::schema_for!(Intent).to_value();
    let Some(properties) = schema["properties"].as_object() else {
        return Vec::new();
    };
    properties.iter().map(|(name, field)| (name.clone(), takes(field, &schema))).collect()
}

fn takes(field: &Value, schema: &Value) -> FieldKind {
    let field = resolve(field, schema);
    let is = |kind: &str| match &field["type"] {
        Value::String(found) => found == kind,
        Value::Array(kinds) => kinds.iter().any(|found| found == kind),
        _ => false,
    };
    let example = || field["examples"][0].as_str().map(str::to_owned);
    if let Some(words) = words(field) {
        FieldKind::Word(words)
    } else if is("array") {
        let item = resolve(&field["items"], schema);
        FieldKind::List(item["examples"][0].as_str().map(str::to_owned))
    } else if let Some(example) = example() {
        FieldKind::Written(example)
    } else if is("boolean") {
        FieldKind::Flag
    } else if is("integer") {
        FieldKind::Number(field["maximum"].as_u64().unwrap_or(u32::MAX.into()))
    } else {
        FieldKind::Text
    }
}

/// Follows `$ref`, alone or as an alternative to null.
fn resolve<'a>(field: &'a Value, schema: &'a Value) -> &'a Value {
    let choices = field["anyOf"].as_array().map_or(&[][..], Vec::as_slice);
    let reference = choices.iter().chain([field]).find_map(|choice| choice["$ref"].as_str());
    reference.and_then(|path| schema.pointer(path.strip_prefix('#')?)).unwrap_or(field)
}

fn words(field: &Value) -> Option<Vec<String>> {
    let plain = field["enum"].as_array();
    let described = field["oneOf"].as_array();
    let words = plain.into_iter().flatten().chain(described.into_iter().flatten().flat_map(|choice| {
        let several = choice["enum"].as_array().map_or(&[][..], Vec::as_slice);
        several.iter().chain(choice.get("const"))
    }));
    let words: Vec<String> = words.filter_map(Value::as_str).map(str::to_owned).collect();
    (!words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes_of(name: &str) -> Option<FieldKind> {
        fields().into_iter().find(|(field, _)| field == name).map(|(_, takes)| takes)
    }

    #[test]
    fn every_kind_of_field_is_read_off_the_schema() {
        assert_eq!(takes_of("persistence"), Some(FieldKind::Flag));
        assert_eq!(takes_of("replicas"), Some(FieldKind::Number(u32::MAX.into())));
        assert_eq!(takes_of("redis-node-port"), Some(FieldKind::Number(u16::MAX.into())));
        assert_eq!(takes_of("release"), Some(FieldKind::Text));
        assert_eq!(takes_of("size"), Some(FieldKind::Written("8Gi".into())));
        assert_eq!(takes_of("source-ranges"), Some(FieldKind::List(None)));
        assert_eq!(takes_of("metrics-labels"), Some(FieldKind::List(Some("release=prometheus".into()))));
        let access = ["cluster", "node-port", "internal-lb", "public-lb"].map(str::to_owned).to_vec();
        assert_eq!(takes_of("access"), Some(FieldKind::Word(access)));
        let topology = ["standalone", "replication", "sentinel"].map(str::to_owned).to_vec();
        assert_eq!(takes_of("topology"), Some(FieldKind::Word(topology)));
        assert!(
            matches!(takes_of("cloud"), Some(FieldKind::Word(clouds)) if clouds.iter().any(|cloud| cloud == "kube-vip"))
        );
    }
}
