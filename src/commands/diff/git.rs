//! Called by git in the place of its own diff.

use std::path::{Path as FilePath, PathBuf};

use anyhow::bail;

use super::{Outcome, Run};
use crate::commands::files;

/// What git hands over for a side that is not there.
const NOTHING: &str = "/dev/null";

impl Run {
    /// `PATH OLD-FILE OLD-HEX OLD-MODE NEW-FILE NEW-HEX NEW-MODE`, and for a renamed file its new path and what has
    /// changed.
    ///
    /// # Errors
    ///
    /// Something else was handed over, or a file cannot be read.
    pub(super) fn git(&self, words: &[PathBuf]) -> anyhow::Result<Outcome> {
        let (path, old, new, renamed) = match words {
            // Git says of a file in a merge conflict no more than its path.
            [path] => {
                return Ok(Outcome { report: format!("* {}: not merged yet\n", path.display()), ..Outcome::default() });
            }
            [path, old, _, _, new, _, _] => (path, old, new, path),
            [path, old, _, _, new, _, _, renamed, ..] => (path, old, new, renamed),
            _ => bail!("`--git` requires the seven arguments of an external diff of git: found {}", words.len()),
        };
        let (old, new) = (text(old)?, text(new)?);
        self.either((path, &old), (renamed, &new))
    }
}

fn text(file: &FilePath) -> anyhow::Result<String> {
    if file == FilePath::new(NOTHING) { Ok(String::new()) } else { files::read_text(file) }
}
