//! `redisgen rules`.

use anyhow::Context as _;
use serde_json::{Value as Json, json};

use super::{OutputFile, table};
use crate::{
    commands::context::Streams,
    lint::{Rule, rules},
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Format of the output
    #[arg(long, short, value_enum, default_value_t = Format::Text)]
    output: Format,
    #[command(flatten)]
    file: OutputFile,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
    Markdown,
}

pub fn run(args: &Args, streams: &mut Streams) -> anyhow::Result<()> {
    let text = match args.output {
        Format::Text => as_text(rules::all(), args.file.width(&streams.terminal)),
        Format::Json => {
            let rules: Json = rules::all().iter().map(|rule| as_json(rule)).collect();
            serde_json::to_string_pretty(&json!({ "version": 1, "rules": rules })).context("cannot write the JSON")?
                + "\n"
        }
        Format::Markdown => as_markdown(rules::all()),
    };
    args.file.put(&text, &streams.terminal, streams.out)
}

fn as_text(rules: &[&Rule], width: Option<usize>) -> String {
    let rows: Vec<_> = rules.iter().map(|rule| row(rule)).collect();
    table::table(Some(["RULE", "SEVERITY", "GROUP", "FIX", "WHAT IT FINDS"]), &rows, width)
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

/// A rule without its documentation.
pub(super) fn as_json(rule: &Rule) -> Json {
    let Rule { id, group, severity, summary, fix, .. } = rule;
    json!({ "id": id, "group": group, "severity": severity, "fix": fix.to_string(), "summary": summary })
}
