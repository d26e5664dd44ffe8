//! `redisgen chart list`.

use anyhow::bail;
use serde_json::json;

use super::{store, style};
use crate::{
    chart::{self, Choice, Release, Requirement, RequirementError, Source},
    cli::Streams,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only versions that match: `18.6.1`, the beginning of one (`18`, `18.6`) or a range (`^18`, `>=16, <17`)
    #[arg(value_name = "VERSION")]
    wanted: Option<Requirement>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args, streams: &mut Streams) -> anyhow::Result<()> {
    let Args { wanted, json } = args;
    let mut releases: Vec<Release> = chart::versions().collect();
    for version in store::versions()? {
        match store::load(&version) {
            Ok(imported) => releases.push(Release::from(&imported)),
            // One broken file is no reason to hide the versions that are fine.
            Err(e) => writeln!(streams.err, "{} {e:#}", style::warning("warning:"))?,
        }
    }
    releases.sort_by(|a, b| b.version.cmp(&a.version));
    if let Some(wanted) = wanted {
        let mut known: Vec<_> = releases.iter().map(|release| release.version.clone()).collect();
        known.reverse();
        if let Choice::Newer { nearest, .. } = wanted.choose(&known)? {
            bail!(RequirementError::AllNewer { text: wanted.to_string(), newest: nearest });
        }
        releases.retain(|release| wanted.matches(&release.version));
    }
    let text = if json { as_json(&releases)? } else { as_table(&releases) };
    streams.out.write_all(text.as_bytes())?;
    Ok(())
}

fn as_table(releases: &[Release]) -> String {
    let known = |release: &Release| match &release.source {
        Source::Embedded => "measured".to_owned(),
        Source::Imported { assumed } => format!("imported; what is read is assumed from {assumed}"),
    };
    let mut table = format!("{:<10}  {:<8}  {:<10}  {}\n", "VERSION", "APP", "PUBLISHED", "KNOWN");
    for release in releases {
        let date = release.date.as_deref().unwrap_or("-");
        let version = release.version.to_string();
        table += &format!("{version:<10}  {:<8}  {date:<10}  {}\n", release.app_version, known(release));
    }
    table
}

fn as_json(releases: &[Release]) -> anyhow::Result<String> {
    let release = |release: &Release| {
        let Release { version, app_version, date, common, kube, source } = release;
        let (known, assumed) = match source {
            Source::Embedded => ("embedded", None),
            Source::Imported { assumed } => ("imported", Some(assumed)),
        };
        json!({
            "version": version, "app_version": app_version, "date": date, "common": common, "kube": kube,
            "known": known, "assumed": assumed,
        })
    };
    let releases: Vec<_> = releases.iter().map(release).collect();
    Ok(serde_json::to_string_pretty(&releases)? + "\n")
}
