//! Files judged side by side, and what is told of them in their order.

use std::{io::Write, sync::Arc};

use anyhow::anyhow;
use rayon::prelude::*;
use similar::TextDiff;

use super::{
    AboutArgs, FixArgs, ReportArgs,
    beside::Beside,
    known::KnownFiles,
    project::Project,
    shelf::Shelf,
    walk::{Found, Step},
};
use crate::{
    cli::{ExitStatus, Streams},
    commands::{files, style},
    lint::{
        FailOn, Judged, Levels,
        baseline::{Baseline, Sifted},
        fix::Fixed,
        judge::{self, Settled, Verdict},
        source::{By, Known, of_keys},
    },
    report::{self, Color, Format, Part, Totals},
};

/// How many files are worked on before their reports are printed: memory does not grow with the number of files.
const AT_ONCE: usize = 256;

/// What a run works with.
pub(super) struct Run {
    pub about: AboutArgs,
    pub fixes: FixArgs,
    pub reports: ReportArgs,
    pub fail_on: FailOn,
    pub levels: Arc<Levels>,
    pub project: Project,
    pub known: KnownFiles,
    pub shelf: Shelf,
    pub beside: Beside,
}

/// What became of one file.
#[derive(Default)]
struct Outcome {
    /// One for each report.
    parts: Vec<Part>,
    totals: Totals,
    failed: bool,
    /// Findings that are too slight to be told.
    hidden: usize,
    /// Findings of the baseline: that are there, and that are gone.
    known: [usize; 2],
    /// What goes into a baseline.
    baseline: Baseline,
    /// Fixes that were made.
    fixed: usize,
    /// Fixes that could be made, safe and unsafe ones.
    fixable: [usize; 2],
    /// What the file is, where it holds no values of the chart.
    foreign: Option<String>,
    /// What could not be done.
    problems: Vec<String>,
    /// What goes to standard output instead of a report: a difference, a fixed text.
    product: String,
}

/// The sum of all outcomes.
#[derive(Default)]
struct Sum {
    totals: Totals,
    failed: bool,
    refused: bool,
    hidden: usize,
    known: [usize; 2],
    baseline: Baseline,
    fixed: usize,
    fixable: [usize; 2],
    foreign: usize,
}

impl Run {
    /// Judges, fixes, reports.
    pub fn judge(&self, steps: &[Step], streams: &mut Streams) -> anyhow::Result<ExitStatus> {
        let formats = self.formats();
        let mut kept: Vec<Vec<Part>> = formats.iter().map(|_| Vec::new()).collect();
        let mut sum = Sum::default();
        for chunk in steps.chunks(AT_ONCE) {
            let outcomes: Vec<Outcome> = chunk.par_iter().map(|step| self.one(step, &formats)).collect();
            for (outcome, step) in outcomes.into_iter().zip(chunk) {
                tell(&outcome, step, streams)?;
                streams.out.write_all(outcome.product.as_bytes())?;
                for (at, part) in sum.add(outcome).into_iter().enumerate() {
                    // What a person reads comes as it is found.
                    if at == 0 && self.prints_at_once() {
                        streams.out.write_all(report::whole(formats[0], &[part]).as_bytes())?;
                    } else {
                        kept[at].push(part);
                    }
                }
            }
        }
        if !self.has_product() && !self.prints_at_once() {
            streams.out.write_all(report::whole(formats[0], &kept[0]).as_bytes())?;
        }
        for (at, output) in self.reports.output_file.iter().enumerate() {
            let report = report::whole(output.format, &kept[at + 1]);
            files::write_whole(&output.file, report.as_bytes(), false)?;
        }
        self.known.write(&sum.baseline)?;
        for said in self.shelf.talk() {
            write!(streams.err, "{said}")?;
        }
        self.sum_up(&sum, streams)?;
        Ok(match sum {
            Sum { refused: true, .. } => ExitStatus::Failure,
            Sum { failed: true, .. } => ExitStatus::Findings,
            _ => ExitStatus::Success,
        })
    }

    fn formats(&self) -> Vec<Format> {
        let further = self.reports.output_file.iter().map(|output| output.format);
        std::iter::once(self.reports.output).chain(further).collect()
    }

    /// Whether the first report needs no end that only all files together tell.
    fn prints_at_once(&self) -> bool {
        matches!(self.reports.output, Format::Text | Format::Github)
    }

    /// Whether standard output is for something else than a report.
    fn has_product(&self) -> bool {
        self.fixes.diff
    }

    fn known(&self, found: &Found) -> Known {
        let AboutArgs { chart_version, at, cloud, helm, explain_version: _ } = &self.about;
        let standard = files::is_standard(&found.path);
        let chart = if standard { None } else { self.beside.chart(&found.path) };
        let rule = if standard { None } else { self.project.rule(&found.path) };
        let of_all = &self.project.config.lint;
        Known {
            version: chart_version.clone(),
            configured: rule.and_then(|rule| rule.chart_version.clone()).or_else(|| of_all.chart_version.clone()),
            at: at.clone().or_else(|| rule.and_then(|rule| rule.at.clone())),
            cloud: cloud.or_else(|| rule.and_then(|rule| rule.cloud)).or(of_all.cloud),
            helm: *helm,
            levels: self.levels.clone(),
            chart,
        }
    }

    fn one(&self, step: &Step, formats: &[Format]) -> Outcome {
        let found = match step {
            Ok(found) => found,
            Err(problem) => return Outcome { problems: vec![problem.clone()], ..Outcome::default() },
        };
        match self.file(found, formats) {
            Ok(outcome) => outcome,
            Err(error) => Outcome { problems: vec![format!("{error:#}")], ..Outcome::default() },
        }
    }

    fn file(&self, found: &Found, formats: &[Format]) -> anyhow::Result<Outcome> {
        let mut text = files::read_text(&found.path)?;
        let known = self.known(found);
        let charts = |wanted: &_| self.shelf.chart(wanted);
        let mut outcome = Outcome::default();
        if self.fixes.fix || self.fixes.diff {
            let (unsafe_too, least) = (self.fixes.unsafe_fixes, self.reports.min_severity);
            let Fixed { text: fixed, applied, refused } = judge::fix(&text, &known, &charts, unsafe_too, least);
            let name = files::shown(&found.path);
            outcome.fixed = applied.len();
            for refused in refused {
                outcome.problems.push(format!("{name}: cannot {}: {} [{}]", refused.title, refused.why, refused.rule));
            }
            if self.fixes.diff {
                outcome.product = difference(name.trim_matches('`'), &text, &fixed);
                outcome.failed = fixed != text;
                return Ok(outcome);
            }
            if files::is_standard(&found.path) {
                outcome.product.clone_from(&fixed);
            } else if fixed != text {
                files::write_whole(&found.path, fixed.as_bytes(), false)?;
            }
            text = fixed;
        }
        let Verdict { mut diagnostics, versions, foreign, refused } = judge::judge(&text, &known, &charts);
        let name = if files::is_standard(&found.path) { "-".to_owned() } else { found.path.display().to_string() };
        outcome.problems.extend(refused.into_iter().map(|why| format!("{}: {why}", files::shown(&found.path))));
        // Templates lie about in many folders; who names one wants to know.
        if !found.named && diagnostics.iter().any(|found| found.rule == "unrendered-template") {
            outcome.foreign = Some("a template".to_owned());
            return Ok(outcome);
        }
        if foreign.is_some() {
            outcome.foreign = foreign;
            return Ok(outcome);
        }
        let all = diagnostics.len();
        diagnostics.retain(|found| found.severity >= self.reports.min_severity);
        outcome.hidden = all - diagnostics.len();
        if self.known.is_written() {
            outcome.baseline =
                Baseline::of(&[Judged { file: &name, text: &text, chart: None, diagnostics: &diagnostics }]);
        }
        let Sifted { new: diagnostics, known, gone } = self.known.sift(&name, diagnostics);
        outcome.known = [known, gone];
        let fails = diagnostics.iter().any(|found| self.fail_on.fails(found.severity));
        outcome.failed = fails && !self.known.is_written();
        for fix in diagnostics.iter().filter_map(|found| found.fix.as_ref()) {
            outcome.fixable[usize::from(!fix.safe)] += 1;
        }
        let judged = Judged { file: &name, text: &text, chart: chart(&versions), diagnostics: &diagnostics };
        outcome.totals = Totals::of(&judged);
        if !(self.fixes.fix && files::is_standard(&found.path)) {
            outcome.parts = formats.iter().map(|format| Part::of(*format, &judged, self.color(*format))).collect();
        }
        Ok(outcome)
    }

    /// Colour is for the person at the terminal, not for a file.
    fn color(&self, format: Format) -> Color {
        // What anstream takes out again costs a little and asks for nothing here.
        if format == Format::Text && self.reports.output == Format::Text { Color::On } else { Color::Off }
    }

    fn sum_up(&self, sum: &Sum, streams: &mut Streams) -> anyhow::Result<()> {
        let Sum { totals, hidden, known: [known, gone], fixed, fixable: [safe, risky], foreign, .. } = sum;
        let mut lines = Vec::new();
        if *fixed > 0 {
            let done = if self.fixes.diff { "would be fixed" } else { "fixed" };
            lines.push(format!("{fixed} {done}"));
        }
        if !self.fixes.diff {
            lines.push(totals.to_string());
        }
        if *foreign > 0 {
            let (files, are) = if *foreign == 1 { ("file", "holds") } else { ("files", "hold") };
            lines.push(format!("{foreign} {files} {are} no values of the chart"));
        }
        if *known > 0 {
            lines.push(format!("{known} known from the baseline"));
        }
        if *gone > 0 {
            lines.push(format!("{gone} of the baseline are gone: `--update-baseline` writes it anew"));
        }
        if self.known.is_written() {
            lines.push(self.known.told());
        }
        if *hidden > 0 {
            lines.push(format!("{hidden} not told: `--min-severity info` tells them"));
        }
        if *safe > 0 && !self.fixes.fix {
            lines.push(format!("`--fix` mends {safe}"));
        }
        if *risky > 0 && !self.fixes.unsafe_fixes {
            lines.push(format!("`--fix --unsafe-fixes` mends {risky} that a person should look at"));
        }
        for line in lines {
            writeln!(streams.err, "{line}")?;
        }
        Ok(())
    }

    /// For which chart version each file is taken, and why.
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
            let verdict = judge::judge(&text, &known, &|wanted| self.shelf.chart(wanted));
            let name = files::shown(&found.path);
            if let Some(what) = verdict.foreign {
                writeln!(streams.out, "{name}: {what}")?;
            }
            for why in &verdict.refused {
                refused = true;
                writeln!(streams.out, "{name}: {why}")?;
            }
            for settled in &verdict.versions {
                explain(&name, settled, streams)?;
            }
            if let (true, Some(broken)) = (verdict.versions.is_empty(), verdict.diagnostics.first()) {
                writeln!(streams.out, "{name}: {}", broken.message)?;
            }
        }
        for said in self.shelf.talk() {
            write!(streams.err, "{said}")?;
        }
        Ok(if refused { ExitStatus::Failure } else { ExitStatus::Success })
    }
}

impl Sum {
    /// Adds what became of one file, but for its reports.
    fn add(&mut self, outcome: Outcome) -> Vec<Part> {
        let Outcome { parts, totals, failed, hidden, known, baseline, fixed, fixable, foreign, problems, product: _ } =
            outcome;
        self.totals += totals;
        self.failed |= failed;
        self.refused |= !problems.is_empty();
        self.hidden += hidden;
        self.baseline.join(baseline);
        self.fixed += fixed;
        for (sum, more) in self.known.iter_mut().chain(&mut self.fixable).zip(known.into_iter().chain(fixable)) {
            *sum = sum.saturating_add(more);
        }
        self.foreign += usize::from(foreign.is_some());
        parts
    }
}

fn tell(outcome: &Outcome, step: &Step, streams: &mut Streams) -> anyhow::Result<()> {
    for problem in &outcome.problems {
        // An error is told in any case.
        writeln!(anstream::stderr(), "{} {problem}", style::error("error:"))?;
    }
    if let (Some(what), Ok(Found { path, named: true })) = (&outcome.foreign, step) {
        writeln!(streams.err, "{} {}: {what}: it is not judged", style::note("note:"), files::shown(path))?;
    }
    Ok(())
}

/// The chart versions of a file, with who told them.
fn chart(versions: &[Settled]) -> Option<String> {
    let mut said: Vec<String> = Vec::new();
    for Settled { at: _, told, chart, unheard: _, values: _ } in versions {
        let version = format!("{} ({})", chart.version(), told.by.briefly());
        if !said.contains(&version) {
            said.push(version);
        }
    }
    (!said.is_empty()).then(|| said.join(", "))
}

fn explain(name: &str, settled: &Settled, streams: &mut Streams) -> anyhow::Result<()> {
    let Settled { at, told, chart, unheard, values } = settled;
    let at = if at.is_empty() { String::new() } else { format!(" at `{at}`") };
    writeln!(streams.out, "{name}{at}: chart redis {}", chart.version())?;
    writeln!(streams.out, "  told by {}", told.by)?;
    if told.requirement.to_string() != chart.version().to_string() {
        writeln!(streams.out, "  the newest that `{}` means", told.requirement)?;
    }
    for other in unheard {
        writeln!(streams.out, "  not asked: {}, which says {}", other.by, other.requirement)?;
    }
    if !matches!(told.by, By::Keys(_)) {
        let keys = of_keys(values);
        writeln!(streams.out, "  beside that, {}", keys.by)?;
    }
    Ok(())
}

fn difference(name: &str, old: &str, new: &str) -> String {
    let diff = TextDiff::configure().algorithm(similar::Algorithm::Histogram).diff_lines(old, new);
    if old == new { String::new() } else { diff.unified_diff().header(name, name).to_string() }
}
