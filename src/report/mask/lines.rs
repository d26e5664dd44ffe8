//! The secrets of a text that is no YAML, by what its lines give away.

use std::ops::Range;

use super::signs;

/// Where they stand, each on one line.
pub(super) fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    // How far the key of a secret is indented: what follows further in belongs to it.
    let mut inside: Option<usize> = None;
    // Whether the line before has a password follow.
    let mut open = false;
    for whole in text.split_inclusive('\n') {
        let line = whole.trim();
        let at = start + whole.len() - whole.trim_start().len();
        let indent = at - start;
        start += whole.len();
        if line.is_empty() {
            continue;
        }
        if inside.is_some_and(|depth| indent > depth) || open {
            found.push(at..at + line.len());
            open = false;
            continue;
        }
        signs::in_line(line, at, &mut found);
        let value = names_a_secret(line);
        inside = value.is_some().then_some(indent);
        if let Some(value) = value.filter(|value| !line[*value..].is_empty()) {
            found.push(at + value..at + line.len());
        }
        let argument = line.trim_start_matches(['-', ' ', '"', '\'']);
        let argument = &line[line.len() - argument.len()..];
        open = signs::ends_open(line)
            || signs::asks_for_one(line.trim_start_matches("- ").trim_matches(['"', '\'']))
            || argument.strip_prefix("name:").is_some_and(signs::is_secret_name);
    }
    found
}

/// Where the value begins of the first key of the line that is named like that of a secret.
fn names_a_secret(line: &str) -> Option<usize> {
    line.match_indices(':').find_map(|(colon, _)| {
        let ahead = line[..colon].trim_end_matches([' ', '"', '\'']);
        let name = ahead.rsplit([' ', '"', '\'', '{', ',', '[', '\t']).next().unwrap_or_default();
        let behind = &line[colon + 1..];
        signs::is_secret_name(name).then(|| line.len() - behind.trim_start().len())
    })
}
