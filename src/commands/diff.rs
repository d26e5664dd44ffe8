//! `redisgen diff`: what differs in effect.

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
    diff::{Compared, Mode, Pattern, SideOfFile, diff_files},
    report::{
        Color,
        diff::{self as report, End, Format, RenderOptions},
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
    ground: GroundArgs,
    #[command(flatten)]
    look: LookArgs,
    #[command(flatten)]
    options: OptionArgs,
}

/// What is compared.
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

/// What counts.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Comparison")]
struct GroundArgs {
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

/// How it is shown.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Report")]
struct LookArgs {
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

/// Lines around a change, where nobody asks for others.
const CONTEXT: usize = 3;

impl LookArgs {
    fn look(&self, raw: bool) -> RenderOptions {
        let format = match (self.stat, self.name_only) {
            (true, _) => Format::Stat,
            (_, true) => Format::NameOnly,
            _ => self.output,
        };
        // What nobody reads as colours is taken out on the way.
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

/// What a run works with.
struct Run {
    sides: SideArgs,
    ground: GroundArgs,
    look: RenderOptions,
    /// `--chart-version`, for both sides.
    chart_version: Option<Requirement>,
    sources: Sources,
}

/// What is printed, and whether something differs.
#[derive(Default)]
struct Outcome {
    report: String,
    differs: bool,
    /// What is said beside it.
    talk: Vec<String>,
}

pub fn run(args: Args, streams: &mut Streams) -> anyhow::Result<ExitStatus> {
    let Args { files, sides, ground, look: shown, options } = args;
    let chart_version = options.chart_version().map(str::parse).transpose()?;
    let sources = Sources::of(Project::load(None)?);
    let look = shown.look(ground.raw);
    if ground.raw && look.format == Format::Unified && !(ground.only.is_empty() && ground.ignore.is_empty()) {
        bail!("`--raw --output unified` compares the files line by line: remove `--only` and `--ignore`");
    }
    if shown.context.is_some() && look.format != Format::Unified {
        bail!("`--context` (`-U`) requires `--output unified`: no other format shows lines around a change");
    }
    let run = Run { sides, ground, look, chart_version, sources };
    let outcome = match files.as_slice() {
        files if run.sides.git => run.git(files)?,
        [old, new] if old.is_dir() && new.is_dir() => run.folders(old, new)?,
        files => run.files(files, options, streams)?,
    };
    let exit_zero = shown.exit_zero || run.sides.git;
    for said in run.sources.talk() {
        write!(streams.err, "{said}")?;
    }
    match shown.output_file.as_deref().filter(|file| !files::is_standard(file)) {
        Some(file) => files::write_product(Some(file), &outcome.report, shown.show_secrets, streams.out)?,
        None if run.look.format == Format::Text => {
            streams.terminal.show(&streams.terminal.folded(&outcome.report), streams.out)?;
        }
        None => streams.terminal.show(&outcome.report, streams.out)?,
    }
    for line in &outcome.talk {
        writeln!(streams.err, "{line}")?;
    }
    Ok(if outcome.differs && !exit_zero { ExitStatus::Findings } else { ExitStatus::Success })
}

impl Run {
    /// One file, or two, or what is installed.
    fn files(&self, files: &[PathBuf], options: OptionArgs, streams: &mut Streams) -> anyhow::Result<Outcome> {
        let asked = options.ask_for_values();
        let standard = files.iter().filter(|file| files::is_standard(file)).count();
        if standard + usize::from(options.read_standard_input()) > 1 {
            bail!("`-`: standard input is readable only once. Use a file for the other side");
        }
        let namespace = options.namespace().map(str::to_owned);
        let release = options.release().filter(|_| self.sides.live).map(str::to_owned);
        let live = || match &release {
            Some(release) => self.live(release, namespace.as_deref()).map(|(held, warning)| (Some(held), warning)),
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
            (Some(live), [file]) if !asked => (live, self.file(file, &self.sides.to)?),
            (Some(live), []) => {
                let wanted = self.wanted(&live, options, streams)?;
                (live, wanted)
            }
            (Some(_), [_]) => {
                bail!("found a file and options for values with `--live`: expected one of them")
            }
            (Some(_), _) => {
                bail!("found {} files with `--live`: expected one file, or options such as `--profile`", files.len())
            }
            (None, [old, new]) if !asked && !self.sides.defaults => {
                (self.file(old, &self.sides.from)?, self.file(new, &self.sides.to)?)
            }
            (None, [_, _]) if asked => {
                bail!("found two files and options for values: expected one file with such options")
            }
            (None, [file]) if self.sides.defaults && !asked => {
                let new = self.file(file, &self.sides.to)?;
                (self.defaults(&new)?, new)
            }
            (None, [file]) if asked && !self.sides.defaults => {
                let old = self.file(file, &self.sides.from)?;
                let wanted = self.wanted(&old, options, streams)?;
                (old, wanted)
            }
            (None, []) if asked && self.sides.defaults => {
                let nothing = self.read("defaults".to_owned(), "", &self.known(None), false)?;
                let wanted = self.wanted(&nothing, options, streams)?;
                (self.defaults(&wanted)?, wanted)
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
        self.held(&old, &new)
    }

    /// Two texts compared and shown.
    fn held(&self, old: &LoadedFile, new: &LoadedFile) -> anyhow::Result<Outcome> {
        let compared = self.compare(old, new)?;
        Ok(self.shown(&compared))
    }

    fn compare<'a>(&self, old: &'a LoadedFile, new: &'a LoadedFile) -> anyhow::Result<Vec<Pair<'a>>> {
        let ground = Mode { helm: self.sides.helm, raw: self.ground.raw };
        old.check()?;
        new.check()?;
        let compared = diff_files(&old.file, &new.file, ground, &|wanted| self.sources.chart(wanted));
        let pair = |mut compared: Compared<'a>| {
            compared.diff.select(&self.ground.only, &self.ground.ignore);
            Pair { old, new, compared }
        };
        Ok(compared.map_err(|why| anyhow!(why))?.into_iter().map(pair).collect())
    }

    fn shown(&self, pairs: &[Pair]) -> Outcome {
        let compared = || pairs.iter().map(|pair| &pair.compared.diff);
        let differs = compared().any(|diff| match self.ground.raw {
            true => !diff.changes.is_empty(),
            false => !diff.is_empty() || diff.is_refused(),
        });
        let lines: Vec<_> = pairs.iter().map(Pair::lines).collect();
        let names: Vec<_> = pairs.iter().map(Pair::names).collect();
        let ends = lines.iter().zip(&names);
        let pairs: Vec<_> = pairs.iter().zip(ends).map(|(pair, (lines, names))| pair.reported(lines, names)).collect();
        let idle: usize = compared().map(|diff| diff.changes.iter().filter(|change| !change.is_live()).count()).sum();
        let mut talk = Vec::new();
        if self.look.format == Format::NameOnly && !self.look.raw {
            let refusals = report::refusals(&pairs).into_iter();
            talk.extend(refusals.map(|refusal| format!("{} {refusal}", style::error("error:"))));
        }
        if !differs {
            let beside = match idle {
                0 => String::new(),
                1 => ": 1 unused key differs".to_owned(),
                idle => format!(": {idle} unused keys differ"),
            };
            talk.push(format!("no difference in effect{beside}"));
        }
        Outcome { report: report::render(&pairs, &self.look), differs, talk }
    }

    fn known(&self, version: Option<&Requirement>) -> Hints {
        Hints {
            version: version.or(self.chart_version.as_ref()).cloned(),
            at: self.sides.at.clone(),
            helm: self.sides.helm,
            ..Hints::default()
        }
    }

    fn read(&self, name: String, text: &str, known: &Hints, at_hand: bool) -> anyhow::Result<LoadedFile> {
        LoadedFile::read(name, text, known, at_hand, &|wanted| self.sources.chart(wanted))
    }

    fn file(&self, file: &FilePath, version: &Option<Requirement>) -> anyhow::Result<LoadedFile> {
        let known = self.sources.known(file, self.known(version.as_ref()));
        let name = files::display_name(file).trim_matches('`').to_owned();
        self.read(name, &files::read_text(file)?, &known, true)
    }

    /// What the flags ask for, for the chart of the other side where they name none.
    fn wanted(&self, other: &LoadedFile, mut options: OptionArgs, streams: &mut Streams) -> anyhow::Result<LoadedFile> {
        // Keys alone fit many versions; whoever wishes for something wishes it for the newest.
        let joined = other.joined()?;
        let told = joined.first().filter(|joined| !matches!(joined.told.by, ClaimSource::Keys(_)));
        let version = told.map(|joined| joined.release.chart.version().to_string());
        if let Some(asked) = &self.sides.to {
            options.take_chart_version(asked.to_string());
        }
        let settled = options.settle_beside(version, streams.err)?;
        let (values, _) = settled.tree();
        let known = Hints { at: None, ..self.known(Some(&settled.version.parse()?)) };
        self.read("options".to_owned(), &yaml::emit(values, &Notes::new()), &known, false)
    }

    /// The chart's own values, for the version of the other side.
    fn defaults(&self, other: &LoadedFile) -> anyhow::Result<LoadedFile> {
        let version = match (&self.sides.from, other.joined()?.first()) {
            (Some(version), _) => Some(version.clone()),
            (None, Some(joined)) => Some(joined.release.chart.version().to_string().parse()?),
            (None, None) => None,
        };
        let known = Hints { at: None, ..self.known(version.as_ref()) };
        self.read("defaults".to_owned(), "", &known, false)
    }

    /// What is said where a text is compared as text alone.
    fn note(&self, name: &str, why: &str) -> String {
        format!("{} {name}: {why}: compared as text", style::note("note:"))
    }
}

/// A release of two files, compared.
struct Pair<'a> {
    old: &'a LoadedFile,
    new: &'a LoadedFile,
    compared: Compared<'a>,
}

type Line<'a> = Box<dyn Fn(&Path) -> Option<usize> + 'a>;

impl<'a> Pair<'a> {
    fn sides(&self) -> [(&'a LoadedFile, &SideOfFile<'a>); 2] {
        [(self.old, &self.compared.old), (self.new, &self.compared.new)]
    }

    /// The lines in which paths are written, on either side.
    fn lines(&self) -> [Line<'_>; 2] {
        self.sides().map(|(loaded, side)| -> Line<'_> {
            if loaded.at_hand { Box::new(side.lines()) } else { Box::new(|_| None) }
        })
    }

    fn names(&self) -> [String; 2] {
        self.sides().map(|(loaded, side)| format!("{}{}", loaded.name, side.called))
    }

    /// As a report takes it.
    fn reported<'p>(&'p self, [old_line, new_line]: &'p [Line<'p>; 2], names: &'p [String; 2]) -> report::Pair<'p> {
        let (release, namespace) = self.compared.release();
        let told = self.old.release.as_ref();
        let end = |side: &'p SideOfFile<'a>, line: &'p Line<'p>, name: &'p str| End {
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
            release: told.map(|(release, _)| release.as_str()).or(release),
            namespace: told.and_then(|(_, namespace)| namespace.as_deref()).or(namespace),
        }
    }
}
