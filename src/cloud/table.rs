//! The tables of facts: a row a line, cells between tabs, `#` begins a line of comment.

use std::sync::OnceLock;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error;

/// Reads a table of `N` columns.
///
/// The tables are part of the program and every row is read by the tests, so that a row which cannot be read ends the
/// program with its place.
pub(super) fn load<const N: usize, T>(
    file: &str,
    text: &'static str,
    read: impl Fn([&'static str; N]) -> Result<T, String>,
) -> Vec<T> {
    lines(text).map(|line| line.read(file, &read)).collect()
}

/// The rows of a table by their first cell, each read when it is first asked for.
pub(super) struct Lazy<const N: usize, T> {
    file: &'static str,
    read: fn([&'static str; N]) -> Result<T, String>,
    /// Small where nothing is read: nearly all rows never are.
    rows: Vec<(Line, OnceLock<Box<T>>)>,
}

impl<const N: usize, T> Lazy<N, T> {
    /// Splits the table into its rows, and reads none; rows that cannot be read end the program as in [`load`].
    pub fn new(file: &'static str, text: &'static str, read: fn([&'static str; N]) -> Result<T, String>) -> Self {
        Self { file, read, rows: lines(text).map(|line| (line, OnceLock::new())).collect() }
    }

    /// The rows whose first cell is `wanted`, in order.
    pub fn such(&self, wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = &T> {
        let found = self.rows.iter().filter(move |(line, _)| wanted(line.key));
        found.map(|(line, row)| &**row.get_or_init(|| Box::new(line.read(self.file, self.read))))
    }
}

/// A line of a table that is no comment.
struct Line {
    /// From 1.
    number: usize,
    key: &'static str,
    text: &'static str,
}

fn lines(text: &'static str) -> impl Iterator<Item = Line> {
    let written = text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    written.map(|(at, text)| {
        let key = text.split_once('\t').map_or(text, |(key, _)| key);
        Line { number: at + 1, key, text }
    })
}

impl Line {
    fn read<const N: usize, T>(&self, file: &str, read: impl Fn([&'static str; N]) -> Result<T, String>) -> T {
        let cells: Vec<&'static str> = self.text.split('\t').collect();
        let row = <[&'static str; N]>::try_from(cells)
            .map_err(|cells| format!("{} cells instead of {N}", cells.len()))
            .and_then(read);
        row.unwrap_or_else(|why| panic!("{file}:{}: {why}", self.number))
    }
}

/// A cell with one of our words in it.
pub(super) fn word<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, String> {
    T::deserialize(text.into_deserializer()).map_err(|error: Error| error.to_string())
}

/// A cell with words between `separator`.
pub(super) fn words<'de, T: Deserialize<'de>>(text: &'de str, separator: char) -> Result<Vec<T>, String> {
    text.split(separator).map(word).collect()
}

/// A cell that is empty when it says `-`.
pub(super) fn optional(text: &'static str) -> Option<&'static str> {
    (text != "-").then_some(text)
}

/// A cell that must not be empty.
pub(super) fn filled(text: &'static str) -> Result<&'static str, String> {
    if text.trim().is_empty() { Err("empty cell".to_owned()) } else { Ok(text) }
}

pub(super) fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("`{text}` is no number"))
}
