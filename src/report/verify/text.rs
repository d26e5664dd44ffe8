//! The report for people: one line for each verdict, and the reply below what is wrong.

use anstyle::{AnsiColor, Style};

use super::{Outcome, Status, Verdict, View, message, shown, summary};
use crate::{fold, report::Color};

/// The columns of the status and of the check.
const STATUS: usize = 9;
const CHECK: usize = 11;

pub(super) fn render(outcome: &Outcome, view: View) -> String {
    let mut text: String = outcome.verdicts.iter().map(|verdict| lines(verdict, view)).collect();
    text.push_str(&summary(outcome));
    text.push('\n');
    match view.width {
        Some(width) => fold::text(&text, width),
        None => text,
    }
}

fn lines(verdict: &Verdict, view: View) -> String {
    let Verdict { check, status, reply, .. } = verdict;
    let word = painted(&format!("{:STATUS$}", status.word()), *status, view.color);
    let mut lines = format!("{word}  {:CHECK$}  {}\n", check.id, message(verdict));
    // The reply of what is right is in the other formats.
    if let Some(reply) = reply.as_ref().filter(|_| matches!(status, Status::Wrong | Status::NotAsked)) {
        lines.push_str(&format!("{:width$}{}\n", "", shown(reply), width = STATUS + CHECK + 4));
    }
    lines
}

fn painted(text: &str, status: Status, color: Color) -> String {
    let style = Style::new().fg_color(Some(match status {
        Status::Ok => AnsiColor::Green.into(),
        Status::Note => AnsiColor::Cyan.into(),
        Status::NotAsked => AnsiColor::Yellow.into(),
        Status::Wrong => AnsiColor::Red.into(),
    }));
    match color {
        Color::On => format!("{style}{text}{style:#}"),
        Color::Off => text.to_owned(),
    }
}
