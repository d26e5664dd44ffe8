//! The chart version, said anew where it stands beside the values.

use std::path;

use anyhow::Context;

use super::{Changed, Done, Run};
use crate::{
    chart::{Chart, Requirement},
    commands::{files, style},
    source::{self, Part},
    yaml::{
        Document, Kind, Path, Style, Value,
        edit::{self, Edit},
    },
};

/// A Chart.yaml or requirements.yaml that depends on the chart.
pub(super) struct ChartFile {
    pub changed: Changed,
    /// What it asked for before, and what it asks for after.
    versions: Vec<(String, String)>,
    /// Whether a lock file beside it names another version than the new one.
    lock_is_old: bool,
}

impl Run {
    /// Says the version in each manifest of a text that hands values to the chart.
    ///
    /// # Errors
    ///
    /// When the text does not allow it.
    pub(super) fn bump_manifests(
        &self,
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
            let inner = self.said_anew(&inset.text, path, to).with_context(|| format!("the version at `{path}`"))?;
            text = inset.put_back(&text, &inner).unwrap_or(text);
        }
        Ok(text)
    }

    /// The files in which the charts around ask for the chart whose values were carried.
    ///
    /// # Errors
    ///
    /// When one does not allow to say another version.
    pub(super) fn chart_files(&self, all: &[Done]) -> anyhow::Result<Vec<ChartFile>> {
        let to = self.to()?;
        let mut found: Vec<ChartFile> = Vec::new();
        for done in all {
            let Some((folder, chart)) = self.sources.chart_around(&done.changed.file) else { continue };
            let is_carried = |at: &Path| done.reports.iter().any(|report| report.at == *at);
            let is_old = |version: &str| version != to.version().to_string();
            let lock_is_old = source::asked(&chart.lock).iter().any(|locked| is_old(&locked.version));
            for (name, text) in [("Chart.yaml", &chart.chart), ("requirements.yaml", &chart.requirements)] {
                let file = folder.join(name);
                for asked in source::asked(text).into_iter().filter(|asked| is_carried(&asked.at)) {
                    let is_it =
                        |other: &ChartFile| path::absolute(&other.changed.file).ok() == path::absolute(&file).ok();
                    let at = found.iter().position(is_it).unwrap_or_else(|| {
                        let changed = Changed { file: file.clone(), before: text.clone(), after: text.clone() };
                        found.push(ChartFile { changed, versions: Vec::new(), lock_is_old });
                        found.len() - 1
                    });
                    let there = &mut found[at];
                    there.changed.after = self
                        .said_anew(&there.changed.after, &asked.version_at, &to)
                        .with_context(|| files::shown(&file))?;
                    let versions = (asked.version.clone(), self.reworded(&asked.version, &to));
                    if !there.versions.contains(&versions) {
                        there.versions.push(versions);
                    }
                }
            }
        }
        Ok(found)
    }

    /// A text with the version of the chart at a path.
    fn said_anew(&self, text: &str, path: &Path, to: &Chart) -> anyhow::Result<String> {
        let document = Document::parse(text)?;
        let old = document.find(path).map(|found| document.node(found.value));
        let written = old.and_then(|node| match &node.kind {
            Kind::Scalar { text, style } => Some((text, *style, node.span)),
            _ => None,
        });
        let new = self.reworded(written.map_or("", |(text, ..)| text), to);
        if written.is_some_and(|(text, ..)| *text == new) {
            return Ok(text.to_owned());
        }
        let edited = edit::apply(text, &[Edit::Set { path: path.clone(), value: Value::from(new.as_str()) }])?;
        // An edit puts quotes around what some reader takes for a number: none are wanted where none stood.
        let Some((_, Style::Plain, span)) = written else { return Ok(edited) };
        let plain = format!("{}{new}{}", &text[..span.start], &text[span.end..]);
        Ok(if means(&plain) == means(&edited) { plain } else { edited })
    }

    /// The version in the words of what asked for another one, as `^23` for `^17`; exactly where they mean another one,
    /// and as they are where they mean this one.
    fn reworded(&self, old: &str, to: &Chart) -> String {
        let old = old.trim();
        let means_it = |text: &str| {
            // The newest is meant.
            let text = if ["", "*", "x", "X"].contains(&text) { ">=0.0.0" } else { text };
            let wanted = text.parse::<Requirement>();
            wanted.is_ok_and(|wanted| self.sources.chart(&wanted).is_ok_and(|chart| chart.version() == to.version()))
        };
        if means_it(old) {
            return old.to_owned();
        }
        in_form(old, to).filter(|new| means_it(new)).unwrap_or_else(|| to.version().to_string())
    }
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

impl ChartFile {
    /// What is to be said of it; `written` where it was.
    pub(super) fn note(&self, written: bool) -> Option<String> {
        let (note, shown) = (style::note("note:"), files::shown(&self.changed.file));
        let words = |pick: fn(&(String, String)) -> &String| {
            let words: Vec<_> = self.versions.iter().map(|pair| format!("`{}`", pick(pair))).collect();
            words.join(" and ")
        };
        let (old, new) = (words(|(old, _)| old), words(|(_, new)| new));
        let fetches = "`helm dependency update` fetches it";
        match (self.changed.is_changed(), written) {
            (true, true) => Some(format!("{note} {shown} asks for {new} now: {fetches}")),
            (true, false) => Some(format!("{note} {shown} asks for {old}: `--in-place` writes {new} there")),
            (false, _) if self.lock_is_old => {
                Some(format!("{note} {shown} asks for {old}, and the lock file for another: {fetches}"))
            }
            (false, _) => None,
        }
    }
}
