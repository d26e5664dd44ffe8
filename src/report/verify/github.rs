//! The report for GitHub Actions: an annotation for each verdict that is wrong or a note.

use super::{Outcome, Status, Subject, Verdict, message, shown, summary};
use crate::report::github::{data, property};

pub(super) fn render(subject: Subject, outcome: &Outcome) -> String {
    let commands: String = outcome.verdicts.iter().filter_map(command).collect();
    format!("{commands}{}: {}\n", shown(subject.name), summary(outcome))
}

fn command(verdict: &Verdict) -> Option<String> {
    let level = match verdict.status {
        Status::Wrong => "error",
        Status::Note => "notice",
        Status::Ok | Status::NotAsked => return None,
    };
    let reply = verdict.reply.as_ref().map(|reply| format!("\n{}", shown(reply))).unwrap_or_default();
    let title = property(&format!("verify {}", verdict.check.id));
    Some(format!("::{level} title={title}::{}\n", data(&format!("{}{reply}", message(verdict)))))
}
