//! `redisgen chart`: which chart versions are known, and teaching another one.

mod archive;
mod import;
mod list;
mod store;

use std::io::Write;

use anyhow::bail;
use clap::Subcommand;
use semver::Version;

use super::{files, style};
use crate::{
    chart::{self, Chart, Choice, Requirement},
    cli::{ExitStatus, Streams},
};

/// The chart versions that are known.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the chart versions that are known, newest first
    List(list::Args),
    /// Teach a chart version from its archive or its folder
    ///
    /// Which keys there are, with type and default, is read from the chart's own values.yaml, Chart.yaml and
    /// values.schema.json. What cannot be read off is assumed from the nearest older version.
    Import(import::Args),
}

pub fn run(args: Args, streams: &mut Streams) -> anyhow::Result<ExitStatus> {
    match args.command {
        Command::List(args) => list::run(args, streams)?,
        Command::Import(args) => import::run(args, streams.out)?,
    }
    Ok(ExitStatus::Success)
}

/// The chart that `--chart-version` means: the newest known version that matches, the newest of all without one.
///
/// For one that is newer than all that is known, `talk` is told whose facts are used.
///
/// # Errors
///
/// No version matches; with `strict`, also one that is newer than all that is known; an imported version whose file
/// cannot be read.
pub fn load(wanted: Option<&str>, strict: bool, talk: &mut dyn Write) -> anyhow::Result<Chart> {
    let mut known: Vec<Version> = chart::version_numbers().collect();
    known.extend(store::versions()?);
    known.sort();
    let choice = match (wanted, known.last()) {
        (Some(wanted), _) => wanted.parse::<Requirement>()?.choose(&known)?,
        (None, Some(newest)) => Choice::Known(newest.clone()),
        (None, None) => bail!("no chart version is known"),
    };
    match choice {
        Choice::Known(version) => known_chart(&version),
        Choice::Newer { wanted, nearest } => {
            let newer = format!("chart version {wanted} is newer than {nearest}, the newest that is known");
            let teach = "`redisgen chart import CHART.tgz` teaches it";
            if strict {
                bail!("{newer}; {teach}");
            }
            writeln!(talk, "{} {newer}: the facts of {nearest} are used; {teach}", style::warning("warning:"))?;
            Ok(known_chart(&nearest)?.standing_in_for(wanted))
        }
    }
}

fn known_chart(version: &Version) -> anyhow::Result<Chart> {
    match Chart::at(version) {
        Some(chart) => Ok(chart),
        None => store::load(version).map(Chart::imported),
    }
}
