//! A file of a command line with the values of releases.

use anyhow::{Context, anyhow, bail};

use crate::{
    encryption,
    source::{self, Charts, File, Hints, JoinedRelease, Unread},
};

/// A text with its name in reports.
pub(super) struct LoadedFile {
    pub name: String,
    pub file: File,
    /// Whether the user has the text and can look up its lines.
    pub has_text: bool,
    /// Whether the text has nothing at the path of `--at` and is therefore read as a flat file.
    pub is_flat: bool,
    /// The name and namespace of the release, if they come from outside of the text.
    pub release: Option<(String, Option<String>)>,
}

impl LoadedFile {
    /// Reads a text.
    ///
    /// # Errors
    ///
    /// If Helm cannot parse the YAML, or the text contains no values of the chart.
    pub fn read(name: String, text: &str, hints: &Hints, has_text: bool, charts: &Charts) -> anyhow::Result<Self> {
        if let Some(tool) = encryption::of_file(text) {
            bail!("`{name}`: the file is encrypted by {tool}: decrypt the file first");
        }
        let mut read = source::read(text, hints, charts);
        let is_flat = matches!(read, Err(Unread::Foreign(_))) && hints.at.is_some();
        if is_flat {
            // `--at` is for one side if a flat file is compared with the values of a parent chart.
            read = source::read(text, &Hints { at: None, ..hints.clone() }, charts);
        }
        match read {
            Ok(file) => Ok(Self { name, file, has_text, is_flat, release: None }),
            Err(Unread::Broken(error)) => Err(error).with_context(|| format!("`{name}`")),
            Err(Unread::Foreign(what)) => {
                bail!(
                    "`{name}`: {what}. Use `--chart-version` to compare the file anyway, or `--at PATH` for the path of the values"
                )
            }
            Err(Unread::NoBlock(what)) => bail!("`{name}`: {what}. Use `--at PATH` for the path of the values"),
            Err(Unread::Template { kind, at }) => {
                bail!("`{name}:{}:{}`: found {kind}: expected plain YAML. Render the file first", at.line, at.column)
            }
        }
    }

    /// Checks that every release in the file has a chart.
    ///
    /// # Errors
    ///
    /// If no chart has the version of a release.
    pub fn check(&self) -> anyhow::Result<()> {
        match self.file.refused.first() {
            Some(why) => Err(anyhow!("`{}`: {why}", self.name)),
            None => Ok(()),
        }
    }

    /// The values of each release.
    ///
    /// # Errors
    ///
    /// If no chart has the version of a release.
    pub fn joined(&self) -> anyhow::Result<Vec<JoinedRelease<'_>>> {
        self.check()?;
        Ok(self.file.joined())
    }
}
