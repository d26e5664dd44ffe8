//! `redisgen chart list`: lists the known chart versions.

use anyhow::bail;
use serde_json::json;

use super::{
    super::{Format, OutputFile, table::table},
    store, style,
};
use crate::{
    chart::{
        self, Chart, ChosenVersion, Knowledge, LATEST, Line, Release, Requirement, RequirementError, WHEN_PUBLISHED,
    },
    commands::context::Streams,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only matching versions: exact (`18.6.1`), a prefix (`18`, `18.6`) or a range (`^18`, `>=16, <17`)
    #[arg(value_name = "VERSION")]
    wanted: Option<Requirement>,

    /// Format of the output
    #[arg(long, short, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    output: Format,
    #[command(flatten)]
    file: OutputFile,
}

pub fn run(args: Args, streams: &mut Streams) -> anyhow::Result<()> {
    let Args { wanted, output, file } = args;
    let mut releases: Vec<Release> = chart::versions().collect();
    for version in store::versions()? {
        match store::load(&version) {
            Ok(imported) => {
                releases.retain(|release| release.version != version);
                releases.push(Release::from(&imported));
            }
            // An unreadable file must not hide the other versions.
            Err(e) => writeln!(streams.err, "{} {e:#}", style::warning("warning:"))?,
        }
    }
    releases.sort_by(|a, b| b.version.cmp(&a.version));
    if let Some(wanted) = wanted {
        let mut known: Vec<_> = releases.iter().map(|release| release.version.clone()).collect();
        known.reverse();
        match wanted.choose(&known)? {
            ChosenVersion::Known(_) => releases.retain(|release| wanted.matches(&release.version)),
            ChosenVersion::Newer { nearest, .. } => {
                bail!(RequirementError::AllNewer { text: wanted.to_string(), newest: nearest })
            }
            ChosenVersion::Alike { wanted, measured } => bail!(
                "chart {wanted} is not in the list: its neighbours have the templates of chart {measured}, whose \
                 facts apply"
            ),
            ChosenVersion::Unseen { wanted, nearest } => {
                bail!("no known chart version matches `{wanted}`: the nearest older version is {nearest}")
            }
        }
    }
    let text = match output {
        Format::Json => as_json(&releases)?,
        Format::Text => as_table(&releases, file.width(&streams.terminal)),
    };
    file.put(&text, &streams.terminal, streams.out)
}

fn as_table(releases: &[Release], width: Option<usize>) -> String {
    let rows: Vec<[String; 5]> = releases
        .iter()
        .map(|release| {
            let (date, line) = (release.date.as_deref().unwrap_or("-"), release.line.map_or("-", line));
            let cells = [&release.version.to_string(), &release.app_version.to_string(), date, line];
            let [version, app, date, line] = cells.map(str::to_owned);
            [version, app, date, line, known(release)]
        })
        .collect();
    // The widths of the columns do not depend on the listed versions.
    table(Some(["VERSION   ", "APP     ", "PUBLISHED ", "LINE     ", "KNOWN"]), &rows, width)
}

fn line(line: Line) -> &'static str {
    match line {
        Line::Git => "git",
        Line::Published => "published",
        Line::Both => "both",
    }
}

/// How the facts of a version are known, with notes about the version.
fn known(release: &Release) -> String {
    let known = match &release.knowledge {
        Knowledge::Measured => "measured".to_owned(),
        Knowledge::Alike { measured } => format!("measured, as {measured}"),
        Knowledge::Recognised { measured } => {
            format!("imported; measured, as {measured}, which has the same templates")
        }
        Knowledge::KeysOnly { facts } => format!("keys only; other facts from {facts}"),
        Knowledge::NumberOnly { facts } => format!("number only; all facts from {facts}"),
        Knowledge::Imported { facts } => format!("imported; use of keys assumed from {facts}"),
        Knowledge::MeasuredHere { facts } => {
            format!("imported; use of keys measured here, effects assumed from {facts}")
        }
        Knowledge::Unknown { facts } => format!("unknown; all facts from {facts}"),
    };
    let has_moving_images = Chart::at(&release.version).is_some_and(|chart| chart.has_moving_images());
    match (release.line, &release.other_app) {
        _ if has_moving_images => {
            format!("{known}; images are `{LATEST}`: Redis {} {WHEN_PUBLISHED}", release.app_version)
        }
        (Some(Line::Git), Some(app)) => {
            format!("{known}; the published chart with this number is another one, with Redis {app} and modules")
        }
        (Some(Line::Git), None) => format!("{known}; never published"),
        _ => known,
    }
}

fn as_json(releases: &[Release]) -> anyhow::Result<String> {
    let release = |release: &Release| {
        let Release { version, app_version, date, common, kube, line, other_app, knowledge } = release;
        let (known, facts) = match knowledge {
            Knowledge::Measured => ("measured", None),
            Knowledge::Alike { measured } | Knowledge::Recognised { measured } => ("measured", Some(measured)),
            Knowledge::KeysOnly { facts } => ("keys-only", Some(facts)),
            Knowledge::NumberOnly { facts } => ("number-only", Some(facts)),
            Knowledge::Imported { facts } => ("imported", Some(facts)),
            Knowledge::MeasuredHere { facts } => ("measured-here", Some(facts)),
            Knowledge::Unknown { facts } => ("unknown", Some(facts)),
        };
        json!({
            "version": version, "appVersion": app_version, "date": date, "common": common, "kube": kube,
            "line": line.map(self::line), "known": known, "factsOf": facts, "assumed": knowledge.assumed(),
            "publishedAppVersion": other_app,
            "movingImages": Chart::at(version).is_some_and(|chart| chart.has_moving_images()),
        })
    };
    let releases: Vec<_> = releases.iter().map(release).collect();
    Ok(serde_json::to_string_pretty(&json!({ "version": 1, "charts": releases }))? + "\n")
}
