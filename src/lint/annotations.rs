//! The annotations of a Service, as they are written.

use super::{Entry, Subject, services::is_read};
use crate::{
    cloud::{self, annotation},
    yaml::{Path, Span, Value},
};

/// What leaves a thing off, whichever the cloud.
const OFF: [&str; 9] = ["", "0", "f", "false", "none", "off", "no", "disabled", "tcp"];

/// An annotation as it is written; a null is none.
pub(super) struct Annotation {
    pub key: String,
    pub path: Path,
    pub value: Value,
    pub key_span: Span,
    pub value_span: Span,
    known: Option<&'static cloud::Annotation>,
}

impl Annotation {
    /// The value, if it is a text that the chart prints as it stands.
    pub fn text(&self) -> Option<&str> {
        self.value.as_str().filter(|text| !text.contains("{{"))
    }

    /// Whether its value says in plain words that the annotation is to do nothing.
    pub fn is_off(&self) -> bool {
        self.text().is_some_and(|text| OFF.contains(&text.to_ascii_lowercase().as_str()))
    }

    /// What is known of it.
    pub fn known(&self) -> Option<&'static cloud::Annotation> {
        self.known
    }
}

/// What stands at a path as annotations; none where a template makes them.
pub(super) fn annotations(subject: &Subject, key: &str) -> Option<Vec<Annotation>> {
    if !subject.chart.takes(key) || !is_read(subject, key) {
        return Some(Vec::new());
    }
    let path = key.parse::<Path>().ok()?;
    let map = match subject.written.get_at(&path) {
        Some(Value::Map(map)) => map,
        Some(Value::String(text)) if !text.is_empty() => return None,
        _ => return Some(Vec::new()),
    };
    let mut found = Vec::new();
    for (name, value) in map.iter().filter(|(_, value)| **value != Value::Null) {
        if name.contains("{{") {
            return None;
        }
        let path = path.key(name);
        let Some(Entry { key, value: at, .. }) = subject.nearest(&path.to_string()) else { continue };
        let (key_span, value_span, known) = (*key, *at, annotation(name));
        found.push(Annotation { key: name.to_owned(), path, value: value.clone(), key_span, value_span, known });
    }
    Some(found)
}
