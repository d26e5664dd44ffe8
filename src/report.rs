//! What was found, shown: for a person, for a pipeline, for a forge.
//!
//! Each format is a pure function from what was judged to a text, made in two steps: a [`TextReport`] for each text, which
//! can be made where the text is judged and outlives it, and the whole of all parts. No value of a secret stands in
//! any of them: findings hold none, the source lines that a person sees are masked by [`redact`](crate::redact), and the others show none.

pub mod chart;
mod concise;
pub mod diff;
pub mod explain;
mod fingerprint;
mod github;
mod gitlab;
mod json;
mod junit;
mod markdown;
pub mod migrate;
mod place;
mod sarif;
mod text;
mod totals;
mod uri;

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::value::RawValue;

pub use crate::lint::CheckedFile;
use crate::{
    chart::Effect,
    escape::one_line,
    lint::{Applicability, Diagnostic, Fix},
};
pub use totals::Totals;

/// Who reads the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A person: the source lines with arrows
    Text,
    /// One line for each finding: `FILE:LINE:COLUMN: RULE: MESSAGE`
    Concise,
    /// A program: one object, with the version of its shape
    Json,
    /// Code scanning: SARIF 2.1.0
    Sarif,
    /// A CI server: test results, one suite a file
    Junit,
    /// GitHub Actions: annotations of a pull request
    Github,
    /// GitLab: Code Quality of a merge request
    Gitlab,
    /// A comment on a pull request: a table a file
    Markdown,
}

impl Format {
    /// In the order of the help.
    pub const ALL: [Self; 8] =
        [Self::Text, Self::Concise, Self::Json, Self::Sarif, Self::Junit, Self::Github, Self::Gitlab, Self::Markdown];
}

/// Whether the text for a person may hold the codes that colour it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    On,
    Off,
}

/// How the text for a person looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    pub color: Color,
    /// Columns of the terminal; none where no terminal shows the text.
    pub width: Option<usize>,
}

impl From<Color> for View {
    fn from(color: Color) -> Self {
        Self { color, width: None }
    }
}

/// What a report of one format says of one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextReport {
    format: Format,
    text: String,
    /// Texts of JSON, in the formats that are a list of them. Then there is no other text.
    items: Vec<String>,
    totals: Totals,
    /// The ids of those that found something.
    rules: BTreeSet<&'static str>,
}

impl TextReport {
    pub fn of(format: Format, judged: &CheckedFile, view: impl Into<View>) -> Self {
        let of_text = |text: String| (text, Vec::new());
        let of_items = |items: Vec<String>| (String::new(), items);
        let (text, items) = match format {
            Format::Text => of_text(text::part(judged, view.into())),
            Format::Concise => of_text(concise::part(judged)),
            Format::Json => of_items(vec![json::part(judged)]),
            Format::Sarif => of_items(sarif::part(judged)),
            Format::Junit => of_text(junit::part(judged)),
            Format::Github => of_text(github::part(judged)),
            Format::Gitlab => of_items(gitlab::part(judged)),
            Format::Markdown => of_text(markdown::part(judged)),
        };
        let rules = judged.diagnostics.iter().map(|found| found.rule).collect();
        Self { format, text, items, totals: Totals::of(judged), rules }
    }
}

/// The report of all parts of its format, in their order; it ends with the end of a line, or is empty.
pub fn whole(format: Format, parts: &[TextReport]) -> String {
    let parts: Vec<&TextReport> = parts.iter().filter(|part| part.format == format).collect();
    match format {
        Format::Text | Format::Concise | Format::Github => parts.iter().map(|part| part.text.as_str()).collect(),
        Format::Json => json::whole(&parts),
        Format::Sarif => sarif::whole(&parts),
        Format::Junit => junit::whole(&parts),
        Format::Gitlab => gitlab::whole(&parts),
        Format::Markdown => markdown::whole(&parts),
    }
}

/// The report of all that was judged.
pub fn render(format: Format, judged: &[CheckedFile], color: Color) -> String {
    let parts: Vec<TextReport> = judged.iter().map(|judged| TextReport::of(format, judged, color)).collect();
    whole(format, &parts)
}

/// The line for the end of the talk: `3 errors, 1 warning in 2 files (7 files checked)`.
pub fn summary(judged: &[CheckedFile]) -> String {
    judged.iter().map(Totals::of).sum::<Totals>().to_string()
}

fn totals(parts: &[&TextReport]) -> Totals {
    parts.iter().map(|part| part.totals).sum()
}

/// All that is to be said of a finding, without its marks: a line for the message, for each help and for the fix.
fn message_lines(found: &Diagnostic) -> Vec<Cow<'_, str>> {
    let help = found.help.iter().map(|help| one_line(help));
    let fix = found.fix.iter().map(|fix| Cow::Owned(offered(fix)));
    std::iter::once(one_line(&found.message)).chain(help).chain(fix).collect()
}

/// Without its edits: they may hold values.
fn offered(Fix { title, applicability, edits: _ }: &Fix) -> String {
    let how = if *applicability == Applicability::Safe { "safe" } else { "unsafe" };
    format!("fix available ({how}): {}", one_line(title))
}

/// The file without a `./` ahead, which says nothing and which forges do not take for a part of a path.
fn short(file: &str) -> &str {
    let mut file = file;
    while let Some(rest) = file.strip_prefix("./") {
        file = rest.trim_start_matches('/');
    }
    file
}

/// Something as JSON.
fn pretty(what: &impl Serialize) -> String {
    // Strings and numbers alone cannot fail.
    serde_json::to_string_pretty(what).unwrap_or_default()
}

/// The impact of a change, as programs read it: the tables of the chart call access to Redis `reach`.
fn impact_id(effect: Effect) -> &'static str {
    match effect {
        Effect::Data => "data",
        Effect::Workload => "workload",
        Effect::Immutable => "immutable",
        Effect::Password => "password",
        Effect::Reach => "access",
        Effect::Scale => "scale",
        Effect::Pods => "pods",
        Effect::AtRestart => "at-restart",
    }
}

/// The items of all parts, for a list whose items are indented by so many steps.
fn items(parts: &[&TextReport], steps: usize) -> Vec<Box<RawValue>> {
    let indent = format!("\n{}", "  ".repeat(steps));
    let items = parts.iter().flat_map(|part| &part.items).map(|item| item.replace('\n', &indent));
    // They come from `pretty`, and a line end in a string is an escape.
    items.map(|item| RawValue::from_string(item).expect("an item is JSON")).collect()
}

#[cfg(test)]
mod tests;
