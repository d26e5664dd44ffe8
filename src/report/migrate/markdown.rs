//! Migration reports as Markdown, for a pull request.

use super::{Report, costs, words};
use crate::report::markdown::{code, escaped, prose};

pub(super) fn render(report: &Report, defaults: &str) -> String {
    let mut text = format!("**redisgen migrate** {}\n\n{}\n", code(&words::head(report)), words::sum(report));
    for section in words::sections(report) {
        text.push_str(&format!("\n**{}**\n\n| line | key | |\n|---|---|---|\n", section.title));
        for line in section.lines {
            let at = line.at.map(|at| at.to_string()).unwrap_or_default();
            text.push_str(&format!("| {at} | {} | {} |\n", code(&line.what), escaped(&line.why)));
        }
    }
    for (title, operations) in report.parts_of_plan() {
        text.push_str(&format!("\n**{title}**\n\n"));
        for (at, operation) in operations.iter().enumerate() {
            let costs = costs(operation).join(", ");
            let costs = if costs.is_empty() { costs } else { format!(" ({costs})") };
            text.push_str(&format!("{}. {}{costs}: {}\n", at + 1, prose(&operation.title), prose(&operation.why)));
            if !operation.commands.is_empty() {
                let lines = operation.commands.iter().flat_map(|command| command.lines());
                let lines: Vec<_> = lines.map(escaped).collect();
                text.push_str(&format!("   <pre>{}</pre>\n", lines.join("\n")));
            }
        }
    }
    if !defaults.is_empty() {
        text.push_str(&format!(
            "\n<details>\n<summary>what the chart itself changes</summary>\n\n<pre>{}</pre>\n</details>\n",
            defaults.lines().map(escaped).collect::<Vec<_>>().join("\n")
        ));
    }
    text
}
