//! `redisgen lint`: checks values files against the chart.

mod in_order;
mod known;
mod run;
mod tally;
mod walk;

use std::{
    collections::BTreeSet,
    env,
    path::{Path as FilePath, PathBuf},
    str::FromStr,
};

use anyhow::bail;
use clap::ValueEnum;

use super::{
    files,
    sources::{Project, Sources},
};
use crate::{
    chart::Requirement,
    cloud::Cloud,
    commands::context::{ExitStatus, Streams},
    lint::{FailOn, Level, Levels, Severity, rules},
    report::Format,
    suggest::{did_you_mean, near},
    yaml::{Helm, Path},
};
use known::KnownFiles;
use run::Run;

/// The variable of the environment for `--config`, which `--no-config` overrides.
const CONFIG: &str = "REDISGEN_LINT_CONFIG";

/// Check values files against the chart
///
/// Reads values files, values of parent charts, and the releases of a repository: `redisgen releases` lists them. The
/// exit code is 1 after a finding of the severity in `--fail-on` or above, and 2 after an error.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files, folders and ids of releases (`PATH#NAME`); `-` is stdin
    #[arg(value_name = "FILE|FOLDER", default_value = ".")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    choice: ChoiceArgs,
    #[command(flatten)]
    about: AboutArgs,
    #[command(flatten)]
    rules: RuleArgs,
    #[command(flatten)]
    fixes: FixArgs,
    #[command(flatten)]
    reports: ReportArgs,
}

/// Which files.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Files")]
struct ChoiceArgs {
    /// Check only matching files of a folder (`*-values.yaml`, `envs/**/redis.yaml`); every YAML file by default
    #[arg(long, value_name = "GLOB")]
    include: Vec<String>,
    /// Skip matching files of a folder
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,
    /// Configuration of the project; by default `redisgen.toml` of this folder or the nearest folder above
    #[arg(long, value_name = "FILE", env = CONFIG, hide_env_values = true)]
    config: Option<PathBuf>,
    /// Read no configuration
    #[arg(long)]
    no_config: bool,
}

/// What is known about them.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Chart")]
struct AboutArgs {
    /// Chart version: exact (18.6.1), a prefix (18) or a range; by default from the comments or keys of the files
    #[arg(long, value_name = "VERSION")]
    chart_version: Option<Requirement>,
    /// Path of the values in the files: `redis` or `cache.redis` in the values of a parent chart
    #[arg(long, value_name = "PATH")]
    at: Option<Path>,
    /// Cloud of the cluster
    #[arg(long, value_enum, value_name = "CLOUD", hide_possible_values = true)]
    cloud: Option<Cloud>,
    /// Major version of Helm
    #[arg(long, value_enum, value_name = "MAJOR", default_value_t, env = super::HELM, hide_env_values = true)]
    helm: Helm,
    /// Print the chart version of each file with the reason, and check nothing
    #[arg(long)]
    explain_version: bool,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Rules")]
struct RuleArgs {
    /// Use only these rules, or the rules of these groups: `unknown-key,security`. It overrides `off` in `redisgen.toml`
    #[arg(long, value_name = "RULE|GROUP", value_delimiter = ',')]
    select: Vec<Chosen>,
    /// Do not use these rules, or the rules of these groups. It takes precedence over `--select`
    #[arg(long, value_name = "RULE|GROUP", value_delimiter = ',')]
    ignore: Vec<Chosen>,
}

impl RuleArgs {
    /// The levels of the project, overridden by the flags.
    fn above(&self, project: &Levels) -> Levels {
        let ids = |chosen: &[Chosen]| -> Vec<&'static str> { chosen.iter().flat_map(|one| one.0.clone()).collect() };
        let mut levels = project.clone();
        if !self.select.is_empty() {
            levels.select(&ids(&self.select));
        }
        ids(&self.ignore).into_iter().for_each(|id| levels.set(id, Level::Off));
        levels
    }
}

/// The ids of a rule, or of all rules of a group.
#[derive(Debug, Clone)]
struct Chosen(Vec<&'static str>);

impl FromStr for Chosen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(rule) = rules::named(text) {
            return Ok(Self(vec![rule.id]));
        }
        let of_group = rules::all().iter().filter(|rule| rule.group.to_string() == text);
        let group: Vec<_> = of_group.map(|rule| rule.id).collect();
        if group.is_empty() {
            let groups: BTreeSet<String> = rules::all().iter().map(|rule| rule.group.to_string()).collect();
            let ids = rules::all().iter().map(|rule| rule.id);
            let near = near(text, ids.chain(groups.iter().map(String::as_str)));
            return Err(format!(
                "{}expected a rule or a group of rules. `redisgen rules` lists them",
                did_you_mean(&near)
            ));
        }
        Ok(Self(group))
    }
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Fixes")]
struct FixArgs {
    /// Apply the safe fixes: after them, the chart renders what the file meant
    #[arg(long)]
    fix: bool,
    /// Apply or show also fixes that need a review
    #[arg(long)]
    unsafe_fixes: bool,
    /// Show the changes of `--fix`, and write no file
    #[arg(long)]
    diff: bool,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Reports")]
struct ReportArgs {
    /// Format of the report on stdout
    #[arg(long, short, value_enum, value_name = "FORMAT", default_value_t = Format::Text, env = "REDISGEN_LINT_OUTPUT", hide_env_values = true)]
    output: Format,
    /// Write the report to this file instead of stdout, or with a format another report: `sarif=redisgen.sarif`;
    /// repeat for several
    #[arg(long, value_name = "[FORMAT=]FILE")]
    output_file: Vec<Output>,
    /// Lowest severity to report
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = Severity::Warning, env = "REDISGEN_LINT_MIN_SEVERITY", hide_env_values = true)]
    min_severity: Severity,
    /// Lowest severity with exit code 1. The default is the setting of the configuration, or `warning` without findings
    /// that depend on facts of another chart version
    #[arg(long, value_enum, value_name = "SEVERITY", env = "REDISGEN_LINT_FAIL_ON", hide_env_values = true)]
    fail_on: Option<FailOn>,
    /// File of known findings to ignore; `--update-baseline` writes the file
    #[arg(long, value_name = "FILE", env = "REDISGEN_LINT_BASELINE", hide_env_values = true)]
    baseline: Option<PathBuf>,
    /// Write all findings of this run to the file of `--baseline`
    #[arg(long, requires = "baseline", conflicts_with_all = ["select", "ignore"])]
    update_baseline: bool,
}

/// A report with its output file.
#[derive(Debug, Clone)]
struct Output {
    /// The format of another report; without it, the file takes the report that would go to stdout.
    format: Option<Format>,
    file: PathBuf,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((format, file)) = text.split_once('=') else {
            return match text {
                "" => Err("expected FILE, or FORMAT=FILE such as `sarif=redisgen.sarif`".to_owned()),
                file => Ok(Self { format: None, file: file.into() }),
            };
        };
        if file.is_empty() {
            return Err("expected the name of a file after `=`".to_owned());
        }
        let format = Format::from_str(format, false).map_err(|_| {
            let known = Format::ALL.iter().filter_map(ValueEnum::to_possible_value);
            let known: Vec<String> = known.map(|known| format!("`{}`", known.get_name())).collect();
            format!(
                "found `{format}` as format: expected one of {}. A file name with `=` needs a format in front: \
                 `text={text}`",
                known.join(", ")
            )
        })?;
        Ok(Self { format: Some(format), file: file.into() })
    }
}

pub fn run(args: Args, streams: &mut Streams) -> anyhow::Result<ExitStatus> {
    let Args { files: named, choice, about, rules, fixes, reports } = args;
    let ChoiceArgs { include, exclude, config, no_config } = choice;
    let is_of_environment = env::var_os(CONFIG).as_deref() == config.as_deref().map(FilePath::as_os_str);
    if no_config && config.is_some() && !is_of_environment {
        bail!("found `--config` and `--no-config`: expected only one of them");
    }
    let standard = named.iter().any(|file| files::is_standard(file));
    if standard && named.len() > 1 && (fixes.fix || fixes.diff) {
        bail!(
            "found `-` and other files: `--fix` and `--diff` write `-` to standard output. Run redisgen once for `-` \
             and once for the files"
        );
    }
    for Output { file, .. } in &reports.output_file {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            bail!("cannot write `{}`: there is no folder `{}`", file.display(), folder.display());
        }
    }
    let project = if no_config { Project::default() } else { Project::load(config.as_deref())? };
    let sources = Sources::of(project);
    // The named folders are the roots of files that are in no repository.
    named.iter().filter(|named| named.exists()).for_each(|named| drop(sources.repository(named)));
    let keys_decide = about.chart_version.is_none() && about.at.is_none();
    let found =
        walk::files(&named, &walk::FileFilter::new(&include, &exclude, &sources.project)?, &sources, keys_decide);
    if found.is_empty() {
        let named: Vec<_> = named.iter().map(|file| files::display_name(file)).collect();
        bail!("found no YAML file in {}", named.join(", "));
    }
    let explain = about.explain_version;
    let fail_on = reports.fail_on.or(sources.project.config.lint.fail_on);
    let known = KnownFiles::load(&reports, &fixes)?;
    let all_rules = rules.select.is_empty() && rules.ignore.is_empty();
    let levels = rules.above(&sources.project.config.levels);
    let run = Run { about, fixes, reports, fail_on, levels, all_rules, known, sources };
    if explain { run.explain(&found, streams) } else { run.check(&found, streams) }
}
