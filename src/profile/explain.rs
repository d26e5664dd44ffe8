//! Finds the invalid field of a profile and explains how to correct it.

use serde_json::json;

use super::{
    Fault, ProfileError,
    entries::{OWN_FIELDS, Reader, kind_name},
    fields::{FieldKind, fields},
};
use crate::{
    escape::quote_short,
    intent::Intent,
    redact,
    suggest::{did_you_mean, near},
    yaml::{Entry, Kind, NodeId, Style},
};

/// Names that people know from flags or other tools, with the field and value instead.
const SHORTHANDS: [(&str, &str); 15] = [
    ("alert-rules", "alerts: true"),
    ("architecture", "topology: standalone` or `topology: replication"),
    ("internal-lb", "access: internal-lb"),
    ("legacy-images", "images: legacy"),
    ("load-balancer", "access: internal-lb` or `access: public-lb"),
    ("no-sentinel", "topology: replication"),
    ("node-port", "access: node-port"),
    ("pod-monitor", "monitor: pod"),
    ("public-lb", "access: public-lb"),
    ("replica-count", "replicas"),
    ("replication", "topology: replication"),
    ("sentinel", "topology: sentinel"),
    ("service-monitor", "monitor: service"),
    ("standalone", "topology: standalone"),
    ("tls", "tls-secret"),
];

/// Finds the first invalid entry; `error` is the error of serde for all entries.
pub(super) fn explain(reader: &Reader<'_>, entries: &[Entry], error: &serde_yaml::Error) -> ProfileError {
    for entry in entries {
        if let Err(error) = check_name(reader, entry) {
            return error;
        }
        if reader.read_alone(&[*entry]).is_err() {
            return value(reader, entry);
        }
    }
    let fault = Fault::Yaml(error.to_string());
    ProfileError::at(&reader.place_of(entries[0].key), fault)
}

/// Refuses a key that is not a field.
pub(super) fn check_name(reader: &Reader<'_>, entry: &Entry) -> Result<(), ProfileError> {
    let fields = fields();
    let name = reader.key(entry);
    if fields.iter().any(|(field, _)| field == name) {
        return Ok(());
    }
    let fault = if redact::is_secret_key(name) {
        Fault::Password { name: name.to_owned() }
    } else {
        let found = match reader.document.node(entry.key).kind {
            Kind::Scalar { text, .. } => format!("`{}`", quote_short(text)),
            kind => format!("a {}", kind_name(kind)),
        };
        Fault::UnknownField { name: found, hint: hint(name, &fields) }
    };
    Err(ProfileError::at(&reader.place_of(entry.key), fault))
}

fn hint(name: &str, fields: &[(String, FieldKind)]) -> String {
    let plain = name.trim_start_matches('-').to_lowercase().replace('_', "-");
    let takes = |field: &str| fields.iter().find(|(known, _)| known == field).map(|(_, takes)| takes);
    if let Some((_, meant)) = SHORTHANDS.iter().find(|(shorthand, _)| *shorthand == plain) {
        return format!("use `{meant}`");
    }
    if let Some(field) = plain.strip_prefix("no-").filter(|field| takes(field) == Some(&FieldKind::Flag)) {
        return format!("use `{field}: false`");
    }
    let names = fields.iter().map(|(field, _)| field.as_str()).chain(OWN_FIELDS);
    let near = near(&plain, names);
    format!("{}`redisgen profiles schema` lists all fields", did_you_mean(&near))
}

/// The error of a value.
fn value(reader: &Reader<'_>, entry: &Entry) -> ProfileError {
    let field = reader.key(entry).to_owned();
    let takes = fields().into_iter().find(|(known, _)| *known == field).map_or(FieldKind::Text, |(_, takes)| takes);
    let expected = format!("expected {}", takes.expected());
    let value = reader.document.node(entry.value);
    if let (FieldKind::List(_), Kind::List { items, .. }) = (&takes, value.kind) {
        return item(reader, items, field).unwrap_or_else(|field| misfit(reader, entry.value, field, expected));
    }
    let Kind::Scalar { text, style } = value.kind else {
        return misfit(reader, entry.value, field, expected);
    };
    let quoted = style != Style::Plain;
    let without_quotes = if quoted { ", without quotes" } else { "" };
    let expected = match &takes {
        FieldKind::Written(_) => match refused(&field, text, &json!(text)) {
            Some(message) => return ProfileError::at(&reader.place_of(entry.value), Fault::Grammar { field, message }),
            None => expected,
        },
        FieldKind::Word(words) => match near(text, words.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`? {expected}"),
            None => expected,
        },
        FieldKind::Flag => match text.to_lowercase().as_str() {
            "yes" | "y" | "on" | "true" | "1" => format!("{expected}. Use `true`{without_quotes}"),
            "no" | "n" | "off" | "false" | "0" => format!("{expected}. Use `false`{without_quotes}"),
            _ => expected,
        },
        FieldKind::Number(most) if quoted && text.parse().is_ok_and(|number: u64| number <= *most) => {
            format!("{expected}. Remove the quotes")
        }
        FieldKind::List(_) => format!("{expected}. Use `[\"{}\"]`", quote_short(text)),
        FieldKind::Number(_) | FieldKind::Text => expected,
    };
    misfit(reader, entry.value, field, expected)
}

/// The error of the first invalid item of a list; the field if each item is valid.
fn item(reader: &Reader<'_>, items: &[NodeId], field: String) -> Result<ProfileError, String> {
    for item in items {
        let Kind::Scalar { text, .. } = reader.document.node(*item).kind else {
            return Ok(misfit(reader, *item, field, "expected a list of single values".to_owned()));
        };
        if let Some(message) = refused(&field, text, &json!([text])) {
            return Ok(ProfileError::at(&reader.place_of(*item), Fault::Grammar { field, message }));
        }
    }
    Err(field)
}

fn misfit(reader: &Reader<'_>, value: NodeId, field: String, expected: String) -> ProfileError {
    let found = match reader.document.node(value).kind {
        Kind::Scalar { text, .. } => format!("`{}`", quote_short(text)),
        kind => format!("a {}", kind_name(kind)),
    };
    ProfileError::at(&reader.place_of(value), Fault::Value { field, found, expected })
}

/// The error of the type of a field for a value with this `text`.
fn refused(field: &str, text: &str, value: &serde_json::Value) -> Option<String> {
    let error = serde_json::from_value::<Intent>(json!({ field: value })).err()?;
    // Only the rules of an ACL user can contain a password.
    Some(error.to_string().replace(text, &redact::assignment(&quote_short(&redact::acl_user(text)))))
}
