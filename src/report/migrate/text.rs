//! For a person.

use std::fmt::Write as _;

use super::{Report, costs, words};
use crate::line::one_line;

pub(super) fn render(report: &Report) -> String {
    let mut text = format!("{}\n{}\n", words::head(report), words::sum(report));
    // Writing to a string cannot fail.
    for section in words::sections(report) {
        let _ = writeln!(text, "\n{}:", section.title);
        for line in section.lines {
            let at = line.at.map(|at| format!(":{at} ")).unwrap_or_default();
            let why = if line.why.is_empty() { String::new() } else { format!(": {}", line.why) };
            let _ = writeln!(text, "  {at}{}{why}", line.what);
        }
    }
    text.push_str(&report.defaults_in_words());
    for (title, operations) in report.parts_of_plan() {
        let _ = writeln!(text, "\n{title}:");
        for (at, operation) in operations.iter().enumerate() {
            let costs = costs(operation).join(", ");
            let costs = if costs.is_empty() { costs } else { format!(" [{costs}]") };
            let (title, why) = (one_line(&operation.title), one_line(&operation.why));
            let _ = writeln!(text, "{}. {title}{costs}: {why}", at + 1);
            for line in operation.commands.iter().flat_map(|command| command.lines()) {
                let _ = writeln!(text, "     {}", one_line(line));
            }
        }
    }
    text
}
