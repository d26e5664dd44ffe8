//! `redisgen plan`: what a release will be, before the install.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::{
    OutputFile, advice,
    cluster::{Candidate, Cluster},
    command::{self, NAMESPACE, RELEASE},
    files,
    options::OptionArgs,
    release_input::{ValuesArgs, refuse_both},
    style,
    value_tree::numbers_for_helm,
};
use crate::{
    chart::Chart,
    cloud::Cloud,
    commands::context::{ExitStatus, Streams},
    effective::EffectiveValues,
    helm::{self, Repository},
    lint::{Diagnostic, engine},
    objects,
    overview::Overview,
    preflight::{Check, Status},
    report::{
        Color, View,
        plan::{Format, PlanReport, plan},
    },
    templates,
    yaml::{self, Notes},
};

/// Show what a release will be, before the install
///
/// The overview has the objects that the chart makes, who reaches which pods and why, what clients need, what fails when,
/// and the findings of lint. The values come from options, from files that Helm would read (`-f`), or from FILE. Without
/// `--live`, no cluster is asked.
///
/// Exit codes: 0 the release would be accepted, 1 it would be refused, 2 the question could not be asked.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// File with the values of one release, or a release `PATH#NAME` (`-` is stdin)
    #[arg(id = "listed", value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    values_args: ValuesArgs,
    #[command(flatten)]
    cluster: ClusterArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    options: OptionArgs,
}

/// The cluster to ask.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Cluster")]
struct ClusterArgs {
    /// Ask the cluster whether it would accept the release: with `kubectl` and `helm`, and without a change
    #[arg(long)]
    live: bool,
    /// Context of the kubeconfig
    #[arg(long, value_name = "NAME", requires = "live")]
    kube_context: Option<String>,
    /// Configuration file of kubectl
    #[arg(long, value_name = "FILE", requires = "live")]
    kubeconfig: Option<String>,
    /// Repository of the chart: `oci`, `classic`, an address, or the path of a chart
    #[arg(long, value_name = "WHERE", default_value = "oci", requires = "live")]
    repo: Repository,
    /// Longest time for one answer of the cluster
    #[arg(long, value_name = "DURATION", default_value = "20s", requires = "live")]
    timeout: String,
    /// The install does not create the namespace
    #[arg(long, requires = "live")]
    no_create_namespace: bool,
}

impl ClusterArgs {
    /// Asks the cluster, if `--live` is given and the chart renders.
    fn ask(&self, planned: &PlannedRelease, release: &str, namespace: &str) -> anyhow::Result<Vec<Check>> {
        let limit = helm::time(&self.timeout).context("`--timeout`")?;
        let context = self.kube_context.as_deref();
        let cluster = Cluster { context, kubeconfig: self.kubeconfig.as_deref(), namespace, limit };
        let version = planned.values.chart.version().to_string();
        let all = planned.values.other_layers.with(&planned.values.written);
        let release = helm::Release {
            repository: self.repo.clone(),
            create_namespace: !self.no_create_namespace,
            set: planned.numbers.clone(),
            ..command::bare_release(release, namespace, &version)
        };
        cluster.check(&Candidate { values: yaml::emit(&all, &Notes::new()), release })
    }
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
struct OutputArgs {
    /// Format of the overview
    #[arg(long, short, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    output: Format,
    #[command(flatten)]
    file: OutputFile,
    /// Client library whose code the text format shows; repeat for several. Markdown and JSON show the code of all
    #[arg(long, value_name = "CLIENT", value_parser = clap::builder::PossibleValuesParser::new(templates::clients().map(|(client, _)| client)))]
    client: Vec<String>,
}

/// The release to show.
struct PlannedRelease {
    release: Option<String>,
    namespace: Option<String>,
    values: EffectiveValues,
    cloud: Option<Cloud>,
    findings: Vec<Diagnostic>,
    /// Whole numbers that only `--set` of Helm can express.
    numbers: Vec<String>,
}

pub fn run(args: Args, streams: &mut Streams) -> anyhow::Result<ExitStatus> {
    let Args { file, values_args, cluster, output: OutputArgs { output, file: output_file, client }, options } = args;
    if cluster.live && matches!(output, Format::Mermaid | Format::Svg) {
        bail!("`--live` has no place in a picture: use `--output text`, `markdown` or `json`");
    }
    let planned = match file {
        Some(file) if options.ask_for_values() => return Err(refuse_both(&file)),
        Some(file) => of_file(&file, &values_args, &options, streams)?,
        None => of_options(options, &values_args, streams)?,
    };
    let PlannedRelease { release, namespace, values, cloud, findings, .. } = &planned;
    let (release, namespace) = (release.as_deref().unwrap_or(RELEASE), namespace.as_deref().unwrap_or(NAMESPACE));
    helm::check_names(Some(release), Some(namespace))?;
    let refusals = values.refusals();
    // A chart that does not render has no objects to ask about.
    let live = match cluster.live && refusals.is_empty() {
        true => cluster.ask(&planned, release, namespace)?,
        false => Vec::new(),
    };
    let overview = Overview::of(objects::of(values, release, namespace), values, *cloud);
    let width = output_file.width(&streams.terminal);
    // The program removes colors where standard output is no terminal.
    let color = if output_file.is_file() { Color::Off } else { Color::On };
    let report = PlanReport {
        overview: &overview,
        chart: &values.chart,
        findings,
        refusals: &refusals,
        live: &live,
        clients: &client,
        view: View { color, width },
    };
    if matches!(output, Format::Mermaid | Format::Svg) {
        for reason in report.reasons() {
            writeln!(streams.err, "{} the chart does not render: {reason}", style::warning("warning:"))?;
        }
    }
    output_file.put(&plan(&report, output), &streams.terminal, streams.out)?;
    let is = |status: Status| live.iter().any(|check| check.status == status);
    Ok(match () {
        () if !refusals.is_empty() || is(Status::Refused) => ExitStatus::Findings,
        () if is(Status::NotAsked) => ExitStatus::Failure,
        () => ExitStatus::Success,
    })
}

/// The release in a file.
fn of_file(
    file: &Path,
    values_args: &ValuesArgs,
    options: &OptionArgs,
    streams: &mut Streams,
) -> anyhow::Result<PlannedRelease> {
    let (loaded, hints) = values_args.load(file, options.chart_version(), streams)?;
    let mut releases = loaded.joined()?;
    let name = |at: usize| releases[at].places.first().and_then(|place| place.part.origin.release.clone());
    if releases.len() > 1 {
        let names: Vec<String> = (0..releases.len()).filter_map(name).map(|name| format!("`{name}`")).collect();
        let names = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
        bail!(
            "found {} releases in {}{names}: expected one. Use the id of one of them: `redisgen releases {}` lists the ids",
            releases.len(),
            files::display_name(file),
            file.display()
        );
    }
    let Some(joined) = releases.pop() else { bail!("found no release in {}", files::display_name(file)) };
    let origin = joined.places.first().map(|place| &place.part.origin);
    let release = options.release().map(str::to_owned).or_else(|| origin?.release.clone());
    let namespace = options.namespace().map(str::to_owned).or_else(|| origin?.namespace.clone());
    let cloud = origin.and_then(|origin| origin.cloud).or(hints.cloud);
    let findings = engine::lint_file(&loaded.file).diagnostics;
    let numbers = Vec::new();
    Ok(PlannedRelease { release, namespace, values: joined.release, cloud, findings, numbers })
}

/// The release that the options describe. With values files only, Helm would install this release.
fn of_options(options: OptionArgs, values_args: &ValuesArgs, streams: &mut Streams) -> anyhow::Result<PlannedRelease> {
    let is_plain = options.are_overlays_only();
    let version = if is_plain { values_args.version_in(&options)? } else { None };
    let settled = options.settle_beside(version, streams.err)?;
    let intent = &settled.options.intent;
    let (release, namespace, cloud) = (intent.release.clone(), intent.namespace.clone(), intent.cloud);
    settled.print_notes(Vec::new(), &[], streams.err)?;
    let values = if is_plain { settled.overlay.clone() } else { settled.tree().0.clone() };
    let mut findings = found(&values, &settled.chart);
    // `redisgen values` writes an ignore comment for what an option accepts.
    let is_accepted = |rule: &str| {
        let mut accepted = settled.plan.accepted.iter();
        accepted.any(|(accepted, field)| *accepted == rule && settled.options.origins.contains_key(field))
    };
    findings.retain(|found| !is_accepted(found.rule));
    let numbers = numbers_for_helm(&values, &settled.numbers, &settled.chart);
    let values = EffectiveValues::of(values, &settled.chart);
    Ok(PlannedRelease { release, namespace, values, cloud, findings, numbers })
}

fn found(values: &yaml::Map, chart: &Chart) -> Vec<Diagnostic> {
    advice::findings(&yaml::emit(values, &Notes::new()), chart)
}
