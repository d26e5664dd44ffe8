//! Driver template: renders other templates with different settings, and writes a digest of each result.
//!
//! One Helm process renders many variants. The copy of the chart has one more template, and each line of it includes
//! a template of the chart with a copy of the values and additional settings. Each variant has its own values of all
//! kinds, including `global`, and the chart is loaded and parsed only once.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::{
    probe::{MARKER, marked},
    render_cache::{TemplateOutput, Unit},
};

/// Path of the driver template in the folder of the copy.
pub const TEMPLATE: &str = "templates/redisgen-measure.yaml";

/// Path of the helper template that the driver calls.
pub const HELPER: &str = "templates/_redisgen-measure.tpl";

/// Key of the values that the driver reads.
const VALUES: &str = "redisgenMeasure";

/// Kind of the document that each line writes.
const KIND: &str = "RedisgenMeasure";

/// Text of [`HELPER`] for a chart with this name.
///
/// Blank lines and line ends in the output of a template are ignored. Each line works on its own copy of the values,
/// because a helper of the chart modifies them.
pub(super) fn helper(chart: &str) -> String {
    let text = include_str!("driver.tpl");
    text.replace("@chart", chart)
        .replace("@values", VALUES)
        .replace("@kind", KIND)
        .replace("@marker", &MARKER.replace('\\', "\\\\"))
}

/// Wraps a template to write nothing when Helm renders it directly.
pub(super) fn only_with_settings(text: &str) -> String {
    format!("{{{{- if hasKey . \"{VALUES}\" }}}}\n{text}\n{{{{- end }}}}\n")
}

/// Text of [`TEMPLATE`] for these units. Each unit has its own line: the line number in an error identifies the unit.
pub fn template(units: &[Unit]) -> String {
    let mut text = String::new();
    for at in 0..units.len() {
        let _ = writeln!(text, "{{{{ include \"redisgen.measure\" (list $ {at}) }}}}");
    }
    text
}

/// Text of the values file for these units.
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

/// Parses the output for `units` units. `None` if Helm wrote something unexpected.
pub fn read(output: &str, units: usize) -> Option<Vec<TemplateOutput>> {
    let mut made = vec![None; units];
    for line in output.lines().filter(|line| line.starts_with('{')) {
        let Ok(Json::Object(document)) = serde_json::from_str(line) else { continue };
        if document.get("kind").and_then(Json::as_str) != Some(KIND) {
            continue;
        }
        let at = usize::try_from(document.get("at")?.as_u64()?).ok()?;
        let digest = document.get("digest")?.as_str()?.to_owned();
        let found = document.get("marked")?.as_array()?.iter().filter_map(Json::as_str);
        *made.get_mut(at)? = Some(TemplateOutput { digest, marked: marked(found) });
    }
    made.into_iter().collect()
}

/// Index of the unit of a Helm error, from the line of [`TEMPLATE`] in the message.
pub fn failed(error: &str, units: usize) -> Option<usize> {
    let (_, after) = error.split_once(&format!("{TEMPLATE}:"))?;
    let digits = after.split(|c: char| !c.is_ascii_digit()).next()?;
    let at = digits.parse::<usize>().ok()?.checked_sub(1)?;
    (at < units).then_some(at)
}
