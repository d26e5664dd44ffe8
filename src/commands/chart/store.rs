//! Stores imported charts in the data folder of the user, one file for each version.

use std::{env, fs, io, path::PathBuf};

use anyhow::{Context, bail};
use etcetera::BaseStrategy;
use semver::Version;

use super::files;
use crate::chart::{self, import::Imported};

/// The imported versions in ascending order, by the names of their files. Versions that are measured now are left out.
pub fn versions() -> anyhow::Result<Vec<Version>> {
    let folder = folder()?;
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(e).with_context(|| format!("cannot read `{}`", folder.display())),
    };
    let mut versions = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let version = name.to_str().and_then(|name| name.strip_prefix("redis-")?.strip_suffix(".json"));
        versions.extend(version.and_then(|version| Version::parse(version).ok()));
    }
    versions.retain(|version| !chart::is_measured(version));
    versions.sort();
    Ok(versions)
}

/// Whether a version was imported.
pub fn has(version: &Version) -> anyhow::Result<bool> {
    Ok(path(version)?.exists())
}

/// Loads an imported version.
///
/// # Errors
///
/// When the file is missing, or was not written by redisgen.
pub fn load(version: &Version) -> anyhow::Result<Imported> {
    let path = path(version)?;
    let again = || format!("cannot read `{}`: import the chart again", path.display());
    let text = fs::read(&path).with_context(again)?;
    let imported: Imported = serde_json::from_slice(&text).with_context(again)?;
    if imported.version != *version {
        bail!("`{}` contains version {}: import the chart again", path.display(), imported.version);
    }
    Ok(imported)
}

/// Writes the file of an imported version, completely or not at all. Returns whether it replaced a file.
pub fn save(imported: &Imported) -> anyhow::Result<bool> {
    let path = path(&imported.version)?;
    let folder = folder()?;
    fs::create_dir_all(&folder).with_context(|| format!("cannot create the folder `{}`", folder.display()))?;
    let replaced = path.exists();
    files::write_whole(&path, &serde_json::to_vec(imported)?, false)?;
    Ok(replaced)
}

/// Removes the file of a version.
pub fn remove(version: &Version) -> anyhow::Result<()> {
    let path = path(version)?;
    fs::remove_file(&path).with_context(|| format!("cannot remove `{}`", path.display()))
}

fn path(version: &Version) -> anyhow::Result<PathBuf> {
    Ok(folder()?.join(format!("redis-{version}.json")))
}

/// The folder of imported charts, in `REDISGEN_DATA_DIR` or the data folder of the user.
fn folder() -> anyhow::Result<PathBuf> {
    let data = match env::var_os("REDISGEN_DATA_DIR").filter(|folder| !folder.is_empty()) {
        Some(folder) => PathBuf::from(folder),
        None => etcetera::choose_base_strategy().context("no home folder")?.data_dir().join("redisgen"),
    };
    Ok(data.join("charts"))
}
