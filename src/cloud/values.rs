//! Valid values of annotations, parsed from `annotations.tsv`.

use crate::table::number;
use std::ops::RangeInclusive;

/// The valid values of an annotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values {
    Text,
    Json,
    /// A duration of Go: `60s`, `10m`, `1h30m`.
    Duration,
    /// A value that Go's `ParseBool` accepts.
    Bool,
    /// True or false, in upper or lower case.
    Switch,
    Int(RangeInclusive<u64>),
    /// A number of this unit, without the unit.
    Time(RangeInclusive<u64>, Unit),
    /// Exactly these values, in this case.
    OneOf(Vec<&'static str>),
}

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Milliseconds,
    Seconds,
    Minutes,
}

impl Values {
    /// Parses a cell of the table.
    pub(super) fn read(cell: &'static str) -> Result<Self, String> {
        Ok(match cell {
            "text" => Values::Text,
            "json" => Values::Json,
            "duration" => Values::Duration,
            "bool" => Values::Bool,
            "switch" => Values::Switch,
            _ => match cell.split_once(':') {
                Some(("int", range)) => Values::Int(read_range(range)?),
                Some(("ms", range)) => Values::Time(read_range(range)?, Unit::Milliseconds),
                Some(("s", range)) => Values::Time(read_range(range)?, Unit::Seconds),
                Some(("min", range)) => Values::Time(read_range(range)?, Unit::Minutes),
                _ => Values::OneOf(cell.split('|').collect()),
            },
        })
    }

    /// Whether the value is valid. JSON and text are not checked.
    pub(super) fn take(&self, value: &str) -> bool {
        match self {
            Self::Text | Self::Json => !value.is_empty(),
            Self::Duration => duration(value).is_some(),
            Self::Bool => parse_bool(value).is_some(),
            Self::Switch => value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false"),
            Self::Int(range) | Self::Time(range, _) => value.parse().is_ok_and(|number| range.contains(&number)),
            Self::OneOf(values) => values.contains(&value),
        }
    }

    /// The value in seconds; none if the value is not a duration.
    pub(super) fn seconds(&self, value: &str) -> Option<f64> {
        match self {
            Self::Time(_, unit) => Some(value.parse::<u64>().ok()? as f64 * unit.seconds()),
            Self::Duration => duration(value),
            _ => None,
        }
    }
}

impl std::fmt::Display for Values {
    /// Continues a sentence: `expected ...`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text => f.write_str("a text"),
            Self::Json => f.write_str("JSON"),
            Self::Duration => f.write_str("a duration such as `60s` or `10m`"),
            Self::Bool | Self::Switch => f.write_str("`true` or `false`"),
            Self::Int(range) => write!(f, "a number from {} to {}", range.start(), range.end()),
            Self::Time(range, unit) => {
                write!(f, "a number of {} from {} to {}", unit.plural(), range.start(), range.end())
            }
            Self::OneOf(values) => {
                let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
                f.write_str(&values.join(" or "))
            }
        }
    }
}

impl Unit {
    const fn seconds(self) -> f64 {
        match self {
            Self::Milliseconds => 0.001,
            Self::Seconds => 1.0,
            Self::Minutes => 60.0,
        }
    }

    const fn plural(self) -> &'static str {
        match self {
            Self::Milliseconds => "milliseconds",
            Self::Seconds => "seconds",
            Self::Minutes => "minutes",
        }
    }
}

fn read_range(cell: &'static str) -> Result<RangeInclusive<u64>, String> {
    let (from, to) = cell.split_once("..").ok_or_else(|| format!("`{cell}` is not a range"))?;
    Ok(number(from)?..=number(to)?)
}

/// A value that Go's `ParseBool` accepts.
pub(super) fn parse_bool(value: &str) -> Option<bool> {
    match value {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// The seconds of a duration, as Go's `ParseDuration` reads it; none for a negative duration.
fn duration(value: &str) -> Option<f64> {
    const UNITS: [(&str, f64); 7] =
        [("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
    let (mut rest, mut seconds) = (value, 0.0);
    while !rest.is_empty() {
        let after = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let amount = &rest[..rest.len() - after.len()];
        let unit = &after[..after.len() - after.trim_start_matches(char::is_alphabetic).len()];
        let known = UNITS.iter().find(|(name, _)| *name == unit);
        let (Ok(amount), Some((_, length))) = (amount.parse::<f64>(), known) else {
            return (value == "0").then_some(0.0);
        };
        seconds += amount * length;
        rest = &after[unit.len()..];
    }
    (!value.is_empty()).then_some(seconds)
}
