//! The pager for reports that are longer than the screen.

use std::{
    env,
    io::{self, Write},
    process::{Command, Stdio},
};

/// Shows a text in the pager; false where the person has turned the pager off, or has none.
///
/// # Errors
///
/// The pager was started and could not be waited for.
pub(super) fn show(text: &str) -> anyhow::Result<bool> {
    let wanted = ["REDISGEN_PAGER", "PAGER"].into_iter().find_map(|name| env::var(name).ok());
    let wanted = wanted.unwrap_or_else(|| "less".to_owned());
    let mut words = wanted.split_whitespace();
    let Some(program) = words.next().filter(|program| *program != "cat") else { return Ok(false) };
    let mut pager = Command::new(program);
    pager.args(words).stdin(Stdio::piped());
    if env::var_os("LESS").is_none() {
        // What fits on the screen is printed; colours stay.
        pager.env("LESS", "FRX");
    }
    let Ok(mut pager) = pager.spawn() else { return Ok(false) };
    if let Some(stdin) = pager.stdin.take() {
        let color = anstream::AutoStream::choice(&io::stdout());
        // Who leaves the pager has read enough.
        drop(anstream::AutoStream::new(Box::new(stdin) as Box<dyn Write>, color).write_all(text.as_bytes()));
    }
    pager.wait()?;
    Ok(true)
}
