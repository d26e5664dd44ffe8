//! `redisgen chart`: which chart versions are known, and teaching another one.

mod archive;
mod import;
mod list;
mod store;

use anyhow::Context;
use clap::Subcommand;
use semver::Version;

use crate::chart::{self, Chart, Choice, Requirement};

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

pub fn run(args: Args) -> anyhow::Result<()> {
    match args.command {
        Command::List(args) => list::run(args),
        Command::Import(args) => import::run(args),
    }
}

/// A chart that was chosen, and what the person should be told of the choice.
#[derive(Debug)]
pub struct Chosen {
    pub chart: Chart,
    pub warning: Option<String>,
}

/// The chart that `--chart-version` means: the newest known version that matches, the newest of all without one.
///
/// # Errors
///
/// No version matches; with `strict`, also one that is newer than all that is known; an imported version whose file
/// cannot be read.
pub fn choose(wanted: Option<&Requirement>, strict: bool) -> anyhow::Result<Chosen> {
    let mut known: Vec<Version> = chart::version_numbers().collect();
    known.extend(store::versions()?);
    known.sort();
    let choice = match (wanted, known.last()) {
        (Some(wanted), _) => wanted.choose(&known)?,
        (None, Some(newest)) => Choice::Known(newest.clone()),
        (None, None) => anyhow::bail!("no chart version is known"),
    };
    match choice {
        Choice::Known(version) => Ok(Chosen {
            chart: known_chart(&version)?,
            warning: None,
        }),
        Choice::Newer { wanted, nearest } => {
            let newer = format!("chart version {wanted} is newer than {nearest}, the newest that is known");
            if strict {
                anyhow::bail!("{newer}; `redisgen chart import CHART.tgz` teaches it");
            }
            Ok(Chosen {
                chart: known_chart(&nearest)?.standing_in_for(wanted),
                warning: Some(format!(
                    "{newer}: the facts of {nearest} are used; `redisgen chart import CHART.tgz` teaches it"
                )),
            })
        }
    }
}

fn known_chart(version: &Version) -> anyhow::Result<Chart> {
    match Chart::at(version) {
        Some(chart) => Ok(chart),
        None => store::load(version)
            .map(Chart::imported)
            .with_context(|| format!("chart {version} was imported")),
    }
}
