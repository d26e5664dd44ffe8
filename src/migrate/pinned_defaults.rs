//! Defaults that the newer chart has otherwise, said as they were.

use crate::{
    chart::{self, Chart},
    yaml::{
        Path, Value,
        edit::{self, Edit, EditError},
    },
};

/// A default to be said.
#[derive(Debug, Clone, PartialEq)]
pub struct PinnedDefault {
    /// In the keys of the newer chart.
    pub path: Path,
    /// What the older chart did.
    pub value: Value,
}

/// The default with which a key came that the older chart does not have, where it is another one by now: mostly it came
/// so that nothing changed.
pub fn first_default(path: &str, from: &Chart, to: &Chart) -> Option<Value> {
    let history = chart::key_history(path).into_iter();
    let mut on_the_way = history.filter(|(since, _, _)| since > from.version() && since <= to.version());
    let (_, _, first) = on_the_way.next()?;
    let now = to.key(path)?.default;
    first.default.filter(|default| now.as_ref() != Some(default))
}

/// Says defaults in a text of values that stand at `at`, each with where it comes from.
///
/// # Errors
///
/// When the text does not allow it: then nothing is changed.
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
