//! A program that is asked something: with an input, a time limit, and an output of limited size.

use std::{
    io::{self, Read, Write},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow, bail};

/// The most bytes to read of each stream.
const MOST_OUTPUT: u64 = 32 << 20;

/// The output of a program that ended.
pub struct Output {
    pub is_success: bool,
    pub stdout: String,
    pub stderr: String,
}

impl Output {
    /// The line of stderr that has the error, without the word before it.
    pub fn error(&self) -> String {
        let line = self.stderr.lines().map(str::trim).find(|line| {
            line.starts_with("Error") || line.starts_with("error:") || line.starts_with("The connection to the server")
        });
        let line = line.or_else(|| self.stderr.lines().map(str::trim).find(|line| !line.is_empty()));
        let line = line.unwrap_or("no message");
        line.trim_start_matches("error: ").trim_start_matches("Error: ").to_owned()
    }
}

/// Runs a program until it ends, and kills it after the time limit.
///
/// # Errors
///
/// When the program is missing, cannot run, does not end in time, or its output is too large.
pub fn run(words: &[&str], input: &str, limit: Duration) -> anyhow::Result<Output> {
    let Some((program, args)) = words.split_first() else { bail!("no command") };
    let stdin = if input.is_empty() { Stdio::null() } else { Stdio::piped() };
    let mut command = Command::new(program);
    command.args(args).stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => anyhow!("`{program}` is not on the PATH"),
        _ => anyhow!("cannot run `{program}`: {error}"),
    })?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        if let Some(mut stdin) = stdin {
            // A program that ends early closes its input, and its own error says more.
            scope.spawn(move || drop(stdin.write_all(input.as_bytes())));
        }
        let stdout = scope.spawn(move || text_of(stdout));
        let stderr = scope.spawn(move || text_of(stderr));
        let status = wait(&mut child, limit).with_context(|| format!("`{program}`"));
        let joined = |thread: thread::ScopedJoinHandle<io::Result<String>>| {
            thread.join().map_err(|_| anyhow!("`{program}`: its output could not be read"))
        };
        let (stdout, stderr) = (joined(stdout)?, joined(stderr)?);
        let is_success = status?;
        let stdout = stdout.with_context(|| format!("`{program}`"))?;
        Ok(Output { is_success, stdout, stderr: stderr.unwrap_or_default() })
    })
}

fn text_of(stream: Option<impl Read>) -> io::Result<String> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        stream.take(MOST_OUTPUT + 1).read_to_end(&mut bytes)?;
    }
    if bytes.len() as u64 > MOST_OUTPUT {
        return Err(io::Error::other("its output is too large"));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn wait(child: &mut Child, limit: Duration) -> anyhow::Result<bool> {
    let since = Instant::now();
    let mut pause = Duration::from_millis(2);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if since.elapsed() > limit {
            // The program may have ended since the last look.
            drop(child.kill());
            drop(child.wait());
            bail!("no answer within {} s", limit.as_secs());
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn a_program_gets_its_input_and_ends() {
        let output = run(&["cat"], "text", LONG).unwrap();
        assert!(output.is_success && output.stdout == "text");
        let output = run(&["sh", "-c", "echo 'Error: no' >&2; exit 3"], "", LONG).unwrap();
        assert!(!output.is_success);
        assert_eq!(output.error(), "no");
    }

    #[test]
    fn a_program_that_hangs_or_floods_is_ended() {
        let error = run(&["sleep", "60"], "", Duration::from_millis(50)).err().unwrap();
        assert!(format!("{error:#}").contains("no answer within"), "{error:#}");
        assert!(run(&["no-such-program"], "", LONG).err().unwrap().to_string().contains("is not on the PATH"));
        let error = run(&["sh", "-c", "cat /dev/zero"], "", LONG).err().unwrap();
        assert!(format!("{error:#}").contains("too large"), "{error:#}");
    }
}
