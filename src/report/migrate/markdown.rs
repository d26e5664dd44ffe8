//! For a pull request.

use super::{Report, words};
use crate::report::{
    diff,
    markdown::{code, escaped},
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
    let defaults = diff::of_chart(&report.compared);
    if !defaults.is_empty() {
        text.push_str(&format!(
            "\n<details>\n<summary>what the chart itself changes</summary>\n\n<pre>{}</pre>\n</details>\n",
            defaults.lines().map(escaped).collect::<Vec<_>>().join("\n")
        ));
    }
    text
}
