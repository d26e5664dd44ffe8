//! Secrets of a text that is not valid YAML, found line by line.

use std::ops::Range;

use super::{key::is_secret_key, line};

/// Ranges of the secrets. Each range is within one line.
pub(super) fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    // Indentation of the current secret key. Lines that are indented deeper belong to it.
    let mut inside: Option<usize> = None;
    // Whether the lines of a private key continue.
    let mut in_key = false;
    // Whether the previous line is followed by a password.
    let mut open = false;
    for whole in text.split_inclusive('\n') {
        let line = whole.trim();
        let at = start + whole.len() - whole.trim_start().len();
        let indent = at - start;
        start += whole.len();
        if line.is_empty() {
            continue;
        }
        if line.contains(line::PRIVATE_KEY) {
            in_key = line.contains("BEGIN");
            found.push(at..at + line.len());
            continue;
        }
        if in_key || inside.is_some_and(|depth| indent > depth) || open {
            found.push(at..at + line.len());
            open = false;
            continue;
        }
        line::secrets(line, at, &mut found);
        let value = find_secret_value(line);
        inside = value.is_some().then_some(indent);
        if let Some(value) = value.filter(|value| !is_not_secret(&line[*value..])) {
            found.push(at + value..at + line.len());
        }
        let argument = line.trim_start_matches(['-', ' ', '"', '\'']);
        let argument = &line[line.len() - argument.len()..];
        open = line::ends_open(line)
            || line::asks_for_one(line.trim_start_matches("- ").trim_matches(['"', '\'']))
            || argument.strip_prefix("name:").is_some_and(is_secret_key);
    }
    found
}

/// Whether the value is not secret: empty, a boolean, or a reference to its source.
fn is_not_secret(value: &str) -> bool {
    matches!(value, "" | "true" | "false" | "null" | "~") || line::is_reference(value)
}

/// Offset of the value of the first key in the line that is named like a secret.
fn find_secret_value(line: &str) -> Option<usize> {
    line.match_indices(':').find_map(|(colon, _)| {
        let ahead = line[..colon].trim_end_matches([' ', '"', '\'']);
        let name = ahead.rsplit([' ', '"', '\'', '{', ',', '[', '\t']).next().unwrap_or_default();
        let behind = &line[colon + 1..];
        is_secret_key(name).then(|| line.len() - behind.trim_start().len())
    })
}
