//! One run of a program, with limits for its time and its output.

use std::{
    io::{ErrorKind, Read, Write},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// The largest output in bytes. The pods of a release have about 50,000.
const MOST_BYTES: u64 = 32 << 20;

/// How often the end of a program is looked for.
const TICK: Duration = Duration::from_millis(5);

/// What a program printed.
#[derive(Debug)]
pub struct Output {
    pub succeeded: bool,
    pub stdout: String,
    pub stderr: String,
}

/// Runs a program without input.
///
/// # Errors
///
/// One line: the program is missing, takes too long, or prints too much.
pub fn run(name: &str, command: &mut Command, timeout: Duration) -> Result<Output, String> {
    run_with_input(name, command, None, timeout)
}

/// Runs a program that reads `input`.
///
/// # Errors
///
/// As [`run`].
pub fn run_with_input(
    name: &str,
    command: &mut Command,
    input: Option<String>,
    timeout: Duration,
) -> Result<Output, String> {
    let deadline = Instant::now() + timeout;
    let stdin = if input.is_some() { Stdio::piped() } else { Stdio::null() };
    let started = command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = started.map_err(|error| match error.kind() {
        ErrorKind::NotFound => format!("requires `{name}` on the PATH"),
        _ => format!("cannot run `{name}`: {error}"),
    })?;
    if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
        // A program that ends early closes its input, and prints its own error.
        thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    }
    let stdout = child.stdout.take().map(read);
    let stderr = child.stderr.take().map(read);
    let printed = |stream: Option<mpsc::Receiver<Vec<u8>>>| match stream {
        Some(stream) => stream.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok(),
        None => Some(Vec::new()),
    };
    let (Some(stdout), Some(stderr)) = (printed(stdout), printed(stderr)) else {
        kill(&mut child);
        return Err(format!("`{name}` does not end within {} s", timeout.as_secs()));
    };
    if [&stdout, &stderr].iter().any(|bytes| bytes.len() as u64 > MOST_BYTES) {
        kill(&mut child);
        return Err(format!("`{name}` prints more than {MOST_BYTES} bytes"));
    }
    loop {
        match child.try_wait() {
            Ok(Some(status)) => {
                let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
                return Ok(Output { succeeded: status.success(), stdout: text(stdout), stderr: text(stderr) });
            }
            Ok(None) if Instant::now() < deadline => thread::sleep(TICK),
            _ => {
                kill(&mut child);
                return Err(format!("`{name}` does not end within {} s", timeout.as_secs()));
            }
        }
    }
}

impl Output {
    /// The first line of the error, without its label. Lines of a log come before the error.
    pub fn complaint(&self) -> &str {
        let is_log = |line: &str| {
            let bytes = line.as_bytes();
            bytes.len() > 5 && b"EWI".contains(&bytes[0]) && bytes[1..5].iter().all(u8::is_ascii_digit)
        };
        let mut lines = self.stderr.lines().map(str::trim).filter(|line| !is_log(line) && !line.is_empty());
        let line = lines.clone().find(|line| line.starts_with("Error") || line.starts_with("error:"));
        let line = line.or_else(|| lines.next()).unwrap_or("it fails without a message");
        ["error: ", "Error: "].iter().fold(line, |line, label| line.trim_start_matches(label))
    }
}

/// Reads a stream to its end in a thread of its own.
fn read(mut stream: impl Read + Send + 'static) -> mpsc::Receiver<Vec<u8>> {
    let (done, printed) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read before an error is the output.
        drop(stream.by_ref().take(MOST_BYTES + 1).read_to_end(&mut bytes));
        drop(done.send(bytes));
    });
    printed
}

fn kill(child: &mut Child) {
    // A program that has ended cannot be killed.
    drop(child.kill());
    drop(child.wait());
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    fn sh(script: &str, input: Option<&str>, timeout: Duration) -> Result<Output, String> {
        run_with_input("sh", Command::new("sh").args(["-c", script]), input.map(str::to_owned), timeout)
    }

    #[test]
    fn a_program_gets_its_input_and_ends() {
        let output = sh("cat", Some("text"), LONG).unwrap();
        assert!(output.succeeded && output.stdout == "text");
        let output = sh("echo 'W0101 log' >&2; echo 'Error: no' >&2; exit 3", None, LONG).unwrap();
        assert!(!output.succeeded && output.complaint() == "no");
        // An input without a reader is no error.
        assert!(sh("exit 0", Some(&"x".repeat(1 << 20)), LONG).unwrap().succeeded);
    }

    #[test]
    fn a_program_that_hangs_or_floods_is_ended() {
        let why = sh("exec sleep 60", None, Duration::from_millis(50)).unwrap_err();
        assert!(why.contains("does not end within"), "{why}");
        let why = sh("exec cat /dev/zero", None, LONG).unwrap_err();
        assert!(why.contains("prints more than"), "{why}");
        let why = run("x", &mut Command::new("no-such-program"), LONG).unwrap_err();
        assert_eq!(why, "requires `x` on the PATH");
    }
}
