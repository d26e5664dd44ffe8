//! What differs, shown.
//!
//! Each format is a pure function from what was compared to a text. No value of a secret stands in any of them unless
//! it is asked for: of two that differ it is only said that they do.

use crate::{diff::Diff, report::Color, yaml::Path};

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
pub struct Look {
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

/// TEMPORARY
pub fn render(pairs: &[Pair], look: &Look) -> String {
    let mut out = String::new();
    if look.format == Format::NameOnly {
        return pairs.iter().flat_map(|p| p.diff.live()).map(|c| format!("{}\n", c.path)).collect();
    }
    for pair in pairs {
        out += &format!("{} {} -> {} {}\n", pair.old.name, pair.old.by, pair.new.name, look.context);
        for change in &pair.diff.changes {
            out += &format!(
                "{} {:?} {:?} {:?} {:?}\n",
                change.path,
                change.maker,
                change.life,
                (pair.old.line)(&change.old.path),
                (pair.new.line)(&change.new.path)
            );
        }
    }
    out
}

/// TEMPORARY
pub fn texts(_: (&str, &str), _: (&str, &str), _: &Look) -> String {
    String::new()
}

/// Two values of one release, compared.
pub struct Pair<'a> {
    pub old: End<'a>,
    pub new: End<'a>,
    pub diff: &'a Diff,
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
