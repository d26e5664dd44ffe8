//! The values of releases, as `images` and `plan` take them: from a file, or from options.

use std::path::Path as FilePath;

use anyhow::bail;

use super::{
    files,
    loaded_file::LoadedFile,
    options::OptionArgs,
    sources::{Project, Sources},
};
use crate::{
    chart::Requirement,
    commands::context::Streams,
    source::{ClaimSource, Hints},
    yaml::{Helm, Path},
};

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Values")]
pub(super) struct ValuesArgs {
    /// Path of the values in FILE: `redis` or `cache.redis` in the values of a parent chart
    #[arg(long, value_name = "PATH", requires = "listed")]
    at: Option<Path>,
    /// Major version of Helm
    #[arg(long, value_enum, value_name = "MAJOR", default_value_t, env = super::HELM, hide_env_values = true)]
    helm: Helm,
}

impl ValuesArgs {
    /// Reads a file with the values of releases, or the file of a release `PATH#NAME`, with the hints for it.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, has no values of the chart, or the chart version is not known.
    pub fn load(
        &self,
        file: &FilePath,
        version: Option<&str>,
        streams: &mut Streams,
    ) -> anyhow::Result<(LoadedFile, Hints)> {
        let sources = Sources::of(Project::load(None)?);
        let version = version.map(str::parse::<Requirement>).transpose()?;
        let (path, release) = sources.file_of(file)?;
        let hints = Hints { version, at: self.at.clone(), helm: self.helm, release, ..Hints::default() };
        let hints = sources.known(&path, hints);
        let name = files::display_name(file).trim_matches('`').to_owned();
        let loaded = LoadedFile::read(name, &files::read_text(&path)?, &hints, true, &|wanted| sources.chart(wanted))?;
        if let (Some(at), true) = (&self.at, loaded.is_flat) {
            bail!("found nothing at `{at}` in {}: check the path of `--at`", files::display_name(file));
        }
        loaded.check()?;
        for note in sources.talk() {
            write!(streams.err, "{note}")?;
        }
        Ok((loaded, hints))
    }

    /// The chart version of the values files, see [`version_in`].
    ///
    /// # Errors
    ///
    /// As for [`version_in`].
    pub fn version_in(&self, options: &OptionArgs) -> anyhow::Result<Option<String>> {
        version_in(options, self.helm)
    }
}

/// The chart version of the values files, from their comments or keys, unless an option sets one.
///
/// # Errors
///
/// If a file cannot be read, or the chart version is not known.
pub(super) fn version_in(options: &OptionArgs, helm: Helm) -> anyhow::Result<Option<String>> {
    if options.chart_version().is_some() {
        return Ok(None);
    }
    let sources = Sources::of(Project::load(None)?);
    let mut version: Option<String> = None;
    for file in options.values_files().iter().filter(|file| !files::is_standard(file)) {
        let hints = sources.known(file, Hints { helm, ..Hints::default() });
        let name = files::display_name(file).trim_matches('`').to_owned();
        let text = files::read_text(file)?;
        // Errors in the file are reported when the file is read as values.
        let charts = |wanted: &Requirement| sources.chart(wanted);
        let Ok(loaded) = LoadedFile::read(name, &text, &hints, true, &charts) else { continue };
        let joined = loaded.joined()?;
        if let Some(release) = joined.iter().find(|release| !matches!(release.claim.by, ClaimSource::Keys(_))) {
            version = Some(release.release.chart.version().to_string());
        }
    }
    Ok(version)
}

/// Refuses a file next to options for values.
pub(super) fn refuse_both(file: &FilePath) -> anyhow::Error {
    anyhow::anyhow!(
        "found {} and options for values: expected one of them. `--values {}` adds the file to the options",
        files::display_name(file),
        file.display()
    )
}
