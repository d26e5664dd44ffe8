//! For a person.

use std::fmt::Write as _;

use super::{Report, words};
use crate::report::diff;

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
    text.push_str(&diff::of_chart(&report.compared));
    text
}
