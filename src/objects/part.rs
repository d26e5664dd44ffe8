//! One object of the table: its fields, with the placeholders filled in.

use std::collections::BTreeMap;

use super::rows::{Rows, joined, text_of};
use crate::{
    chart::Manifest,
    yaml::{Map, Value, read_values},
};

/// The labels that a user may change although the chart sets them.
const STANDARD_LABELS: [&str; 2] = ["app.kubernetes.io/name", "app.kubernetes.io/instance"];
/// The end of a placeholder for a number that grows with the number of the pod.
const NEXT: &str = "+next";
/// The end of a placeholder for a list that a chart prints as one item.
const JOINED: &str = "+joined";

/// The most objects of one part, and the most names in a text.
const MOST: u32 = 1000;

/// The rows of one object, or of the objects of all pods.
#[derive(Clone)]
pub(super) struct Part<'r> {
    pub rows: &'r Rows<'r>,
    fields: Vec<Manifest>,
    pod: u32,
}

/// An item of a list: a text of the table, or a value of the user.
pub(super) enum Item<'r> {
    Text(String),
    Value(&'r Value),
}

impl<'r> Part<'r> {
    pub fn new(rows: &'r Rows<'r>, fields: Vec<Manifest>) -> Self {
        Self { rows, fields, pod: 0 }
    }

    pub fn for_pod(&self, pod: u32) -> Self {
        Self { pod, ..self.clone() }
    }

    /// The number of objects, and whether there are more than a plan can show.
    pub fn count(&self) -> (u32, bool) {
        match self.fields.iter().any(|row| row.field == "each") {
            true => {
                let count = self.number("each").unwrap_or_default();
                (count.min(MOST), count > MOST && self.is("object"))
            }
            false => (1, false),
        }
    }

    /// The names of all fields that hold, in the order of the table.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.fields.iter().map(|row| row.field)
    }

    /// The value of a field, if it is not empty.
    pub fn text(&self, field: &str) -> Option<String> {
        let row = self.fields.iter().find(|row| row.field == field)?;
        self.fill(row.value?)
    }

    /// The value of a field that all parts or all objects of a kind have, unless this part has its own.
    pub fn text_or_shared(&self, kind: &str, field: &str) -> Option<String> {
        self.text(field).or_else(|| self.fill(self.rows.shared(kind, field)?))
    }

    pub fn number(&self, field: &str) -> Option<u32> {
        self.text(field)?.parse().ok()
    }

    pub fn is(&self, field: &str) -> bool {
        self.text(field).is_some()
    }

    /// The items of a list.
    pub fn items(&self, field: &str) -> Vec<Item<'r>> {
        let mut items = Vec::new();
        for template in self.templates(field) {
            match whole(template).map(|key| self.rows.value(key)) {
                Some(Some(Value::List(list))) => items.extend(list.iter().map(Item::Value)),
                Some(None) => {}
                _ => items.extend(self.fill(template).map(Item::Text)),
            }
        }
        items
    }

    /// The texts of a list.
    pub fn texts(&self, field: &str) -> Vec<String> {
        let text = |item| match item {
            Item::Text(text) => text,
            Item::Value(value) => text_of(value),
        };
        self.items(field).into_iter().map(text).collect()
    }

    /// The pairs of all rows of a field; the first one of a name counts.
    pub fn pairs(&self, field: &str) -> BTreeMap<String, String> {
        let mut pairs = BTreeMap::new();
        for row in &self.fields {
            let is_picked = row.field.strip_suffix("-pick") == Some(field);
            let Some(template) = row.value.filter(|_| is_picked || row.field == field) else { continue };
            for (name, value) in self.pairs_of(template) {
                if !is_picked || STANDARD_LABELS.contains(&name.as_str()) {
                    pairs.entry(name).or_insert(value);
                }
            }
        }
        pairs
    }

    fn pairs_of(&self, template: &str) -> Vec<(String, String)> {
        let of_map = |prefix: &str, map: &Map| {
            map.iter()
                .filter(|(_, value)| **value != Value::Null)
                .map(|(name, value)| (format!("{prefix}{name}"), text_of(value)))
                .collect()
        };
        if let Some((prefix, map)) =
            template.split_once("*{").and_then(|(prefix, key)| Some((prefix, key.strip_suffix('}')?)))
        {
            let prefix = self.fill(prefix).unwrap_or_default();
            return self.rows.value(map).and_then(Value::as_map).map(|map| of_map(&prefix, map)).unwrap_or_default();
        }
        match whole(template).map(|key| self.rows.value(key)) {
            Some(Some(Value::Map(map))) => of_map("", map),
            // The chart also takes a map as a text in YAML.
            Some(Some(Value::String(text))) => read_values(text).map(|map| of_map("", &map)).unwrap_or_default(),
            Some(_) => Vec::new(),
            None => {
                let text = self.fill(template).unwrap_or_default();
                let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
                pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
            }
        }
    }

    fn templates<'a>(&'a self, field: &'a str) -> impl Iterator<Item = &'static str> + 'a {
        self.fields.iter().filter(move |row| row.field == field).filter_map(|row| row.value)
    }

    /// The text with its placeholders replaced. `None` if nothing is left of it.
    pub fn fill(&self, template: &str) -> Option<String> {
        let mut text = String::new();
        let mut rest = template;
        while let Some((before, (inside, after))) =
            rest.split_once('{').and_then(|(before, after)| Some((before, after.split_once('}')?)))
        {
            text.push_str(before);
            text.push_str(&self.first_of(inside));
            rest = after;
        }
        text.push_str(rest);
        Some(text).filter(|text| !text.is_empty())
    }

    /// The first alternative that is not empty.
    fn first_of(&self, alternatives: &str) -> String {
        let mut all = alternatives.split('|').map(|alternative| self.resolve(alternative));
        all.find(|text| !text.is_empty()).unwrap_or_default()
    }

    fn resolve(&self, name: &str) -> String {
        let names = &self.rows.names;
        if let Some(text) = name.strip_prefix('=') {
            return text.replace('@', &names.full);
        }
        if name.starts_with('$') {
            return self.own_text(name);
        }
        match name {
            "f" => names.full.clone(),
            "name" => names.name.clone(),
            "release" => names.release.clone(),
            "namespace" => self.rows.namespace.clone(),
            "chart" => format!("redis-{}", self.rows.chart().version()).replace('+', "_"),
            "app" => self.rows.chart().app_version().replace('+', "_"),
            "pod" => self.pod.to_string(),
            _ => match (name.strip_suffix(NEXT), name.strip_suffix(JOINED)) {
                (Some(key), _) => self.next(key),
                (None, Some(key)) => self.rows.value(key).map(text_of).unwrap_or_default().replace(',', " "),
                (None, None) => self.rows.value(name).map(text_of).unwrap_or_default(),
            },
        }
    }

    /// The number at a key, plus that of the pod, plus 1.
    fn next(&self, key: &str) -> String {
        let number = self.rows.value(key).map(text_of).and_then(|text| text.parse::<u32>().ok());
        number.map(|number| (number + self.pod + 1).to_string()).unwrap_or_default()
    }

    /// A text that other rows of the part refer to: the pairs of the selector, or the text of a row for each pod.
    fn own_text(&self, name: &str) -> String {
        if name == "$selector" {
            return joined(&self.pairs("selector"));
        }
        match self.number("count") {
            Some(count) => {
                let of_pods = (0..count.min(MOST)).filter_map(|pod| self.for_pod(pod).text(name));
                of_pods.collect::<Vec<_>>().join(",")
            }
            None => self.text(name).unwrap_or_default(),
        }
    }
}

/// The key of a template that is one placeholder and nothing else.
fn whole(template: &str) -> Option<&str> {
    let key = template.strip_prefix('{')?.strip_suffix('}')?;
    (!key.contains(['{', '|', '$', '+']) && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')).then_some(key)
}
