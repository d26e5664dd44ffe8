//! `redisgen chart import`: imports a chart version from files, or with Helm from a registry.

use std::{
    fmt::Write as _,
    fs::{self, File as Handle},
    io::BufReader,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, anyhow, bail};
use semver::Version;

use super::{archive, folder, measure, pulled, store};
use crate::{
    chart::{
        self, Chart, Knowledge, Line, Measured, Requirement,
        import::{Comparison, File, Imported},
    },
    commands::context::Streams,
    commands::{files, progress::Progress, style},
    helm::{self, Remote, Repository},
};

/// Largest number of key paths to list; the others are counted.
const LISTED: usize = 20;

/// The name of the chart in a repository.
const CHART: &str = "redis";

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Chart archive of `helm pull`, folder of an unpacked chart, version (`28.4.0`), or address (`oci://...`,
    /// `https://...`)
    ///
    /// The `helm` on the PATH fetches a version or an address, with its own logins and settings.
    #[arg(value_name = "CHART.tgz|DIR|VERSION|ADDRESS")]
    chart: PathBuf,
    /// Version to fetch from an address; the newest by default
    #[arg(long, value_name = "VERSION")]
    version: Option<Version>,
    /// Repository of a version: `oci`, `classic`, or an address
    #[arg(long, value_name = "WHERE", default_value = "oci")]
    repo: Repository,
    /// Longest time for Helm to fetch the chart
    #[arg(long, value_name = "DURATION", default_value = "2m", value_parser = helm::time)]
    timeout: Duration,
    /// Render the chart with the `helm` on the PATH to find the keys that it reads, if no measured version has the same
    /// templates (some minutes)
    #[arg(long)]
    measure: bool,
}

pub fn run(args: Args, streams: &mut Streams) -> anyhow::Result<()> {
    let shown = args.chart.display().to_string();
    let not_imported = || format!("`{shown}` was not imported");
    let is_to_measure = args.measure;
    let progress = Progress::start(&streams.terminal, format!("reading chart {shown}"), None);
    let (files, mut imported) = read(args).with_context(not_imported)?;
    drop(progress);
    let version = &imported.version;
    if chart::is_measured(version) {
        writeln!(streams.out, "chart {version} is already known and measured: nothing was imported")?;
        if let Some(other) = other_templates(&imported) {
            writeln!(streams.err, "{} {other}", style::warning("warning:"))?;
        }
        return Ok(());
    }
    if is_to_measure && matches!(imported.knowledge(), Knowledge::Imported { .. }) {
        imported.measured = Some(measured(&files, &imported, streams).with_context(not_imported)?);
    }
    let replaced = store::save(&imported)?;
    streams.out.write_all(report(&imported, &files, replaced).as_bytes())?;
    Ok(())
}

/// Reads the files of the chart, and imports them.
fn read(args: Args) -> anyhow::Result<(Vec<File>, Imported)> {
    let Args { chart, version, repo, timeout, measure: _ } = args;
    let files = match remote(&chart, version.as_ref(), &repo)? {
        None if version.is_some() || repo != Repository::Oci => {
            bail!("`--version` and `--repo` are for charts that Helm fetches: remove them for a file or a folder")
        }
        None => on_disk(&chart)?,
        Some((remote, version)) => {
            let pulled = pulled::pull(&remote, version.as_deref(), timeout)?;
            let files = on_disk(&pulled.archive);
            pulled.remove()?;
            files?
        }
    };
    let imported = Imported::read(&files)?;
    Ok((files, imported))
}

/// Measures the chart with the Helm on the PATH.
fn measured(files: &[File], imported: &Imported, streams: &mut Streams) -> anyhow::Result<Measured> {
    let base = Chart::at(&imported.facts()).context("an empty version")?;
    let own = Chart::imported(imported.clone());
    let talk = (&mut *streams.err as &mut dyn std::io::Write, streams.terminal);
    measure::measure_at(files.to_vec(), &own, &base, Path::new("helm"), talk)
}

/// The chart and version for Helm to fetch. `None` for a chart on the disk.
fn remote(
    chart: &Path,
    version: Option<&Version>,
    repo: &Repository,
) -> anyhow::Result<Option<(Remote, Option<String>)>> {
    let Some(text) = chart.to_str().filter(|_| fs::symlink_metadata(chart).is_err()) else { return Ok(None) };
    if text.contains("://") {
        if *repo != Repository::Oci {
            bail!("`--repo` is only for a version: remove `--repo` for an address");
        }
        let (remote, tag) = Remote::at(text, CHART)?;
        return match (version, tag) {
            (Some(version), Some(tag)) => {
                bail!("the address has version {tag}, and `--version` is {version}: use one of them")
            }
            (version, tag) => Ok(Some((remote, version.map(Version::to_string).or(tag)))),
        };
    }
    let number = text.strip_prefix('v').unwrap_or(text);
    match number.parse::<Version>() {
        Ok(number) if version.is_none() => Ok(Some((Remote::in_repository(repo, CHART)?, Some(number.to_string())))),
        Ok(_) => bail!("the argument is already a version: remove `--version`"),
        Err(_) if text.parse::<Requirement>().is_ok() => {
            bail!("file not found, and not a full version such as `28.4.0`")
        }
        Err(_) => Ok(None),
    }
}

fn on_disk(chart: &Path) -> anyhow::Result<Vec<File>> {
    let kind = fs::metadata(chart).map_err(|error| anyhow!(files::describe_io_error(&error)))?.file_type();
    if kind.is_dir() {
        folder::read(chart)
    } else if kind.is_file() {
        let file = Handle::open(chart).map_err(|error| anyhow!(files::describe_io_error(&error)))?;
        Ok(archive::read(BufReader::new(file))?)
    } else {
        // A pipe could block, and a device could have no end.
        bail!("neither a file nor a folder");
    }
}

/// A note about a measured version whose templates differ from those of the imported chart.
fn other_templates(imported: &Imported) -> Option<String> {
    let version = &imported.version;
    if imported.is_measured_chart() != Some(false) {
        return None;
    }
    let line = chart::published(version).and_then(|release| release.line);
    let whose = if line == Some(Line::Git) { " of git" } else { "" };
    Some(format!(
        "the templates of this chart {version} differ from the measured templates{whose}: some known facts of chart \
         {version} may be wrong for this chart"
    ))
}

fn report(imported: &Imported, files: &[File], replaced: bool) -> String {
    let Comparison { new, gone, changed } = imported.compare();
    let facts = imported.facts();
    let again = if replaced { " again" } else { "" };
    let mut report = format!("imported chart {}{again}, Redis {}\n", imported.version, imported.redis());
    for (paths, what) in [(&new, "new"), (&gone, "gone"), (&changed, "with another default")] {
        let keys = if paths.len() == 1 { "key" } else { "keys" };
        report += &format!(
            "{} {keys} {what}, compared with chart {facts}{}\n",
            paths.len(),
            if paths.is_empty() { "" } else { ":" }
        );
        for path in paths.iter().take(LISTED) {
            let _ = writeln!(report, "  {path}");
        }
        if paths.len() > LISTED {
            let _ = writeln!(report, "  ... and {} more", paths.len() - LISTED);
        }
    }
    if matches!(imported.knowledge(), Knowledge::Recognised { .. }) {
        report += &format!("measured: the same templates as chart {facts}, whose facts apply\n");
    } else if let Some(measured) = &imported.measured {
        report += &format!(
            "measured: the use of {} keys by topology and switches\n\
             assumed from chart {facts}: effects of changes, render failures, the keys of options\n",
            measured.len()
        );
    } else {
        report +=
            &format!("assumed from chart {facts}: the use of keys by topology, undeclared keys, the keys of options\n");
        report += &format!("not measured: {}\n", why_assumed(imported, files));
    }
    let version = &imported.version;
    report += &format!(
        "to use it: `--chart-version {version}`, or `chart-version = \"{version}\"` in the redisgen.toml of a project\n"
    );
    report
}

/// Why facts of another version are assumed for the imported chart.
fn why_assumed(imported: &Imported, files: &[File]) -> String {
    let has = |folder: &str| files.iter().any(|(path, _)| path.starts_with(folder));
    if !has("templates/") {
        return "the chart has no templates".to_owned();
    }
    if !has("charts/") {
        return "missing library chart: run `helm dependency build`, then import the chart again".to_owned();
    }
    match imported.same_templates() {
        Some(same) => {
            let lacking: Vec<_> = imported.lacking.iter().map(|name| format!("`{name}`")).collect();
            format!(
                "the templates are the same as those of chart {same}, but `Chart.yaml` has no annotation {}",
                lacking.join(", ")
            )
        }
        None => "no measured version has the same templates. Use `--measure` to measure the chart".to_owned(),
    }
}
