//! `redisgen explain`: the page of a rule, or the life of a key.

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
        // Ids of rules have hyphens and no points, which no key of the chart has.
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

fn key(path: &str, wanted: Option<&str>, output: Format, talk: &mut dyn Write) -> anyhow::Result<String> {
    let newest = match (wanted, Project::load(None)?.config.chart_version) {
        (None, Some(of_project)) => load(Some(&of_project.to_string()), false, talk)?,
        _ => load(wanted, false, talk)?,
    };
    let last = explain::last_with(path).filter(|_| wanted.is_none() && !newest.takes(path));
    let chart = match last {
        Some(last) => load(Some(&last.to_string()), false, talk)?,
        None => newest,
    };
    let Some(life) = explain::life(path, &chart) else { bail!(unknown(path)) };
    let flags = flags(&life, &chart);
    Ok(report::life(&life, &chart, wanted.is_some(), &flags, output))
}

/// The flags of `redisgen values` whose settings have this key. A setting without a flag of its name has none.
fn flags(life: &KeyHistory, chart: &chart::Chart) -> Vec<String> {
    let says = |setting: Setting| {
        chart::Topology::ALL
            .iter()
            .any(|topology| chart.places(setting, *topology).iter().any(|place| place.path == life.path))
    };
    let known: Vec<String> = super::options::flags().collect();
    let settings = Setting::ALL.iter().copied().filter(|setting| !setting.is_fact());
    let flags = settings.filter(|setting| known.iter().any(|flag| flag == setting.name()) && says(*setting));
    flags.map(|setting| format!("--{}", setting.name())).collect()
}

/// How alike two names must be.
const ALIKE: f64 = 0.85;

/// The most near misses that are named.
const MOST: usize = 3;

fn unknown(what: &str) -> String {
    let known = rules::all().iter().map(|rule| rule.id).chain(chart::key_paths());
    let name = what.rsplit('.').next().unwrap_or(what).to_lowercase();
    let wanted = what.to_lowercase();
    let likeness = |known: &str| {
        let lower = known.to_lowercase();
        let whole = strsim::normalized_damerau_levenshtein(&lower, &wanted);
        let ends = lower.rsplit('.').next() == Some(name.as_str()) && !name.is_empty();
        // A key that is asked for by its last name alone is meant too.
        if ends && lower.ends_with(&wanted) { ALIKE.max(whole) } else { whole }
    };
    let mut near: Vec<(f64, &str)> =
        known.map(|known| (likeness(known), known)).filter(|(near, _)| *near >= ALIKE - 0.1).collect();
    near.sort_by(|(a, one), (b, other)| b.total_cmp(a).then(one.len().cmp(&other.len())).then(one.cmp(other)));
    near.truncate(MOST);
    let near: Vec<_> = near.iter().map(|(_, name)| format!("`{name}`")).collect();
    let what = redact::assignment(what);
    let found = format!("unknown rule or key `{what}`");
    match near.as_slice() {
        [] => format!("{found}: `redisgen rules` lists the rules"),
        near => format!("{found}: did you mean {}?", near.join(" or ")),
    }
}
