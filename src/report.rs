//! Renders findings for people, pipelines and forges.
//!
//! Each format is a pure function from checked files to a text, in two steps. A [`TextReport`] for each file is made
//! while the file is checked and outlives it. The whole report joins all parts.
//!
//! No report contains the value of a secret. Findings contain none, [`redact`](crate::redact) masks the source lines of
//! the text format, and the other formats show no source lines.

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
pub mod plan;
mod sarif;
mod text;
mod totals;
mod uri;
pub mod verify;

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

/// The format of a report, by its reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a person: the source lines with arrows
    Text,
    /// One line for each finding: `FILE:LINE:COLUMN: RULE: MESSAGE`
    Concise,
    /// For a program: one object, with the version of its format
    Json,
    /// Code scanning: SARIF 2.1.0
    Sarif,
    /// For a CI server: test results, one suite per file
    Junit,
    /// GitHub Actions: annotations of a pull request
    Github,
    /// GitLab: Code Quality of a merge request
    Gitlab,
    /// For a comment on a pull request: one table per file
    Markdown,
}

impl Format {
    /// All formats, in the order of the help.
    pub const ALL: [Self; 8] =
        [Self::Text, Self::Concise, Self::Json, Self::Sarif, Self::Junit, Self::Github, Self::Gitlab, Self::Markdown];
}

/// Whether a text may contain colour codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    On,
    Off,
}

/// How a terminal shows a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    pub color: Color,
    /// The columns of the terminal. `None` if the text is not for a terminal.
    pub width: Option<usize>,
}

impl From<Color> for View {
    fn from(color: Color) -> Self {
        Self { color, width: None }
    }
}

/// The part of a report for one text, in one format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextReport {
    format: Format,
    text: String,
    /// JSON texts, for the formats that list items. The field `text` is then empty.
    items: Vec<String>,
    totals: Totals,
    /// The identifiers of the rules with findings.
    rules: BTreeSet<&'static str>,
}

impl TextReport {
    pub fn of(format: Format, checked: &CheckedFile, view: impl Into<View>) -> Self {
        let of_text = |text: String| (text, Vec::new());
        let of_items = |items: Vec<String>| (String::new(), items);
        let (text, items) = match format {
            Format::Text => of_text(text::part(checked, view.into())),
            Format::Concise => of_text(concise::part(checked)),
            Format::Json => of_items(vec![json::part(checked)]),
            Format::Sarif => of_items(sarif::part(checked)),
            Format::Junit => of_text(junit::part(checked)),
            Format::Github => of_text(github::part(checked)),
            Format::Gitlab => of_items(gitlab::part(checked)),
            Format::Markdown => of_text(markdown::part(checked)),
        };
        let rules = checked.diagnostics.iter().map(|diagnostic| diagnostic.rule).collect();
        Self { format, text, items, totals: Totals::of(checked), rules }
    }
}

/// The whole report from its parts, in their order. It is empty or ends with a newline.
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

/// The report of all checked files.
pub fn render(format: Format, checked: &[CheckedFile], color: Color) -> String {
    let parts: Vec<TextReport> = checked.iter().map(|checked| TextReport::of(format, checked, color)).collect();
    whole(format, &parts)
}

/// The closing line of a report: `3 errors, 1 warning in 2 files (7 files checked)`.
pub fn summary(checked: &[CheckedFile]) -> String {
    checked.iter().map(Totals::of).sum::<Totals>().to_string()
}

fn totals(parts: &[&TextReport]) -> Totals {
    parts.iter().map(|part| part.totals).sum()
}

/// The lines of a finding without its marks: the message, each help and the fix.
fn message_lines(diagnostic: &Diagnostic) -> Vec<Cow<'_, str>> {
    let help = diagnostic.help.iter().map(|help| one_line(help));
    let fix = diagnostic.fix.iter().map(|fix| Cow::Owned(fix_line(fix)));
    std::iter::once(one_line(&diagnostic.message)).chain(help).chain(fix).collect()
}

/// The line of a fix. Edits are left out, because they may contain values.
fn fix_line(Fix { title, applicability, edits: _ }: &Fix) -> String {
    let how = if *applicability == Applicability::Safe { "safe" } else { "unsafe" };
    format!("fix available ({how}): {}", one_line(title))
}

/// The file name without a leading `./`, which forges do not accept in a path.
fn without_dot_slash(file: &str) -> &str {
    let mut file = file;
    while let Some(rest) = file.strip_prefix("./") {
        file = rest.trim_start_matches('/');
    }
    file
}

/// A value as indented JSON.
fn pretty(what: &impl Serialize) -> String {
    // Serialization fails only for maps with keys that are no strings, and no report has such a map.
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
    // The items come from `pretty`, which escapes each newline in a string.
    items.map(|item| RawValue::from_string(item).expect("an item is JSON")).collect()
}

#[cfg(test)]
mod tests;
