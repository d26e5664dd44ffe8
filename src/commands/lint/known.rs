//! The baseline: findings that were there before, and do not count.

use std::path::PathBuf;

use anyhow::{Context, bail};

use super::{FixArgs, ReportArgs};
use crate::{commands::files, lint::baseline::Baseline};

/// A baseline, read or written.
#[derive(Default)]
pub(super) struct KnownFiles {
    file: Option<PathBuf>,
    /// None where it is written anew.
    baseline: Option<Baseline>,
}

impl KnownFiles {
    /// # Errors
    ///
    /// The file is not there, or is no baseline.
    pub(super) fn load(reports: &ReportArgs, fixes: &FixArgs) -> anyhow::Result<Self> {
        let Some(file) = reports.baseline.clone() else { return Ok(Self::default()) };
        if reports.update_baseline {
            if fixes.diff {
                bail!("`--diff` checks nothing and cannot write a baseline: remove `--diff` or `--update-baseline`");
            }
            return Ok(Self { file: Some(file), baseline: None });
        }
        if !file.exists() {
            bail!(
                "baseline {} does not exist: check the file name, or create the baseline with `--update-baseline`",
                files::display_name(&file)
            );
        }
        let text = files::read_text(&file)?;
        let baseline = Baseline::parse(&text).with_context(|| files::display_name(&file))?;
        Ok(Self { file: Some(file), baseline: Some(baseline) })
    }

    /// Whether all that is found goes into the file.
    pub(super) fn is_written(&self) -> bool {
        self.file.is_some() && self.baseline.is_none()
    }

    /// The findings that are known; none where there is no baseline, or it is written.
    pub(super) fn baseline(&self) -> Option<&Baseline> {
        self.baseline.as_ref()
    }

    /// Writes all that was found, where that is asked for.
    pub(super) fn write(&self, found: &Baseline) -> anyhow::Result<()> {
        match &self.file {
            Some(file) if self.is_written() => files::write_whole(file, found.to_text().as_bytes(), false),
            _ => Ok(()),
        }
    }

    /// That it was written.
    pub(super) fn told(&self) -> String {
        let file = self.file.as_deref().map(files::display_name).unwrap_or_default();
        format!("baseline written: {file}")
    }
}
