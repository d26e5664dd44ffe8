//! What a person can do where the chart has no key any more.

use crate::table::{Table, table};

/// Keys with what takes their place.
const NOTES: Table<3> = table!("src/migrate/notes.tsv", ["key", "what to do", "source"]);

/// What to do about a key of the catalogue that is gone, by the key as the older chart calls it.
pub fn note(key: &str) -> Option<&'static str> {
    NOTES.row(key).map(|[_, note, _]| note)
}
