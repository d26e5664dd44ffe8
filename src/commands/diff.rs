//! `redisgen diff`: compares values files by their effect.

mod folders;
mod git;
mod live;

use std::path::{Path as FilePath, PathBuf};

use anyhow::{anyhow, bail};

use super::{
    files,
    loaded_file::LoadedFile,
    options::OptionArgs,
    progress::Progress,
    sources::{Project, Sources},
    style,
};
use crate::{
    chart::Requirement,
    commands::context::{ExitStatus, Streams},
    diff::{Compared, Diff, FileSide, Mode, Pattern, diff_files_with},
    report::{
        Color,
        diff::{self as report, Format, RenderOptions, SideSource},
    },
    source::{ClaimSource, Hints},
    yaml::{self, Helm, Notes, Path},
};

/// Compare values files, and show the impact of each change
///
/// The comparison uses effective values: the values of each side, merged with the defaults of its chart version. Order,
/// quotes, comments, anchors and keys with a default value make no difference, and unused keys are listed apart. Give
/// two files, or one file and options such as `--profile`. The exit code is 0 without a difference, 1 with a difference
/// or values that the chart does not render, and 2 after an error.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Old and new file (`-` is stdin), or two folders; or one file to compare with the options
    #[arg(id = "compared", value_name = "FILE", num_args = 0..)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    sides: SideArgs,
    #[command(flatten)]
    comparison: ComparisonArgs,
    #[command(flatten)]
    report_options: ReportArgs,
    #[command(flatten)]
    options: OptionArgs,
}

/// The options that select the two sides.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Sides")]
struct SideArgs {
    /// Chart version of the old side; by default from the comments or keys of the file
    #[arg(long, value_name = "VERSION")]
    from: Option<Requirement>,
    /// Chart version of the new side; by default from the comments or keys of the file
    #[arg(long, value_name = "VERSION")]
    to: Option<Requirement>,
    /// Use the installed release of `--release` as the old side: the values of its last deployed revision
    #[arg(long, conflicts_with = "defaults", requires = "release")]
    live: bool,
    /// Context of the kubeconfig for the installed release
    #[arg(long, value_name = "NAME", requires = "live")]
    kube_context: Option<String>,
    /// Use the defaults of the chart as the old side
    #[arg(long)]
    defaults: bool,
    /// Path of the values in the files: `redis` or `cache.redis` in the values of a parent chart
    #[arg(long, value_name = "PATH")]
    at: Option<Path>,
    /// Major version of Helm
    #[arg(long, value_enum, value_name = "MAJOR", default_value_t, env = super::HELM, hide_env_values = true)]
    helm: Helm,
    /// Read the arguments of an external diff of git: PATH OLD-FILE OLD-HEX OLD-MODE NEW-FILE NEW-HEX NEW-MODE
    #[arg(long, conflicts_with_all = ["live", "defaults"])]
    git: bool,
}

/// The options that select the compared keys.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Comparison")]
struct ComparisonArgs {
    /// Compare the text of the values, not the effective values
    #[arg(long)]
    raw: bool,
    /// Only keys at or below this path; `*` matches one step (`*.service`); repeat for several
    #[arg(long, value_name = "PATH", value_delimiter = ',')]
    only: Vec<Pattern>,
    /// Skip keys at or below this path; repeat for several
    #[arg(long, value_name = "PATH", value_delimiter = ',')]
    ignore: Vec<Pattern>,
}

/// The options of the report.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Report")]
struct ReportArgs {
    /// Format of the report
    #[arg(long, short, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    output: Format,
    /// Write the report to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    output_file: Option<PathBuf>,
    /// Short for `--output stat`
    #[arg(long, group = "format", conflicts_with = "output")]
    stat: bool,
    /// Short for `--output name-only`
    #[arg(long, group = "format", conflicts_with = "output")]
    name_only: bool,
    /// Lines around a change in `--output unified`; 3 by default
    #[arg(long, short = 'U', value_name = "LINES")]
    context: Option<usize>,
    /// Sort changes by risk, highest first
    #[arg(long)]
    risk: bool,
    /// Show passwords and other secrets
    #[arg(long)]
    show_secrets: bool,
    /// Exit with 0 also with differences
    #[arg(long)]
    exit_zero: bool,
}

/// The lines around a change without `--context`.
const CONTEXT: usize = 3;

impl ReportArgs {
    fn report_options(&self, raw: bool) -> RenderOptions {
        let format = match (self.stat, self.name_only) {
            (true, _) => Format::Stat,
            (_, true) => Format::NameOnly,
            _ => self.output,
        };
        // The terminal writer removes colours if the output does not support them.
        RenderOptions {
            format,
            context: self.context.unwrap_or(CONTEXT),
            by_risk: self.risk,
            secrets: self.show_secrets,
            raw,
            color: Color::On,
        }
    }
}

/// The inputs of a run.
struct Run {
    sides: SideArgs,
    comparison: ComparisonArgs,
    report_options: RenderOptions,
    /// `--chart-version`, for both sides.
    chart_version: Option<Requirement>,
    sources: Sources,
}

/// The report of a run, and whether the sides differ.
#[derive(Default)]
struct Outcome {
    report: String,
    differs: bool,
    /// Messages for stderr.
    messages: Vec<String>,
}

pub fn run(args: Args, streams: &mut Streams) -> anyhow::Result<ExitStatus> {
    let Args { files, sides, comparison, report_options: report_args, options } = args;
    let chart_version = options.chart_version().map(str::parse).transpose()?;
    let sources = Sources::of(Project::load(None)?);
    let report_options = report_args.report_options(comparison.raw);
    if comparison.raw
        && report_options.format == Format::Unified
        && !(comparison.only.is_empty() && comparison.ignore.is_empty())
    {
        bail!("`--raw --output unified` compares the files line by line: remove `--only` and `--ignore`");
    }
    if report_args.context.is_some() && report_options.format != Format::Unified {
        bail!("`--context` (`-U`) requires `--output unified`: no other format shows lines around a change");
    }
    let run = Run { sides, comparison, report_options, chart_version, sources };
    let outcome = match files.as_slice() {
        files if run.sides.git => run.git(files)?,
        [old, new] if old.is_dir() && new.is_dir() => run.folders(old, new)?,
        files => run.files(files, options, streams)?,
    };
    let exit_zero = report_args.exit_zero || run.sides.git;
    for message in run.sources.talk() {
        write!(streams.err, "{message}")?;
    }
    match report_args.output_file.as_deref().filter(|file| !files::is_standard(file)) {
        Some(file) => files::write_product(Some(file), &outcome.report, report_args.show_secrets, streams.out)?,
        None if run.report_options.format == Format::Text => {
            streams.terminal.show(&streams.terminal.folded(&outcome.report), streams.out)?;
        }
        None => streams.terminal.show(&outcome.report, streams.out)?,
    }
    for line in &outcome.messages {
        writeln!(streams.err, "{line}")?;
    }
    Ok(if outcome.differs && !exit_zero { ExitStatus::Findings } else { ExitStatus::Success })
}

impl Run {
    /// Compares two files, a file with options, or an installed release with either.
    fn files(&self, files: &[PathBuf], options: OptionArgs, streams: &mut Streams) -> anyhow::Result<Outcome> {
        let has_options = options.ask_for_values();
        let standard = files.iter().filter(|file| files::is_standard(file)).count();
        if standard + usize::from(options.read_standard_input()) > 1 {
            bail!("`-`: standard input is readable only once. Use a file for the other side");
        }
        let namespace = options.namespace().map(str::to_owned);
        let release = options.release().filter(|_| self.sides.live).map(str::to_owned);
        let live = || match &release {
            Some(release) => self.live(release, namespace.as_deref()).map(|(loaded, warning)| (Some(loaded), warning)),
            None => Ok((None, None)),
        };
        let progress =
            release.as_ref().map(|_| Progress::start(&streams.terminal, "asking helm for the release", None));
        let (live, warning) = live()?;
        drop(progress);
        if let Some(warning) = warning {
            writeln!(streams.err, "{} {warning}", style::warning("warning:"))?;
        }
        let (old, new) = match (live, files) {
            (Some(live), [file]) if !has_options => (live, self.file(file, &self.sides.to)?),
            (Some(live), []) => {
                let options_side = self.options_side(&live, options, streams)?;
                (live, options_side)
            }
            (Some(_), [_]) => {
                bail!("found a file and options for values with `--live`: expected one of them")
            }
            (Some(_), _) => {
                bail!("found {} files with `--live`: expected one file, or options such as `--profile`", files.len())
            }
            (None, [old, new]) if !has_options && !self.sides.defaults => {
                (self.file(old, &self.sides.from)?, self.file(new, &self.sides.to)?)
            }
            (None, [_, _]) if has_options => {
                bail!("found two files and options for values: expected one file with such options")
            }
            (None, [file]) if self.sides.defaults && !has_options => {
                let new = self.file(file, &self.sides.to)?;
                (self.defaults(&new)?, new)
            }
            (None, [file]) if has_options && !self.sides.defaults => {
                let old = self.file(file, &self.sides.from)?;
                let options_side = self.options_side(&old, options, streams)?;
                (old, options_side)
            }
            (None, []) if has_options && self.sides.defaults => {
                let nothing = self.read("defaults".to_owned(), "", &self.hints(None), false)?;
                let options_side = self.options_side(&nothing, options, streams)?;
                (self.defaults(&options_side)?, options_side)
            }
            (None, [file]) => bail!(
                "found only one file, {}: expected a second file, options such as `--profile aws-internal`, or \
                 `--defaults` for the defaults of the chart",
                files::display_name(file)
            ),
            (None, []) => bail!("found no file: expected two files, or one file and options such as `--profile`"),
            (None, more) => bail!("found {} files: expected the old and the new one", more.len()),
        };
        if let (Some(at), true, true) = (&self.sides.at, old.is_flat, new.is_flat) {
            bail!("found nothing at `{at}` in both files: check the path of `--at`, or remove `--at` for flat files");
        }
        self.diff(&old, &new)
    }

    /// Compares two loaded files and renders the report.
    fn diff(&self, old: &LoadedFile, new: &LoadedFile) -> anyhow::Result<Outcome> {
        let compared = self.compare(old, new)?;
        Ok(self.render(&compared))
    }

    fn compare<'a>(&self, old: &'a LoadedFile, new: &'a LoadedFile) -> anyhow::Result<Vec<Pair<'a>>> {
        let mode = Mode { helm: self.sides.helm, raw: self.comparison.raw };
        old.check()?;
        new.check()?;
        let select = |diff: &mut Diff| {
            diff.select(&self.comparison.only, &self.comparison.ignore);
            if self.report_options.format != Format::Unified {
                diff.forget_values();
            }
        };
        let charts = |requirement: &Requirement| self.sources.chart(requirement);
        let compared = diff_files_with(&old.file, &new.file, mode, &charts, &select);
        let pair = |compared: Compared<'a>| Pair { old, new, compared };
        Ok(compared.map_err(|why| anyhow!(why))?.into_iter().map(pair).collect())
    }

    fn render(&self, pairs: &[Pair]) -> Outcome {
        let compared = || pairs.iter().map(|pair| &pair.compared.diff);
        let differs = compared().any(|diff| match self.comparison.raw {
            true => !diff.changes.is_empty(),
            false => !diff.is_empty() || diff.is_refused(),
        });
        let lines: Vec<_> = pairs.iter().map(Pair::lines).collect();
        let names: Vec<_> = pairs.iter().map(Pair::names).collect();
        let ends = lines.iter().zip(&names);
        let pairs: Vec<_> = pairs.iter().zip(ends).map(|(pair, (lines, names))| pair.reported(lines, names)).collect();
        let unused: usize =
            compared().map(|diff| diff.changes.iter().filter(|change| !change.has_effect()).count()).sum();
        let mut messages = Vec::new();
        if self.report_options.format == Format::NameOnly && !self.report_options.raw {
            let refusals = report::refusals(&pairs).into_iter();
            messages.extend(refusals.map(|refusal| format!("{} {refusal}", style::error("error:"))));
        }
        if !differs {
            let suffix = match unused {
                0 => String::new(),
                1 => ": 1 unused key differs".to_owned(),
                unused => format!(": {unused} unused keys differ"),
            };
            messages.push(format!("no difference in effect{suffix}"));
        }
        Outcome { report: report::render(&pairs, &self.report_options), differs, messages }
    }

    fn hints(&self, version: Option<&Requirement>) -> Hints {
        Hints {
            version: version.or(self.chart_version.as_ref()).cloned(),
            at: self.sides.at.clone(),
            helm: self.sides.helm,
            ..Hints::default()
        }
    }

    fn read(&self, name: String, text: &str, hints: &Hints, has_text: bool) -> anyhow::Result<LoadedFile> {
        LoadedFile::read(name, text, hints, has_text, &|requirement| self.sources.chart(requirement))
    }

    fn file(&self, file: &FilePath, version: &Option<Requirement>) -> anyhow::Result<LoadedFile> {
        let (path, release) = self.sources.file_of(file)?;
        let hints = self.sources.known(&path, Hints { release, ..self.hints(version.as_ref()) });
        let name = files::display_name(file).trim_matches('`').to_owned();
        self.read(name, &files::read_text(&path)?, &hints, true)
    }

    /// The values of the options, for the chart version of the other side unless an option sets a version.
    fn options_side(
        &self,
        other: &LoadedFile,
        mut options: OptionArgs,
        streams: &mut Streams,
    ) -> anyhow::Result<LoadedFile> {
        // Keys alone fit many versions, and options without a version request the newest chart.
        let joined = other.joined()?;
        let claimed = joined.first().filter(|joined| !matches!(joined.claim.by, ClaimSource::Keys(_)));
        let version = claimed.map(|joined| joined.release.chart.version().to_string());
        if let Some(to) = &self.sides.to {
            options.take_chart_version(to.to_string());
        }
        let settled = options.settle_beside(version, streams.err)?;
        let (values, _) = settled.tree();
        let hints = Hints { at: None, ..self.hints(Some(&settled.version.parse()?)) };
        self.read("options".to_owned(), &yaml::emit(values, &Notes::new()), &hints, false)
    }

    /// The defaults of the chart version of the other side.
    fn defaults(&self, other: &LoadedFile) -> anyhow::Result<LoadedFile> {
        let version = match (&self.sides.from, other.joined()?.first()) {
            (Some(version), _) => Some(version.clone()),
            (None, Some(joined)) => Some(joined.release.chart.version().to_string().parse()?),
            (None, None) => None,
        };
        let hints = Hints { at: None, ..self.hints(version.as_ref()) };
        self.read("defaults".to_owned(), "", &hints, false)
    }

    /// The note for files that are compared as text.
    fn note(&self, name: &str, why: &str) -> String {
        format!("{} {name}: {why}: compared as text", style::note("note:"))
    }
}

/// A compared release with its two loaded files.
struct Pair<'a> {
    old: &'a LoadedFile,
    new: &'a LoadedFile,
    compared: Compared<'a>,
}

type Line<'a> = Box<dyn Fn(&Path) -> Option<usize> + 'a>;

impl<'a> Pair<'a> {
    fn sides(&self) -> [(&'a LoadedFile, &FileSide<'a>); 2] {
        [(self.old, &self.compared.old), (self.new, &self.compared.new)]
    }

    /// Functions that find the line of a path, for each side.
    fn lines(&self) -> [Line<'_>; 2] {
        self.sides().map(|(loaded, side)| -> Line<'_> {
            if loaded.has_text { Box::new(side.lines()) } else { Box::new(|_| None) }
        })
    }

    fn names(&self) -> [String; 2] {
        self.sides().map(|(loaded, side)| format!("{}{}", loaded.name, side.label))
    }

    /// The pair in the form that the report renders.
    fn reported<'p>(&'p self, [old_line, new_line]: &'p [Line<'p>; 2], names: &'p [String; 2]) -> report::Pair<'p> {
        let (release, namespace) = self.compared.release();
        let installed = self.old.release.as_ref();
        let end = |side: &'p FileSide<'a>, line: &'p Line<'p>, name: &'p str| SideSource {
            name,
            by: side.by,
            text: &side.file.text,
            line: &**line,
        };
        let [old_name, new_name] = names;
        report::Pair {
            old: end(&self.compared.old, old_line, old_name),
            new: end(&self.compared.new, new_line, new_name),
            diff: &self.compared.diff,
            release: installed.map(|(release, _)| release.as_str()).or(release),
            namespace: installed.and_then(|(_, namespace)| namespace.as_deref()).or(namespace),
        }
    }
}
