//! `redisgen migrate`: a values file carried from one chart version to another.

mod chart_files;
mod result;

use std::path::{Path as FilePath, PathBuf};

use anyhow::{anyhow, bail};

use super::{
    chart::load_of_project,
    files,
    progress::Progress,
    sources::{Project, Sources},
    style,
};
use crate::{
    chart::Requirement,
    commands::context::{ExitStatus, Streams},
    helm,
    migrate::{FileError, MigratedFile, MigratedPlace, Wanted, migrate_file, migrate_layers},
    redact,
    report::{
        self, Color, View,
        migrate::{Format, Report},
    },
    source::{self, Charts, File, FoundRelease, Hints, Unread},
    yaml::{self, Helm, Path},
};

/// Migrate a values file to another chart version, and keep its meaning and comments
///
/// Renamed keys move, unused keys are dropped, and the report lists keys without a replacement. Other lines do not change.
/// The file goes to stdout and the report to stderr by default. The exit code is 0 after a full migration, 1 if a setting
/// has no replacement or the chart does not render (with --check and --diff: if the file would change), and 2 after an
/// error.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Values files; `-` is stdin
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    way: WayArgs,
    #[command(flatten)]
    what: WhatArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// From where to where.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Chart versions")]
struct WayArgs {
    /// Chart version of the file; by default from its comments or keys
    #[arg(long, value_name = "VERSION")]
    from: Option<Requirement>,
    /// New chart version: exact (23.1.1), a prefix (23) or a range; by default `chart-version` of redisgen.toml
    #[arg(long, value_name = "VERSION")]
    to: Option<Requirement>,
    /// Update the chart version in the manifest or Chart.yaml of the file, too
    #[arg(long)]
    bump: bool,
}

/// What is carried.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Migration")]
struct WhatArgs {
    /// Path of the values in the file: `redis` or `cache.redis` in the values of a parent chart
    #[arg(long, value_name = "PATH")]
    at: Option<Path>,
    /// Set the old defaults explicitly if the new chart has other defaults
    #[arg(long, visible_alias = "keep-behavior")]
    keep_behaviour: bool,
    /// Keep unused keys
    #[arg(long)]
    keep_unused: bool,
    /// Read the files as layers of one release: a later file overrides an earlier one, as in helm
    #[arg(long)]
    layered: bool,
    /// Drop settings that an older chart does not support, when `--to` is an older chart
    #[arg(long)]
    allow_loss: bool,
    /// Name of the release, for the commands in the report
    #[arg(long, value_name = "NAME")]
    release: Option<String>,
    /// Namespace of the release, for the commands in the report
    #[arg(long, short, value_name = "NAME")]
    namespace: Option<String>,
    /// Major version of Helm
    #[arg(long, value_enum, value_name = "MAJOR", default_value_t, env = super::HELM, hide_env_values = true)]
    helm: Helm,
}

/// Where it goes.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
struct OutputArgs {
    /// Write the files instead of printing one; after an error all files are unchanged
    #[arg(long, short)]
    in_place: bool,
    /// Print the changes, and write nothing
    #[arg(long, group = "instead", conflicts_with = "in_place")]
    diff: bool,
    /// Print and write nothing; exit with 1 if a file would change
    #[arg(long, group = "instead", conflicts_with = "in_place")]
    check: bool,
    /// Format of the output: the migrated values, or the report
    #[arg(long, short, value_enum, value_name = "FORMAT", default_value_t = Output::Yaml, conflicts_with = "instead")]
    output: Output,
    /// Write the output to this file instead of stdout
    #[arg(long, value_name = "FILE", conflicts_with = "instead")]
    output_file: Option<PathBuf>,
}

/// What goes to stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Output {
    /// the migrated values
    Yaml,
    /// the report for people
    Text,
    /// the report as JSON
    Json,
    /// the report as Markdown
    Markdown,
}

impl Output {
    /// The format of the report; none for the values.
    fn report(self) -> Option<Format> {
        match self {
            Self::Yaml => None,
            Self::Text => Some(Format::Text),
            Self::Json => Some(Format::Json),
            Self::Markdown => Some(Format::Markdown),
        }
    }
}

/// What a run works with.
struct Run {
    way: WayArgs,
    to: Requirement,
    what: WhatArgs,
    /// Whether the files are written where they are.
    in_place: bool,
    sources: Sources,
}

pub fn run(args: Args, streams: &mut Streams) -> anyhow::Result<ExitStatus> {
    let Args { files, way, what, output } = args;
    let OutputArgs { in_place, diff, check, output, output_file } = output;
    let report = output.report();
    if files.len() > 1 && !in_place && !diff && !check && report.is_none() {
        bail!("found {} files: standard output takes only one. Use `--in-place` to write all files", files.len());
    }
    if in_place && output_file.is_some() && report.is_none() {
        bail!(
            "`--in-place` writes the values to their files. Use `--output-file` with `--output text`, `json` or \
             `markdown` for the report"
        );
    }
    if in_place && files.iter().any(|file| files::is_standard(file)) {
        bail!("`--in-place` cannot write to `-`. Use a file");
    }
    helm::check_names(what.release.as_deref(), what.namespace.as_deref())?;
    if way.bump && check {
        bail!("`--bump` writes files, and `--check` writes none. Remove one of them");
    }
    let mut project = Project::load(None)?;
    let to = match way.to.clone() {
        Some(to) => to,
        // Where all of the project is going, a file does not come from there.
        None => match project.config.chart_version.take() {
            Some(to) => {
                load_of_project(&to, false, &mut std::io::sink())?;
                to
            }
            None => bail!(
                "missing `--to <VERSION>`: expected the new chart version, also possible as `chart-version` in \
                 redisgen.toml"
            ),
        },
    };
    let run = Run { way, to, what, in_place, sources: Sources::of(project) };
    let progress = Progress::start(&streams.terminal, "migrating files", None);
    // All is read and carried before anything is written.
    let all = run.files(&files)?;
    drop(progress);
    let view = View { color: Color::On, width: streams.terminal.error_width() };
    if let Some(done) = all.iter().find(|done| done.loses && done.backwards && !run.what.allow_loss) {
        write!(streams.err, "{}", report::migrate::text(&done.reports(), view))?;
        bail!("`{}`: the older chart does not support all settings. Use `--allow-loss` to drop the others", done.name);
    }
    let charts = if run.way.bump { run.chart_files(&all)? } else { Vec::new() };
    let changed = || all.iter().map(|done| &done.changed).chain(charts.iter().map(|chart| &chart.changed));
    if in_place {
        let changed = changed().filter(|changed| changed.is_changed());
        files::write_all(changed.map(|changed| (changed.file.as_path(), changed.after.as_bytes())))?;
    }
    if diff {
        let mut shown = String::new();
        for ChangedFile { file, before, after } in changed() {
            let name = files::display_name(file);
            shown += &report::diff::changed(name.trim_matches('`'), before, after, Color::On);
        }
        streams.terminal.show(&shown, streams.out)?;
    }
    for done in &all {
        if check {
            let what = if done.changed.is_changed() { "would change" } else { "would not change" };
            writeln!(streams.err, "{} {} {what}", style::note("note:"), done.name)?;
        } else if !diff && report.is_none() {
            if !in_place {
                let after = &done.changed.after;
                let secret = yaml::read_values(after).is_ok_and(|values| redact::holds_secret(&values));
                files::write_product(output_file.as_deref(), after, secret, streams.out)?;
                if streams.terminal.shows_output() {
                    streams.out.flush()?;
                }
            }
            write!(streams.err, "{}", report::migrate::text(&done.reports(), view))?;
        }
    }
    for note in charts.iter().filter_map(|chart| chart.note(in_place)).filter(|_| !diff) {
        writeln!(streams.err, "{note}")?;
    }
    let found = match diff || check {
        true => changed().any(ChangedFile::is_changed),
        false => all.iter().any(|done| done.loses || done.breaks),
    };
    if let Some(format) = report {
        let reports: Vec<Report> = all.iter().flat_map(FileResult::reports).collect();
        match (output_file.as_deref().filter(|file| !files::is_standard(file)), format) {
            (None, Format::Text) => {
                let view = View { color: Color::On, width: streams.terminal.width() };
                streams.terminal.show(&report::migrate::text(&reports, view), streams.out)?;
            }
            (file, format) => {
                files::write_product(file, &report::migrate::render(format, &reports), false, streams.out)?;
            }
        }
    }
    for said in run.sources.talk() {
        write!(streams.err, "{said}")?;
    }
    Ok(if found { ExitStatus::Findings } else { ExitStatus::Success })
}

/// A file with its text before and after.
struct ChangedFile {
    file: PathBuf,
    before: String,
    after: String,
}

impl ChangedFile {
    fn is_changed(&self) -> bool {
        self.before != self.after
    }
}

/// A file that was migrated.
struct FileResult {
    changed: ChangedFile,
    /// As it is shown.
    name: String,
    places: Vec<MigratedPlace>,
    loses: bool,
    /// Whether the newer chart does not render with it.
    breaks: bool,
    backwards: bool,
}

impl FileResult {
    fn reports(&self) -> Vec<Report<'_>> {
        self.places.iter().map(|place| Report { name: &self.name, place }).collect()
    }
}

/// A file that was read.
struct Opened {
    file: PathBuf,
    /// As it is shown.
    name: String,
    read: File,
}

impl Opened {
    /// The file with what became of it.
    fn done(self, migrated: MigratedFile) -> FileResult {
        FileResult {
            loses: migrated.loses(),
            breaks: migrated.breaks(),
            backwards: migrated.is_downgrade(),
            changed: ChangedFile { file: self.file, before: self.read.text, after: migrated.text },
            name: self.name,
            places: migrated.places,
        }
    }

    /// Why the file cannot be migrated.
    fn refused(&self, why: FileError) -> anyhow::Error {
        match why {
            FileError::NoChart(why) => anyhow!(why),
            FileError::Text(why) => anyhow!("`{}`: {why}", self.name),
            FileError::Values { line, why } => anyhow!("{}:{line}: {why}", self.name),
        }
    }
}

impl Run {
    fn to(&self) -> anyhow::Result<crate::chart::Chart> {
        self.sources.chart(&self.to).map_err(|why| anyhow!(why))
    }

    fn known(&self, file: &FilePath) -> Hints {
        let asked = Hints {
            version: self.way.from.clone(),
            at: self.what.at.clone(),
            helm: self.what.helm,
            ..Hints::default()
        };
        self.sources.known(file, asked)
    }

    /// Migrates all values in files, and writes nothing.
    fn files(&self, files: &[PathBuf]) -> anyhow::Result<Vec<FileResult>> {
        let all: Vec<Opened> = files.iter().map(|file| self.opened(file)).collect::<Result<_, _>>()?;
        let to = self.to()?;
        let WhatArgs { keep_behaviour, keep_unused, layered, .. } = self.what;
        let wanted = Wanted {
            to: &to,
            keep_behaviour,
            keep_unused,
            bump: self.way.bump,
            release: self.what.release.as_deref(),
            namespace: self.what.namespace.as_deref(),
        };
        let charts = |wanted: &_| self.sources.chart(wanted);
        if layered {
            return self.layers(all, wanted, &charts);
        }
        let alone = |opened: Opened| {
            let holds_more = !opened.read.releases.iter().all(FoundRelease::is_whole_file);
            let destination = self.destination(&[&opened.file], holds_more, &to);
            match migrate_file(&opened.read, wanted, &destination, &charts) {
                Ok(migrated) => Ok(opened.done(migrated)),
                Err(why) => Err(opened.refused(why)),
            }
        };
        all.into_iter().map(alone).collect()
    }

    /// Migrates the files of one release.
    fn layers(&self, all: Vec<Opened>, wanted: Wanted, charts: &Charts) -> anyhow::Result<Vec<FileResult>> {
        let paths: Vec<&FilePath> = all.iter().map(|opened| opened.file.as_path()).collect();
        let destination = self.destination(&paths, false, wanted.to);
        let files: Vec<File> = all.iter().map(|opened| opened.read.clone()).collect();
        let migrated = migrate_layers(&files, wanted, &destination, charts);
        let migrated = migrated.map_err(|(at, why)| all[at].refused(why))?;
        let done: Vec<FileResult> =
            all.into_iter().zip(migrated).map(|(opened, migrated)| opened.done(migrated)).collect();
        let from = |done: &FileResult| done.places[0].migrated.from.version().clone();
        if let Some(other) = done.iter().find(|other| from(other) != from(&done[0])) {
            bail!(
                "`{}` is for chart {} and `{}` for chart {}: set one version for both with `--from`",
                done[0].name,
                from(&done[0]),
                other.name,
                from(other)
            );
        }
        Ok(done)
    }

    fn opened(&self, file: &FilePath) -> anyhow::Result<Opened> {
        let text = files::read_text(file)?;
        files::refuse_encrypted(file, &text, &format!("migrate --to {} --in-place", self.to))?;
        let name = files::display_name(file).trim_matches('`').to_owned();
        match source::read(&text, &self.known(file), &|wanted| self.sources.chart(wanted)) {
            Ok(read) => Ok(Opened { file: file.to_owned(), name, read }),
            Err(Unread::Broken(error)) => Err(anyhow!("`{name}`: {error}")),
            Err(Unread::Foreign(what)) => {
                bail!(
                    "`{name}`: {what}. Use `--from` to migrate the file anyway, or `--at PATH` for the path of the values"
                )
            }
            Err(Unread::NoBlock(what)) => bail!("`{name}`: {what}. Use `--at PATH` for the path of the values"),
            Err(Unread::Template { kind, at }) => {
                bail!("`{name}`: {}:{}: found {kind}: expected plain YAML. Render the file first", at.line, at.column)
            }
        }
    }
}
