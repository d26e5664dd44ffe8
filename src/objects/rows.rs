//! The values of a release, and the rows of the table that hold for them.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use crate::{
    chart::{Chart, Manifest, Names, condition, condition::Term},
    effective::{EffectiveValues, defaults},
    yaml::{Map, Value, merge},
};

/// The part whose rows hold for all parts.
const EVERY: &str = "every";

/// The rows that hold, and the values of their placeholders.
pub(super) struct Rows<'v> {
    values: &'v EffectiveValues,
    /// The values with the defaults of the chart.
    tree: Map,
    pub names: Names,
    pub namespace: String,
    rows: Vec<Manifest>,
    /// The keys with templates that were read.
    templates: RefCell<BTreeSet<String>>,
}

impl<'v> Rows<'v> {
    pub fn new(values: &'v EffectiveValues, release: &str, namespace: &str) -> Self {
        let written = values.other_layers.with(&values.written);
        let tree = merge::effective_values_for(values.helm, written, &defaults(&values.chart));
        let text = |key: &str| tree.get(key).and_then(Value::as_str);
        let names = Names::new(&values.chart, release, "redis", text("nameOverride"), text("fullnameOverride"));
        let (namespace, templates) = (namespace.to_owned(), RefCell::default());
        let mut rows = Self { values, tree, names, namespace, rows: Vec::new(), templates };
        let holding = values.chart.manifests(values.topology).iter().copied().filter(|row| rows.holds(row.when));
        rows.rows = holding.collect();
        rows
    }

    /// The rows of each object, in the order of the table.
    pub fn of_parts(&self) -> Vec<Vec<Manifest>> {
        let mut parts: Vec<Vec<Manifest>> = Vec::new();
        let is_shared = |part: &str| part == EVERY || part.starts_with(char::is_uppercase);
        for row in self.rows.iter().filter(|row| !is_shared(row.part)) {
            match parts.last_mut() {
                Some(rows) if rows[0].part == row.part => rows.push(*row),
                _ => parts.push(vec![*row]),
            }
        }
        parts
    }

    /// The template of a field that all parts, or all objects of a kind, have.
    pub fn shared(&self, kind: &str, field: &str) -> Option<&'static str> {
        let mut rows = self.rows.iter().filter(|row| row.field == field && (row.part == EVERY || row.part == kind));
        rows.next()?.value
    }

    pub fn chart(&self) -> &Chart {
        &self.values.chart
    }

    /// The keys whose templates Helm renders, of those that were read.
    pub fn templates(&self) -> BTreeSet<String> {
        self.templates.borrow().clone()
    }

    /// The effective value of a key.
    pub fn value(&self, key: &str) -> Option<&Value> {
        let value = self.tree.get_at_text(key).filter(|value| **value != Value::Null)?;
        if has_template(value) {
            self.templates.borrow_mut().insert(key.to_owned());
        }
        Some(value)
    }

    /// Whether the value is not empty, zero or false.
    pub fn is_set(&self, key: &str) -> bool {
        condition::is_truthy(self.tree.get_at_text(key))
    }

    fn holds(&self, when: &str) -> bool {
        condition::terms(when).all(|term| self.term_holds(&term))
    }

    fn term_holds(&self, term: &Term) -> bool {
        match term {
            Term::AnyOf(terms) => terms.iter().any(|term| self.term_holds(term)),
            term => {
                let value = term.key().and_then(|key| self.tree.get_at_text(key));
                term.holds(value.filter(|value| **value != Value::Null), None) == Some(true)
            }
        }
    }
}

/// Whether Helm may render a part of the value as a template.
fn has_template(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("{{"),
        Value::List(list) => list.iter().any(has_template),
        Value::Map(map) => map.iter().any(|(name, value)| name.contains("{{") || has_template(value)),
        _ => false,
    }
}

/// The value as a template prints it; of a list, the items with commas between them, and of a map, its pairs.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(on) => on.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::List(list) => list.iter().map(text_of).collect::<Vec<_>>().join(","),
        Value::Map(map) => joined(&map.iter().map(|(name, value)| (name.to_owned(), text_of(value))).collect()),
    }
}

/// Pairs as one text: `a=b,c=d`.
pub(super) fn joined(pairs: &BTreeMap<String, String>) -> String {
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(",")
}
