//! Measures a chart with the Helm on the PATH: copies it into a temporary folder and renders it there.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow, bail};
use tempfile::TempDir;

use crate::{
    chart::{Chart, Measured},
    commands::{progress::Progress, terminal::Terminal},
    measure::{ChartCopy, HelmContext, MeasureError, Plan, Renderer, TemplateOutput, Unit, driver},
};

/// Number of parallel Helm processes.
const WORKERS: usize = 2;

/// Largest number of units for one process. A failed unit costs a second run, which is slower for more units.
const BATCH: usize = 400;

/// Fewest units that two processes render faster than one.
const LEAST: usize = 32;

/// Longest time for one process, many times the usual time on a busy machine.
const LIMIT: Duration = Duration::from_secs(600);

/// Time between two lines of progress without a terminal.
const REPORT_EVERY: Duration = Duration::from_secs(15);

/// Kubernetes versions of a current and an old cluster.
const KUBERNETES: [&str; 2] = ["v1.30.0", "v1.20.0"];

/// Measures the chart with these files. `own` has the keys of the chart, and the answers of `base` are tried first.
///
/// # Errors
///
/// When Helm is missing, does not end, or does not render the chart.
pub fn measure(
    files: Vec<(String, Vec<u8>)>,
    own: &Chart,
    base: &Chart,
    helm: &Path,
    talk: &mut dyn Write,
) -> anyhow::Result<Measured> {
    measure_at(files, own, base, helm, (talk, Terminal::default()))
}

/// Measures a chart with progress on a terminal.
pub(super) fn measure_at(
    files: Vec<(String, Vec<u8>)>,
    own: &Chart,
    base: &Chart,
    helm: &Path,
    (talk, terminal): (&mut dyn Write, Terminal),
) -> anyhow::Result<Measured> {
    let plan = Plan::new(files, own, base)?;
    let mut helm = Helm::start(helm, plan.copy(), talk, terminal)?;
    let measured = plan.measure(base, &mut helm);
    drop(helm);
    measured.map_err(|error| match error {
        MeasureError::Renderer(error) => error,
        refused => anyhow!("{refused}"),
    })
}

/// A Helm program with copies of one chart, one for each process.
struct Helm<'a> {
    program: PathBuf,
    copies: Vec<TempDir>,
    talk: &'a mut dyn Write,
    started: Instant,
    last_report: Instant,
    /// `None` without a terminal: then a line is written from time to time.
    progress: Option<Progress>,
    done: f64,
    stage: String,
    rendered: usize,
}

impl<'a> Helm<'a> {
    fn start(program: &Path, chart: &ChartCopy, talk: &'a mut dyn Write, terminal: Terminal) -> anyhow::Result<Self> {
        let version = Command::new(program).args(["version", "--short"]).stdin(Stdio::null()).output();
        let version = version.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                anyhow!("`--measure` requires `helm` on the PATH. Install Helm 3 or 4, or import without `--measure`")
            }
            _ => anyhow!("cannot run `helm`: {error}"),
        })?;
        if !version.status.success() {
            bail!("cannot run `helm`: {}", clean_helm_error(&String::from_utf8_lossy(&version.stderr)));
        }
        let copies = (0..WORKERS).map(|_| copy(chart)).collect::<io::Result<Vec<_>>>();
        let copies = copies.context("cannot copy the chart into a temporary folder")?;
        let now = Instant::now();
        let progress = terminal.shows_progress().then(|| Progress::start(&terminal, "measuring", None));
        Ok(Self {
            program: program.to_owned(),
            copies,
            talk,
            started: now,
            last_report: now,
            progress,
            done: 0.0,
            stage: String::new(),
            rendered: 0,
        })
    }

    fn report_progress(&mut self) -> io::Result<()> {
        let (passed, percent) = (self.started.elapsed(), (self.done * 100.0).floor());
        let left = if self.done > 0.05 {
            let left = passed.as_secs_f64() * (1.0 - self.done) / self.done;
            format!(", about {} left", duration(Duration::from_secs_f64(left)))
        } else {
            String::new()
        };
        let line =
            format!("measuring: {percent} %, {} renders, {}{left}; {}", self.rendered, duration(passed), self.stage);
        if let Some(progress) = &self.progress {
            progress.show(line);
        } else if self.last_report.elapsed() >= REPORT_EVERY {
            self.last_report = Instant::now();
            writeln!(self.talk, "{line}")?;
        }
        Ok(())
    }
}

/// Results of the units of a batch, in order.
type Rendered = Vec<Result<TemplateOutput, String>>;

impl Renderer for Helm<'_> {
    type Error = anyhow::Error;

    fn render(&mut self, chart: &ChartCopy, units: &[Unit]) -> anyhow::Result<Vec<Result<TemplateOutput, String>>> {
        let batches = batches(units);
        let next = AtomicUsize::new(0);
        let made: Mutex<Vec<Option<Rendered>>> = Mutex::new(vec![None; batches.len()]);
        let program = &self.program;
        let work = |folder: &Path| -> anyhow::Result<()> {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(batch) = batches.get(at) else { return Ok(()) };
                let process = Process { program, folder, chart };
                match process.all(batch) {
                    Ok(rendered) => {
                        if let Ok(mut made) = made.lock() {
                            made[at] = Some(rendered);
                        }
                    }
                    Err(error) => {
                        // The other processes stop after their current batch.
                        next.store(batches.len(), Ordering::Relaxed);
                        return Err(error);
                    }
                }
            }
        };
        thread::scope(|scope| {
            let workers: Vec<_> = self.copies.iter().map(|copy| scope.spawn(|| work(copy.path()))).collect();
            let ended =
                workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| Err(anyhow!("a thread ended"))));
            ended.collect::<Vec<_>>().into_iter().collect::<anyhow::Result<()>>()
        })?;
        self.rendered += units.len();
        self.report_progress()?;
        let made = made.into_inner().unwrap_or_default();
        Ok(made.into_iter().flatten().flatten().collect())
    }

    fn progress(&mut self, done: f64, stage: &str) {
        self.done = done;
        self.stage = stage.to_owned();
    }
}

/// Splits units into batches with one Helm context each, for all processes.
fn batches(units: &[Unit]) -> Vec<&[Unit]> {
    let size = units.len().div_ceil(WORKERS).clamp(LEAST, BATCH);
    units.chunk_by(|a, b| a.world.old == b.world.old).flat_map(|world| world.chunks(size)).collect()
}

/// Runs Helm in one folder.
#[derive(Clone, Copy)]
struct Process<'a> {
    program: &'a Path,
    folder: &'a Path,
    chart: &'a ChartCopy,
}

impl Process<'_> {
    /// Renders units, even if some of them fail. Helm stops at the first failed unit, and names it.
    fn all(self, units: &[Unit]) -> anyhow::Result<Vec<Result<TemplateOutput, String>>> {
        let mut made: Vec<Option<Result<TemplateOutput, String>>> = vec![None; units.len()];
        let mut parts: Vec<Vec<usize>> = vec![(0..units.len()).collect()];
        // The units before a failed unit are valid, but their output is lost: they are rendered again.
        let mut fine = Vec::new();
        loop {
            let Some(part) = parts.pop() else {
                if fine.is_empty() {
                    break;
                }
                parts.push(std::mem::take(&mut fine));
                continue;
            };
            if part.is_empty() {
                continue;
            }
            let units: Vec<Unit> = part.iter().map(|at| units[*at].clone()).collect();
            match self.once(&units)? {
                Ok(rendered) => {
                    for (at, rendered) in part.iter().zip(rendered) {
                        made[*at] = Some(Ok(rendered));
                    }
                }
                Err(error) => match driver::failed(&error, part.len()) {
                    Some(failed) => {
                        made[part[failed]] = Some(Err(clean_helm_error(&error)));
                        fine.extend_from_slice(&part[..failed]);
                        parts.push(part[failed + 1..].to_vec());
                    }
                    None if part.len() == 1 => made[part[0]] = Some(Err(clean_helm_error(&error))),
                    None => {
                        let (left, right) = part.split_at(part.len() / 2);
                        parts.extend([right.to_vec(), left.to_vec()]);
                    }
                },
            }
        }
        Ok(made.into_iter().flatten().collect())
    }

    /// Runs Helm once. The result is the output of all units, or the error message of Helm.
    fn once(self, units: &[Unit]) -> anyhow::Result<Result<Vec<TemplateOutput>, String>> {
        let (template, values) = self.chart.batch(units);
        let file = |name: &str| self.folder.join(name);
        fs::write(self.folder.join("redis").join(driver::TEMPLATE), template)?;
        fs::write(file("values.json"), values)?;
        let HelmContext { old, upgrade: _ } = units[0].world;
        let mut helm = Command::new(self.program);
        helm.args(["template", "rel", "redis", "--namespace", "ns", "--values", "values.json"])
            .args(["--kube-version", KUBERNETES[usize::from(old)]])
            .current_dir(self.folder)
            // A short process needs less garbage collection.
            .env("GOGC", "400")
            .stdin(Stdio::null())
            .stdout(File::create(file("out"))?)
            .stderr(File::create(file("err"))?);
        let status = run(&mut helm, LIMIT)?;
        if !status.success() {
            return Ok(Err(String::from_utf8_lossy(&fs::read(file("err"))?).into_owned()));
        }
        let output = fs::read_to_string(file("out")).context("the output of `helm template` is not UTF-8")?;
        let made = driver::read(&output, units.len());
        made.map(Ok).context("`helm template` gave an unexpected output")
    }
}

/// Runs a program until it ends, or kills it after a time limit.
fn run(command: &mut Command, limit: Duration) -> anyhow::Result<ExitStatus> {
    let mut child = command.spawn().context("cannot run `helm`")?;
    let started = Instant::now();
    let mut pause = Duration::from_millis(2);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if started.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            bail!("`helm template` did not end within {}", duration(limit));
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

fn copy(chart: &ChartCopy) -> io::Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("redisgen-measure-").tempdir()?;
    for (path, bytes) in chart.files() {
        let file = folder.path().join("redis").join(path);
        if let Some(above) = file.parent() {
            fs::create_dir_all(above)?;
        }
        fs::write(file, bytes)?;
    }
    Ok(folder)
}

/// The error message of Helm, without places in the template of redisgen.
fn clean_helm_error(error: &str) -> String {
    let lines = error.lines().skip_while(|line| !line.starts_with("Error"));
    let lines = lines.take_while(|line| !line.starts_with("Use --debug"));
    let clean_helm_error = lines.map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    let clean_helm_error =
        if clean_helm_error.is_empty() { error.lines().next().unwrap_or_default().trim() } else { &clean_helm_error };
    let clean_helm_error = clean_helm_error.trim_start_matches("Error: ");
    let at = format!("execution error at (redis/{}:", driver::TEMPLATE);
    match clean_helm_error.strip_prefix(&at).and_then(|rest| rest.split_once("): ")) {
        Some((_, message)) => message.trim().to_owned(),
        None => clean_helm_error.to_owned(),
    }
}

fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 { format!("{seconds} s") } else { format!("{} min {:02} s", seconds / 60, seconds % 60) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_one_line() {
        let error = "level=WARN msg=x\nError: execution error at (redis/templates/redisgen-measure.yaml:2:3): \n\nsize must be small\n\nUse --debug flag to render out invalid YAML\n";
        assert_eq!(clean_helm_error(error), "size must be small");
        assert_eq!(
            clean_helm_error("Error: found in Chart.yaml, but missing in charts/ directory: common\n"),
            "found in Chart.yaml, but missing in charts/ directory: common"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_does_not_end_is_ended() {
        let error = run(Command::new("sleep").arg("60"), Duration::from_millis(50)).unwrap_err();
        assert_eq!(error.to_string(), "`helm template` did not end within 0 s");
    }
}
