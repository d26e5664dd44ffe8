//! Reads the files of a chart from an untrusted archive. The archive is never unpacked to the disk.

use std::{
    cell::Cell,
    collections::HashSet,
    io::{self, BufRead, Read},
    str,
};

use flate2::bufread::MultiGzDecoder;
use tar::{Archive, Entry, EntryType};
use thiserror::Error;

use crate::chart::import::{File, is_of_use};

/// The largest member, in bytes. The redis chart's largest, its README, has 220 KB.
pub const MAX_MEMBER: u64 = 5 << 20;

/// Largest unpacked size of an archive, in bytes. The redis chart has 1 MB.
pub const MAX_TOTAL: u64 = 50 << 20;

/// Largest number of members of an archive. The redis chart has 100.
pub const MAX_MEMBERS: usize = 10_000;

/// Why an archive is refused.
#[derive(Debug, Error)]
pub enum ArchiveError {
    #[error("not a gzip archive: expected a `.tgz` of `helm pull`")]
    NotGzip,
    #[error("not a complete tar archive: {0}")]
    NotTar(io::Error),
    #[error("found more than {MAX_MEMBERS} members: too many for a chart")]
    TooMany,
    #[error("found more than {} MB after unpacking: too much for a chart", MAX_TOTAL >> 20)]
    TooLarge,
    #[error("member `{0}` is larger than {size} MB: too large for a chart", size = MAX_MEMBER >> 20)]
    LargeMember(String),
    #[error("member `{0}` is {1}: expected only files and folders")]
    Kind(String, &'static str),
    #[error("member `{0}` has a path outside of the chart")]
    Outside(String),
    #[error("member `{0}` has a name that is not UTF-8")]
    Name(String),
    #[error("member `{0}` exists twice")]
    Twice(String),
    #[error("found the top folders `{0}` and `{1}`: expected one chart")]
    TwoRoots(String, String),
    #[error("member `{0}` is an unreadable archive: {1}")]
    Inner(String, Box<ArchiveError>),
}

/// Reads the files of use ([`is_of_use`]) of the chart in a gzipped tar archive, with their paths below the folder of the
/// chart. Archives of charts in `charts` are read too.
///
/// All members are checked, because an archive with a hostile member is refused as a whole.
pub fn read(gzip: impl BufRead) -> Result<Vec<File>, ArchiveError> {
    let left = Cell::new(Some(MAX_TOTAL));
    let files = read_within(gzip, &left)?.files;
    with_inner(files, &left)
}

/// Replaces the archives in the folder `charts` of a chart by their files.
pub fn with_inner(files: Vec<File>, left: &Cell<Option<u64>>) -> Result<Vec<File>, ArchiveError> {
    let mut all = Vec::new();
    for (path, bytes) in files {
        if !is_inner(&path) {
            all.push((path, bytes));
            continue;
        }
        let inner = read_within(bytes.as_slice(), left)
            .map_err(|why| ArchiveError::Inner(path.escape_debug().to_string(), Box::new(why)))?;
        all.extend(inner.files.into_iter().map(|(path, bytes)| (format!("charts/{}/{path}", inner.root), bytes)));
    }
    Ok(all)
}

/// Whether a file is the archive of a dependency, which `helm dependency build` writes.
fn is_inner(path: &str) -> bool {
    path.strip_prefix("charts/").is_some_and(|name| !name.contains('/') && name.ends_with(".tgz"))
}

/// The chart in one archive.
struct Chart {
    /// The folder of the chart in the archive.
    root: String,
    files: Vec<File>,
}

/// Reads an archive. `left` is the number of bytes that may still be unpacked, or `None` above the limit.
fn read_within(mut gzip: impl BufRead, left: &Cell<Option<u64>>) -> Result<Chart, ArchiveError> {
    if !gzip.fill_buf().map_err(ArchiveError::NotTar)?.starts_with(&[0x1f, 0x8b]) {
        return Err(ArchiveError::NotGzip);
    }
    let unpacked = Limited { inner: MultiGzDecoder::new(gzip), left };
    members(Archive::new(unpacked)).map_err(|e| if left.get().is_none() { ArchiveError::TooLarge } else { e })
}

fn members(mut archive: Archive<impl Read>) -> Result<Chart, ArchiveError> {
    let mut files: Vec<File> = Vec::new();
    let mut known = HashSet::new();
    let mut root: Option<String> = None;
    for (at, entry) in archive.entries().map_err(ArchiveError::NotTar)?.enumerate() {
        if at >= MAX_MEMBERS {
            return Err(ArchiveError::TooMany);
        }
        let mut entry = entry.map_err(ArchiveError::NotTar)?;
        let kind = entry.header().entry_type();
        if kind == EntryType::XGlobalHeader {
            continue;
        }
        let name = name(&entry)?;
        let shown = || name.escape_debug().to_string();
        let is_file = match kind {
            EntryType::Regular | EntryType::Continuous => !name.ends_with('/'),
            EntryType::Directory => false,
            EntryType::Symlink | EntryType::Link => return Err(ArchiveError::Kind(shown(), "a link")),
            EntryType::Char | EntryType::Block => return Err(ArchiveError::Kind(shown(), "a device")),
            EntryType::Fifo => return Err(ArchiveError::Kind(shown(), "a pipe")),
            _ => return Err(ArchiveError::Kind(shown(), "of an unknown kind")),
        };
        let segments = segments(&name)?;
        if entry.size() > MAX_MEMBER {
            return Err(ArchiveError::LargeMember(shown()));
        }
        match (&root, segments.first()) {
            (Some(root), Some(first)) if root != first => {
                return Err(ArchiveError::TwoRoots(root.escape_debug().to_string(), first.escape_debug().to_string()));
            }
            (None, Some(first)) => root = Some((*first).to_owned()),
            _ => {}
        }
        let path = segments.get(1..).unwrap_or_default().join("/");
        if is_file && is_of_use(&path) {
            if !known.insert(path.clone()) {
                return Err(ArchiveError::Twice(shown()));
            }
            files.push((path, content(&mut entry)?));
        }
    }
    Ok(Chart { root: root.unwrap_or_default(), files })
}

fn name(entry: &Entry<'_, impl Read>) -> Result<String, ArchiveError> {
    let bytes = entry.path_bytes();
    match str::from_utf8(&bytes) {
        Ok(name) => Ok(name.to_owned()),
        Err(_) => Err(ArchiveError::Name(bytes.escape_ascii().to_string())),
    }
}

/// Splits a path into segments. A path that leads out of its folder, also on Windows, is an error.
fn segments(name: &str) -> Result<Vec<&str>, ArchiveError> {
    let drive = name.as_bytes().get(1) == Some(&b':');
    if drive || name.starts_with('/') || name.contains(['\\', '\0']) || name.split('/').any(|segment| segment == "..") {
        return Err(ArchiveError::Outside(name.escape_debug().to_string()));
    }
    Ok(name.split('/').filter(|segment| !matches!(*segment, "" | ".")).collect())
}

fn content(entry: &mut Entry<'_, impl Read>) -> Result<Vec<u8>, ArchiveError> {
    let size = entry.size();
    let mut bytes = Vec::new();
    entry.take(MAX_MEMBER).read_to_end(&mut bytes).map_err(ArchiveError::NotTar)?;
    if bytes.len() as u64 != size {
        return Err(ArchiveError::NotTar(io::ErrorKind::UnexpectedEof.into()));
    }
    Ok(bytes)
}

/// Reads up to a limit and then fails, because an archive can have a wrong size in its header.
struct Limited<'a, R> {
    inner: R,
    left: &'a Cell<Option<u64>>,
}

impl<R: Read> Read for Limited<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left.set(self.left.get().and_then(|left| left.checked_sub(read as u64)));
        if self.left.get().is_none() { Err(io::Error::other("too large")) } else { Ok(read) }
    }
}
