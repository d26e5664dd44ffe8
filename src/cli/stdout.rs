//! Standard output that was closed by the caller (`redisgen values >&-`).
//!
//! Before `main`, the runtime of Rust opens `/dev/null` instead of a closed standard stream, and all output is lost without
//! an error. So the check runs before the runtime starts.

use std::{
    io::{self, IsTerminal, Write},
    sync::atomic::{AtomicBool, Ordering},
};

use anstream::AutoStream;

static IS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Records whether standard output is closed, before the runtime of Rust opens `/dev/null` instead.
#[cfg(unix)]
pub fn look_at_stdout() {
    use std::os::fd::AsFd;
    let is_closed = io::stdout().as_fd().try_clone_to_owned().is_err();
    IS_CLOSED.store(is_closed, Ordering::Relaxed);
}

/// Checks that standard output was open at the start.
///
/// # Errors
///
/// When standard output was closed at the start.
pub(super) fn is_open() -> io::Result<()> {
    match IS_CLOSED.load(Ordering::Relaxed) {
        true => Err(io::Error::other("it is closed")),
        false => Ok(()),
    }
}

/// Standard output, with colours where it takes them. Each line goes to a person at once, and to a file or a pipe in
/// large blocks: every write without colours would else be one of the system.
pub(super) fn stream() -> Box<dyn Write> {
    let stdout = io::stdout();
    if stdout.is_terminal() {
        return Box::new(anstream::stdout());
    }
    let colors = AutoStream::choice(&stdout);
    Box::new(AutoStream::new(Box::new(io::BufWriter::new(stdout)) as Box<dyn Write>, colors))
}

/// A writer to standard output that fails if standard output was closed.
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
