//! Which values repeat what the chart takes anyway.

use crate::{
    chart::Chart,
    yaml::{Path, Value},
};

/// Whether a value at a path says what the chart takes where nothing is said; of a text with comments only the
/// directives count.
pub fn repeats(chart: &Chart, path: &Path, value: &Value) -> bool {
    let Some(key) = chart.key(&path.to_string()) else { return false };
    match (value, key.default) {
        // Of a text with comments only the directives are known.
        (Value::String(written), Some(Value::String(default))) if key.text => {
            directives(written).eq(directives(&default))
        }
        (written, Some(default)) => *written == default,
        (Value::Map(written), None) => written.iter().all(|(name, value)| repeats(chart, &path.key(name), value)),
        _ => false,
    }
}

/// The lines of a configuration that are no comments.
fn directives(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}
