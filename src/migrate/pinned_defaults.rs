//! Sets old defaults in the values, because the new chart has other defaults.

use crate::{
    chart::{self, Chart},
    yaml::{
        Path, Value,
        edit::{self, Edit, EditError},
    },
};

/// An old default for a key of the new chart.
#[derive(Debug, Clone, PartialEq)]
pub struct PinnedDefault {
    /// The key of the new chart.
    pub path: Path,
    /// The value with the behaviour of the older chart.
    pub value: Value,
}

/// The first default of a key that the older chart does not have. Charts mostly add a key with a default that changes
/// nothing. `None` if the default is still the same.
pub fn first_default(path: &str, from: &Chart, to: &Chart) -> Option<Value> {
    let history = chart::key_history(path).into_iter();
    let mut on_the_way = history.filter(|(since, _, _)| since > from.version() && since <= to.version());
    let (_, _, first) = on_the_way.next()?;
    let now = to.key(path)?.default;
    first.default.filter(|default| now != Some(default)).cloned()
}

/// Sets defaults in a text with values at `at`, each with a comment about its origin.
///
/// # Errors
///
/// When the text does not allow the change. No default is set then.
pub fn pin(text: &str, at: &Path, pins: &[PinnedDefault], from: &Chart) -> Result<String, EditError> {
    let comment = format!("as chart {} has it by default", from.version());
    let insert = |pin: &PinnedDefault| Edit::Insert {
        path: at.join(&pin.path),
        value: pin.value.clone(),
        comment: Some(comment.clone()),
    };
    edit::apply(text, &pins.iter().map(insert).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_came_quietly_has_a_first_default() {
        let chart = |version: &str| Chart::at(&version.parse().unwrap()).unwrap();
        let first = |path: &str| first_default(path, &chart("18.0.0"), &chart("23.1.1"));
        assert_eq!(first("master.resourcesPreset"), Some(Value::from("none")));
        assert_eq!(first("architecture"), None);
        assert_eq!(first("networkPolicy.metrics.allowExternal"), None);
    }
}
