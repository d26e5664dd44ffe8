//! The redisgen command, and a values file of the size of a copied `values.yaml`.

use std::{path::Path, process::Command};

use redisgen::{
    chart::{self, Chart},
    yaml::{Map, Notes, Path as Key, emit},
};

const REDISGEN: &str = env!("CARGO_BIN_EXE_redisgen");

/// Size of the file in bytes.
const LARGE: usize = 106_000;

/// Defaults of the newest chart, with comments up to the size of a copied `values.yaml`.
pub fn large_values() -> String {
    large_values_of(&Chart::at(&chart::newest()).expect("it is embedded"))
}

/// Defaults of a chart, with comments up to the size of a copied `values.yaml`.
pub fn large_values_of(chart: &Chart) -> String {
    let (mut values, mut notes) = (Map::new(), Notes::new());
    let mut keys: Vec<_> = chart.keys().filter(|key| key.declared).collect();
    keys.sort_by_key(|key| key.rank);
    for key in &keys {
        let path: Key = key.path.parse().expect("keys have paths");
        if let Some(default) = key.default {
            // The children of an open map are in the list, too, and cannot be inserted below every default.
            let _ = values.insert_at(&path, default.clone());
        }
    }
    let bare = emit(&values, &Notes::new()).len();
    let each = LARGE.saturating_sub(bare) / keys.len().max(1);
    for key in &keys {
        let path: Key = key.path.parse().expect("keys have paths");
        let comment = format!("@param {} what it does in so many words ", key.path);
        notes.above(&path, &comment.repeat(1 + each / comment.len()).chars().take(each).collect::<String>());
    }
    emit(&values, &notes)
}

/// Command without the user's own profiles and charts.
pub fn redisgen(scratch: &Path) -> Command {
    let mut command = Command::new(REDISGEN);
    command.current_dir(scratch).env("REDISGEN_CONFIG_DIR", scratch).env("REDISGEN_DATA_DIR", scratch);
    command
}
