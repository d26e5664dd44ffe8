//! The project that the files belong to: its `redisgen.toml`, with the folder that it speaks of.

use std::path::{Path, PathBuf, absolute};

use anyhow::Context;

use crate::{
    commands::files,
    config::{Config, FileRule},
};

/// What a project's configuration is called.
const NAME: &str = "redisgen.toml";

/// A configuration and where it lies.
#[derive(Default)]
pub struct Project {
    /// Absolute; empty where there is no configuration.
    folder: PathBuf,
    pub config: Config,
}

impl Project {
    /// That of a file; without one the nearest of this folder and those above it, up to the root of a repository.
    ///
    /// # Errors
    ///
    /// The file is unreadable, or has unknown fields.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        let file = match file {
            Some(file) => absolute(file)?,
            None => match nearest()? {
                Some(file) => file,
                None => return Ok(Self::default()),
            },
        };
        let text = files::read_text(&file)?;
        let config = Config::parse(&text, &shown(&file))?;
        let folder = file.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Self { folder, config })
    }

    /// The path of a file from the folder of the configuration on.
    pub fn within<'a>(&self, path: &'a Path, absolute: &'a Path) -> &'a Path {
        absolute.strip_prefix(&self.folder).unwrap_or(path)
    }

    /// The settings of the configuration for a file.
    pub fn rule(&self, path: &Path) -> Option<&FileRule> {
        let whole = absolute(path).ok()?;
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

/// The shortest path from the current folder.
fn shown(file: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    file.strip_prefix(&here).unwrap_or(file).display().to_string()
}
