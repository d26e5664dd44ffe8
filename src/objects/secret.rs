//! The Secrets that the pods of a release read.

use super::{
    model::{Secret, SecretSource},
    part::Part,
};

/// The Secret of a part, made by the chart or by the user. `None` if no pod reads it.
pub(super) fn of(part: &Part) -> Option<Secret> {
    let name = part.text("reads")?;
    let from = match part.text("from")?.as_str() {
        "chart" => SecretSource::Chart,
        "random" => SecretSource::ChartRandom,
        _ => SecretSource::You,
    };
    let mut keys: Vec<String> = Vec::new();
    // Either the keys of a Secret of the user, or those that the chart writes.
    for text in part.texts("key") {
        keys.extend(text.split(',').filter(|key| !key.is_empty()).map(str::to_owned));
    }
    Some(Secret { name, keys, from, holds: part.text("holds").unwrap_or_default() })
}
