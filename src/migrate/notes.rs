//! Advice for keys that a newer chart removed without a replacement.

use crate::table::{Table, table};

/// Advice by key.
const NOTES: Table<3> = table!("src/migrate/notes.tsv", ["key", "what to do", "source"]);

/// Advice for a removed key of the catalogue, by the key of the older chart.
pub fn note(key: &str) -> Option<&'static str> {
    NOTES.row(key).map(|[_, note, _]| note)
}
