//! A file that a command was given, with the values of releases in it.

use anyhow::{Context, anyhow, bail};

use crate::{
    encryption,
    source::{self, Charts, File, Hints, JoinedRelease, Unread},
};

/// A text that was read, and what a report calls it.
pub(super) struct LoadedFile {
    pub name: String,
    pub file: File,
    /// Whether a reader has the text, and can look up its lines.
    pub at_hand: bool,
    /// Whether the path of `--at` has nothing in the text, which is then read as a flat file.
    pub is_flat: bool,
    /// The release and its namespace, where somebody else than the text names them.
    pub release: Option<(String, Option<String>)>,
}

impl LoadedFile {
    /// Reads a text.
    ///
    /// # Errors
    ///
    /// When the text is no YAML that Helm reads, or holds no values of the chart.
    pub fn read(name: String, text: &str, known: &Hints, at_hand: bool, charts: &Charts) -> anyhow::Result<Self> {
        if let Some(tool) = encryption::of_file(text) {
            bail!("`{name}`: the file is encrypted by {tool}: decrypt the file first");
        }
        let mut read = source::read(text, known, charts);
        let is_flat = matches!(read, Err(Unread::Foreign(_))) && known.at.is_some();
        if is_flat {
            // Of a wrapped and a flat file only one has something there.
            read = source::read(text, &Hints { at: None, ..known.clone() }, charts);
        }
        match read {
            Ok(file) => Ok(Self { name, file, at_hand, is_flat, release: None }),
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

    /// Refuses a file in which a release has no chart.
    ///
    /// # Errors
    ///
    /// When there is no chart of the version that values are for.
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
    /// When there is no chart of the version that values are for.
    pub fn joined(&self) -> anyhow::Result<Vec<JoinedRelease<'_>>> {
        self.check()?;
        Ok(self.file.joined())
    }
}
