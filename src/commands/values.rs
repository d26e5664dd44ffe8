//! `redisgen values`: the values file for what is wanted.

use std::path::{Path as FilePath, PathBuf};

use anyhow::{Context, bail};

use super::{
    command, files, style,
    wishes::{Settled, WishArgs, flag},
};
use crate::{
    chart::{self, Chart},
    cli::{ExitStatus, Streams},
    helm::Argv,
    intent::{Origin, Wishes},
    plan, redact,
    report::{self, Color},
    text::{self, Header},
    values::{self, Reason, Rendered},
    yaml::{self, Map, Notes, Path, Value},
};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    wishes: WishArgs,
    /// How much the comments tell
    #[arg(long, value_enum, value_name = "HOW", default_value_t = Comments::Short, help_heading = "Output")]
    comments: Comments,
    /// Write to a file, whole or not at all, instead of stdout (`-` is stdout)
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Hold a file (`-` is stdin) against what would be written: exit 1 and the difference where its values are others
    #[arg(long, value_name = "FILE", help_heading = "Output", conflicts_with = "output")]
    check: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Comments {
    /// nothing
    None,
    /// why each block is there, and who asked for it
    Short,
    /// the chart's own defaults beside that
    Full,
}

pub fn run(args: Args, streams: &mut Streams) -> anyhow::Result<ExitStatus> {
    let Args { wishes, comments, output, check } = args;
    if check.as_deref().is_some_and(files::is_standard) && wishes.read_standard_input() {
        bail!("`--check -`: standard input is the password or a values file already; give one of them as a file");
    }
    let output = output.filter(|file| !files::is_standard(file));
    let settled = wishes.settle(streams.err)?;
    settled.tell(streams.err)?;
    let (tree, rendered) = tree(&settled);
    let text = write(&settled, (&tree, &rendered), comments, &streams.argv, output.as_deref())?;
    if let Some(file) = check {
        return hold_against(&file, &text, &settled.chart, streams);
    }
    match output {
        Some(file) => {
            let given = rendered.reasons.iter().any(|(_, reason)| reason.why == plan::IN_CLEAR_TEXT);
            files::write_whole(&file, text.as_bytes(), given || redact::holds_secret(&tree))?;
        }
        None => streams.out.write_all(text.as_bytes())?,
    }
    Ok(ExitStatus::Success)
}

/// The values alone, as the tree that is written.
pub(super) fn tree(settled: &Settled) -> (Map, Rendered) {
    let Settled { wishes, chart, plan, overlay, version: _, password_key: _, password: _ } = settled;
    let asked = |field: &str| wishes.origins.get(field) == Some(&Origin::Flag);
    let rendered = values::render(plan, chart, overlay, asked);
    let mut tree = rendered.values.clone();
    yaml::merge::overlay(&mut tree, overlay.clone());
    (tree, rendered)
}

fn write(
    settled: &Settled,
    (tree, rendered): (&Map, &Rendered),
    comments: Comments,
    argv: &[String],
    file: Option<&FilePath>,
) -> anyhow::Result<String> {
    // Also where no header shows it: a name that Helm or Kubernetes would refuse is refused here.
    let named = file.map_or_else(|| "values.yaml".into(), |file| file.display().to_string());
    let install = command::upgrade(settled, &named)?;
    let mut notes = Notes::new();
    if comments != Comments::None {
        notes.spaced = true;
        for (path, text) in values::placed(rendered, |reason| comment(reason, &settled.wishes, comments)) {
            notes.above(&path, &text);
        }
        for key in settled.overlay.keys().filter(|key| !rendered.values.contains_key(key)) {
            notes.above(&Path::of([key]), "as `--values`, `--set` or `--set-string` says it");
        }
    }
    let told = |path: &Path| comments == Comments::None || rendered.reasons.iter().any(|(known, _)| known == path);
    if let Some(path) = settled.password.as_ref().filter(|path| !told(path)) {
        notes.above(path, plan::IN_CLEAR_TEXT);
    }
    let values = yaml::emit(tree, &notes);
    if comments == Comments::None {
        return Ok(values);
    }
    Ok(format!("{}\n{values}", header(settled, argv, install.as_ref())?))
}

fn comment(reason: &Reason, wishes: &Wishes, comments: Comments) -> String {
    let Reason { why, wishes: fields, default } = reason;
    let mut askers: Vec<String> = Vec::new();
    for field in fields {
        let asker = match wishes.origins.get(field) {
            Some(Origin::Profile(name)) => format!("profile {name}"),
            Some(Origin::Flag) => flag(field),
            None => continue,
        };
        if !askers.contains(&asker) {
            askers.push(asker);
        }
    }
    let mut text = why.clone();
    if !askers.is_empty() {
        text = format!("{text} ({})", askers.join(", "));
    }
    if let (Comments::Full, Some(default)) = (comments, default) {
        text = format!("{text}\nthe chart's default is {}", brief(default));
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

fn header(settled: &Settled, argv: &[String], install: Option<&Argv>) -> anyhow::Result<String> {
    let chart = &settled.chart;
    let shown = redact::command_line(argv);
    let hidden = (shown != argv).then_some(redact::REDACTED);
    let command: Vec<_> = std::iter::once("redisgen".to_owned()).chain(shown).collect();
    let released = chart::published(chart.version()).and_then(|release| release.date);
    let assumed: Vec<_> = chart
        .assumed()
        .map(|version| format!("what cannot be read off this chart, as in {version}"))
        .into_iter()
        .collect();
    let header = Header {
        generator: concat!("redisgen ", env!("CARGO_PKG_VERSION")),
        command: &command,
        hidden,
        chart: "redis",
        version: &settled.version,
        app_version: Some(chart.app_version()),
        released: released.as_deref(),
        assumed: &assumed,
        install,
    };
    Ok(text::values_header(&header)?)
}

/// Exit 1 and a difference where the values of `file` are not those of `text`; comments do not count.
fn hold_against(file: &FilePath, text: &str, chart: &Chart, streams: &mut Streams) -> anyhow::Result<ExitStatus> {
    let name = files::shown(file);
    let there = files::read_text(file)?;
    let values = yaml::read_values(&there).with_context(|| name.clone())?;
    let wanted = yaml::read_values(text).context("what was written cannot be read back")?;
    if values == wanted {
        return Ok(ExitStatus::Success);
    }
    let old = (name.trim_matches('`'), there.as_str(), &values);
    write!(streams.out, "{}", report::diff::values(old, ("what is wanted", text, &wanted), chart, Color::On))?;
    writeln!(streams.err, "{} {name} is not what is wanted", style::warning("warning:"))?;
    Ok(ExitStatus::Findings)
}
