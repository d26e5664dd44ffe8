//! Renders the overview of a release: as text with a drawing, as Markdown, as pictures, and for programs.

mod drawing;
mod graph;
mod json;
mod markdown;
mod mermaid;
mod sections;
mod svg;
mod text;

use super::{View, diff};
use crate::{
    chart::Chart, effective::Refusal, escape::one_line, lint::Diagnostic, overview::Overview, preflight::Check, redact,
};

/// The format of an overview.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a person: a drawing and tables, 80 columns wide
    Text,
    /// For a page or a pull request, with a Mermaid diagram
    Markdown,
    /// A Mermaid flowchart
    Mermaid,
    /// A picture, readable on light and dark pages
    Svg,
    /// For a program: one object, with the version of its format
    Json,
}

/// What an overview shows.
#[derive(Debug, Clone, Copy)]
pub struct PlanReport<'a> {
    pub overview: &'a Overview,
    /// What `redisgen lint` finds in the values.
    pub findings: &'a [Diagnostic],
    pub chart: &'a Chart,
    /// Why the chart does not render with the values.
    pub refusals: &'a [Refusal],
    /// What the cluster answered; empty if it was not asked.
    pub live: &'a [Check],
    /// The clients whose code the text format shows.
    pub clients: &'a [String],
    /// The colors and columns of the text format.
    pub view: View,
}

/// The columns of the text format where no terminal decides.
pub const COLUMNS: usize = 80;

/// The overview in one format, with a newline at the end.
pub fn plan(report: &PlanReport, format: Format) -> String {
    match format {
        Format::Text => text::render(report),
        Format::Markdown => markdown::render(report),
        Format::Mermaid => mermaid::render(report.overview),
        Format::Svg => svg::render(report.overview),
        Format::Json => json::render(report),
    }
}

impl PlanReport<'_> {
    /// Why the chart does not render, as sentences without an end.
    pub fn reasons(&self) -> Vec<String> {
        self.refusals.iter().map(|refusal| shown(&diff::refusal(refusal, self.chart))).collect()
    }
}

/// A text of the values on one line, without its secrets.
fn shown(text: &str) -> String {
    redact::text(&one_line(text)).into_owned()
}

#[cfg(test)]
mod tests;
