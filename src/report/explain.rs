//! The page of a rule and the life of a key, shown.

mod json;
mod text;

use crate::{chart::Chart, explain::KeyHistory, lint::Rule};

/// Who reads the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Text,
    Json,
}

/// The page of a rule for a person, with its headings in bold, folded at `width` columns.
pub fn page(rule: &Rule, width: Option<usize>) -> String {
    text::page(rule, width)
}

/// The life of a key, and the flags of `redisgen values` that set the key. With `narrow`, the history for a person has
/// only the events next to the version of the chart.
pub fn life(life: &KeyHistory, chart: &Chart, narrow: bool, flags: &[String], format: Format) -> String {
    match format {
        Format::Text => text::life(life, chart, narrow, flags),
        Format::Json => format!("{:#}\n", json::life(life, chart, flags)),
    }
}
