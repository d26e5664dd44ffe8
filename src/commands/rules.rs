//! `redisgen rules`.

use std::io::Write;

use anyhow::Context as _;
use serde_json::{Value as Json, json};

use super::style;
use crate::lint::{Rule, rules};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to print
    #[arg(long, short, value_enum, default_value_t = Format::Text)]
    output: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
    Markdown,
}

pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<()> {
    let text = match args.output {
        Format::Text => as_text(rules::all()),
        Format::Json => {
            let rules: Json = rules::all().iter().map(|rule| as_json(rule)).collect();
            serde_json::to_string_pretty(&json!({ "version": 1, "rules": rules }))
                .context("the JSON cannot be written")?
                + "\n"
        }
        Format::Markdown => as_markdown(rules::all()),
    };
    Ok(out.write_all(text.as_bytes())?)
}

fn as_text(rules: &[&Rule]) -> String {
    let heads = ["RULE", "SEVERITY", "GROUP", "FIX", "WHAT IT FINDS"];
    let rows: Vec<_> = rules.iter().map(|rule| row(rule)).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].len());
        cells.chain([heads[column].len()]).max().unwrap_or_default()
    };
    let widths = [width(0), width(1), width(2), width(3)];
    let line = |cells: [&str; 5]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}  "));
        padded.collect::<String>() + cells[4]
    };
    let mut text = format!("{}\n", style::heading(&line(heads)));
    for row in &rows {
        text += &format!("{}\n", line(row.each_ref().map(String::as_str)));
    }
    text
}

fn as_markdown(rules: &[&Rule]) -> String {
    let mut text = "| rule | severity | group | fix | what it finds |\n|---|---|---|---|---|\n".to_owned();
    for rule in rules {
        let [id, severity, group, fix, summary] = row(rule);
        text += &format!("| `{id}` | {severity} | {group} | {fix} | {} |\n", summary.replace('|', "\\|"));
    }
    text
}

fn row(rule: &Rule) -> [String; 5] {
    let Rule { id, group, severity, summary, fix, .. } = rule;
    [(*id).to_owned(), severity.to_string(), group.to_string(), fix.to_string(), (*summary).to_owned()]
}

/// A rule without its page.
pub(super) fn as_json(rule: &Rule) -> Json {
    let Rule { id, group, severity, summary, fix, .. } = rule;
    json!({ "id": id, "group": group, "severity": severity, "fix": fix.to_string(), "summary": summary })
}
