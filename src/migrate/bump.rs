//! Sets the new chart version in manifests with values, and in `Chart.yaml`.

use super::{FileError, edited_text::EditedText};
use crate::{
    chart::{Chart, Requirement},
    placeholder,
    source::{ChartDependency, Charts, Hints, repository::Release},
    yaml::{
        Document, Kind, Path, Style, Value,
        edit::{self, Edit},
    },
};

/// A `Chart.yaml` or `requirements.yaml` with the new version of the chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bumped {
    pub text: String,
    /// The old and the new version requirements.
    pub versions: Vec<(String, String)>,
}

/// Sets the chart version in each manifest of a text.
///
/// # Errors
///
/// When the text does not allow the change.
pub(super) fn bump_manifests(edited: &mut EditedText, to: &Chart, charts: &Charts) -> Result<(), FileError> {
    for at in 0..edited.blocks().len() {
        let version_at = |edited: &EditedText| edited.blocks().get(at).and_then(|part| part.version_at.clone());
        let place = match version_at(edited) {
            Some((inset, _)) if !edited.is_untouched(&inset) => {
                // The edit before has moved the places after it.
                edited.read_again()?;
                version_at(edited)
            }
            place => place,
        };
        let Some((inset, path)) = place else { continue };
        let inner = set_version(&inset.text, &path, to, charts)
            .map_err(|why| FileError::Text(format!("the version at `{path}`: {why}")))?;
        if inner != *inset.text {
            edited.put_back(&inset, &inner);
        }
    }
    edited.read_again()
}

/// Sets the chart version of a release in the text of the file with the version. `None` if the text does not allow the
/// change.
pub fn bump_release(text: &str, hints: &Hints, release: &Release, to: &Chart, charts: &Charts) -> Option<String> {
    let (inset, path) = release.version_in(text, hints)?;
    inset.put_back(text, &set_version(&inset.text, &path, to, charts).ok()?)
}

/// Sets the required version of each of these dependencies in a `Chart.yaml` or `requirements.yaml`.
///
/// # Errors
///
/// When the text does not allow the change.
pub fn bump_dependencies(
    text: &str,
    dependencies: &[ChartDependency],
    to: &Chart,
    charts: &Charts,
) -> Result<Bumped, String> {
    let mut bumped = Bumped { text: text.to_owned(), versions: Vec::new() };
    for dependency in dependencies {
        bumped.text = set_version(&bumped.text, &dependency.version_at, to, charts)?;
        let versions = (dependency.version.clone(), new_requirement(&dependency.version, to, charts));
        if !bumped.versions.contains(&versions) {
            bumped.versions.push(versions);
        }
    }
    Ok(bumped)
}

/// Sets the chart version at a path of a text.
fn set_version(text: &str, path: &Path, to: &Chart, charts: &Charts) -> Result<String, String> {
    // The text is the version alone, in a file that is no YAML.
    if path.is_root() {
        return Ok(new_requirement(text, to, charts));
    }
    let document = Document::parse(text).map_err(|error| error.to_string())?;
    let old = document.find(path).map(|found| document.node(found.value));
    let scalar = old.and_then(|node| match node.kind {
        Kind::Scalar { text, style } => Some((text, style, node.span)),
        _ => None,
    });
    let old = scalar.map_or("", |(text, ..)| text);
    if is_expression(old) {
        return Err("found a variable or an expression: expected a version. Change the version where it is set, or \
                    migrate without `--bump`"
            .to_owned());
    }
    let new = new_requirement(old, to, charts);
    if scalar.is_some_and(|(text, ..)| *text == new) {
        return Ok(text.to_owned());
    }
    let edited = edit::apply(text, &[Edit::Set { path: path.clone(), value: Value::from(new.as_str()) }])
        .map_err(|error| error.to_string())?;
    // An edit quotes a text that some parsers read as a number. A version without quotes stays without quotes if YAML
    // reads the same value.
    let Some((_, Style::Plain, span)) = scalar else { return Ok(edited) };
    let plain = format!("{}{new}{}", &text[..span.start], &text[span.end..]);
    Ok(if read_value(&plain) == read_value(&edited) { plain } else { edited })
}

/// Whether a version is written as an expression of a tool, which a number would replace for all its users.
fn is_expression(old: &str) -> bool {
    placeholder::of(old).is_some()
}

/// The new version requirement in the form of the old one, as `^23` for `^17`.
///
/// The old requirement stays if it already selects the new version. The result is the exact version if the form of the
/// old requirement would select another version.
fn new_requirement(old: &str, to: &Chart, charts: &Charts) -> String {
    let old = old.trim();
    let selects_target = |text: &str| {
        // Helm reads these as the newest version.
        let text = if ["", "*", "x", "X"].contains(&text) { ">=0.0.0" } else { text };
        let wanted = text.parse::<Requirement>();
        wanted.is_ok_and(|wanted| charts(&wanted).is_ok_and(|chart| chart.version() == to.version()))
    };
    if selects_target(old) {
        return old.to_owned();
    }
    in_same_form(old, to).filter(|new| selects_target(new)).unwrap_or_else(|| to.version().to_string())
}

/// The value of a text with one document.
fn read_value(text: &str) -> Option<Value> {
    let document = Document::parse(text).ok()?;
    document.value(*document.documents().first()?).ok()
}

/// The new version with the operator and the precision of the old requirement.
fn in_same_form(old: &str, to: &Chart) -> Option<String> {
    let (sign, numbers) = old.split_at(old.find(|c: char| c.is_ascii_digit())?);
    let to = to.version();
    let new = numbers.split('.').zip([to.major, to.minor, to.patch]).map(|(part, number)| match part {
        "x" | "X" | "*" => Some(part.to_owned()),
        part => part.bytes().all(|b| b.is_ascii_digit()).then(|| number.to_string()),
    });
    let new: Vec<String> = new.collect::<Option<_>>()?;
    ["", "^", "~", "=", "v"].contains(&sign.trim()).then(|| format!("{sign}{}", new.join(".")))
}
