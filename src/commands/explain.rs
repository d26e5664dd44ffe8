//! `redisgen explain`: the page of a rule or the history of a key.

use std::io::Write;

use anyhow::bail;

use super::{OutputFile, chart::load, rules::as_json as rule_as_json, sources::Project};
use crate::{
    chart::{self, Setting},
    commands::context::Streams,
    explain::{self, KeyHistory},
    fold,
    lint::rules,
    redact,
    report::explain::{self as report, Format},
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Rule (`redisgen rules` lists them) or key of the chart (`replica.service.type`)
    #[arg(value_name = "RULE|KEY")]
    what: String,
    /// Chart version of the key; by default `chart-version` of redisgen.toml, else the newest version with the key, and
    /// its whole history
    #[arg(long, value_name = "VERSION")]
    chart_version: Option<String>,
    /// Format of the output
    #[arg(long, short, value_enum, default_value_t = Format::Text)]
    output: Format,
    #[command(flatten)]
    file: OutputFile,
}

pub fn run(args: &Args, streams: &mut Streams) -> anyhow::Result<()> {
    let Args { what, chart_version, output, file } = args;
    let width = file.width(&streams.terminal);
    let text = match rules::named(what) {
        Some(_) if chart_version.is_some() => {
            bail!("`{what}` is a rule and does not depend on the chart version: remove `--chart-version`")
        }
        // The identifiers of rules have hyphens and no dots, and no key of the chart looks like that.
        Some(rule) => match output {
            Format::Text => report::page(rule, width),
            Format::Json => {
                let mut json = rule_as_json(rule);
                json["version"] = 1.into();
                json["docs"] = rule.docs.into();
                format!("{json:#}\n")
            }
        },
        None => {
            let text = key(what, chart_version.as_deref(), *output, streams.err)?;
            match width.filter(|_| *output == Format::Text) {
                Some(width) => fold::text(&text, width),
                None => text,
            }
        }
    };
    file.put(&text, &streams.terminal, streams.out)
}

fn key(path: &str, requested: Option<&str>, output: Format, messages: &mut dyn Write) -> anyhow::Result<String> {
    let newest = match (requested, Project::load(None)?.config.chart_version) {
        (None, Some(of_project)) => load(Some(&of_project.to_string()), false, messages)?,
        _ => load(requested, false, messages)?,
    };
    let last = explain::last_with(path).filter(|_| requested.is_none() && !newest.takes(path));
    let chart = match last {
        Some(last) => load(Some(&last.to_string()), false, messages)?,
        None => newest,
    };
    let Some(history) = explain::key_history(path, &chart) else { bail!(unknown(path)) };
    let flags = flags(&history, &chart);
    Ok(report::key_history(&history, &chart, requested.is_some(), &flags, output))
}

/// The options of `redisgen values` that set this key.
fn flags(history: &KeyHistory, chart: &chart::Chart) -> Vec<String> {
    let sets_key = |setting: Setting| {
        chart::Topology::ALL
            .iter()
            .any(|topology| chart.places(setting, *topology).iter().any(|place| place.path == history.path))
    };
    let known: Vec<String> = super::options::flags().collect();
    let settings = Setting::ALL.iter().copied().filter(|setting| !setting.is_fact());
    let flags = settings.filter(|setting| known.iter().any(|flag| flag == setting.name()) && sets_key(*setting));
    flags.map(|setting| format!("--{}", setting.name())).collect()
}

/// The similarity that two names must have.
const SIMILAR: f64 = 0.85;

/// The most suggestions for an unknown name.
const MOST_SUGGESTIONS: usize = 3;

fn unknown(what: &str) -> String {
    let known = rules::all().iter().map(|rule| rule.id).chain(chart::key_paths());
    let name = what.rsplit('.').next().unwrap_or(what).to_lowercase();
    let requested = what.to_lowercase();
    let similarity = |known: &str| {
        let lower = known.to_lowercase();
        let whole = strsim::normalized_damerau_levenshtein(&lower, &requested);
        let ends = lower.rsplit('.').next() == Some(name.as_str()) && !name.is_empty();
        // A user may give only the last name of a key.
        if ends && lower.ends_with(&requested) { SIMILAR.max(whole) } else { whole }
    };
    let mut near: Vec<(f64, &str)> =
        known.map(|known| (similarity(known), known)).filter(|(near, _)| *near >= SIMILAR - 0.1).collect();
    near.sort_by(|(a, one), (b, other)| b.total_cmp(a).then(one.len().cmp(&other.len())).then(one.cmp(other)));
    near.truncate(MOST_SUGGESTIONS);
    let near: Vec<_> = near.iter().map(|(_, name)| format!("`{name}`")).collect();
    let what = redact::assignment(what);
    let message = format!("unknown rule or key `{what}`");
    match near.as_slice() {
        [] => format!("{message}: `redisgen rules` lists the rules"),
        near => format!("{message}: did you mean {}?", near.join(" or ")),
    }
}
