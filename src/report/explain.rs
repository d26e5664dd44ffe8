//! Renders the page of a rule and the history of a key.

mod json;
mod text;

use crate::{chart::Chart, explain::KeyHistory, lint::Rule};

/// The format of an explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Text,
    Json,
}

/// The page of a rule as text, with bold headings, folded at `width` columns.
pub fn page(rule: &Rule, width: Option<usize>) -> String {
    text::page(rule, width)
}

/// The history of a key, and the options of `redisgen values` that set the key.
///
/// With `narrow`, the text shows only the events next to the version of the chart.
pub fn key_history(history: &KeyHistory, chart: &Chart, narrow: bool, flags: &[String], format: Format) -> String {
    match format {
        Format::Text => text::key_history(history, chart, narrow, flags),
        Format::Json => format!("{:#}\n", json::key_history(history, chart, flags)),
    }
}
