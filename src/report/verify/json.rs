//! The report for programs.

use serde::Serialize;

use super::{Outcome, Status, Subject, shown};
use crate::report::pretty;

/// The version of the format, which changes only with incompatible changes.
const VERSION: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    version: u32,
    release: &'a str,
    namespace: Option<&'a str>,
    verdicts: Vec<Entry<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    check: &'a str,
    title: &'a str,
    status: &'a str,
    node: Option<String>,
    message: String,
    reply: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    ok: usize,
    wrong: usize,
    notes: usize,
    not_asked: usize,
    /// Seconds that doubtful answers were asked again.
    asked_again: Option<u64>,
}

pub(super) fn render(subject: Subject, outcome: &Outcome) -> String {
    let text = |text: &String| shown(text).into_owned();
    let verdicts = outcome.verdicts.iter().map(|verdict| Entry {
        check: verdict.check.id,
        title: verdict.check.title,
        status: id(verdict.status),
        node: verdict.node.as_ref().map(text),
        message: text(&verdict.message),
        reply: verdict.reply.as_ref().map(text),
    });
    let report = Report {
        version: VERSION,
        release: subject.name,
        namespace: subject.namespace,
        verdicts: verdicts.collect(),
        summary: Summary {
            ok: outcome.count(Status::Ok),
            wrong: outcome.count(Status::Wrong),
            notes: outcome.count(Status::Note),
            not_asked: outcome.count(Status::NotAsked),
            asked_again: outcome.settled_after,
        },
    };
    pretty(&report) + "\n"
}

fn id(status: Status) -> &'static str {
    match status {
        Status::NotAsked => "not-asked",
        other => other.word(),
    }
}
