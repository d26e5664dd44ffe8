//! `redisgen chart`: lists, imports and removes chart versions.

mod archive;
pub mod folder;
mod import;
mod list;
pub mod measure;
mod pulled;
mod remove;
pub(super) mod store;

use std::io::Write;

use anyhow::{Context, bail};
use clap::Subcommand;
use semver::Version;

use super::{files, style};
use crate::{
    chart::{self, Chart, ChosenVersion, Knowledge, Requirement},
    commands::context::{ExitStatus, Streams},
};

/// Known chart versions.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the known chart versions, newest first
    List(list::Args),
    /// Import a chart version from an archive, a folder, or a registry
    ///
    /// redisgen reads keys, types and defaults from the values.yaml, Chart.yaml and values.schema.json of the chart. Other
    /// facts come from a measured version with the same templates, else from the nearest older version, or with
    /// `--measure` from renders of the chart. An imported version is used only if an option or file sets it.
    Import(import::Args),
    /// Remove imported chart versions
    Remove(remove::Args),
}

pub fn run(args: Args, streams: &mut Streams) -> anyhow::Result<ExitStatus> {
    match args.command {
        Command::List(args) => list::run(args, streams)?,
        Command::Import(args) => import::run(args, streams)?,
        Command::Remove(args) => return remove::run(args, streams),
    }
    Ok(ExitStatus::Success)
}

/// Loads the chart for `--chart-version`: the newest measured version that matches, else the newest known version that
/// matches. Without an option, the newest measured version.
///
/// An imported version is used only on request, because other users do not have the import. For a prefix or a range, it is
/// used only if no other version matches. `talk` gets a note if facts of another version are used.
///
/// # Errors
///
/// When no version matches, when the file of an imported version is unreadable, or with `strict`, when only the number of
/// the version is known.
pub fn load(wanted: Option<&str>, strict: bool, talk: &mut dyn Write) -> anyhow::Result<Chart> {
    let choice = match wanted {
        Some(wanted) => choose(&wanted.parse()?)?,
        None => ChosenVersion::Known(chart::newest_measured()),
    };
    take(choice, strict, talk)
}

/// Loads the chart for the `chart-version` of a project, which all users of its `redisgen.toml` share.
///
/// # Errors
///
/// The errors of [`load`], and an unknown version: another user may have imported it.
pub fn load_of_project(wanted: &Requirement, strict: bool, talk: &mut dyn Write) -> anyhow::Result<Chart> {
    let choice = choose(wanted).context("`chart-version` in redisgen.toml")?;
    if let ChosenVersion::Unseen { wanted, .. } | ChosenVersion::Newer { wanted, .. } = &choice {
        bail!(
            "`chart-version` in redisgen.toml: unknown chart version {wanted}. Import the chart: `redisgen chart \
             import {wanted}`"
        );
    }
    take(choice, strict, talk)
}

fn choose(wanted: &Requirement) -> anyhow::Result<ChosenVersion> {
    let mut known: Vec<Version> = chart::version_numbers().collect();
    if let Ok(known @ ChosenVersion::Known(_)) = wanted.choose(&known) {
        return Ok(known);
    }
    known.extend(store::versions()?);
    known.sort();
    known.dedup();
    Ok(wanted.choose(&known)?)
}

fn take(choice: ChosenVersion, strict: bool, talk: &mut dyn Write) -> anyhow::Result<Chart> {
    match choice {
        ChosenVersion::Known(version) => {
            let chart = known_chart(&version)?;
            match chart.knowledge() {
                Knowledge::NumberOnly { facts } => {
                    let number = format!("only the number of chart {version} is known");
                    let teach = "import the chart with `redisgen chart import CHART.tgz`";
                    if strict {
                        bail!("{number}; {teach}");
                    }
                    writeln!(
                        talk,
                        "{} {number}: using the facts of chart {facts}; {teach}",
                        style::warning("warning:")
                    )?;
                }
                Knowledge::KeysOnly { facts } => writeln!(
                    talk,
                    "{} only the keys and defaults of chart {version} are known: other facts are those of chart \
                     {facts}",
                    style::note("note:")
                )?,
                Knowledge::Imported { facts } => writeln!(
                    talk,
                    "{} only the keys and defaults of the imported chart {version} are known: other facts are those \
                     of chart {facts}",
                    style::note("note:")
                )?,
                _ => {}
            }
            Ok(chart)
        }
        ChosenVersion::Alike { wanted, measured } => Ok(known_chart(&measured)?.standing_in_for(wanted)),
        ChosenVersion::Unseen { wanted, nearest } => {
            let teach = "import the chart with `redisgen chart import CHART.tgz`";
            if strict {
                bail!("unknown chart version {wanted}; {teach}");
            }
            let nearest = known_chart(&nearest)?;
            let facts = nearest.assumed().unwrap_or_else(|| nearest.version().clone());
            let warning = style::warning("warning:");
            writeln!(talk, "{warning} unknown chart version {wanted}: using the facts of chart {facts}; {teach}")?;
            Ok(nearest.standing_in_for(wanted))
        }
        ChosenVersion::Newer { wanted, nearest } => {
            let newer = format!("chart version {wanted} is newer than {nearest}, the newest known version");
            let teach = "import the chart with `redisgen chart import CHART.tgz`";
            if strict {
                bail!("{newer}; {teach}");
            }
            writeln!(talk, "{} {newer}: using the facts of chart {nearest}; {teach}", style::warning("warning:"))?;
            Ok(known_chart(&nearest)?.standing_in_for(wanted))
        }
    }
}

/// Loads a version: a measured embedded version, else an imported version, else the embedded version.
fn known_chart(version: &Version) -> anyhow::Result<Chart> {
    match Chart::at(version) {
        Some(chart) if chart::is_measured(version) || !store::has(version)? => Ok(chart),
        _ => store::load(version).map(Chart::imported),
    }
}
