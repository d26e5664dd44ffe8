//! The JSON schema of a profile file, for editors.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;

use crate::intent::Intent;

/// A profile of redisgen: wishes in Redis words, to be laid over other profiles and under the flags.
#[derive(JsonSchema)]
#[schemars(title = "redisgen profile", rename_all = "kebab-case")]
#[expect(dead_code, reason = "only its schema is used")]
struct File {
    /// What the profile is for, in one line
    #[schemars(length(min = 1))]
    description: String,
    /// Profiles to start from, the later over the earlier
    extends: Option<Extends>,
    /// Fields wished for only where the chart version can: they yield with a note instead of an error
    prefer: Option<Intent>,
    #[schemars(flatten)]
    intent: Intent,
}

/// One profile or several, by their names
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum Extends {
    One(String),
    Several(Vec<String>),
}

/// The schema, as draft 7: the one that YAML plugins of editors know best.
pub fn schema() -> Value {
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<File>().to_value();
    without_null(&mut schema);
    // Flattening loses it.
    schema["additionalProperties"] = Value::Bool(false);
    schema
}

/// A field is said or not there: null is no value for it.
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
