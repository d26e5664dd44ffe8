//! Fetches a chart with the Helm on the PATH, into a temporary folder.

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow, bail};
use tempfile::TempDir;

use crate::{
    commands::files,
    escape::one_line,
    helm::{self, Remote},
};

/// Time between two checks of a running Helm.
const TICK: Duration = Duration::from_millis(20);

/// Largest part of Helm's output to read, in bytes. The error is at the end.
const MOST_OUTPUT: u64 = 64 << 10;

/// The advice if Helm cannot fetch the chart.
const BY_HAND: &str = "import an archive or a folder instead: `redisgen chart import CHART.tgz`";

/// A fetched chart. Its folder is removed with it.
pub struct Pulled {
    pub archive: PathBuf,
    folder: TempDir,
    /// Dropped last, after the folder.
    signals: Signals,
}

/// Fetches a chart with Helm, in at most the time `limit`.
///
/// # Errors
///
/// When Helm is missing, cannot fetch the chart, or takes too long.
pub fn pull(remote: &Remote, version: Option<&str>, limit: Duration) -> anyhow::Result<Pulled> {
    let stopped = Arc::new(AtomicBool::new(false));
    let signals = Signals::watch(&stopped)?;
    let folder =
        tempfile::Builder::new().prefix("redisgen-chart-").tempdir().context("cannot create a temporary folder")?;
    let charts = folder.path().join("charts");
    fs::create_dir(&charts).context("cannot create a temporary folder")?;
    let command = helm::pull(remote, version, &charts.to_string_lossy())?;
    let words: Vec<&str> = command.words().collect();
    // The temporary folder does not help a user.
    let shown = one_line(&words[..words.len() - 2].join(" ")).into_owned();
    let output = folder.path().join("output");
    let status = run(&words, &output, limit, &stopped).with_context(|| format!("`{shown}`"))?;
    if !status.success() {
        bail!("`{shown}`: {}; check address, version and network, or {BY_HAND}", error_of(&output, status));
    }
    let archive = archive_in(&charts).with_context(|| format!("`{shown}`"))?;
    Ok(Pulled { archive, folder, signals })
}

impl Pulled {
    /// Removes the temporary folder.
    pub fn remove(self) -> anyhow::Result<()> {
        let Self { archive: _, folder, signals } = self;
        let path = folder.path().to_owned();
        folder.close().with_context(|| format!("cannot remove the temporary folder `{}`", path.display()))?;
        drop(signals);
        Ok(())
    }
}

/// Runs Helm until it ends, until the time limit, or until an interrupt.
fn run(words: &[&str], output: &Path, limit: Duration, stopped: &AtomicBool) -> anyhow::Result<ExitStatus> {
    let Some((program, args)) = words.split_first() else { bail!("no command") };
    // Helm would block on a pipe without a reader. A file accepts all output.
    let output = File::create(output).context("cannot write into the temporary folder")?;
    let mut helm =
        Command::new(program).args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(output).spawn().map_err(
            |error| match error.kind() {
                io::ErrorKind::NotFound => anyhow!("`helm` is not on the PATH: install Helm, or {BY_HAND}"),
                _ => anyhow!("cannot run `helm`: {}", files::describe_io_error(&error)),
            },
        )?;
    let since = Instant::now();
    loop {
        if let Some(status) = helm.try_wait().context("cannot wait for `helm`")? {
            return Ok(status);
        }
        let why = match since.elapsed() > limit {
            _ if stopped.load(Ordering::Relaxed) => "stopped",
            true => "stopped after the time of `--timeout`: check the network, or increase `--timeout`",
            false => {
                thread::sleep(TICK);
                continue;
            }
        };
        end(&mut helm);
        bail!("{why}");
    }
}

fn end(helm: &mut Child) {
    // Helm may have ended since the last check.
    drop(helm.kill());
    drop(helm.wait());
}

/// The error message of Helm, in one line.
fn error_of(output: &Path, status: ExitStatus) -> String {
    let mut bytes = Vec::new();
    let read = File::open(output).and_then(|mut file| {
        let size = file.metadata()?.len();
        file.seek(SeekFrom::Start(size.saturating_sub(MOST_OUTPUT)))?;
        file.take(MOST_OUTPUT).read_to_end(&mut bytes)
    });
    let text = String::from_utf8_lossy(&bytes);
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines().find(|line| line.starts_with("Error")).or_else(|| lines().next_back());
    match line.filter(|_| read.is_ok()) {
        Some(line) => one_line(line.trim_start_matches("Error: ")).into_owned(),
        None => format!("no error message ({status})"),
    }
}

/// Finds the archive that Helm wrote.
fn archive_in(folder: &Path) -> anyhow::Result<PathBuf> {
    let entries = fs::read_dir(folder).context("cannot read the temporary folder")?;
    let mut archives: Vec<PathBuf> = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?;
    archives.retain(|path| path.extension().is_some_and(|ending| ending == "tgz"));
    match archives.len() {
        1 => Ok(archives.remove(0)),
        count => bail!("`helm` wrote {count} archives: expected one"),
    }
}

/// Delays interrupts until the temporary folder is removed.
struct Signals {
    is_over: Arc<AtomicBool>,
}

impl Signals {
    #[cfg(unix)]
    fn watch(stopped: &Arc<AtomicBool>) -> anyhow::Result<Self> {
        use signal_hook::{consts, flag};
        let is_over = Arc::new(AtomicBool::new(false));
        for signal in [consts::SIGINT, consts::SIGTERM] {
            // A handler cannot be removed. After the end, this handler restores the default behaviour.
            flag::register_conditional_default(signal, Arc::clone(&is_over))
                .context("cannot watch for an interrupt")?;
            flag::register(signal, Arc::clone(stopped)).context("cannot watch for an interrupt")?;
        }
        Ok(Self { is_over })
    }

    #[cfg(not(unix))]
    fn watch(_: &Arc<AtomicBool>) -> anyhow::Result<Self> {
        Ok(Self { is_over: Arc::default() })
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}
