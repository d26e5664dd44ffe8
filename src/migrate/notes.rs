//! What a person can do where the chart has no key any more.

/// Keys with what takes their place; source in the file.
const ROWS: &str = include_str!("notes.tsv");

/// What to do about a key of the catalogue that is gone, by the key as the older chart calls it.
pub fn note(key: &str) -> Option<&'static str> {
    let mut rows = ROWS.lines().filter(|row| !row.starts_with('#')).map(|row| row.split('\t'));
    rows.find_map(|mut row| (row.next() == Some(key)).then(|| row.next()).flatten())
}
