//! The number of threads for a command.

use std::{num::NonZero, thread};

/// As many as rayon uses, without a start of its threads.
pub(super) fn count() -> usize {
    let wanted = std::env::var("RAYON_NUM_THREADS").ok().and_then(|text| text.parse().ok()).filter(|count| *count > 0);
    wanted.unwrap_or_else(|| thread::available_parallelism().map_or(1, NonZero::get))
}
