//! One run of a program, bounded in time and output.

use std::{
    io::{ErrorKind, Read},
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
    let deadline = Instant::now() + timeout;
    let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = started.map_err(|error| match error.kind() {
        ErrorKind::NotFound => format!("requires `{name}` on the PATH"),
        _ => format!("cannot run `{name}`: {error}"),
    })?;
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
