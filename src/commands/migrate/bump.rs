//! The chart version, said anew where it stands beside the values.

use std::{io::Write, path::Path as FilePath};

use anyhow::Context;

use crate::{
    chart::Chart,
    commands::{files, style},
    source::Part,
    yaml::{
        Document, Path, Value,
        edit::{self, Edit},
    },
};

/// Says the version in each manifest of a text that hands values to the chart.
///
/// # Errors
///
/// When the text does not allow it.
pub(super) fn manifests(
    text: &str,
    parts: impl Fn(&str) -> anyhow::Result<Vec<Part>>,
    to: &Chart,
) -> anyhow::Result<String> {
    let mut text = text.to_owned();
    let count = parts(&text)?.len();
    for at in 0..count {
        // What was said before has moved what is said now.
        let all = parts(&text)?;
        let Some((inset, path)) = all.get(at).and_then(|part| part.version_at.as_ref()) else { continue };
        let set = Edit::Set { path: path.clone(), value: Value::from(to.version().to_string()) };
        let inner = edit::apply(&inset.text, &[set]).with_context(|| format!("the version at `{path}`"))?;
        text = inset.put_back(&text, &inner).unwrap_or(text);
    }
    Ok(text)
}

/// Says the version in the Chart.yaml beside a values file, where it depends on the chart.
///
/// # Errors
///
/// When the file does not allow it, or cannot be written.
pub(super) fn chart_file(file: &FilePath, to: &Chart, talk: &mut dyn Write) -> anyhow::Result<()> {
    let Some(folder) = file.parent() else { return Ok(()) };
    for name in ["Chart.yaml", "requirements.yaml"] {
        let chart = folder.join(name);
        let Some(text) = files::read_found(&chart) else { continue };
        let Some(path) = dependency(&text) else { continue };
        let set = Edit::Set { path, value: Value::from(to.version().to_string()) };
        let new = edit::apply(&text, &[set]).with_context(|| files::shown(&chart))?;
        if new != text {
            files::write_whole(&chart, new.as_bytes(), false)?;
            let note = style::note("note:");
            writeln!(
                talk,
                "{note} {} asks for {} now: `helm dependency update` fetches it",
                files::shown(&chart),
                to.version()
            )?;
        }
    }
    Ok(())
}

/// Where a Chart.yaml says the version of the chart that it depends on.
fn dependency(text: &str) -> Option<Path> {
    let document = Document::parse(text).ok()?;
    let list: Path = "dependencies".parse().ok()?;
    let found = document.find(&list)?;
    let Value::List(items) = document.value(found.value).ok()? else { return None };
    let is_ours = |item: &Value| match item {
        Value::Map(item) => item.get("name").and_then(Value::as_str) == Some("redis") && item.contains_key("version"),
        _ => false,
    };
    let at = items.iter().position(is_ours)?;
    Some(list.index(at).key("version"))
}
