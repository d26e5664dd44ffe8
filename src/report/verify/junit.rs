//! The report for CI servers: one case for each verdict. A check without an answer is skipped.

use super::{Outcome, Status, Subject, Verdict, message, shown};
use crate::report::junit::escaped;

pub(super) fn render(subject: Subject, outcome: &Outcome) -> String {
    let tests = outcome.verdicts.len();
    let (failures, skipped) = (outcome.count(Status::Wrong), outcome.count(Status::NotAsked));
    let name = escaped(&shown(subject.name));
    let cases: String = outcome.verdicts.iter().map(|verdict| case(&name, verdict)).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"redisgen verify\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n  \
         <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\">\n\
         {cases}  </testsuite>\n\
         </testsuites>\n"
    )
}

fn case(suite: &str, verdict: &Verdict) -> String {
    let message = escaped(&message(verdict));
    let reply = verdict.reply.as_ref().map(|reply| format!("\n{}", escaped(&shown(reply)))).unwrap_or_default();
    let body = match verdict.status {
        Status::Wrong => format!("<failure type=\"wrong\" message=\"{message}\">{message}{reply}</failure>"),
        Status::NotAsked => format!("<skipped message=\"{message}\"/>"),
        Status::Ok | Status::Note => format!("<system-out>{message}{reply}</system-out>"),
    };
    // The message has numbers that change, and a case is known by its name.
    let node = verdict.node.as_ref().map(|node| format!(" {}", escaped(&shown(node)))).unwrap_or_default();
    let name = format!("{}{node}", verdict.check.id);
    format!("    <testcase name=\"{name}\" classname=\"{suite}\">{body}</testcase>\n")
}
