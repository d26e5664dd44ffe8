//! `redisgen migrate`: migrates values files from one chart version to another.

mod chart_files;
mod release_files;
mod result;

use std::path::{Path as FilePath, PathBuf};

use anyhow::{anyhow, bail};
use release_files::ReleaseFiles;

use super::{
    chart::load_of_project,
    files,
    progress::Progress,
    sources::{NamedRelease, Project, Sources},
    style,
};
use crate::{
    chart::Requirement,
    commands::context::{ExitStatus, Streams},
    helm,
    migrate::{FileError, MigrateOptions, MigratedFile, MigratedPlace, migrate_file, migrate_layers},
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
    versions: VersionArgs,
    #[command(flatten)]
    what: MigrationArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// The options for the two chart versions.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Chart versions")]
struct VersionArgs {
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

/// The options for the migration itself.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Migration")]
struct MigrationArgs {
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

/// The options for the output.
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

/// The contents of stdout.
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
    /// The format of the report. `None` for the values.
    fn report(self) -> Option<Format> {
        match self {
            Self::Yaml => None,
            Self::Text => Some(Format::Text),
            Self::Json => Some(Format::Json),
            Self::Markdown => Some(Format::Markdown),
        }
    }
}

/// The inputs of a run.
struct Run {
    versions: VersionArgs,
    to: Requirement,
    what: MigrationArgs,
    /// Whether the migrated files replace the original files.
    in_place: bool,
    sources: Sources,
}

pub fn run(args: Args, streams: &mut Streams) -> anyhow::Result<ExitStatus> {
    let Args { files, versions, what, output } = args;
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
    if versions.bump && check {
        bail!("`--bump` writes files, and `--check` writes none. Remove one of them");
    }
    let mut project = Project::load(None)?;
    let to = match versions.to.clone() {
        Some(to) => to,
        // The `chart-version` of redisgen.toml is the target here, and cannot also be the version of the file.
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
    let run = Run { versions, to, what, in_place, sources: Sources::of(project) };
    let progress = Progress::start(&streams.terminal, "migrating files", None);
    // All files are migrated before the first file is written, which leaves all files unchanged after an error.
    let mut all = run.files(&files)?;
    drop(progress);
    let view = View { color: Color::On, width: streams.terminal.error_width() };
    if let Some(result) = all.iter().find(|result| result.has_loss && result.is_downgrade && !run.what.allow_loss) {
        write!(streams.err, "{}", report::migrate::text(&result.reports(), view))?;
        bail!(
            "`{}`: the older chart does not support all settings. Use `--allow-loss` to drop the others",
            result.name
        );
    }
    let charts = if run.versions.bump { run.chart_files(&all)? } else { Vec::new() };
    let declared = if run.versions.bump { run.release_files(&files, &mut all)? } else { ReleaseFiles::default() };
    let changed = || {
        let of_charts = charts.iter().map(|chart| &chart.changed);
        all.iter().map(|result| &result.changed).chain(of_charts).chain(&declared.changed)
    };
    if in_place {
        let changed = changed().filter(|changed| changed.is_changed());
        files::write_all(changed.map(|changed| (changed.file.as_path(), changed.after.as_bytes())))?;
    }
    if diff {
        let mut diffs = String::new();
        for ChangedFile { file, before, after } in changed() {
            let name = files::display_name(file);
            diffs += &report::diff::changed(name.trim_matches('`'), before, after, Color::On);
        }
        streams.terminal.show(&diffs, streams.out)?;
    }
    for result in &all {
        if check {
            let what = if result.changed.is_changed() { "would change" } else { "would not change" };
            writeln!(streams.err, "{} {} {what}", style::note("note:"), result.name)?;
        } else if !diff && report.is_none() {
            if !in_place {
                let after = &result.changed.after;
                let file = output_file.as_deref().filter(|file| !files::is_standard(file));
                // Only a file has permissions.
                let values = file.and_then(|_| yaml::read_values(after).ok());
                let secret = values.is_some_and(|values| redact::holds_secret(&values));
                files::write_product(file, after, secret, streams.out)?;
                if streams.terminal.shows_output() {
                    streams.out.flush()?;
                }
            }
            write!(streams.err, "{}", report::migrate::text(&result.reports(), view))?;
        }
    }
    let notes = charts.iter().filter_map(|chart| chart.note(in_place)).chain(declared.talk(in_place));
    for note in notes.filter(|_| !diff) {
        writeln!(streams.err, "{note}")?;
    }
    let has_findings = match diff || check {
        true => changed().any(ChangedFile::is_changed),
        false => all.iter().any(|result| result.has_loss || result.does_not_render),
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
    for message in run.sources.talk() {
        write!(streams.err, "{message}")?;
    }
    Ok(if has_findings { ExitStatus::Findings } else { ExitStatus::Success })
}

/// A file with its text before and after the migration.
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

/// A migrated file.
struct FileResult {
    changed: ChangedFile,
    /// The name of the file in messages.
    name: String,
    places: Vec<MigratedPlace>,
    has_loss: bool,
    /// Whether the newer chart does not render with the migrated values.
    does_not_render: bool,
    is_downgrade: bool,
}

impl FileResult {
    fn reports(&self) -> Vec<Report<'_>> {
        self.places.iter().map(|place| Report { name: &self.name, place }).collect()
    }
}

/// A file that is read and not migrated yet.
struct OpenedFile {
    file: PathBuf,
    /// The name of the file in messages.
    name: String,
    read: File,
}

impl OpenedFile {
    /// Combines the file with its migration.
    fn into_result(self, migrated: MigratedFile) -> FileResult {
        FileResult {
            has_loss: migrated.has_losses(),
            does_not_render: migrated.has_incompatibilities(),
            is_downgrade: migrated.is_downgrade(),
            changed: ChangedFile { file: self.file, before: self.read.text, after: migrated.text },
            name: self.name,
            places: migrated.places,
        }
    }

    /// The error for a file that cannot be migrated.
    fn migration_error(&self, why: FileError) -> anyhow::Error {
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

    fn hints(&self, file: &FilePath, release: Option<String>) -> Hints {
        let options = Hints {
            release,
            version: self.versions.from.clone(),
            at: self.what.at.clone(),
            helm: self.what.helm,
            ..Hints::default()
        };
        self.sources.known(file, options)
    }

    /// Migrates the values in all files without writing them.
    fn files(&self, files: &[PathBuf]) -> anyhow::Result<Vec<FileResult>> {
        let mut all: Vec<OpenedFile> = Vec::new();
        for file in files {
            match self.sources.release(file).transpose()? {
                // A release has values in several files.
                Some(NamedRelease { id, files, fixed, .. }) => {
                    if let Some(patch) = fixed.first() {
                        bail!(
                            "{} has values of the release in a patch, which redisgen cannot migrate. Move the values \
                             to a file of their own",
                            files::display_name(patch)
                        );
                    }
                    for file in &files {
                        all.push(self.open(file, Some(id.clone()))?);
                    }
                }
                None => all.push(self.open(file, None)?),
            }
        }
        let to = self.to()?;
        let MigrationArgs { keep_behaviour, keep_unused, layered, .. } = self.what;
        let wanted = MigrateOptions {
            to: &to,
            keep_behaviour,
            keep_unused,
            bump: self.versions.bump,
            release: self.what.release.as_deref(),
            namespace: self.what.namespace.as_deref(),
        };
        let charts = |wanted: &_| self.sources.chart(wanted);
        if layered {
            return self.layers(all, wanted, &charts);
        }
        let alone = |opened: OpenedFile| {
            let holds_more = !opened.read.releases.iter().all(FoundRelease::is_whole_file);
            let destination = self.destination(&[&opened.file], holds_more, &to);
            match migrate_file(&opened.read, wanted, &destination, &charts) {
                Ok(migrated) => Ok(opened.into_result(migrated)),
                Err(why) => Err(opened.migration_error(why)),
            }
        };
        all.into_iter().map(alone).collect()
    }

    /// Migrates files that are layers of one release.
    fn layers(&self, all: Vec<OpenedFile>, wanted: MigrateOptions, charts: &Charts) -> anyhow::Result<Vec<FileResult>> {
        let paths: Vec<&FilePath> = all.iter().map(|opened| opened.file.as_path()).collect();
        let destination = self.destination(&paths, false, wanted.to);
        let files: Vec<File> = all.iter().map(|opened| opened.read.clone()).collect();
        let migrated = migrate_layers(&files, wanted, &destination, charts);
        let migrated = migrated.map_err(|(at, why)| all[at].migration_error(why))?;
        let results: Vec<FileResult> =
            all.into_iter().zip(migrated).map(|(opened, migrated)| opened.into_result(migrated)).collect();
        let from = |result: &FileResult| result.places[0].migrated.from.version().clone();
        if let Some(other) = results.iter().find(|other| from(other) != from(&results[0])) {
            bail!(
                "`{}` is for chart {} and `{}` for chart {}: set one version for both with `--from`",
                results[0].name,
                from(&results[0]),
                other.name,
                from(other)
            );
        }
        Ok(results)
    }

    fn open(&self, file: &FilePath, release: Option<String>) -> anyhow::Result<OpenedFile> {
        let text = files::read_text(file)?;
        files::refuse_encrypted(file, &text, &format!("migrate --to {} --in-place", self.to))?;
        let name = files::display_name(file).trim_matches('`').to_owned();
        match source::read(&text, &self.hints(file, release), &|wanted| self.sources.chart(wanted)) {
            Ok(read) => Ok(OpenedFile { file: file.to_owned(), name, read }),
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
