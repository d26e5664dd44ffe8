//! What is known of single annotations, also of those that redisgen never writes. The facts are in `annotations.tsv`.

use super::values::{Values, parse_bool};
use super::{Certainty, Cloud};
use crate::table::{LazyRows, Table, filled, optional, table, word, words};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// The key; one that ends in `*` stands for every key that begins so.
    pub key: &'static str,
    /// The clouds that read it; empty when it belongs to none.
    pub clouds: Vec<Cloud>,
    pub kind: AnnotationKind,
    pub values: Values,
    internal: InternalWhen,
    pub on_wrong: OnWrong,
    pub deprecated: bool,
    /// What to write instead: a key, a field of the spec, or a key that ends in `*`.
    pub replacement: Option<&'static str>,
    /// What another annotation must say for this one to be read.
    pub when: Option<Condition>,
    pub certainty: Certainty,
    pub source: &'static str,
}

/// What an annotation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnnotationKind {
    /// Makes the balancer internal or public.
    Internal,
    /// Chooses the controller or the sort of balancer.
    Controller,
    Subnet,
    /// Names an address pool.
    Pool,
    Address,
    IdleTimeout,
    SourceRanges,
    Security,
    /// Puts a PROXY header before the data, which Redis does not understand.
    ProxyProtocol,
    HealthCheck,
    /// Read on an Ingress, without effect on the balancer of a Service.
    IngressOnly,
    ExternalDns,
    Other,
}

/// What another annotation of the Service says, or does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    pub key: &'static str,
    pub value: &'static str,
    /// Whether it must be this value, or must not.
    pub is: bool,
}

/// What a value does that the annotation does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnWrong {
    /// As if the annotation were not there: a public balancer where that is the default.
    Open,
    /// An error, and no balancer.
    Closed,
    /// It counts as internal.
    Internal,
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum InternalWhen {
    /// The annotation alone does not tell.
    Unsaid,
    /// Whatever it says.
    Any,
    True,
    OneOf(Vec<&'static str>),
    AnyBut(&'static str),
}

impl Annotation {
    /// Whether the row is about this key.
    pub fn covers(&self, key: &str) -> bool {
        match self.key.strip_suffix('*') {
            Some(beginning) => key.starts_with(beginning),
            None => self.key == key,
        }
    }

    /// Whether the annotation takes this value. JSON and text are not looked into.
    pub fn takes(&self, value: &str) -> bool {
        self.values.take(value)
    }

    /// The seconds that this value says; none where the annotation says no length of time, or not by its value alone.
    pub fn seconds(&self, value: &str) -> Option<f64> {
        self.values.seconds(value)
    }

    /// Whether this value makes the balancer internal; none where the annotation does not decide it, or not by its
    /// value alone.
    pub fn makes_internal(&self, value: &str) -> Option<bool> {
        match &self.internal {
            InternalWhen::Unsaid => None,
            InternalWhen::Any => Some(!value.is_empty()),
            InternalWhen::True => Some(parse_bool(value) == Some(true)),
            InternalWhen::OneOf(values) => Some(values.contains(&value)),
            InternalWhen::AnyBut(public) => Some(!value.is_empty() && value != *public),
        }
    }

    /// The plainest value that makes the balancer internal, where the annotation names its values.
    pub fn internal_value(&self) -> Option<&'static str> {
        match &self.values {
            Values::OneOf(values) => values.iter().copied().find(|value| self.makes_internal(value) == Some(true)),
            Values::Bool if self.internal == InternalWhen::True => Some("true"),
            _ => None,
        }
    }
}

/// Every annotation that is known.
pub fn annotations() -> impl Iterator<Item = &'static Annotation> {
    ROWS.such(|_| true)
}

/// Nearly all values ask for a few of them.
static ROWS: LazyLock<LazyRows<11, Annotation>> = LazyLock::new(|| LazyRows::new(TABLE, read));

const TABLE: Table<11> = table!(
    "src/cloud/annotations.tsv",
    ["key", "clouds", "kind", "values", "internal", "wrong", "status", "replacement", "when", "certainty", "source",]
);

/// What is known of a key: the row of the key itself, or else of its longest beginning.
pub fn annotation(key: &str) -> Option<&'static Annotation> {
    let covering = || {
        let begins = |row: &str| row.strip_suffix('*').is_some_and(|beginning| key.starts_with(beginning));
        ROWS.such(begins).max_by_key(|row| row.key.len())
    };
    ROWS.such(|row| row == key).next().or_else(covering)
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
            _ => return Err(format!("`{status}` is no status")),
        },
        replacement: optional(replacement),
        when: optional(when).map(read_condition).transpose()?,
        certainty: word(certainty)?,
        source: filled(source)?,
    })
}

fn read_condition(cell: &'static str) -> Result<Condition, String> {
    let (key, value) = cell.split_once('=').ok_or_else(|| format!("`{cell}` is no condition"))?;
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
            _ => return Err(format!("`{cell}` says nothing of internal")),
        },
    })
}
