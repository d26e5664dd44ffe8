//! Reads files with limits, and writes files completely or not at all.

use std::{
    env,
    fs::{self, File},
    io::{self, Read, Write},
    path::{self, Path, PathBuf},
    sync::LazyLock,
};

use anyhow::{anyhow, bail};
use tempfile::NamedTempFile;

use crate::{
    encryption::{self, GIT_CRYPT},
    escape::one_line,
    shell,
};

/// The most bytes to read from a file or standard input, many times the limit of Helm for values.
const MOST_BYTES: u64 = 16 << 20;

/// The name of standard input or output in place of a file.
pub const STANDARD: &str = "-";

/// Reads the text of a file, or of standard input for `-`.
///
/// # Errors
///
/// When the file is unreadable, not a text, or too long.
pub fn read_text(file: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    read_bytes(file, &mut bytes)?;
    String::from_utf8(bytes).map_err(|_| is_no_text(file))
}

/// The same, in a buffer that the next file can use again: a walk over many files then needs the memory of one.
pub fn read_text_into<'b>(file: &Path, buffer: &'b mut Vec<u8>) -> anyhow::Result<&'b str> {
    buffer.clear();
    read_bytes(file, buffer)?;
    str::from_utf8(buffer).map_err(|_| is_no_text(file))
}

fn cannot_read(file: &Path, why: &str) -> anyhow::Error {
    anyhow!("cannot read {}: {why}", display_name(file))
}

fn is_no_text(file: &Path) -> anyhow::Error {
    cannot_read(file, "the file is not UTF-8 text")
}

fn read_bytes(file: &Path, bytes: &mut Vec<u8>) -> anyhow::Result<()> {
    let read = if is_standard(file) {
        io::stdin().take(MOST_BYTES + 1).read_to_end(bytes)
    } else {
        File::open(file).and_then(|file| {
            // Without room, a small file takes many reads.
            let size = file.metadata().map_or(0, |metadata| metadata.len().min(MOST_BYTES));
            bytes.reserve_exact(usize::try_from(size).unwrap_or_default() + 1);
            file.take(MOST_BYTES + 1).read_to_end(bytes)
        })
    };
    read.map_err(|error| cannot_read(file, &describe_io_error(&error)))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(cannot_read(file, &format!("the file is larger than {} MiB", MOST_BYTES >> 20)));
    }
    // Only the header of a file in encrypted bytes is useful.
    if bytes.starts_with(GIT_CRYPT.as_bytes()) {
        bytes.truncate(GIT_CRYPT.len());
    }
    Ok(())
}

/// Reads the text of a file that no user named: none if it is missing or not a regular file, because a pipe could block
/// forever.
pub fn read_found(file: &Path) -> Option<String> {
    fs::metadata(file).is_ok_and(|found| found.is_file()).then(|| read_text(file).ok())?
}

/// Refuses to change an encrypted text, or a text with encrypted parts. `again` is the command, without its files.
///
/// # Errors
///
/// When a part is encrypted: the error explains the way that works.
pub fn refuse_encrypted(file: &Path, text: &str, again: &str) -> anyhow::Result<()> {
    let Some(encrypted) = encryption::find(text) else { return Ok(()) };
    let name = file.display().to_string();
    let name = if is_standard(file) { None } else { Some(one_line(&name)) };
    let word = name.as_deref().and_then(|name| shell::quote(name).ok());
    let again = format!("redisgen {again} {}", word.as_deref().unwrap_or("FILE"));
    Err(anyhow!(encrypted.refusal(name.as_deref(), &again)))
}

/// Whether `file` means standard input or output.
pub fn is_standard(file: &Path) -> bool {
    file.as_os_str() == STANDARD
}

/// The absolute form of a path. The folder of the process is asked for once, because the program never changes it.
///
/// # Errors
///
/// As [`path::absolute`].
pub fn absolute(file: &Path) -> io::Result<PathBuf> {
    static HERE: LazyLock<Option<PathBuf>> = LazyLock::new(|| env::current_dir().ok());
    match &*HERE {
        Some(here) if file.is_relative() && !file.as_os_str().is_empty() => path::absolute(here.join(file)),
        _ => path::absolute(file),
    }
}

/// The name of a file in a message.
pub fn display_name(file: &Path) -> String {
    if is_standard(file) { "standard input".to_owned() } else { format!("`{}`", one_line(&file.display().to_string())) }
}

/// Writes `file` through a temporary file in the same folder.
///
/// An existing file keeps its mode. A new file is readable for all users as usual, or only for its owner if it is
/// `secret`. A device or pipe is written directly.
///
/// # Errors
///
/// When the file is not writable; the file is then unchanged.
pub fn write_whole(file: &Path, bytes: &[u8], secret: bool) -> anyhow::Result<()> {
    PendingWrite::new(file, bytes, secret)?.put()
}

/// Writes the output of a command to `file`, or to `out` without a file or for `-`. A new file is readable only for its
/// owner if the text is `secret`.
///
/// # Errors
///
/// When the file or `out` is not writable.
pub fn write_product(file: Option<&Path>, text: &str, secret: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    match file.filter(|file| !is_standard(file)) {
        // Colours are for a terminal.
        Some(file) => write_whole(file, anstream::adapter::strip_str(text).to_string().as_bytes(), secret),
        None => Ok(out.write_all(text.as_bytes())?),
    }
}

/// Writes several files as [`write_whole`] does; writes none if one of them cannot be prepared.
///
/// # Errors
///
/// When a file is not writable. If one cannot be moved into place after all were prepared, earlier files are already
/// written.
pub fn write_all<'a>(files: impl IntoIterator<Item = (&'a Path, &'a [u8])>) -> anyhow::Result<()> {
    let ready: Vec<_> =
        files.into_iter().map(|(file, bytes)| PendingWrite::new(file, bytes, false)).collect::<Result<_, _>>()?;
    ready.into_iter().try_for_each(PendingWrite::put)
}

/// A prepared file, before the last step.
struct PendingWrite<'a> {
    file: &'a Path,
    target: PathBuf,
    how: WriteMode<'a>,
}

enum WriteMode<'a> {
    /// A file in the same folder that replaces the old one.
    Whole(NamedTempFile),
    /// A device or a pipe.
    AsItStands(&'a [u8]),
}

impl<'a> PendingWrite<'a> {
    fn new(file: &'a Path, bytes: &'a [u8], secret: bool) -> anyhow::Result<Self> {
        let cannot = |why: &str| cannot_write(file, why);
        // The target of a link is replaced, not the link.
        let target = followed(file);
        let there = fs::metadata(&target).ok();
        match &there {
            Some(there) if there.is_dir() => return Err(cannot("it is a directory")),
            Some(there) if !there.is_file() => return Ok(Self { file, target, how: WriteMode::AsItStands(bytes) }),
            _ => {}
        }
        let folder = match target.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        if !folder.is_dir() {
            bail!(cannot(&format!("there is no folder `{}`", folder.display())));
        }
        let whole = whole(folder, bytes, there.as_ref(), secret).map_err(|error| cannot(&describe_io_error(&error)))?;
        Ok(Self { file, target, how: WriteMode::Whole(whole) })
    }

    fn put(self) -> anyhow::Result<()> {
        let Self { file, target, how } = self;
        let put = match how {
            WriteMode::Whole(whole) => whole.persist(&target).map(drop).map_err(|error| error.error),
            WriteMode::AsItStands(bytes) => {
                fs::OpenOptions::new().write(true).open(&target).and_then(|mut file| file.write_all(bytes))
            }
        };
        put.map_err(|error| cannot_write(file, &describe_io_error(&error)))
    }
}

fn cannot_write(file: &Path, why: &str) -> anyhow::Error {
    anyhow!("cannot write `{}`: {why}", file.display())
}

fn whole(folder: &Path, bytes: &[u8], there: Option<&fs::Metadata>, secret: bool) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".redisgen-");
    #[cfg(unix)]
    if !secret {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _ = secret;
    let mut whole = builder.tempfile_in(folder)?;
    if let Some(there) = there {
        whole.as_file().set_permissions(there.permissions())?;
    }
    whole.write_all(bytes)?;
    whole.as_file().sync_all()?;
    Ok(whole)
}

/// The target of a chain of links, which may be missing.
fn followed(file: &Path) -> PathBuf {
    if let Ok(target) = fs::canonicalize(file) {
        return target;
    }
    match fs::read_link(file) {
        Ok(target) => file.parent().unwrap_or(Path::new("")).join(target),
        Err(_) => file.to_owned(),
    }
}

/// The error of the system, in the style of other messages.
pub fn describe_io_error(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "file not found".into(),
        io::ErrorKind::IsADirectory => "it is a directory".into(),
        io::ErrorKind::NotADirectory => "a part of the path is not a directory".into(),
        io::ErrorKind::StorageFull => "no space is left on the device".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        // Errors of redisgen itself.
        io::ErrorKind::Other if error.get_ref().is_some() => error.to_string(),
        // The name of the temporary file does not help a user.
        kind if error.raw_os_error().is_none() => kind.to_string(),
        _ => {
            // The number of the error does not help a user.
            let message = error.to_string();
            let message = message.split(" (os error").next().unwrap_or_default();
            let mut letters = message.chars();
            letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
        }
    }
}
