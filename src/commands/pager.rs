//! The pager for reports that are longer than the screen.

use std::{
    env,
    io::{self, Write},
    process::{Command, Stdio},
};

/// Shows a text in the pager. False if the pager is turned off or missing.
///
/// # Errors
///
/// When the pager starts, but redisgen cannot wait for its end.
pub(super) fn show(text: &str) -> anyhow::Result<bool> {
    let wanted = ["REDISGEN_PAGER", "PAGER"].into_iter().find_map(|name| env::var(name).ok());
    let wanted = wanted.unwrap_or_else(|| "less".to_owned());
    let mut words = wanted.split_whitespace();
    let Some(program) = words.next().filter(|program| *program != "cat") else { return Ok(false) };
    let mut pager = Command::new(program);
    pager.args(words).stdin(Stdio::piped());
    if env::var_os("LESS").is_none() {
        // `less` prints a text that fits on the screen, and keeps colours.
        pager.env("LESS", "FRX");
    }
    let Ok(mut pager) = pager.spawn() else { return Ok(false) };
    if let Some(stdin) = pager.stdin.take() {
        let color = anstream::AutoStream::choice(&io::stdout());
        // A write error means that the user closed the pager early.
        drop(anstream::AutoStream::new(Box::new(stdin) as Box<dyn Write>, color).write_all(text.as_bytes()));
    }
    pager.wait()?;
    Ok(true)
}
