//! Standard output that was closed by the caller (`redisgen values >&-`).
//!
//! The runtime of Rust opens `/dev/null` in the place of a closed standard stream before `main`: whatever is written there
//! is lost without an error. So it is asked earlier.

use std::{
    io::{self, Write},
    sync::atomic::{AtomicBool, Ordering},
};

static IS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Notes whether standard output is closed; only before the runtime has started can that be seen.
#[cfg(unix)]
pub fn look_at_stdout() {
    use std::os::fd::AsFd;
    let is_closed = io::stdout().as_fd().try_clone_to_owned().is_err();
    IS_CLOSED.store(is_closed, Ordering::Relaxed);
}

/// # Errors
///
/// When standard output was closed at the start.
pub(super) fn is_open() -> io::Result<()> {
    match IS_CLOSED.load(Ordering::Relaxed) {
        true => Err(io::Error::other("it is closed")),
        false => Ok(()),
    }
}

/// A writer to standard output that fails where that is closed.
pub(super) struct Checked<W>(pub W);

impl<W: Write> Write for Checked<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        is_open()?;
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
