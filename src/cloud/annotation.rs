//! What is known of single annotations, also of those that redisgen never writes. The facts are in `annotations.tsv`.

use super::table::{filled, load, number, optional, word, words};
use super::{Certainty, Cloud};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;
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

/// What an annotation takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values {
    Text,
    Json,
    /// As Go reads it: `60s`, `10m`, `1h30m`.
    Duration,
    /// As Go's `ParseBool` reads it.
    Bool,
    Int(RangeInclusive<u64>),
    /// These and no others, in this case.
    OneOf(Vec<&'static str>),
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
        match &self.values {
            Values::Text | Values::Json => !value.is_empty(),
            Values::Duration => is_duration(value),
            Values::Bool => parse_bool(value).is_some(),
            Values::Int(range) => value.parse().is_ok_and(|number| range.contains(&number)),
            Values::OneOf(values) => values.contains(&value),
        }
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
}

/// Every annotation that is known.
pub fn annotations() -> &'static [Annotation] {
    static ROWS: LazyLock<Vec<Annotation>> =
        LazyLock::new(|| load("annotations.tsv", include_str!("annotations.tsv"), read));
    &ROWS
}

/// What is known of a key: the row of the key itself, or else of its longest beginning.
pub fn annotation(key: &str) -> Option<&'static Annotation> {
    let exact = annotations().iter().find(|row| row.key == key);
    exact.or_else(|| annotations().iter().filter(|row| row.covers(key)).max_by_key(|row| row.key.len()))
}

fn parse_bool(value: &str) -> Option<bool> {
    match value {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// Whether Go's `ParseDuration` reads it as a length of time that is not negative.
fn is_duration(value: &str) -> bool {
    const UNITS: [&str; 7] = ["ns", "us", "µs", "ms", "s", "m", "h"];
    let mut rest = value;
    while !rest.is_empty() {
        let after = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let amount = &rest[..rest.len() - after.len()];
        let unit = &after[..after.len() - after.trim_start_matches(char::is_alphabetic).len()];
        if amount.parse::<f64>().is_err() || !UNITS.contains(&unit) {
            return value == "0";
        }
        rest = &after[unit.len()..];
    }
    !value.is_empty()
}

fn read(cells: [&'static str; 10]) -> Result<Annotation, String> {
    let [key, clouds, kind, values, internal, on_wrong, status, replacement, certainty, source] = cells;
    Ok(Annotation {
        key: filled(key)?,
        clouds: if clouds == "*" { Vec::new() } else { words(clouds, ',')? },
        kind: word(kind)?,
        values: read_values(filled(values)?)?,
        internal: read_internal(internal)?,
        on_wrong: word(on_wrong)?,
        deprecated: match status {
            "current" => false,
            "deprecated" => true,
            _ => return Err(format!("`{status}` is no status")),
        },
        replacement: optional(replacement),
        certainty: word(certainty)?,
        source: filled(source)?,
    })
}

fn read_values(cell: &'static str) -> Result<Values, String> {
    Ok(match cell {
        "text" => Values::Text,
        "json" => Values::Json,
        "duration" => Values::Duration,
        "bool" => Values::Bool,
        _ => match cell.strip_prefix("int:") {
            Some(range) => {
                let (from, to) = range.split_once("..").ok_or_else(|| format!("`{range}` is no range"))?;
                Values::Int(number(from)?..=number(to)?)
            }
            None => Values::OneOf(cell.split('|').collect()),
        },
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
