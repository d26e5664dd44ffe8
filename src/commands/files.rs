//! Files are read within bounds, and written whole or not at all.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{anyhow, bail};
use tempfile::NamedTempFile;

use crate::{
    encryption::{self, GIT_CRYPT},
    line::one_line,
    shell,
};

/// The most bytes that are read from a file or from standard input, many times what Helm takes of values.
const MOST_BYTES: u64 = 16 << 20;

/// What stands for standard input or output in the place of a file.
pub const STANDARD: &str = "-";

/// The text of a file, or of standard input for `-`.
///
/// # Errors
///
/// It cannot be read, is no text, or is longer than any file of its kind would be.
pub fn read_text(file: &Path) -> anyhow::Result<String> {
    let cannot = |why: &str| anyhow!("cannot read {}: {why}", shown(file));
    let mut bytes = Vec::new();
    let read = if is_standard(file) {
        io::stdin().take(MOST_BYTES + 1).read_to_end(&mut bytes)
    } else {
        File::open(file).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| cannot(&told(&error)))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(cannot(&format!("it is larger than {} MiB", MOST_BYTES >> 20)));
    }
    // Of a file that is encrypted as bytes nothing but its header is of use.
    if bytes.starts_with(GIT_CRYPT.as_bytes()) {
        return Ok(GIT_CRYPT.to_owned());
    }
    String::from_utf8(bytes).map_err(|_| cannot("it is no text in UTF-8"))
}

/// The text of a file that nobody has named: none where it is not there, or no file as such, for a pipe would be waited
/// for without an end.
pub fn read_found(file: &Path) -> Option<String> {
    fs::metadata(file).is_ok_and(|found| found.is_file()).then(|| read_text(file).ok())?
}

/// Refuses to change a text that is encrypted, or in which something is. `again` is the command, without its files.
///
/// # Errors
///
/// Something is encrypted: the way that works is in the error.
pub fn refuse_encrypted(file: &Path, text: &str, again: &str) -> anyhow::Result<()> {
    let Some(encrypted) = encryption::find(text) else { return Ok(()) };
    let name = file.display().to_string();
    let name = if is_standard(file) { None } else { Some(one_line(&name)) };
    let word = name.as_deref().and_then(|name| shell::quote(name).ok());
    let again = format!("redisgen {again} {}", word.as_deref().unwrap_or("FILE"));
    Err(anyhow!(encrypted.refusal(name.as_deref(), &again)))
}

/// Whether `file` stands for standard input or output.
pub fn is_standard(file: &Path) -> bool {
    file.as_os_str() == STANDARD
}

/// How a file is named in a message.
pub fn shown(file: &Path) -> String {
    if is_standard(file) { "standard input".to_owned() } else { format!("`{}`", one_line(&file.display().to_string())) }
}

/// Writes `file` by way of a temporary one beside it.
///
/// A file that is there keeps its mode; a new one is for everybody to read as usual, or for its owner alone where it
/// is `secret`. A device or a pipe is written to as it stands.
///
/// # Errors
///
/// Whatever keeps the file from being written; then nothing has changed.
pub fn write_whole(file: &Path, bytes: &[u8], secret: bool) -> anyhow::Result<()> {
    Ready::new(file, bytes, secret)?.put()
}

/// Writes what a command prints to `file`, or to `out` where no file is named; `-` is `out`. A new file is for its owner
/// alone where the text is `secret`.
///
/// # Errors
///
/// The file, or `out`, cannot be written.
pub fn write_product(file: Option<&Path>, text: &str, secret: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    match file.filter(|file| !is_standard(file)) {
        // Colours are for a terminal.
        Some(file) => write_whole(file, anstream::adapter::strip_str(text).to_string().as_bytes(), secret),
        None => Ok(out.write_all(text.as_bytes())?),
    }
}

/// Writes several files as [`write_whole`] does one; none where one of them cannot be made ready.
///
/// # Errors
///
/// Whatever keeps one from being written. Where all are ready, and one does not go to its place, those before it have.
pub fn write_all<'a>(files: impl IntoIterator<Item = (&'a Path, &'a [u8])>) -> anyhow::Result<()> {
    let ready: Vec<_> =
        files.into_iter().map(|(file, bytes)| Ready::new(file, bytes, false)).collect::<Result<_, _>>()?;
    ready.into_iter().try_for_each(Ready::put)
}

/// What is to be written, up to the last step.
struct Ready<'a> {
    file: &'a Path,
    target: PathBuf,
    how: How<'a>,
}

enum How<'a> {
    /// A file beside the other one takes its place.
    Whole(NamedTempFile),
    /// A device or a pipe.
    AsItStands(&'a [u8]),
}

impl<'a> Ready<'a> {
    fn new(file: &'a Path, bytes: &'a [u8], secret: bool) -> anyhow::Result<Self> {
        let cannot = |why: &str| cannot_write(file, why);
        // What a link points to is replaced, not the link.
        let target = followed(file);
        let there = fs::metadata(&target).ok();
        match &there {
            Some(there) if there.is_dir() => return Err(cannot("it is a directory")),
            Some(there) if !there.is_file() => return Ok(Self { file, target, how: How::AsItStands(bytes) }),
            _ => {}
        }
        let folder = match target.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        if !folder.is_dir() {
            bail!(cannot(&format!("there is no folder `{}`", folder.display())));
        }
        let whole = whole(folder, bytes, there.as_ref(), secret).map_err(|error| cannot(&told(&error)))?;
        Ok(Self { file, target, how: How::Whole(whole) })
    }

    fn put(self) -> anyhow::Result<()> {
        let Self { file, target, how } = self;
        let put = match how {
            How::Whole(whole) => whole.persist(&target).map(drop).map_err(|error| error.error),
            How::AsItStands(bytes) => {
                fs::OpenOptions::new().write(true).open(&target).and_then(|mut file| file.write_all(bytes))
            }
        };
        put.map_err(|error| cannot_write(file, &told(&error)))
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

/// The file that a chain of links leads to, which need not be there.
fn followed(file: &Path) -> PathBuf {
    if let Ok(target) = fs::canonicalize(file) {
        return target;
    }
    match fs::read_link(file) {
        Ok(target) => file.parent().unwrap_or(Path::new("")).join(target),
        Err(_) => file.to_owned(),
    }
}

/// What the system said, in the words of our other messages.
pub fn told(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".into(),
        io::ErrorKind::IsADirectory => "it is a directory".into(),
        io::ErrorKind::NotADirectory => "a part of its path is no directory".into(),
        io::ErrorKind::StorageFull => "no space is left on the device".into(),
        io::ErrorKind::PermissionDenied => "you are not permitted to".into(),
        // Our own words.
        io::ErrorKind::Other if error.get_ref().is_some() => error.to_string(),
        // What the temporary file was called helps nobody.
        kind if error.raw_os_error().is_none() => kind.to_string(),
        _ => {
            // The number behind it helps nobody either.
            let said = error.to_string();
            let said = said.split(" (os error").next().unwrap_or_default();
            let mut letters = said.chars();
            letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
        }
    }
}
