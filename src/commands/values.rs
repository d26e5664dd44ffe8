//! `redisgen values`: generates a values file from options.

use std::{
    path::{Path as FilePath, PathBuf},
    str::FromStr,
};

use anyhow::{Context, bail};
use serde_json::Value as Json;

use super::{
    advice, command, files,
    options::{self, OptionArgs, ResolvedOptions, flag_as_given, pinned},
    style,
};
use crate::{
    chart::{self, Chart, Knowledge},
    commands::context::{ExitStatus, Streams},
    helm::Argv,
    intent::{Field, LayeredIntent, Origin},
    lint::Diagnostic,
    plan::{self, FrozenImages},
    redact,
    report::{self, Color},
    templates::{self, Header},
    values::{self, Reason, Rendered},
    yaml::{self, Map, Notes, Path, Value},
};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    options: OptionArgs,
    /// Amount of comments
    #[arg(long, value_enum, value_name = "HOW", default_value_t = Comments::Short, help_heading = "Output")]
    comments: Comments,
    /// Format of the values: `yaml` or `json`; JSON has no comments
    #[arg(long, short, value_name = "FORMAT", default_value = "yaml", help_heading = "Output")]
    output: Format,
    /// Write to this file instead of stdout (`-` is stdout); after an error the file is unchanged
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    output_file: Option<PathBuf>,
    /// Write nothing; exit with 1 if `--output-file` has other values (`-` is stdin)
    #[arg(long, help_heading = "Output", requires = "output_file")]
    check: bool,
    /// Write nothing; print the changes to `--output-file`, and exit with 1 if the values differ
    #[arg(long, help_heading = "Output", requires = "output_file")]
    diff: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Yaml,
    Json,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "yaml" => Ok(Self::Yaml),
            "json" => Ok(Self::Json),
            _ if text.contains(['.', '/']) || text == "-" => {
                Err(format!("expected `yaml` or `json`; to write to a file, use `--output-file {text}`"))
            }
            _ => Err("expected `yaml` or `json`; to write to a file, use `--output-file`".to_owned()),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Comments {
    /// no comments
    None,
    /// the reason of each block, and its option
    Short,
    /// the default of the chart, too
    Full,
}

pub fn run(args: Args, streams: &mut Streams) -> anyhow::Result<ExitStatus> {
    let Args { options, comments, output, output_file, check, diff } = args;
    let compared = output_file.clone().filter(|_| check || diff);
    if compared.as_deref().is_some_and(files::is_standard) && options.read_standard_input() {
        bail!("`--output-file -`: standard input is already the password or a values file. Use a file for one of them");
    }
    let output_file = output_file.filter(|file| !files::is_standard(file));
    let settled = options.settle(streams.err)?;
    let (tree, rendered) = settled.tree();
    let (text, found) = match output {
        Format::Yaml => write(&settled, (tree, rendered), comments, &streams.argv, output_file.as_deref())?,
        Format::Json => {
            // A name that Helm or Kubernetes refuses is an error in each format.
            command::upgrade(&settled, "values.json")?;
            let json = Json::from(&Value::Map(tree.clone()));
            let text = serde_json::to_string_pretty(&json).context("cannot write the values as JSON")? + "\n";
            let found = advice::findings(&text, &settled.chart);
            (text, found)
        }
    };
    if let Some(file) = compared {
        let present = files::read_text(&file)?;
        settled.print_notes(found, &[], streams.err)?;
        return compare(&file, &present, &text, &settled.chart, diff, streams);
    }
    if let Some(file) = &output_file {
        let given = rendered.reasons.iter().any(|(_, reason)| reason.why == plan::IN_CLEAR_TEXT);
        files::write_whole(file, text.as_bytes(), given || redact::holds_secret(tree))?;
    }
    // On a terminal, notes below the values stay visible.
    if output_file.is_none() && streams.terminal.shows_output() {
        streams.out.write_all(text.as_bytes())?;
        streams.out.flush()?;
    }
    // After an error, notes about the values are useless.
    settled.print_notes(found, &[], streams.err)?;
    if output_file.is_none() && !streams.terminal.shows_output() {
        streams.out.write_all(text.as_bytes())?;
    }
    streams.err.sum_up()?;
    Ok(ExitStatus::Success)
}

/// The text of the values, and the findings in it.
fn write(
    settled: &ResolvedOptions,
    (tree, rendered): (&Map, &Rendered),
    comments: Comments,
    argv: &[String],
    file: Option<&FilePath>,
) -> anyhow::Result<(String, Vec<Diagnostic>)> {
    // The check runs also without a header: a name that Helm or Kubernetes refuses is an error here.
    let named = file.map_or_else(|| "values.yaml".into(), |file| file.display().to_string());
    let install = command::upgrade(settled, &named)?;
    let mut notes = Notes::new();
    if comments != Comments::None {
        notes.spaced = true;
        for (path, text) in values::placed(rendered, |reason| comment(reason, &settled.options, comments)) {
            notes.above(&path, &text);
        }
        for key in settled.overlay.keys().filter(|key| !rendered.values.contains_key(key)) {
            notes.above(&Path::of([key]), "--values, --set or --set-string");
        }
    }
    let frozen_images_note = |path: &Path| {
        comments == Comments::None || rendered.reasons.iter().any(|(chart_source_note, _)| chart_source_note == path)
    };
    if let Some(path) = settled.overlaid_password.as_ref().filter(|path| !frozen_images_note(path)) {
        notes.above(path, plan::IN_CLEAR_TEXT);
    }
    let values = yaml::emit(tree, &notes);
    if comments == Comments::None {
        let found = advice::findings(&values, &settled.chart);
        return Ok((values, found));
    }
    let text = format!("{}\n{values}", header(settled, argv, install.as_ref())?);
    let accepted = settled.plan.accepted.iter().map(|(rule, field)| (*rule, asker(*field, &settled.options)));
    let accepted: Vec<_> = accepted.filter_map(|(rule, asker)| Some((rule, asker?))).collect();
    Ok(advice::accept(text, &accepted, &settled.chart))
}

/// Who sets an option: a profile or a flag. `None` for an option that is not set.
fn asker(field: Field, options: &LayeredIntent) -> Option<String> {
    Some(match options.origins.get(&field)? {
        Origin::Profile(name) => format!("profile {name}"),
        Origin::Flag => flag_as_given(field, options),
    })
}

fn comment(reason: &Reason, options: &LayeredIntent, comments: Comments) -> String {
    let Reason { why, options: fields, default } = reason;
    let mut askers: Vec<String> = Vec::new();
    for field in fields {
        let Some(asker) = asker(*field, options) else { continue };
        if !askers.contains(&asker) {
            askers.push(asker);
        }
    }
    let mut text = why.clone();
    if !askers.is_empty() {
        text = format!("{text} ({})", askers.join(", "));
    }
    if let (Comments::Full, Some(default)) = (comments, default) {
        text = format!("{text}\ndefault: {}", brief(default));
    }
    text
}

fn brief(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(on) => on.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Float(n) => n.to_string(),
        Value::String(text) if text.is_empty() => "empty".into(),
        Value::String(text) => text.lines().collect::<Vec<_>>().join("; "),
        Value::List(values) if values.is_empty() => "empty".into(),
        Value::List(values) => values.iter().map(brief).collect::<Vec<_>>().join(", "),
        Value::Map(map) if map.is_empty() => "empty".into(),
        Value::Map(_) => "a map".into(),
    }
}

fn header(settled: &ResolvedOptions, argv: &[String], install: Option<&Argv>) -> anyhow::Result<String> {
    let chart = &settled.chart;
    let shown = redact::command_line(argv);
    let hidden = (shown != argv).then_some(redact::REDACTED);
    let pinned = pinned(shown, &settled.version);
    let command: Vec<_> = std::iter::once("redisgen".to_owned()).chain(pinned).collect();
    let released = chart::published(chart.version()).and_then(|release| release.date);
    let facts: Vec<_> =
        chart_source_note(chart).into_iter().chain(options::frozen(settled).map(frozen_images_note)).collect();
    let redis = chart.redis();
    let header = Header {
        generator: concat!("redisgen ", env!("CARGO_PKG_VERSION")),
        command: &command,
        hidden,
        chart: "redis",
        version: &settled.version,
        app_version: Some(&redis),
        released: released.as_deref(),
        facts: &facts,
        install,
    };
    Ok(templates::values_header(&header)?)
}

/// The line of the header about frozen images.
fn frozen_images_note(frozen: &FrozenImages) -> String {
    let FrozenImages { catalogue, redis, holes, ended } = frozen;
    let holes = match holes {
        0 => String::new(),
        1 => ", 1 known security hole".to_owned(),
        holes => format!(", {holes} known security holes"),
    };
    let ended = ended.map(|ended| format!(", end of life {ended}")).unwrap_or_default();
    format!("images: docker.io/{catalogue}, frozen, no security fixes; Redis {redis}{holes}{ended}")
}

/// The line of the header about the facts of the chart; none for a measured chart that the registry has.
fn chart_source_note(chart: &Chart) -> Option<String> {
    let facts = match chart.knowledge() {
        Knowledge::Measured => None,
        Knowledge::Alike { measured } => {
            Some(format!("facts of chart {measured}, which has the same templates as the next version"))
        }
        Knowledge::Recognised { measured } => Some(format!(
            "imported chart: own keys and defaults, facts of chart {measured}, which has the same templates"
        )),
        Knowledge::KeysOnly { facts } => Some(format!("only the keys are known, other facts from chart {facts}")),
        Knowledge::NumberOnly { facts } => Some(format!("only the number is known, all facts from chart {facts}")),
        Knowledge::Imported { facts } => {
            Some(format!("imported chart: own keys and defaults, other facts from chart {facts}"))
        }
        Knowledge::MeasuredHere { facts } => {
            Some(format!("measured on this machine: used keys; effects of changes from chart {facts}"))
        }
        Knowledge::Unknown { facts } => Some(format!("unknown version, all facts from chart {facts}")),
    };
    facts.or_else(|| report::chart::unpublished(chart))
}

/// Exits with 1 if the values of `file`, with the text `present`, differ from the values of `text`; comments are
/// ignored. Prints the difference with `diff`.
fn compare(
    file: &FilePath,
    present: &str,
    text: &str,
    chart: &Chart,
    diff: bool,
    streams: &mut Streams,
) -> anyhow::Result<ExitStatus> {
    let name = files::display_name(file);
    let values = yaml::read_values(present).with_context(|| name.clone())?;
    let generated = yaml::read_values(text).context("cannot read the generated values back")?;
    if values == generated {
        return Ok(ExitStatus::Success);
    }
    if diff {
        let old = (name.trim_matches('`'), present, &values);
        write!(streams.out, "{}", report::diff::values(old, ("generated", text, &generated), chart, Color::On))?;
    }
    let more = if diff { "" } else { ". `--diff` shows how" };
    writeln!(streams.err, "{} {name} differs from the generated values{more}", style::warning("warning:"))?;
    Ok(ExitStatus::Findings)
}
