//! For a person.

use std::fmt::Write as _;

use super::{Report, words};
use crate::{line::one_line, migrate::Operation};

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
    if !report.operations.is_empty() {
        text.push_str("\nwhat to do, in this order:\n");
    }
    for (at, Operation { title, why, commands, downtime }) in report.operations.iter().enumerate() {
        let downtime = if *downtime { " [downtime]" } else { "" };
        let _ = writeln!(text, "{}. {}{downtime}: {}", at + 1, one_line(title), one_line(why));
        for line in commands.iter().flat_map(|command| command.lines()) {
            let _ = writeln!(text, "     {}", one_line(line));
        }
    }
    text
}
