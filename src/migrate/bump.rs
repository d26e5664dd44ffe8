//! The chart version, set where it is named beside the values.

use super::FileError;
use crate::{
    chart::{Chart, Requirement},
    source::{ChartDependency, Charts, ValuesBlock},
    yaml::{
        Document, Kind, Path, Style, Value,
        edit::{self, Edit},
    },
};

/// A `Chart.yaml` or `requirements.yaml` that asks for another version of the chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bumped {
    pub text: String,
    /// What it asked for before, and what it asks for after.
    pub versions: Vec<(String, String)>,
}

/// Sets the version in each manifest of a text that hands values to the chart; `places` finds them in a text.
///
/// # Errors
///
/// When the text does not allow it.
pub(super) fn bump_manifests(
    text: &str,
    places: &dyn Fn(&str) -> Result<Vec<ValuesBlock>, FileError>,
    to: &Chart,
    charts: &Charts,
) -> Result<String, FileError> {
    let mut text = text.to_owned();
    let count = places(&text)?.len();
    for at in 0..count {
        // What was set before has moved what is set now.
        let all = places(&text)?;
        let Some((inset, path)) = all.get(at).and_then(|part| part.version_at.as_ref()) else { continue };
        let inner = said_anew(&inset.text, path, to, charts)
            .map_err(|why| FileError::Text(format!("the version at `{path}`: {why}")))?;
        text = inset.put_back(&text, &inner).unwrap_or(text);
    }
    Ok(text)
}

/// Sets the version that a `Chart.yaml` or `requirements.yaml` asks for, of each dependency in `asked`.
///
/// # Errors
///
/// When the text does not allow it.
pub fn bump_dependencies(text: &str, asked: &[ChartDependency], to: &Chart, charts: &Charts) -> Result<Bumped, String> {
    let mut bumped = Bumped { text: text.to_owned(), versions: Vec::new() };
    for asked in asked {
        bumped.text = said_anew(&bumped.text, &asked.version_at, to, charts)?;
        let versions = (asked.version.clone(), reworded(&asked.version, to, charts));
        if !bumped.versions.contains(&versions) {
            bumped.versions.push(versions);
        }
    }
    Ok(bumped)
}

/// A text with the version of the chart at a path.
fn said_anew(text: &str, path: &Path, to: &Chart, charts: &Charts) -> Result<String, String> {
    let document = Document::parse(text).map_err(|error| error.to_string())?;
    let old = document.find(path).map(|found| document.node(found.value));
    let written = old.and_then(|node| match &node.kind {
        Kind::Scalar { text, style } => Some((text, *style, node.span)),
        _ => None,
    });
    let new = reworded(written.map_or("", |(text, ..)| text), to, charts);
    if written.is_some_and(|(text, ..)| *text == new) {
        return Ok(text.to_owned());
    }
    let edited = edit::apply(text, &[Edit::Set { path: path.clone(), value: Value::from(new.as_str()) }])
        .map_err(|error| error.to_string())?;
    // An edit puts quotes around what some reader takes for a number: none are wanted where none stood.
    let Some((_, Style::Plain, span)) = written else { return Ok(edited) };
    let plain = format!("{}{new}{}", &text[..span.start], &text[span.end..]);
    Ok(if means(&plain) == means(&edited) { plain } else { edited })
}

/// The version in the words of what asked for another one, as `^23` for `^17`; exactly where they mean another one,
/// and as they are where they mean this one.
fn reworded(old: &str, to: &Chart, charts: &Charts) -> String {
    let old = old.trim();
    let means_it = |text: &str| {
        // The newest is meant.
        let text = if ["", "*", "x", "X"].contains(&text) { ">=0.0.0" } else { text };
        let wanted = text.parse::<Requirement>();
        wanted.is_ok_and(|wanted| charts(&wanted).is_ok_and(|chart| chart.version() == to.version()))
    };
    if means_it(old) {
        return old.to_owned();
    }
    in_form(old, to).filter(|new| means_it(new)).unwrap_or_else(|| to.version().to_string())
}

/// What a text of one document means.
fn means(text: &str) -> Option<Value> {
    let document = Document::parse(text).ok()?;
    document.value(*document.documents().first()?).ok()
}

/// The version with the sign and as many numbers as stood there.
fn in_form(old: &str, to: &Chart) -> Option<String> {
    let (sign, numbers) = old.split_at(old.find(|c: char| c.is_ascii_digit())?);
    let to = to.version();
    let new = numbers.split('.').zip([to.major, to.minor, to.patch]).map(|(part, number)| match part {
        "x" | "X" | "*" => Some(part.to_owned()),
        part => part.bytes().all(|b| b.is_ascii_digit()).then(|| number.to_string()),
    });
    let new: Vec<String> = new.collect::<Option<_>>()?;
    ["", "^", "~", "=", "v"].contains(&sign.trim()).then(|| format!("{sign}{}", new.join(".")))
}
