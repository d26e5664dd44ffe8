//! Migration reports as text.

use std::{borrow::Cow, fmt::Write as _};

use super::{Report, costs, words};
use crate::{
    escape::one_line,
    fold,
    report::{View, diff::Painter},
};

/// The indent of a command below its step.
const OF_COMMANDS: &str = "     ";

/// Renders one report. `defaults` is its text about changed defaults. The summary comes last on a terminal, because users
/// look there first.
pub(super) fn render(report: &Report, defaults: &str, view: View) -> String {
    let View { color, width } = view;
    let paint = Painter(color);
    let mut text = format!("{}\n", paint.head(&words::head(report)));
    // Writing to a string cannot fail.
    if width.is_none() {
        let _ = writeln!(text, "{}", words::sum(report));
    }
    for section in words::sections(report) {
        let title = format!("{}:", section.title);
        let title = match section.weight {
            words::Weight::Failure => paint.severe(&title),
            words::Weight::Attention => paint.changed(&title),
            words::Weight::Plain => paint.head(&title),
        };
        let _ = writeln!(text, "\n{title}");
        for line in section.lines {
            let at = line.at.map(|at| paint.place(&format!(":{at}")) + " ").unwrap_or_default();
            let why = if line.why.is_empty() { String::new() } else { format!(": {}", line.why) };
            let _ = writeln!(text, "  {at}{}{why}", line.what);
        }
    }
    text.push_str(defaults);
    let mut text = folded(&text, width).into_owned();
    text.push_str(&plan(report, view));
    if width.is_some() {
        let mut end = words::sum(report);
        let steps = report.plan.steps.len();
        if steps > 0 {
            let _ = write!(end, "\nnext: the {steps} upgrade steps above, in their order");
        }
        let end: String = end.lines().map(|line| format!("{}\n", paint.head(line))).collect();
        let _ = write!(text, "\n{}", folded(&end, width));
    }
    text
}

/// The parts of the plan with their commands, which a user copies from the terminal.
fn plan(report: &Report, View { color, width }: View) -> String {
    let paint = Painter(color);
    let mut text = String::new();
    for (title, operations) in report.parts_of_plan() {
        let _ = writeln!(text, "\n{}", paint.head(&format!("{title}:")));
        for (at, operation) in operations.iter().enumerate() {
            let costs = costs(operation).join(", ");
            let costs = if costs.is_empty() { costs } else { format!(" {}", paint.removed(&format!("[{costs}]"))) };
            let (title, why) = (one_line(&operation.title), one_line(&operation.why));
            let number = format!("{}. ", at + 1);
            let head = format!("{number}{}{costs}: {why}\n", paint.head(&title));
            text.push_str(&width.map_or(head.clone(), |width| fold::hung(&head, width, number.len())));
            for command in &operation.commands {
                let command = match width {
                    None => Cow::Borrowed(&**command),
                    Some(width) => Cow::Owned(fold::script(command, width.saturating_sub(OF_COMMANDS.len()))),
                };
                for line in command.lines() {
                    let _ = writeln!(text, "{OF_COMMANDS}{}", one_line(line));
                }
            }
        }
    }
    text
}

fn folded(text: &str, width: Option<usize>) -> Cow<'_, str> {
    width.map_or(Cow::Borrowed(text), |width| Cow::Owned(fold::text(text, width)))
}
