//! Checks files in parallel, and reports them in order.

use std::io::Write;

use anyhow::{anyhow, bail};
use rayon::prelude::*;

use super::{
    AboutArgs, FixArgs, ReportArgs,
    in_order::in_order,
    known::KnownFiles,
    tally::Tally,
    walk::{FoundFile, Step},
};
use crate::{
    commands::context::{ExitStatus, Streams},
    commands::{files, progress::Progress, sources::Sources, style},
    lint::{
        self, CheckedFile, Counted, FailOn, Levels, Policy,
        baseline::Baseline,
        engine::{self, FixOptions, LintResult},
        fix::Fixed,
    },
    report::{self, Color, Format, TextReport, Totals, View},
    source::{self, ClaimSource, File, FoundRelease, Hints, of_keys},
};

/// The command in messages about encrypted files.
const AGAIN: &str = "lint --fix";

/// The options and inputs of a run.
pub(super) struct Run {
    pub about: AboutArgs,
    pub fixes: FixArgs,
    pub reports: ReportArgs,
    /// The severity of `--fail-on` or the configuration, if set.
    pub fail_on: Option<FailOn>,
    pub levels: Levels,
    /// Whether all rules run: then a known finding that is not found no longer exists.
    pub all_rules: bool,
    pub known: KnownFiles,
    pub sources: Sources,
}

/// The result of one file.
#[derive(Default)]
struct Outcome {
    tally: Tally,
    /// One part for each report.
    parts: Vec<TextReport>,
    /// A description of the file, if it has no values of the chart.
    foreign: Option<String>,
    /// Errors.
    problems: Vec<String>,
    /// Fixes that the text does not allow.
    left: Vec<String>,
    /// Output instead of a report: a difference or a fixed text.
    product: String,
}

impl Run {
    /// Checks the files, applies fixes, and prints the reports.
    pub fn check(&self, steps: &[Step], streams: &mut Streams) -> anyhow::Result<ExitStatus> {
        // Most files of a repository are foreign.
        let (foreign, steps): (Vec<&Step>, Vec<&Step>) =
            steps.iter().partition(|step| step.as_ref().is_ok_and(|found| found.is_foreign));
        if self.fixes.fix || self.fixes.diff {
            let refused: Vec<String> = steps.par_iter().filter_map(|step| self.refused(step)).collect();
            for why in &refused {
                writeln!(anstream::stderr(), "{} {why}", style::error("error:"))?;
            }
            if !refused.is_empty() {
                return Ok(ExitStatus::Failure);
            }
        }
        let formats = self.formats();
        let mut kept: Vec<Vec<TextReport>> = formats.iter().map(|_| Vec::new()).collect();
        let mut sum = Tally { foreign: foreign.len(), ..Tally::default() };
        let view = View { color: Color::On, width: streams.terminal.width() };
        // On a terminal, the report is shown as a whole.
        let mut shown = String::new();
        let progress = Progress::start(&streams.terminal, "checking files", Some(steps.len()));
        let one = |step: &&Step| {
            let outcome = self.one(step, &formats, view);
            progress.advance();
            outcome
        };
        in_order(&steps, one, |outcome: Outcome, step| {
            progress.suspend(|| print_problems(&outcome, step, streams))?;
            self.print(&outcome.product, &mut shown, streams)?;
            sum += outcome.tally;
            for (at, part) in outcome.parts.into_iter().enumerate() {
                // What a person reads comes as it is found.
                if at == 0 && !self.prints_report() {
                    continue;
                } else if at == 0 && self.prints_at_once() {
                    self.print(&report::whole(formats[0], &[part]), &mut shown, streams)?;
                } else {
                    kept[at].push(part);
                }
            }
            Ok(())
        })?;
        drop(progress);
        if let (Some(at), 0, false) = (&self.about.at, sum.totals.files_checked, sum.refused || self.has_product()) {
            bail!("no file has values at `{at}`: 0 files checked. Check the path in `--at`");
        }
        if !self.has_product() && self.prints_report() && !self.prints_at_once() {
            self.print(&report::whole(formats[0], &kept[0]), &mut shown, streams)?;
        }
        streams.terminal.show(&shown, streams.out)?;
        for (at, output) in self.reports.output_file.iter().enumerate() {
            let report = report::whole(formats[at + 1], &kept[at + 1]);
            files::write_product(Some(&output.file), &report, false, streams.out)?;
        }
        self.known.write(&sum.baseline)?;
        for note in self.sources.talk() {
            write!(streams.err, "{note}")?;
        }
        for line in sum.lines(&self.fixes, &self.known) {
            writeln!(streams.err, "{line}")?;
        }
        Ok(match sum {
            Tally { refused: true, .. } => ExitStatus::Failure,
            Tally { failed: true, .. } => ExitStatus::Findings,
            _ => ExitStatus::Success,
        })
    }

    /// Prints a piece of the output, or collects it in `shown` for a terminal.
    fn print(&self, piece: &str, shown: &mut String, streams: &mut Streams) -> anyhow::Result<()> {
        match streams.terminal.shows_output() {
            true => shown.push_str(piece),
            false => streams.out.write_all(piece.as_bytes())?,
        }
        Ok(())
    }

    fn formats(&self) -> Vec<Format> {
        let of_files = self.reports.output_file.iter().map(|output| output.format.unwrap_or(self.reports.output));
        std::iter::once(self.reports.output).chain(of_files).collect()
    }

    /// Whether the first report goes to stdout, and not to a file instead.
    fn prints_report(&self) -> bool {
        self.reports.output_file.iter().all(|output| output.format.is_some())
    }

    /// Whether the first report can be printed file by file.
    fn prints_at_once(&self) -> bool {
        matches!(self.reports.output, Format::Text | Format::Concise | Format::Github)
    }

    /// Whether standard output has a difference instead of a report.
    fn has_product(&self) -> bool {
        self.fixes.diff
    }

    /// Why no file can be fixed: this file is encrypted. A file in a folder counts only if it has values of the chart.
    fn refused(&self, step: &Step) -> Option<String> {
        let found = step.as_ref().ok().filter(|found| !files::is_standard(&found.path))?;
        let text = files::read_text(&found.path).ok()?;
        let why = files::refuse_encrypted(&found.path, &text, AGAIN).err()?;
        let is_ours = || source::places(&text, &self.known(found)).is_ok();
        match found.named {
            true => Some(why.to_string()),
            false => is_ours().then(|| format!("{why}. To fix the other files, exclude this file with `--exclude`")),
        }
    }

    fn known(&self, found: &FoundFile) -> Hints {
        let AboutArgs { chart_version, at, cloud, helm, explain_version: _ } = &self.about;
        let hints =
            Hints { version: chart_version.clone(), at: at.clone(), cloud: *cloud, helm: *helm, ..Hints::default() };
        let hints = Hints { is_found: !found.named, release: found.release.clone(), ..hints };
        self.sources.known(&found.path, hints)
    }

    fn policy(&self) -> Policy<'_> {
        Policy {
            levels: &self.levels,
            least: self.reports.min_severity,
            fail_on: self.fail_on,
            baseline: self.known.baseline(),
        }
    }

    fn one(&self, step: &Step, formats: &[Format], view: View) -> Outcome {
        let done = match step {
            Ok(found) => self.file(found, formats, view).map_err(|error| format!("{error:#}")),
            Err(problem) => Err(problem.clone()),
        };
        let mut outcome = done.unwrap_or_else(|problem| Outcome { problems: vec![problem], ..Outcome::default() });
        outcome.tally.refused = !outcome.problems.is_empty();
        outcome.tally.foreign = usize::from(outcome.foreign.is_some());
        outcome
    }

    fn file(&self, found: &FoundFile, formats: &[Format], view: View) -> anyhow::Result<Outcome> {
        let known = self.known(found);
        let mut text = files::read_text(&found.path)?;
        let charts = |wanted: &_| self.sources.chart(wanted);
        let mut outcome = Outcome::default();
        if self.fixes.fix || self.fixes.diff {
            if files::is_standard(&found.path) {
                files::refuse_encrypted(&found.path, &text, AGAIN)?;
            }
            let wanted = FixOptions {
                levels: &self.levels,
                min_severity: self.reports.min_severity,
                include_unsafe: self.fixes.unsafe_fixes,
            };
            let Fixed { text: fixed, applied, refused } = engine::fix_text(&text, &known, &charts, wanted);
            let name = files::display_name(&found.path);
            outcome.tally.fixed = applied.len();
            for refused in refused {
                outcome.left.push(format!("{name}: cannot {}: {} [{}]", refused.title, refused.why, refused.rule));
            }
            if self.fixes.diff {
                let name = name.trim_matches('`');
                outcome.product = report::diff::changed(name, &text, &fixed, Color::On);
                outcome.tally.failed = fixed != text;
                let left = engine::lint_text(&fixed, &known, &charts).diagnostics;
                outcome.tally.risky = lint::count(name, left, Policy { baseline: None, ..self.policy() }).risky;
                return Ok(outcome);
            }
            if files::is_standard(&found.path) {
                outcome.product.clone_from(&fixed);
            } else if fixed != text {
                files::write_whole(&found.path, fixed.as_bytes(), false)?;
            }
            text = fixed;
        }
        let read = source::read(&text, &known, &charts);
        let versions = read.as_ref().map(versions).unwrap_or_default();
        let document = read.as_ref().ok().and_then(File::whole_document);
        let LintResult { diagnostics, foreign, is_template, refused } = match read {
            Ok(file) => engine::lint_file(&file),
            Err(unread) => engine::lint_unread(&text, unread),
        };
        let name = if files::is_standard(&found.path) { "-".to_owned() } else { found.path.display().to_string() };
        outcome.problems.extend(refused.into_iter().map(|why| format!("{}: {why}", files::display_name(&found.path))));
        if versions.is_empty() && !outcome.problems.is_empty() {
            // No values were checked.
            return Ok(outcome);
        }
        // Many folders contain templates. A template that the user names is reported.
        if !found.named && is_template {
            outcome.foreign = Some("a template".to_owned());
            return Ok(outcome);
        }
        if foreign.is_some() {
            outcome.foreign = foreign;
            return Ok(outcome);
        }
        let Counted { diagnostics, known, gone, hidden, fails, borrowed, safe, risky } =
            lint::count(&name, diagnostics, self.policy());
        let tally = &mut outcome.tally;
        (tally.hidden, tally.known, tally.borrowed) = (hidden, known, borrowed);
        (tally.safe, tally.risky) = (safe, risky);
        tally.gone = if self.all_rules { gone } else { 0 };
        tally.failed = fails && !self.known.is_written();
        if self.known.is_written() {
            let all = CheckedFile { file: &name, text: &text, document: None, chart: None, diagnostics: &diagnostics };
            tally.baseline = Baseline::of(&[all]);
        }
        let chart = (!versions.is_empty()).then(|| versions.join(", "));
        let checked =
            CheckedFile { file: &name, text: &text, document: document.as_deref(), chart, diagnostics: &diagnostics };
        tally.totals = Totals::of(&checked);
        if !(self.fixes.fix && files::is_standard(&found.path)) {
            // Colours are for stdout. anstream removes them if stdout is not a terminal.
            let view = |at| if at == 0 { view } else { Color::Off.into() };
            let part = |(at, format): (usize, &Format)| TextReport::of(*format, &checked, view(at));
            outcome.parts = formats.iter().enumerate().map(part).collect();
        }
        Ok(outcome)
    }

    /// Prints the chart version of each file with its source.
    pub fn explain(&self, steps: &[Step], streams: &mut Streams) -> anyhow::Result<ExitStatus> {
        let mut refused = false;
        for step in steps {
            let read = step.as_ref().map_err(|problem| anyhow!("{problem}"));
            let read = read.and_then(|found| Ok((found, files::read_text(&found.path)?)));
            let (found, text) = match read {
                Ok(read) => read,
                Err(problem) => {
                    refused = true;
                    writeln!(anstream::stderr(), "{} {problem:#}", style::error("error:"))?;
                    continue;
                }
            };
            let known = self.known(found);
            let name = files::display_name(&found.path);
            let file = match source::read(&text, &known, &|wanted| self.sources.chart(wanted)) {
                Ok(file) => file,
                Err(unread) => {
                    let LintResult { diagnostics, foreign, .. } = engine::lint_unread(&text, unread);
                    let why = foreign.or_else(|| diagnostics.into_iter().next().map(|broken| broken.message));
                    writeln!(streams.out, "{name}: {}", why.unwrap_or_default())?;
                    continue;
                }
            };
            for why in &file.refused {
                refused = true;
                writeln!(anstream::stderr(), "{} {name}: {why}", style::error("error:"))?;
            }
            for found in &file.releases {
                explain(&name, found, streams)?;
            }
        }
        for note in self.sources.talk() {
            write!(streams.err, "{note}")?;
        }
        Ok(if refused { ExitStatus::Failure } else { ExitStatus::Success })
    }
}

fn print_problems(outcome: &Outcome, step: &Step, streams: &mut Streams) -> anyhow::Result<()> {
    for problem in &outcome.problems {
        // Errors are printed even with `--quiet`.
        writeln!(anstream::stderr(), "{} {problem}", style::error("error:"))?;
    }
    for left in &outcome.left {
        writeln!(streams.err, "{} {left}", style::warning("warning:"))?;
    }
    if let (Some(what), Ok(FoundFile { path, named: true, .. })) = (&outcome.foreign, step) {
        writeln!(streams.err, "{} {}: not checked: {what}", style::note("note:"), files::display_name(path))?;
    }
    Ok(())
}

/// The chart versions of a file with their sources.
fn versions(file: &File) -> Vec<String> {
    let mut versions: Vec<String> = Vec::new();
    for FoundRelease { release, claim, .. } in &file.releases {
        let version = format!("{} ({})", release.chart.version(), claim.by.briefly());
        if !versions.contains(&version) {
            versions.push(version);
        }
    }
    versions
}

fn explain(name: &str, found: &FoundRelease, streams: &mut Streams) -> anyhow::Result<()> {
    let FoundRelease { release, claim, overridden, .. } = found;
    let (at, chart) = (found.at(), &release.chart);
    let at = if at.is_root() { String::new() } else { format!(" at `{at}`") };
    writeln!(streams.out, "{name}{at}: chart redis {}", chart.version())?;
    writeln!(streams.out, "  from {}", claim.by)?;
    if claim.requirement.to_string() != chart.version().to_string() {
        writeln!(streams.out, "  the newest version that matches `{}`", claim.requirement)?;
    }
    for other in overridden {
        writeln!(streams.out, "  ignored: {} ({})", other.by, other.requirement)?;
    }
    if !matches!(claim.by, ClaimSource::Keys(_)) {
        let keys = of_keys(&release.written);
        writeln!(streams.out, "  also: {}", keys.by)?;
    }
    Ok(())
}
