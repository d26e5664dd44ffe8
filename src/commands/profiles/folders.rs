//! Profiles in folders, the nearest first, and behind them those that redisgen brings.

use std::{
    borrow::Cow,
    env,
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use anyhow::{anyhow, bail};
use etcetera::BaseStrategy as _;

use crate::commands::files;
use crate::profile::{Embedded, Found, MOST_BYTES, ProfileError, Source, is_name};

/// Where redisgen looks for a person's profiles and imported charts, instead of the folder that the system has for it.
pub const CONFIG_DIR: &str = "REDISGEN_CONFIG_DIR";

/// Shelves of profile files.
pub struct Folders {
    shelves: Vec<PathBuf>,
}

impl Folders {
    /// The given folders, the project's, and the person's.
    ///
    /// # Errors
    ///
    /// When a given folder is none; the others need not be there.
    pub fn nearest_first(given: &[PathBuf]) -> anyhow::Result<Self> {
        for folder in given {
            let shown = folder.display();
            let metadata = fs::metadata(folder)
                .map_err(|error| anyhow!("`--profile-dir {shown}` cannot be read: {}", files::told(&error)))?;
            if !metadata.is_dir() {
                bail!("`--profile-dir {shown}` is no folder: expected one that holds profiles, as `NAME.yaml`");
            }
        }
        let mut shelves = given.to_vec();
        shelves.push(Path::new(".redisgen").join("profiles"));
        shelves.extend(config_dir().map(|folder| folder.join("profiles")));
        Ok(Self { shelves })
    }

    /// Just these folders.
    pub fn of(shelves: Vec<PathBuf>) -> Self {
        Self { shelves }
    }
}

/// The folder of a person's own files for redisgen; none where the system does not say where it would be.
fn config_dir() -> Option<PathBuf> {
    match env::var_os(CONFIG_DIR).filter(|folder| !folder.is_empty()) {
        Some(folder) => Some(PathBuf::from(folder)),
        None => etcetera::choose_base_strategy().ok().map(|system| system.config_dir().join("redisgen")),
    }
}

impl Source for Folders {
    fn find(&self, name: &str, from: usize) -> Result<Option<Found>, ProfileError> {
        if !is_name(name) {
            return if is_path(name) { read_given(name).map(Some) } else { Ok(None) };
        }
        for (shelf, folder) in self.shelves.iter().enumerate().skip(from) {
            let path = folder.join(format!("{name}.yaml"));
            if let Some(bytes) = read_on_shelf(&path)? {
                return Ok(Some(Found {
                    file: path.display().to_string(),
                    shelf,
                    embedded: false,
                    bytes: Cow::Owned(bytes),
                }));
            }
            let other = folder.join(format!("{name}.yml"));
            if other.is_file() {
                let reason = "found the ending `.yml`: profiles end in `.yaml`, rename the file".to_owned();
                return Err(ProfileError::Unreadable { file: other.display().to_string(), reason });
            }
        }
        let embedded = self.shelves.len();
        let found = Embedded.find(name, from.saturating_sub(embedded))?;
        Ok(found.map(|found| Found { shelf: embedded, ..found }))
    }

    fn names(&self) -> Vec<String> {
        let mut names = Embedded.names();
        for folder in &self.shelves {
            // A folder that cannot be listed has no names to offer; a profile in it says so when it is read.
            let Ok(entries) = fs::read_dir(folder) else { continue };
            let files = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
            names.extend(
                files.filter_map(|file| file.strip_suffix(".yaml").filter(|name| is_name(name)).map(str::to_owned)),
            );
        }
        names.sort();
        names.dedup();
        names
    }
}

/// Whether `--profile` means a file and not a name.
fn is_path(text: &str) -> bool {
    text.contains(['/', std::path::MAIN_SEPARATOR]) || text.ends_with(".yaml") || text.ends_with(".yml")
}

/// A file that was asked for by its path; it may be a pipe.
fn read_given(path: &str) -> Result<Found, ProfileError> {
    let unreadable = |reason: String| ProfileError::Unreadable { file: path.to_owned(), reason };
    let metadata = fs::metadata(path).map_err(|error| unreadable(cannot_be_read(&error)))?;
    if metadata.is_dir() {
        return Err(unreadable(
            "found a folder: expected a profile; `--profile-dir` takes a folder of them".to_owned(),
        ));
    }
    let bytes = read(Path::new(path)).map_err(|error| unreadable(cannot_be_read(&error)))?;
    Ok(Found { file: path.to_owned(), shelf: 0, embedded: false, bytes: Cow::Owned(bytes) })
}

fn read_on_shelf(path: &Path) -> Result<Option<Vec<u8>>, ProfileError> {
    let unreadable = |reason: String| ProfileError::Unreadable { file: path.display().to_string(), reason };
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => read(path).map(Some).map_err(|error| unreadable(cannot_be_read(&error))),
        Ok(metadata) if metadata.is_dir() => {
            Err(unreadable("found a folder: expected a file with a profile".to_owned()))
        }
        Ok(_) => Err(unreadable("found a device or a pipe: expected a file with a profile".to_owned())),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            match fs::symlink_metadata(path) {
                Ok(_) => Err(unreadable("found a link to a file that is not there".to_owned())),
                Err(_) => Ok(None),
            }
        }
        Err(error) => Err(unreadable(cannot_be_read(&error))),
    }
}

/// A little more than a profile may have, so that the core sees that it is too much.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn cannot_be_read(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "found no such file".to_owned(),
        _ => format!("it cannot be read: {}", files::told(error)),
    }
}
