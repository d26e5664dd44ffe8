//! `redisgen plan`: what a release will be, before the install.

use std::path::{Path, PathBuf};

use anyhow::bail;

use super::{
    OutputFile, advice,
    command::{NAMESPACE, RELEASE},
    files,
    options::OptionArgs,
    release_input::{ValuesArgs, refuse_both},
    style,
};
use crate::{
    chart::Chart,
    cloud::Cloud,
    commands::context::{ExitStatus, Streams},
    effective::EffectiveValues,
    helm,
    lint::{Diagnostic, engine},
    objects,
    overview::Overview,
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
/// and the findings of lint. The values come from options, from files that Helm would read (`-f`), or from FILE. No
/// cluster is asked.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// File with the values of one release, or a release `PATH#NAME` (`-` is stdin)
    #[arg(id = "listed", value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    values_args: ValuesArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    options: OptionArgs,
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
}

pub fn run(args: Args, streams: &mut Streams) -> anyhow::Result<ExitStatus> {
    let Args { file, values_args, output: OutputArgs { output, file: output_file, client }, options } = args;
    let planned = match file {
        Some(file) if options.ask_for_values() => return Err(refuse_both(&file)),
        Some(file) => of_file(&file, &values_args, &options, streams)?,
        None => of_options(options, &values_args, streams)?,
    };
    let PlannedRelease { release, namespace, values, cloud, findings } = planned;
    let (release, namespace) = (release.as_deref().unwrap_or(RELEASE), namespace.as_deref().unwrap_or(NAMESPACE));
    helm::check_names(Some(release), Some(namespace))?;
    let refusals = values.refusals();
    let overview = Overview::of(objects::of(&values, release, namespace), &values, cloud);
    let width = output_file.width(&streams.terminal);
    // The program removes colors where standard output is no terminal.
    let color = if output_file.is_file() { Color::Off } else { Color::On };
    let report = PlanReport {
        overview: &overview,
        chart: &values.chart,
        findings: &findings,
        refusals: &refusals,
        clients: &client,
        view: View { color, width },
    };
    if matches!(output, Format::Mermaid | Format::Svg) {
        for reason in report.reasons() {
            writeln!(streams.err, "{} the chart does not render: {reason}", style::warning("warning:"))?;
        }
    }
    output_file.put(&plan(&report, output), &streams.terminal, streams.out)?;
    Ok(if refusals.is_empty() { ExitStatus::Success } else { ExitStatus::Findings })
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
    Ok(PlannedRelease { release, namespace, values: joined.release, cloud, findings })
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
    Ok(PlannedRelease { release, namespace, cloud, values: EffectiveValues::of(values, &settled.chart), findings })
}

fn found(values: &yaml::Map, chart: &Chart) -> Vec<Diagnostic> {
    advice::findings(&yaml::emit(values, &Notes::new()), chart)
}
