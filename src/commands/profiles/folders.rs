//! Profiles in folders, nearest first, followed by the built-in profiles.

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
use crate::profile::{Embedded, MOST_BYTES, ProfileError, ProfileText, Source, is_name};

/// The environment variable with the folder of profiles and imported charts of the user, instead of the default folder.
pub const CONFIG_DIR: &str = "REDISGEN_CONFIG_DIR";

/// Folders of profile files.
pub struct Folders {
    shelves: Vec<PathBuf>,
}

impl Folders {
    /// The given folders, the folder of the project, and the folder of the user.
    ///
    /// # Errors
    ///
    /// When a given folder is not a folder; the others may be missing.
    pub fn nearest_first(given: &[PathBuf]) -> anyhow::Result<Self> {
        for folder in given {
            let shown = folder.display();
            let metadata = fs::metadata(folder).map_err(|error| {
                anyhow!("cannot read `--profile-dir {shown}`: {}", files::describe_io_error(&error))
            })?;
            if !metadata.is_dir() {
                bail!("`--profile-dir {shown}` is not a folder: expected a folder with profiles, `NAME.yaml`");
            }
        }
        let mut shelves = given.to_vec();
        shelves.push(Path::new(".redisgen").join("profiles"));
        shelves.extend(config_dir().map(|folder| folder.join("profiles")));
        Ok(Self { shelves })
    }

    /// Only these folders.
    pub fn of(shelves: Vec<PathBuf>) -> Self {
        Self { shelves }
    }
}

/// The folder of the user's files for redisgen; none if the system has no such folder.
fn config_dir() -> Option<PathBuf> {
    match env::var_os(CONFIG_DIR).filter(|folder| !folder.is_empty()) {
        Some(folder) => Some(PathBuf::from(folder)),
        None => etcetera::choose_base_strategy().ok().map(|system| system.config_dir().join("redisgen")),
    }
}

impl Source for Folders {
    fn find(&self, name: &str, from: usize) -> Result<Option<ProfileText>, ProfileError> {
        if !is_name(name) {
            return if is_path(name) { read_given(name).map(Some) } else { Ok(None) };
        }
        for (shelf, folder) in self.shelves.iter().enumerate().skip(from) {
            let path = folder.join(format!("{name}.yaml"));
            if let Some(bytes) = read_on_shelf(&path)? {
                return Ok(Some(ProfileText {
                    file: path.display().to_string(),
                    shelf,
                    embedded: false,
                    bytes: Cow::Owned(bytes),
                }));
            }
            let other = folder.join(format!("{name}.yml"));
            if other.is_file() {
                let reason = "found the ending `.yml`: expected `.yaml`. Rename the file".to_owned();
                return Err(ProfileError::Unreadable { file: other.display().to_string(), reason });
            }
        }
        let embedded = self.shelves.len();
        let found = Embedded.find(name, from.saturating_sub(embedded))?;
        Ok(found.map(|found| ProfileText { shelf: embedded, ..found }))
    }

    fn names(&self) -> Vec<String> {
        let mut names = Embedded.names();
        for folder in &self.shelves {
            // An unreadable folder offers no names. Reading a profile in it reports the error.
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

/// Whether `--profile` is a file and not a name.
fn is_path(text: &str) -> bool {
    text.contains(['/', std::path::MAIN_SEPARATOR]) || text.ends_with(".yaml") || text.ends_with(".yml")
}

/// A file that the user named by its path, which may be a pipe.
fn read_given(path: &str) -> Result<ProfileText, ProfileError> {
    let unreadable = |reason: String| ProfileError::Unreadable { file: path.to_owned(), reason };
    let metadata = fs::metadata(path).map_err(|error| unreadable(cannot_be_read(&error)))?;
    if metadata.is_dir() {
        return Err(unreadable(
            "found a folder: expected a profile. Use `--profile-dir` for a folder of profiles".to_owned(),
        ));
    }
    let bytes = read(Path::new(path)).map_err(|error| unreadable(cannot_be_read(&error)))?;
    Ok(ProfileText { file: path.to_owned(), shelf: 0, embedded: false, bytes: Cow::Owned(bytes) })
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
                Ok(_) => Err(unreadable("found a link to a missing file".to_owned())),
                Err(_) => Ok(None),
            }
        }
        Err(error) => Err(unreadable(cannot_be_read(&error))),
    }
}

/// Reads at most one byte more than the largest profile, which is enough for the core to report the size.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn cannot_be_read(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "file not found".to_owned(),
        _ => format!("cannot read the file: {}", files::describe_io_error(error)),
    }
}
