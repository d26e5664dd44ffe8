//! Runs as an external diff of git.

use std::path::{Path as FilePath, PathBuf};

use anyhow::bail;

use super::{Outcome, Run};
use crate::commands::files;

/// The path that git passes for a missing side.
const NOTHING: &str = "/dev/null";

impl Run {
    /// Compares the files of the arguments `PATH OLD-FILE OLD-HEX OLD-MODE NEW-FILE NEW-HEX NEW-MODE`.
    ///
    /// Git appends the new path and the change for a renamed file.
    ///
    /// # Errors
    ///
    /// If the arguments have another form, or a file cannot be read.
    pub(super) fn git(&self, words: &[PathBuf]) -> anyhow::Result<Outcome> {
        let (path, old, new, renamed) = match words {
            // Git passes only the path of a file with a merge conflict.
            [path] => {
                return Ok(Outcome { report: format!("* {}: not merged yet\n", path.display()), ..Outcome::default() });
            }
            [path, old, _, _, new, _, _] => (path, old, new, path),
            [path, old, _, _, new, _, _, renamed, ..] => (path, old, new, renamed),
            _ => bail!("`--git` requires the seven arguments of an external diff of git: found {}", words.len()),
        };
        let (old, new) = (text(old)?, text(new)?);
        self.values_or_texts((path, &old), (renamed, &new))
    }
}

fn text(file: &FilePath) -> anyhow::Result<String> {
    if file == FilePath::new(NOTHING) { Ok(String::new()) } else { files::read_text(file) }
}
