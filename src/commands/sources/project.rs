//! The project of the files: its `redisgen.toml`, with its folder.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::{
    commands::files,
    config::{Config, FileRule},
};

/// The name of the configuration file.
const NAME: &str = "redisgen.toml";

/// A configuration with its folder.
#[derive(Default)]
pub struct Project {
    /// The absolute path of the folder; empty without a configuration.
    folder: PathBuf,
    pub config: Config,
}

impl Project {
    /// Loads a configuration: the given file, or the nearest one in this folder or above, up to the root of the repository.
    ///
    /// # Errors
    ///
    /// When the file is unreadable, or has unknown fields.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        let file = match file {
            Some(file) => files::absolute(file)?,
            None => match nearest()? {
                Some(file) => file,
                None => return Ok(Self::default()),
            },
        };
        let text = files::read_text(&file)?;
        let config = Config::parse(&text, &display_path(&file))?;
        let folder = file.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Self { folder, config })
    }

    /// The path of a file below the folder of the configuration.
    pub fn within<'a>(&self, path: &'a Path, absolute: &'a Path) -> &'a Path {
        absolute.strip_prefix(&self.folder).unwrap_or(path)
    }

    /// Whether the configuration declares that some files have values of the chart.
    pub fn has_rules(&self) -> bool {
        !self.config.files.is_empty() || self.config.lint.chart_version.is_some()
    }

    /// The settings of the configuration for a file.
    pub fn rule(&self, path: &Path) -> Option<&FileRule> {
        let whole = files::absolute(path).ok()?;
        self.config.for_file(self.within(path, &whole))
    }
}

fn nearest() -> anyhow::Result<Option<PathBuf>> {
    let here = std::env::current_dir().context("cannot find this folder")?;
    for folder in here.ancestors() {
        let file = folder.join(NAME);
        if file.is_file() {
            return Ok(Some(file));
        }
        if folder.join(".git").exists() {
            break;
        }
    }
    Ok(None)
}

/// The path for messages, below the current folder if possible.
fn display_path(file: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    file.strip_prefix(&here).unwrap_or(file).display().to_string()
}
