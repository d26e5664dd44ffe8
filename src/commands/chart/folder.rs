//! Reads the files of a chart from its folder. A link is an error, because it can lead out of the folder.

use std::{
    cell::Cell,
    fs::{self, File as Handle},
    io::{self, Read},
    path::Path,
};

use anyhow::{Context, bail};

use super::archive::{self, MAX_MEMBER, MAX_MEMBERS, MAX_TOTAL};
use crate::chart::import::{File, is_of_use};

/// Deepest level of folders to read. The deepest folder of the redis chart is `charts/common/templates/validations`.
const DEEPEST: usize = 8;

/// Reads the files of use ([`is_of_use`]) of the chart in a folder, with their paths below the folder. Archives of charts
/// in `charts` are read too.
pub fn read(folder: &Path) -> anyhow::Result<Vec<File>> {
    let mut walk = Walk { left: Cell::new(Some(MAX_TOTAL)), seen: 0, files: Vec::new() };
    walk.below(folder, "", DEEPEST)?;
    Ok(archive::with_inner(walk.files, &walk.left)?)
}

struct Walk {
    /// Number of bytes that may still be read. `None` above the limit.
    left: Cell<Option<u64>>,
    seen: usize,
    files: Vec<File>,
}

impl Walk {
    /// Reads the files of a folder whose paths begin with `above`.
    fn below(&mut self, folder: &Path, above: &str, depth: usize) -> anyhow::Result<()> {
        let unreadable =
            || if above.is_empty() { "cannot read the folder".to_owned() } else { format!("cannot read `{above}`") };
        let entries = fs::read_dir(folder).with_context(unreadable)?;
        let mut entries = entries.collect::<io::Result<Vec<_>>>().with_context(unreadable)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            self.seen += 1;
            if self.seen > MAX_MEMBERS {
                bail!("found more than {MAX_MEMBERS} files: too many for a chart");
            }
            // The files of charts have UTF-8 names.
            let Ok(name) = entry.file_name().into_string() else { continue };
            let path = format!("{above}{name}");
            let is_folder_of_use = || is_of_use(&format!("{path}/x"));
            if !is_of_use(&path) && !is_folder_of_use() {
                continue;
            }
            let kind = entry.file_type().with_context(|| format!("cannot read `{path}`"))?;
            if kind.is_symlink() {
                bail!("`{path}` is a link, possibly to a file outside of the chart: expected a file");
            }
            if kind.is_dir() && is_folder_of_use() {
                if depth == 0 {
                    bail!("`{path}` is deeper than any folder of a chart");
                }
                self.below(&entry.path(), &format!("{path}/"), depth - 1)?;
            } else if kind.is_file() && is_of_use(&path) {
                let bytes = self.content(&entry.path(), &path)?;
                self.files.push((path, bytes));
            } else if !kind.is_dir() && !kind.is_file() || is_of_use(&path) {
                bail!("`{path}` is not a file");
            }
        }
        Ok(())
    }

    fn content(&self, file: &Path, path: &str) -> anyhow::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let read = Handle::open(file).and_then(|file| file.take(MAX_MEMBER + 1).read_to_end(&mut bytes));
        read.with_context(|| format!("cannot read `{path}`"))?;
        let size = bytes.len() as u64;
        if size > MAX_MEMBER {
            bail!("`{path}` is larger than {} MB", MAX_MEMBER >> 20);
        }
        self.left.set(self.left.get().and_then(|left| left.checked_sub(size)));
        if self.left.get().is_none() {
            bail!("found more than {} MB: too much for a chart", MAX_TOTAL >> 20);
        }
        Ok(bytes)
    }
}
