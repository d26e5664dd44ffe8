//! The template that renders other templates, each with settings of its own, and what it writes.
//!
//! One process of Helm renders many variants: the chart is copied with one more template, each line of which includes
//! a template of the chart with a copy of the values over which settings are laid. So each variant has its own values
//! of all kinds, `global` too, and the chart is read and parsed once.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::{
    memo::{Made, Unit},
    probe::{MARKER, marked},
};

/// Where the template lies in the copy, below the folder of the chart.
pub const TEMPLATE: &str = "templates/redisgen-measure.yaml";

/// The helper that it calls.
pub const HELPER: &str = "templates/_redisgen-measure.tpl";

/// The values that it reads.
const VALUES: &str = "redisgenMeasure";

/// The name of the one document that each line writes.
const KIND: &str = "RedisgenMeasure";

/// The text of [`HELPER`], for a chart of this name.
///
/// Of what a template writes neither blank lines nor the ends of lines count. Each line has a copy of the values of its
/// own: a helper of the chart writes into them.
pub(super) fn helper(chart: &str) -> String {
    let text = include_str!("driver.tpl");
    text.replace("@chart", chart)
        .replace("@values", VALUES)
        .replace("@kind", KIND)
        .replace("@marker", &MARKER.replace('\\', "\\\\"))
}

/// A template that writes nothing where Helm renders it by itself.
pub(super) fn only_with_settings(text: &str) -> String {
    format!("{{{{- if hasKey . \"{VALUES}\" }}}}\n{text}\n{{{{- end }}}}\n")
}

/// The text of [`TEMPLATE`] for these units: one line each, by which an error tells what failed.
pub fn template(units: &[Unit]) -> String {
    let mut text = String::new();
    for at in 0..units.len() {
        let _ = writeln!(text, "{{{{ include \"redisgen.measure\" (list $ {at}) }}}}");
    }
    text
}

/// The values for these units, as a file for Helm.
pub fn values(units: &[Unit], segments: &[Vec<String>], files: &[String]) -> String {
    let mut variants = Vec::new();
    let mut last = None;
    let mut lines = Vec::new();
    for unit in units {
        if last != Some(unit.variant) {
            last = Some(unit.variant);
            let sets = unit.settings.iter().map(|(key, value)| json!({ "p": segments[usize::from(key)], "v": value }));
            variants.push(Json::from_iter(sets));
        }
        let line = json!({
            "v": variants.len() - 1, "f": files[unit.file], "m": unit.is_marked, "upgrade": unit.world.upgrade,
        });
        lines.push(line);
    }
    json!({ VALUES: { "variants": variants, "units": lines } }).to_string()
}

/// What was written of each of so many units; none where Helm wrote something else.
pub fn read(output: &str, units: usize) -> Option<Vec<Made>> {
    let mut made = vec![None; units];
    for line in output.lines().filter(|line| line.starts_with('{')) {
        let Ok(Json::Object(document)) = serde_json::from_str(line) else { continue };
        if document.get("kind").and_then(Json::as_str) != Some(KIND) {
            continue;
        }
        let at = usize::try_from(document.get("at")?.as_u64()?).ok()?;
        let digest = document.get("digest")?.as_str()?.to_owned();
        let found = document.get("marked")?.as_array()?.iter().filter_map(Json::as_str);
        *made.get_mut(at)? = Some(Made { digest, marked: marked(found) });
    }
    made.into_iter().collect()
}

/// The unit that an error of Helm is about: that of the line of [`TEMPLATE`] that it names.
pub fn failed(error: &str, units: usize) -> Option<usize> {
    let (_, after) = error.split_once(&format!("{TEMPLATE}:"))?;
    let digits = after.split(|c: char| !c.is_ascii_digit()).next()?;
    let at = digits.parse::<usize>().ok()?.checked_sub(1)?;
    (at < units).then_some(at)
}
