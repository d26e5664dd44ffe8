//! The overview as Markdown, with a Mermaid diagram, which forges draw.

use std::fmt::Write as _;

use super::{
    PlanReport, mermaid,
    sections::{self, Block},
};
use crate::{overview::Way, report::markdown::prose};

pub(super) fn render(report: &PlanReport) -> String {
    let mut text = format!("# {}\n", prose(&sections::title(report.overview)));
    for note in sections::notes(report) {
        text.push_str(&format!("\n**{}**\n", prose(&note)));
    }
    text.push_str(&format!("\n```mermaid\n{}```\n", mermaid::render(report.overview)));
    for section in sections::of(report) {
        text.push_str(&format!("\n## {}\n", section.title));
        for block in &section.blocks {
            text.push('\n');
            push(block, &mut text);
        }
    }
    text.push_str("\n## Code\n");
    for code in report.overview.clients.code() {
        let way = match code.way {
            Way::Sentinel => "by Sentinel",
            Way::Plain => "without Sentinel",
        };
        text.push_str(&format!(
            "\n<details>\n<summary>{}, {way}</summary>\n\n```{}\n{}```\n\n</details>\n",
            code.client, code.language, code.text
        ));
    }
    text
}

fn push(block: &Block, text: &mut String) {
    // Writing to a string cannot fail.
    match block {
        Block::Table { heads, rows } => {
            let _ = writeln!(text, "| {} |", heads.join(" | "));
            let _ = writeln!(text, "|{}", "---|".repeat(heads.len()));
            for row in rows {
                let cells: Vec<String> = row.iter().map(|cell| prose(cell)).collect();
                let _ = writeln!(text, "| {} |", cells.join(" | "));
            }
        }
        Block::Entries(entries) => {
            for entry in entries {
                let summary = match entry.summary.is_empty() {
                    true => String::new(),
                    false => format!(": {}", prose(&entry.summary)),
                };
                let _ = writeln!(text, "- **{}**{summary}", prose(&entry.name));
                for fact in &entry.facts {
                    let _ = writeln!(text, "  - {}", prose(fact));
                }
            }
        }
        Block::Commands(commands) => {
            text.push_str("```sh\n");
            for (at, (purpose, script)) in commands.iter().enumerate() {
                let gap = if at > 0 { "\n" } else { "" };
                let _ = writeln!(text, "{gap}# {purpose}\n{script}");
            }
            text.push_str("```\n");
        }
    }
}
