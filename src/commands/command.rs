//! `redisgen command`: the helm commands that install a release.

use std::path::PathBuf;

use anyhow::bail;

use super::{
    Format, advice, files,
    options::{OptionArgs, ResolvedOptions, pinned},
    value_tree::numbers_for_helm,
};
use crate::{
    commands::context::{ExitStatus, Streams},
    helm::{self, DryRun, KeySource, Prerequisite, Release, Repository, SecretStep, Values},
    intent::Intent,
    lint::rules,
    templates,
    yaml::{Helm, Notes, emit},
};

/// The chart's name.
const CHART: &str = "redis";
/// The release without a name of its own.
pub(super) const RELEASE: &str = "redis";
pub(super) const NAMESPACE: &str = "default";
/// The variable of the password in the printed commands.
const PASSWORD_VARIABLE: &str = "REDIS_PASSWORD";

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    options: OptionArgs,
    #[command(flatten)]
    install: InstallArgs,
    /// Values file that helm reads; by default, redisgen pipes the values to helm
    #[arg(long, value_name = "FILE", help_heading = "Helm")]
    file: Option<String>,
    /// Format: a shell script, or JSON with each command as an array of arguments
    #[arg(long, short, value_enum, value_name = "FORMAT", default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
    /// Write to this file instead of stdout
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    output_file: Option<PathBuf>,
}

/// Options of helm.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Helm")]
pub struct InstallArgs {
    /// Major version of Helm that runs the commands
    #[arg(long, value_enum, value_name = "MAJOR", default_value_t, env = super::HELM, hide_env_values = true)]
    helm: Helm,
    /// Repository of the chart: `oci`, `classic`, an address, or the path of a chart
    #[arg(long, value_name = "WHERE", default_value = "oci")]
    repo: Repository,
    /// Roll back if the install or upgrade fails
    #[arg(long)]
    atomic: bool,
    /// Wait until all objects of the release are ready
    #[arg(long)]
    wait: bool,
    /// Longest time to wait (`10m`); 5m is the default of Helm
    #[arg(long, value_name = "DURATION")]
    timeout: Option<String>,
    /// Render without an install: `client`, or `server` with checks of the cluster
    #[arg(long, value_enum, value_name = "WHO")]
    dry_run: Option<DryRun>,
    /// Do not create the namespace
    #[arg(long)]
    no_create_namespace: bool,
}

pub fn run(args: Args, streams: &mut Streams) -> anyhow::Result<ExitStatus> {
    let Args { options, install, file, output, output_file } = args;
    let (words, secret) = (options.words()?, options.secret());
    let settled = options.settle(streams.err)?;
    let words = pinned(words, &settled.version);
    let values = match &file {
        Some(file) => Values::File(file),
        None => {
            if let Some(secret) = secret {
                bail!(
                    "`{secret}`: the command would show a secret. Use `--existing-secret`, `--password-env` or \
                     `--password-file`, or write the values to a file for `--values` or `--file`"
                );
            }
            if words.iter().any(|word| word == "-" || word == "--password-stdin") {
                bail!("the command cannot read values from standard input. Write the values to a file for `--file`");
            }
            Values::Command(&words)
        }
    };
    let to_install = release(&settled, &install, values);
    let mut steps = helm::steps(&to_install)?;
    if install.dry_run.is_none() {
        let options = verified_options(&words, file.as_deref(), &settled.version);
        steps.push(helm::verify(to_install.name, to_install.namespace, &options)?);
    }
    // The printed command passes numbers to Helm that a file cannot express.
    let values = emit(&settled.tree().0, &Notes::new());
    settled.print_notes(advice::findings(&values, &settled.chart), &[rules::FLOAT_INTEGER.id], streams.err)?;
    let text = match output {
        Format::Json => helm::steps_json(&steps) + "\n",
        Format::Text => templates::command_script(&steps)?,
    };
    match output_file.as_deref().filter(|file| !files::is_standard(file)) {
        None if output == Format::Text => {
            let text = streams.terminal.folded_script(&text);
            streams.out.write_all(text.as_bytes())?;
        }
        file => files::write_product(file, &text, false, streams.out)?,
    }
    Ok(ExitStatus::Success)
}

/// The options of `redisgen verify` for the values of `words`, a `redisgen values`, or of a file.
fn verified_options(words: &[String], file: Option<&str>, version: &str) -> Vec<String> {
    if let Some(file) = file {
        return ["--values", file, "--chart-version", version].map(str::to_owned).to_vec();
    }
    // The release has an argument of its own, and `verify` takes the password of the pods.
    let dropped = ["--release", "--namespace", "--password-env", "--password-file"];
    let mut options = Vec::new();
    let mut words = words.iter().skip(2);
    while let Some(word) = words.next() {
        match word.split_once('=') {
            _ if dropped.contains(&word.as_str()) => drop(words.next()),
            Some((flag, _)) if dropped.contains(&flag) => {}
            _ => options.push(word.clone()),
        }
    }
    options
}

/// The last step: the helm command itself, for the header of a values file.
///
/// # Errors
///
/// A name that Helm or Kubernetes would refuse.
pub fn upgrade(settled: &ResolvedOptions, file: &str) -> anyhow::Result<Option<helm::Argv>> {
    let install = InstallArgs {
        helm: Helm::Four,
        repo: Repository::Oci,
        atomic: false,
        wait: false,
        timeout: None,
        dry_run: None,
        no_create_namespace: false,
    };
    let steps = helm::steps(&release(settled, &install, Values::File(file)))?;
    Ok(steps.into_iter().next_back().map(|step| step.argv))
}

/// A release of the chart with values from standard input and nothing else.
pub fn bare_release<'a>(name: &'a str, namespace: &'a str, version: &'a str) -> Release<'a> {
    Release {
        name,
        namespace,
        create_namespace: true,
        repository: Repository::Oci,
        chart: CHART,
        version,
        values: Values::File("-"),
        set: Vec::new(),
        helm: Helm::Four,
        atomic: false,
        wait: false,
        timeout: None,
        dry_run: None,
        secret: None,
        needed: Vec::new(),
    }
}

fn release<'a>(settled: &'a ResolvedOptions, install: &'a InstallArgs, values: Values<'a>) -> Release<'a> {
    let InstallArgs { helm, repo, atomic, wait, timeout, dry_run, no_create_namespace } = install;
    let intent = &settled.options.intent;
    let namespace = intent.namespace.as_deref().unwrap_or(NAMESPACE);
    Release {
        name: intent.release.as_deref().unwrap_or(RELEASE),
        namespace,
        create_namespace: !no_create_namespace,
        repository: repo.clone(),
        chart: CHART,
        version: &settled.version,
        values,
        set: numbers_for_helm(&settled.tree().0, &settled.numbers, &settled.chart),
        helm: *helm,
        atomic: *atomic,
        wait: *wait,
        timeout: timeout.as_deref(),
        dry_run: *dry_run,
        secret: intent.existing_secret.as_deref().map(|name| SecretStep {
            name,
            keys: vec![(
                intent.existing_secret_key.as_deref().unwrap_or(&settled.password_key),
                KeySource::Variable(PASSWORD_VARIABLE),
            )],
        }),
        needed: needed(intent, namespace),
    }
}

fn needed<'a>(intent: &'a Intent, namespace: &str) -> Vec<Prerequisite<'a>> {
    let mut needed = Vec::new();
    needed.extend(
        intent.metrics_namespace.as_deref().filter(|name| *name != namespace).map(Prerequisite::MonitoringNamespace),
    );
    needed.extend(intent.tls_secret.as_deref().map(Prerequisite::TlsSecret));
    needed.extend(intent.acl_secret.as_deref().map(Prerequisite::AclSecret));
    needed.extend(intent.pull_secrets.iter().flatten().map(|name| Prerequisite::PullSecret(name)));
    needed
}
