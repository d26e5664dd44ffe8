//! The tables of facts: a row a line, cells between tabs, `#` begins a line of comment.

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error;

/// Reads a table of `N` columns.
pub(super) fn load<const N: usize, T>(
    file: &str,
    text: &'static str,
    read: impl Fn([&'static str; N]) -> Result<T, String>,
) -> Vec<T> {
    load_where(file, text, |_| true, read)
}

/// Reads those rows of a table whose first cell is `wanted`.
///
/// The tables are part of the program and every row is read by the tests, so that a row which cannot be read ends the
/// program with its place.
pub(super) fn load_where<const N: usize, T>(
    file: &str,
    text: &'static str,
    wanted: impl Fn(&str) -> bool,
    read: impl Fn([&'static str; N]) -> Result<T, String>,
) -> Vec<T> {
    let numbered = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .filter(|(_, line)| wanted(line.split('\t').next().unwrap_or_default()));
    let rows = numbered.map(|(number, line)| {
        let cells: Vec<&'static str> = line.split('\t').collect();
        let row = <[&'static str; N]>::try_from(cells)
            .map_err(|cells| format!("{} cells instead of {N}", cells.len()))
            .and_then(&read);
        row.unwrap_or_else(|why| panic!("{file}:{}: {why}", number + 1))
    });
    rows.collect()
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
