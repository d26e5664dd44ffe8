//! What differs, shown.
//!
//! Each format is a pure function from what was compared to a text. No value of a secret stands in any of them unless
//! it is asked for: of two that differ it is only said that they do.

mod color;
mod json;
mod markdown;
mod stat;
mod text;
mod totals;
mod unified;
mod value_diff;
mod veil;
mod view;
mod words;

pub(super) use color::Painter;
pub(super) use value_diff::flow;
pub(super) use words::effect;

use super::Color;
use crate::{
    chart::Chart,
    diff::Diff,
    redact,
    yaml::{Map, Path},
};
use view::View;

/// How it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A person: one line a change, by block, with what it means
    Text,
    /// A person or `patch`: lines with `-` and `+`
    Unified,
    /// A program: one object, with the version of its shape
    Json,
    /// A comment on a pull request: tables
    Markdown,
    /// How much differs
    Stat,
    /// The paths alone, one a line
    NameOnly,
}

/// What the person who looks wants.
#[derive(Debug, Clone, Copy)]
pub struct RenderOptions {
    pub format: Format,
    /// How many lines stand around a change in `Unified`.
    pub context: usize,
    /// Worst first, instead of the order of the chart's file.
    pub by_risk: bool,
    /// Shows secrets.
    pub secrets: bool,
    /// What was written was compared, not what the chart makes of it.
    pub raw: bool,
    pub color: Color,
}

/// Two values of one release, compared.
pub struct Pair<'a> {
    pub old: End<'a>,
    pub new: End<'a>,
    pub diff: &'a Diff,
    /// The name of the release and its namespace, where they are known.
    pub release: Option<&'a str>,
    pub namespace: Option<&'a str>,
}

/// Where one of them comes from.
pub struct End<'a> {
    /// `redis-opts.yaml`, `redis-opts.yaml at redis`, `the release backend-redis`, `what is wanted`
    pub name: &'a str,
    /// Who told its chart version, in few words: `as its comment says`.
    pub by: &'a str,
    /// The whole text that it stands in.
    pub text: &'a str,
    /// The line of that text, counted from 1, in which the value at a path of its own chart is written.
    pub line: &'a dyn Fn(&Path) -> Option<usize>,
}

/// The report of all pairs in their order; it ends with the end of a line, or is empty.
pub fn render(pairs: &[Pair], look: &RenderOptions) -> String {
    let sights = || pairs.iter().map(|pair| View::of(pair, look)).collect::<Vec<_>>();
    match look.format {
        Format::Text => text::render(&sights(), look),
        Format::Unified => unified::render(pairs, look),
        Format::Json => json::render(&sights(), look),
        Format::Markdown => markdown::render(&sights()),
        Format::Stat => stat::render(&sights(), look),
        Format::NameOnly => stat::names(&sights()),
    }
}

/// Why sides do not render, in sentences: for a format that has no place for them.
pub fn refusals(pairs: &[Pair]) -> Vec<String> {
    pairs.iter().flat_map(view::refused).map(|refused| refused.sentence).collect()
}

/// What the chart itself changes between two versions, as lines for a person, but for the defaults of new keys; empty
/// where it changes nothing.
pub(super) fn of_chart(diff: &Diff, color: Color) -> String {
    let nowhere = |_: &Path| None;
    let end = || End { name: "", by: "", text: "", line: &nowhere };
    let pair = Pair { old: end(), new: end(), diff, release: None, namespace: None };
    let look = RenderOptions { format: Format::Text, context: 0, by_risk: false, secrets: false, raw: false, color };
    text::of_chart(&View::of(&pair, &look), look.color, false)
}

/// The report of two texts, each with its name, that are compared line by line: they hold no values.
pub fn texts(old: (&str, &str), new: (&str, &str), look: &RenderOptions) -> String {
    let [old, new] = [old, new].map(|(name, text)| NamedText { name, text });
    let plain = || unified::of_texts(old, new, &RenderOptions { color: Color::Off, ..*look });
    match look.format {
        Format::Text | Format::Unified => unified::of_texts(old, new, look),
        Format::Json => json::of_texts(old, new, &plain(), look),
        Format::Markdown => markdown::of_texts(old, new, &plain()),
        Format::Stat => stat::of_texts(new, &plain(), look),
        Format::NameOnly => stat::name(new),
    }
}

/// The lines in which the values of two texts differ, each with its name, both written in the order of one chart.
pub fn values(old: (&str, &str, &Map), new: (&str, &str, &Map), chart: &Chart, color: Color) -> String {
    let mut copied = redact::aliased_secrets(old.1);
    copied.extend(redact::aliased_secrets(new.1));
    let look = RenderOptions { format: Format::Unified, context: 3, by_risk: false, secrets: false, raw: false, color };
    unified::of_trees((old.0, old.2), (new.0, new.2), chart, Some(&copied), &look)
}

/// The lines in which a file is changed, as it may stand in a log: without secrets.
pub fn changed(name: &str, old: &str, new: &str, color: Color) -> String {
    let look = RenderOptions { format: Format::Unified, context: 3, by_risk: false, secrets: false, raw: true, color };
    if old == new { String::new() } else { texts((name, old), (name, new), &look) }
}

/// A text with the name of where it stands.
#[derive(Clone, Copy)]
struct NamedText<'a> {
    name: &'a str,
    text: &'a str,
}

#[cfg(test)]
mod tests;
