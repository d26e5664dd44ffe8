//! Facts about annotations, also about those that redisgen never writes. The facts are in `annotations.tsv`.

use super::values::{Values, parse_bool};
use super::{Cloud, Confidence};
use crate::{
    lazy::LazyRows,
    table::{Table, filled, optional, table, word, words},
};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// The key; a `*` at the end matches any ending.
    pub key: &'static str,
    /// The clouds that read the annotation; empty for annotations of no cloud.
    pub clouds: Vec<Cloud>,
    pub kind: AnnotationKind,
    pub values: Values,
    internal: InternalWhen,
    pub on_wrong: InvalidValueEffect,
    pub deprecated: bool,
    /// The replacement: a key, a field of the spec, or a key with `*` at the end.
    pub replacement: Option<&'static str>,
    /// The value of another annotation that this one requires.
    pub when: Option<Condition>,
    pub certainty: Confidence,
    pub source: &'static str,
}

/// The effect of an annotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnnotationKind {
    /// Makes the load balancer internal or public.
    Internal,
    /// Selects the controller or the kind of load balancer.
    Controller,
    Subnet,
    /// Selects an address pool.
    Pool,
    Address,
    IdleTimeout,
    SourceRanges,
    Security,
    /// Adds a PROXY header in front of the data, which Redis does not understand.
    ProxyProtocol,
    HealthCheck,
    /// Only for an Ingress, without effect on the load balancer of a Service.
    IngressOnly,
    ExternalDns,
    Other,
}

/// A condition on another annotation of the Service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    pub key: &'static str,
    pub value: &'static str,
    /// Whether the annotation must have this value, or must not.
    pub is: bool,
}

/// The effect of an invalid value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InvalidValueEffect {
    /// The controller ignores the annotation: a public load balancer, if that is the default.
    Open,
    /// The controller reports an error and creates no load balancer.
    Closed,
    /// The load balancer is internal.
    Internal,
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum InternalWhen {
    /// The annotation alone does not decide.
    Unsaid,
    /// Any value.
    Any,
    True,
    OneOf(Vec<&'static str>),
    AnyBut(&'static str),
}

impl Annotation {
    /// Whether the row matches this key.
    pub fn covers(&self, key: &str) -> bool {
        match self.key.strip_suffix('*') {
            Some(beginning) => key.starts_with(beginning),
            None => self.key == key,
        }
    }

    /// Whether the value is valid. JSON and text are not checked.
    pub fn takes(&self, value: &str) -> bool {
        self.values.take(value)
    }

    /// The value in seconds; none if the annotation is not a duration, or if another annotation decides.
    pub fn seconds(&self, value: &str) -> Option<f64> {
        self.values.seconds(value)
    }

    /// Whether this value makes the load balancer internal; none if the annotation does not decide, or not by its value
    /// alone.
    pub fn makes_internal(&self, value: &str) -> Option<bool> {
        match &self.internal {
            InternalWhen::Unsaid => None,
            InternalWhen::Any => Some(!value.is_empty()),
            InternalWhen::True => Some(parse_bool(value) == Some(true)),
            InternalWhen::OneOf(values) => Some(values.contains(&value)),
            InternalWhen::AnyBut(public) => Some(!value.is_empty() && value != *public),
        }
    }

    /// The simplest value that makes the load balancer internal, if the values of the annotation are known.
    pub fn internal_value(&self) -> Option<&'static str> {
        match &self.values {
            Values::OneOf(values) => values.iter().copied().find(|value| self.makes_internal(value) == Some(true)),
            Values::Bool if self.internal == InternalWhen::True => Some("true"),
            _ => None,
        }
    }
}

/// All known annotations.
pub fn annotations() -> impl Iterator<Item = &'static Annotation> {
    ROWS.such(|_| true)
}

/// Nearly all values files use only a few annotations.
static ROWS: LazyLock<LazyRows<11, Annotation>> = LazyLock::new(|| LazyRows::new(TABLE, read));

const TABLE: Table<11> = table!(
    "src/cloud/annotations.tsv",
    ["key", "clouds", "kind", "values", "internal", "wrong", "status", "replacement", "when", "certainty", "source",]
);

/// The facts about a key: the row of the key, or the row with its longest prefix.
pub fn annotation(key: &str) -> Option<&'static Annotation> {
    /// The keys that end with `*`, without it, and the positions of their rows.
    static BEGINNINGS: LazyLock<Vec<(&str, usize)>> = LazyLock::new(|| {
        let keys = ROWS.keys().enumerate();
        keys.filter_map(|(position, key)| Some((key.strip_suffix('*')?, position))).collect()
    });
    let covering = || {
        let beginnings = BEGINNINGS.iter().filter(|(beginning, _)| key.starts_with(beginning));
        // Of equal rows, the last one.
        beginnings.max_by_key(|(beginning, _)| beginning.len()).map(|(_, position)| ROWS.at(*position))
    };
    // Of equal rows, the first one.
    ROWS.named(key).next().or_else(covering)
}

fn read(cells: [&'static str; 11]) -> Result<Annotation, String> {
    let [key, clouds, kind, values, internal, on_wrong, status, replacement, when, certainty, source] = cells;
    Ok(Annotation {
        key: filled(key)?,
        clouds: if clouds == "*" { Vec::new() } else { words(clouds, ',')? },
        kind: word(kind)?,
        values: Values::read(filled(values)?)?,
        internal: read_internal(internal)?,
        on_wrong: word(on_wrong)?,
        deprecated: match status {
            "current" => false,
            "deprecated" => true,
            _ => return Err(format!("`{status}` is not a status")),
        },
        replacement: optional(replacement),
        when: optional(when).map(read_condition).transpose()?,
        certainty: word(certainty)?,
        source: filled(source)?,
    })
}

fn read_condition(cell: &'static str) -> Result<Condition, String> {
    let (key, value) = cell.split_once('=').ok_or_else(|| format!("`{cell}` is not a condition"))?;
    Ok(match key.strip_suffix('!') {
        Some(key) => Condition { key, value, is: false },
        None => Condition { key, value, is: true },
    })
}

fn read_internal(cell: &'static str) -> Result<InternalWhen, String> {
    Ok(match cell {
        "-" => InternalWhen::Unsaid,
        "any" => InternalWhen::Any,
        "bool" => InternalWhen::True,
        _ => match (cell.strip_prefix("!="), cell.strip_prefix('=')) {
            (Some(public), _) => InternalWhen::AnyBut(public),
            (_, Some(values)) => InternalWhen::OneOf(values.split('|').collect()),
            _ => return Err(format!("`{cell}` is not a value for internal")),
        },
    })
}
