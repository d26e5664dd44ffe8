//! The defaults of keys that the older chart does not have, with their effects.

use std::fmt::Write as _;

use super::{Report, words};
use crate::{
    chart::{self, NewDefault},
    diff::Change,
    escape::one_line,
    report::{
        Color,
        diff::{Painter, effect as of_effect, flow},
    },
    yaml::Path,
};

/// The effect of a new key's default, for the middle of a sentence. `None` if the default has no effect.
pub(super) fn effect(report: &Report, change: &Change) -> Option<String> {
    let (None, Some(now)) = (&change.old.value, &change.new.value) else { return None };
    if let Some(limits) = of_preset(report, &change.new.path) {
        return Some(limits);
    }
    let (topology, from) = (report.compared.new.topology, report.migrated.from.version());
    match chart::new_default(&change.new.path, now, topology, from) {
        Some(NewDefault { effect, before: _ }) => effect.map(str::to_owned),
        None => {
            let effects: Vec<&str> =
                change.effects().iter().map(|effect| of_effect(effect, &change.old.path)).collect();
            (!effects.is_empty()).then(|| effects.join(", "))
        }
    }
}

/// The limits that a resource preset sets.
fn of_preset(report: &Report, path: &Path) -> Option<String> {
    let container = path.parent()?;
    let is_preset = path.last() == Path::of(["resourcesPreset"]).last();
    let limits: Vec<_> = report.limits.iter().filter(|limit| is_preset && limit.container == container).collect();
    (!limits.is_empty()).then(|| {
        let each: Vec<_> = limits.iter().map(|limit| format!("{} limit {}", limit.resource, limit.now)).collect();
        each.join(", ")
    })
}

/// The defaults of new keys as text. Empty if there are none.
///
/// Defaults with an effect get a line each, and equal defaults of several maps share a line. Other keys are only named.
pub(super) fn in_words(report: &Report, color: Color) -> String {
    let mut with_effect: Vec<(String, String, Vec<String>)> = Vec::new();
    let mut without_effect: Vec<String> = Vec::new();
    for change in report.defaults() {
        let (None, Some(now)) = (&change.old.value, &change.new.value) else { continue };
        let path = words::display_path(&change.new.path);
        let Some(effect) = effect(report, change) else {
            without_effect.push(path);
            continue;
        };
        let (above, end) = split_first(&path);
        let setting = format!("{end}: {}", one_line(&flow(now)));
        match with_effect.iter_mut().find(|(known, what, _)| *known == setting && *what == effect) {
            Some((.., paths)) => paths.push(above.to_owned()),
            None => with_effect.push((setting, effect, vec![above.to_owned()])),
        }
    }
    let mut text = String::new();
    // Writing to a string cannot fail.
    if !with_effect.is_empty() {
        let _ = writeln!(text, "\n{}", Painter(color).head("new keys whose defaults change the release:"));
    }
    for (setting, effect, above) in with_effect {
        let of: Vec<&str> = above.iter().map(String::as_str).filter(|above| !above.is_empty()).collect();
        let of = if of.is_empty() { String::new() } else { format!(" ({})", of.join(", ")) };
        let _ = writeln!(text, "  {setting}{of}: {effect}");
    }
    if !without_effect.is_empty() {
        let _ = writeln!(text, "\nnew keys whose defaults change nothing: {}", without_effect.join(", "));
    }
    text
}

/// The first step of a path and the rest: `master` and `pdb.create`.
fn split_first(path: &str) -> (&str, &str) {
    path.split_once('.').unwrap_or(("", path))
}
