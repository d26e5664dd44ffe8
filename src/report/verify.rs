//! Reports of `verify`: all verdicts, for people and for programs.
//!
//! Replies are shown without secrets.

mod github;
mod json;
mod junit;
mod text;

use std::borrow::Cow;

use super::View;
use crate::{
    escape::one_line,
    redact,
    verify::{
        check::{Status, Verdict},
        outcome::Outcome,
    },
};

/// The format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a person
    Text,
    /// For a program: one object, with the version of its format
    Json,
    /// For a CI server: test results, one case for each verdict
    Junit,
    /// GitHub Actions: annotations of a run
    Github,
}

/// What was verified.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The release, or the addresses.
    pub name: &'a str,
    pub namespace: Option<&'a str>,
}

/// The report of one run.
pub fn render(format: Format, subject: Subject, outcome: &Outcome, view: View) -> String {
    match format {
        Format::Text => text::render(outcome, view),
        Format::Json => json::render(subject, outcome),
        Format::Junit => junit::render(subject, outcome),
        Format::Github => github::render(subject, outcome),
    }
}

/// The closing line: `12 ok, 1 wrong, 3 not asked`.
fn summary(outcome: &Outcome) -> String {
    let order = [Status::Ok, Status::Wrong, Status::Note, Status::NotAsked];
    let count = |status: Status| match (outcome.count(status), status) {
        (0, Status::Note | Status::NotAsked) => None,
        (count, Status::Note) if count > 1 => Some(format!("{count} notes")),
        (count, status) => Some(format!("{count} {}", status.word())),
    };
    let counts = order.into_iter().filter_map(count).collect::<Vec<_>>().join(", ");
    match outcome.settled_after {
        Some(seconds) => format!("{counts}; asked again for {seconds} s"),
        None => counts,
    }
}

fn message(verdict: &Verdict) -> String {
    let message = shown(&verdict.message);
    match &verdict.node {
        Some(node) => format!("{}: {message}", shown(node)),
        None => message.into_owned(),
    }
}

/// A text of a server on one line, without secrets.
fn shown(text: &str) -> Cow<'_, str> {
    match redact::text(text) {
        Cow::Borrowed(text) => one_line(text),
        Cow::Owned(text) => Cow::Owned(one_line(&text).into_owned()),
    }
}

#[cfg(test)]
mod tests;
