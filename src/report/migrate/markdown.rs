//! For a pull request.

use super::{Report, words};
use crate::{
    migrate::Operation,
    report::markdown::{code, escaped, prose},
};

pub(super) fn render(report: &Report) -> String {
    let mut text = format!("**redisgen migrate** {}\n\n{}\n", code(&words::head(report)), words::sum(report));
    for section in words::sections(report) {
        text.push_str(&format!("\n**{}**\n\n| line | key | |\n|---|---|---|\n", section.title));
        for line in section.lines {
            let at = line.at.map(|at| at.to_string()).unwrap_or_default();
            text.push_str(&format!("| {at} | {} | {} |\n", code(&line.what), escaped(&line.why)));
        }
    }
    if !report.operations.is_empty() {
        text.push_str("\n**what to do, in this order**\n\n");
    }
    for (at, Operation { title, why, commands, downtime }) in report.operations.iter().enumerate() {
        let downtime = if *downtime { " (downtime)" } else { "" };
        text.push_str(&format!("{}. {}{downtime}: {}\n", at + 1, prose(title), prose(why)));
        if !commands.is_empty() {
            let lines: Vec<_> = commands.iter().flat_map(|command| command.lines()).map(escaped).collect();
            text.push_str(&format!("   <pre>{}</pre>\n", lines.join("\n")));
        }
    }
    let defaults = report.defaults_in_words();
    if !defaults.is_empty() {
        text.push_str(&format!(
            "\n<details>\n<summary>what the chart itself changes</summary>\n\n<pre>{}</pre>\n</details>\n",
            defaults.lines().map(escaped).collect::<Vec<_>>().join("\n")
        ));
    }
    text
}
