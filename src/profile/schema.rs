//! The JSON schema of a profile file, for editors.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;

use crate::intent::Intent;

/// A profile of redisgen: options that are merged with other profiles and overridden by flags.
#[derive(JsonSchema)]
#[schemars(title = "redisgen profile", rename_all = "kebab-case")]
#[expect(dead_code, reason = "only its schema is used")]
struct File {
    /// Purpose of the profile, in one line
    #[schemars(length(min = 1))]
    description: String,
    /// Base profiles; a later one overrides an earlier one
    extends: Option<Extends>,
    /// Options that apply only if the chart version supports them, with a note instead of an error otherwise
    prefer: Option<Intent>,
    #[schemars(flatten)]
    intent: Intent,
}

/// Names of one profile or several
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum Extends {
    One(String),
    Several(Vec<String>),
}

/// The schema in draft 7, which YAML plugins of editors support best.
pub fn schema() -> Value {
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<File>().to_value();
    without_null(&mut schema);
    // Flattening loses the field.
    schema["additionalProperties"] = Value::Bool(false);
    schema
}

/// A field has a value or is missing: null is not a value.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Object(entries) => {
            if let Some(Value::Array(kinds)) = entries.get_mut("type") {
                kinds.retain(|kind| kind != "null");
                if let [only] = &kinds[..] {
                    entries["type"] = only.clone();
                }
            }
            if let Some(Value::Array(choices)) = entries.get_mut("anyOf") {
                choices.retain(|choice| choice["type"] != "null");
            }
            entries.values_mut().for_each(without_null);
        }
        Value::Array(items) => items.iter_mut().for_each(without_null),
        _ => {}
    }
}
