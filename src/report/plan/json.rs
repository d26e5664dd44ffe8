//! The overview for programs.

use serde_json::{Value, json};

use super::{PlanReport, shown};
use crate::{
    redact::{self, REDACTED},
    report::pretty,
};

/// The version of the format.
const VERSION: u32 = 1;

pub(super) fn render(report: &PlanReport) -> String {
    let PlanReport { overview, findings, .. } = report;
    let refusals = report.reasons();
    let findings: Vec<Value> = findings
        .iter()
        .map(|found| {
            json!({
                "rule": found.rule, "severity": found.severity.to_string(), "message": found.message,
                "help": found.help, "line": found.place().line,
            })
        })
        .collect();
    // The types have no map with keys that are no strings.
    let mut value = serde_json::to_value(overview).unwrap_or_default();
    for part in ["objects", "reach"] {
        hide(&mut value[part]);
    }
    let mut live = serde_json::to_value(report.live).unwrap_or_default();
    hide(&mut live);
    let code = overview.clients.code();
    let mut whole = json!({ "version": VERSION, "renders": refusals.is_empty(), "refusals": refusals });
    if let (Value::Object(whole), Value::Object(value)) = (&mut whole, value) {
        whole.extend(value);
    }
    whole["clients"]["code"] = serde_json::to_value(code).unwrap_or_default();
    whole["findings"] = Value::Array(findings);
    whole["live"] = live;
    pretty(&whole) + "\n"
}

/// Hides the secrets in the texts of the values.
fn hide(value: &mut Value) {
    match value {
        Value::String(text) => *text = shown(text),
        Value::Array(items) => items.iter_mut().for_each(hide),
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) if redact::text(&format!("{key}: {text}")) != format!("{key}: {text}") => {
                        *text = REDACTED.to_owned();
                    }
                    value => hide(value),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
