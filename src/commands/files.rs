//! Files are written whole or not at all.

use std::{fs, io::Write, path::Path};

use anyhow::Context;

/// Writes `file` by way of a temporary one beside it.
///
/// A file that is there keeps its mode; a new one is for everybody to read as usual, or for its owner alone where it
/// is `secret`.
///
/// # Errors
///
/// Whatever keeps the file from being written; then nothing has changed.
pub fn write_whole(file: &Path, bytes: &[u8], secret: bool) -> anyhow::Result<()> {
    let cannot = || format!("cannot write `{}`", file.display());
    // What a link points to is replaced, not the link.
    let target = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if target.is_dir() {
        anyhow::bail!("{}: it is a directory", cannot());
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".redisgen-");
    #[cfg(unix)]
    if !secret {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _ = secret;
    let mut whole = builder.tempfile_in(folder).with_context(cannot)?;
    if let Ok(there) = fs::metadata(&target) {
        whole.as_file().set_permissions(there.permissions()).with_context(cannot)?;
    }
    whole.write_all(bytes).with_context(cannot)?;
    whole.as_file().sync_all().with_context(cannot)?;
    whole.persist(&target).with_context(cannot)?;
    Ok(())
}
