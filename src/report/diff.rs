//! Renders the comparison of values.
//!
//! Each format is a pure function from a comparison to a text. No report contains the value of a secret, unless the
//! user asks for secrets. Two different secrets are shown as different only.

mod color;
mod encrypted;
mod json;
mod markdown;
mod stat;
mod text;
mod totals;
mod unified;
mod value_diff;
mod view;
mod words;

pub(super) use color::Painter;
pub(super) use value_diff::flow;
pub(super) use words::{effect, refusal};

use super::Color;
use crate::{
    chart::Chart,
    diff::Diff,
    redact,
    yaml::{Map, Path},
};
use view::{AliasedSecrets, View, is_of_chart};

/// The format of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a person: one line per change, by block, with its impact
    Text,
    /// For a person or `patch`: lines with `-` and `+`
    Unified,
    /// For a program: one object, with the version of its format
    Json,
    /// For a comment on a pull request: tables
    Markdown,
    /// How much differs
    Stat,
    /// Only the paths, one per line
    NameOnly,
}

/// The options of a report.
#[derive(Debug, Clone, Copy)]
pub struct RenderOptions {
    pub format: Format,
    /// The lines around a change in `Unified`.
    pub context: usize,
    /// Sort the changes by risk, highest first, instead of the order of the chart's `values.yaml`.
    pub by_risk: bool,
    /// Show secrets.
    pub secrets: bool,
    /// The written values were compared, not the effective ones.
    pub raw: bool,
    pub color: Color,
}

/// A compared release.
pub struct Pair<'a> {
    pub old: SideSource<'a>,
    pub new: SideSource<'a>,
    pub diff: &'a Diff,
    /// The name of the release, if it is known.
    pub release: Option<&'a str>,
    pub namespace: Option<&'a str>,
}

/// A side of a pair.
pub struct SideSource<'a> {
    /// The name: `redis-opts.yaml`, `redis-opts.yaml (at redis)`, `the release backend-redis`, `options`.
    pub name: &'a str,
    /// The source of the chart version, in a few words: `by its comment`.
    pub by: &'a str,
    /// The whole text of the file.
    pub text: &'a str,
    /// A function that finds the line that sets a path of the side's own chart, counted from 1.
    pub line: &'a dyn Fn(&Path) -> Option<usize>,
}

/// The report of all pairs in their order. It is empty or ends with a newline.
pub fn render(pairs: &[Pair], options: &RenderOptions) -> String {
    let aliased = AliasedSecrets::default();
    let views = || pairs.iter().map(|pair| View::of(pair, options, &aliased)).collect::<Vec<_>>();
    match options.format {
        Format::Text => text::render(&views(), options),
        Format::Unified => unified::render(pairs, options, &aliased),
        Format::Json => json::render(&views(), options),
        Format::Markdown => markdown::render(&views()),
        Format::Stat => stat::render(&views(), options),
        Format::NameOnly => stat::names(&views()),
    }
}

/// The sentences about sides that do not render, for a format without a place for them.
pub fn refusals(pairs: &[Pair]) -> Vec<String> {
    pairs.iter().flat_map(view::refused).map(|refused| refused.sentence).collect()
}

/// The changes of the chart itself as text, without the defaults of new keys. Empty if there are no changes.
pub(super) fn of_chart(diff: &Diff, color: Color) -> String {
    let nowhere = |_: &Path| None;
    let end = || SideSource { name: "", by: "", text: "", line: &nowhere };
    let pair = Pair { old: end(), new: end(), diff, release: None, namespace: None };
    let options = RenderOptions { format: Format::Text, context: 0, by_risk: false, secrets: false, raw: false, color };
    text::of_chart(&View::of_changes(&pair, &options, &AliasedSecrets::default(), is_of_chart), options.color, false)
}

/// The report of two texts that contain no values and are compared line by line.
pub fn texts(old: (&str, &str), new: (&str, &str), options: &RenderOptions) -> String {
    let [old, new] = [old, new].map(|(name, text)| NamedText { name, text });
    let plain = || unified::of_texts(old, new, &RenderOptions { color: Color::Off, ..*options });
    match options.format {
        Format::Text | Format::Unified => unified::of_texts(old, new, options),
        Format::Json => json::of_texts(old, new, &plain(), options),
        Format::Markdown => markdown::of_texts(old, new, &plain()),
        Format::Stat => stat::of_texts(new, &plain(), options),
        Format::NameOnly => stat::name(new),
    }
}

/// The different lines of two sets of values with their names, both written in the order of one chart.
pub fn values(old: (&str, &str, &Map), new: (&str, &str, &Map), chart: &Chart, color: Color) -> String {
    let mut copied = redact::aliased_secrets(old.1);
    copied.extend(redact::aliased_secrets(new.1));
    let options =
        RenderOptions { format: Format::Unified, context: 3, by_risk: false, secrets: false, raw: false, color };
    unified::of_trees((old.0, old.2), (new.0, new.2), chart, Some(&copied), &options)
}

/// The changed lines of a file without secrets, which may appear in a log.
pub fn changed(name: &str, old: &str, new: &str, color: Color) -> String {
    let options =
        RenderOptions { format: Format::Unified, context: 3, by_risk: false, secrets: false, raw: true, color };
    if old == new { String::new() } else { texts((name, old), (name, new), &options) }
}

/// A text with its name.
#[derive(Clone, Copy)]
struct NamedText<'a> {
    name: &'a str,
    text: &'a str,
}

#[cfg(test)]
mod tests;
