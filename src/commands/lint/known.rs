//! The baseline file of a run: known findings that do not count.

use std::path::PathBuf;

use anyhow::{Context, bail};

use super::{FixArgs, ReportArgs};
use crate::{commands::files, lint::baseline::Baseline};

/// The baseline file of a run, which the run reads or writes.
#[derive(Default)]
pub(super) struct KnownFiles {
    file: Option<PathBuf>,
    /// The known findings. `None` if the run writes the file, or has no baseline.
    baseline: Option<Baseline>,
}

impl KnownFiles {
    /// Reads the file of `--baseline`, unless the run writes it.
    ///
    /// # Errors
    ///
    /// When the file is missing, or is not a baseline.
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

    /// Whether the run writes the file.
    pub(super) fn is_written(&self) -> bool {
        self.file.is_some() && self.baseline.is_none()
    }

    /// The known findings. `None` without a baseline, or if the run writes the file.
    pub(super) fn baseline(&self) -> Option<&Baseline> {
        self.baseline.as_ref()
    }

    /// Writes all findings to the file with `--update-baseline`.
    pub(super) fn write(&self, found: &Baseline) -> anyhow::Result<()> {
        match &self.file {
            Some(file) if self.is_written() => files::write_whole(file, found.to_text().as_bytes(), false),
            _ => Ok(()),
        }
    }

    /// The message after the file was written.
    pub(super) fn written_message(&self) -> String {
        let file = self.file.as_deref().map(files::display_name).unwrap_or_default();
        format!("baseline written: {file}")
    }
}
