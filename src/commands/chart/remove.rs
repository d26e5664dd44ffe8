//! `redisgen chart remove`: removes imported chart versions.

use std::io::Write;

use anyhow::bail;
use semver::Version;

use super::{store, style};
use crate::{
    chart,
    commands::context::{ExitStatus, Streams},
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Imported version (`28.4.0`); repeat for several
    #[arg(value_name = "VERSION", required = true)]
    versions: Vec<Version>,
}

pub fn run(args: Args, streams: &mut Streams) -> anyhow::Result<ExitStatus> {
    let Args { mut versions } = args;
    versions.sort();
    versions.dedup();
    let mut refused = Vec::new();
    for version in &versions {
        if !store::has(version)? {
            refused.push(why_not(version)?);
        }
    }
    // A missing version is an error before any version is removed.
    if let Some(last) = refused.pop() {
        for why in refused {
            writeln!(anstream::stderr(), "{} {why}", style::error("error:"))?;
        }
        bail!(last);
    }
    for version in &versions {
        store::remove(version)?;
        writeln!(streams.out, "removed chart {version}")?;
    }
    Ok(ExitStatus::Success)
}

fn why_not(version: &Version) -> anyhow::Result<String> {
    if chart::published(version).is_some() {
        return Ok(format!("chart {version} is built in, and only imported versions can be removed"));
    }
    let imported: Vec<_> = store::versions()?.iter().map(Version::to_string).collect();
    Ok(match imported.as_slice() {
        [] => format!("chart {version} was not imported, and neither was any other version"),
        imported => format!("chart {version} was not imported: imported versions are {}", imported.join(", ")),
    })
}
