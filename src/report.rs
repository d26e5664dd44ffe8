//! What was found, shown: for a person, for a pipeline, for a forge.
//!
//! Each format is a pure function from what was judged to a text. No value of a secret stands in any of them: findings
//! hold none, and the source lines that a person sees are masked.

mod json;
mod mask;
mod place;
mod text;

use serde::Serialize;

pub use crate::lint::Judged;
use crate::lint::Severity;

/// Who reads the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A person.
    Text,
    /// A program.
    Json,
}

impl Format {
    /// In the order of the help.
    pub const ALL: [Self; 2] = [Self::Text, Self::Json];
}

/// Whether the text for a person may hold the codes that colour it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    On,
    Off,
}

/// The report of all that was judged; it ends with the end of a line, or is empty.
pub fn render(format: Format, judged: &[Judged], color: Color) -> String {
    match format {
        Format::Text => text::render(judged, color),
        Format::Json => json::render(judged),
    }
}

/// How much of each severity was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Totals {
    errors: usize,
    warnings: usize,
    infos: usize,
    /// Files that have findings.
    files: usize,
}

impl Totals {
    fn of(judged: &[Judged]) -> Self {
        let count = |severity| judged.iter().map(|judged| judged.count(severity)).sum();
        Self {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            infos: count(Severity::Info),
            files: judged.iter().filter(|judged| !judged.diagnostics.is_empty()).count(),
        }
    }
}

/// The line for the end of the talk: `3 errors, 1 warning in 2 files (7 files judged)`.
pub fn summary(judged: &[Judged]) -> String {
    let Totals { errors, warnings, infos, files } = Totals::of(judged);
    let counts: Vec<String> = [(errors, "error"), (warnings, "warning"), (infos, "info")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| counted(count, what))
        .collect();
    let all = counted(judged.len(), "file");
    if counts.is_empty() {
        return format!("no findings ({all} judged)");
    }
    format!("{} in {} ({all} judged)", counts.join(", "), counted(files, "file"))
}

fn counted(count: usize, what: &str) -> String {
    // The field says `info` for one and for many.
    let plural = if count == 1 || what == "info" { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// A report as JSON, with the end of a line.
fn pretty(report: &impl Serialize) -> String {
    // Strings and numbers alone cannot fail.
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests;
