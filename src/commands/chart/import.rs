//! `redisgen chart import`.

use std::{
    fmt::Write as _,
    fs::{self, File},
    io::{self, BufReader, Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow, bail};

use super::{
    archive::{self, MAX_MEMBER},
    store,
};
use crate::chart::{
    self,
    import::{Comparison, FILES, Imported},
};
use crate::commands::files;

/// How many key paths of a kind are listed before the rest is counted.
const LISTED: usize = 20;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A chart archive as `helm pull` writes it, or the folder of an unpacked chart
    #[arg(value_name = "CHART.tgz|DIR")]
    chart: PathBuf,
}

pub fn run(args: Args, out: &mut dyn Write) -> anyhow::Result<()> {
    let Args { chart } = args;
    let imported = read(&chart).with_context(|| format!("`{}` was not imported", chart.display()))?;
    let version = &imported.version;
    if chart::is_measured(version) {
        writeln!(out, "chart {version} is known already, and all of it is measured; nothing was imported")?;
        return Ok(());
    }
    let replaced = store::save(&imported)?;
    out.write_all(report(&imported, &imported.compare(), replaced).as_bytes())?;
    Ok(())
}

fn read(chart: &Path) -> anyhow::Result<Imported> {
    let kind = fs::metadata(chart).map_err(|error| anyhow!(files::told(&error)))?.file_type();
    let files = if kind.is_dir() {
        folder(chart)?
    } else if kind.is_file() {
        archive::read(BufReader::new(File::open(chart).map_err(|error| anyhow!(files::told(&error)))?))?
    } else {
        // A pipe would be waited for, a device read for ever.
        bail!("it is neither a file nor a folder");
    };
    Ok(Imported::read(&files)?)
}

/// The chart's own files in its folder. Nothing below it is walked.
fn folder(chart: &Path) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for name in FILES {
        let path = chart.join(name);
        let kind = match fs::symlink_metadata(&path) {
            Ok(metadata) => metadata.file_type(),
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(e) => return Err(e).with_context(|| format!("`{name}` cannot be read")),
        };
        if kind.is_symlink() {
            bail!("`{name}` is a link, and might lead out of the chart: expected a file");
        }
        if !kind.is_file() {
            bail!("`{name}` is not a file");
        }
        let mut bytes = Vec::new();
        let read = File::open(&path).and_then(|file| file.take(MAX_MEMBER + 1).read_to_end(&mut bytes));
        read.with_context(|| format!("`{name}` cannot be read"))?;
        if bytes.len() as u64 > MAX_MEMBER {
            bail!("`{name}` is larger than {} MB", MAX_MEMBER >> 20);
        }
        files.push((name.to_owned(), bytes));
    }
    Ok(files)
}

fn report(imported: &Imported, comparison: &Comparison, replaced: bool) -> String {
    let Comparison { new, gone, changed } = comparison;
    let assumed = imported.assumed();
    let again = if replaced { " again" } else { "" };
    let mut report = format!("imported chart {}{again}, Redis {}\n", imported.version, imported.app_version);
    for (paths, what) in [(new, "new"), (gone, "gone"), (changed, "with another default")] {
        let keys = if paths.len() == 1 { "key" } else { "keys" };
        report +=
            &format!("{} {keys} {what}, beside {assumed}{}\n", paths.len(), if paths.is_empty() { "" } else { ":" });
        for path in paths.iter().take(LISTED) {
            let _ = writeln!(report, "  {path}");
        }
        if paths.len() > LISTED {
            let _ = writeln!(report, "  ... and {} more", paths.len() - LISTED);
        }
    }
    report += &format!(
        "assumed from {assumed}: which keys are read in which topology, keys that values.yaml does not declare, \
         how a wish is said\n"
    );
    report
}
