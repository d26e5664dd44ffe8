//! `redisgen releases`: the releases of the chart in a repository.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    path::{Path as FilePath, PathBuf},
    sync::Arc,
};

use anyhow::bail;
use serde_json::{Value as Json, json};

use super::{
    OutputFile, files,
    sources::{Project, Root, Sources},
};
use crate::{
    chart::Requirement,
    commands::context::{ExitStatus, Streams},
    escape, redact,
    source::{
        VersionClaim, of_keys,
        repository::{Release, ReleaseLayer},
    },
};

/// List the releases of the chart in a repository
///
/// Reads manifests of Argo CD, Flux, k3s and other tools, helmfiles, kustomizations, Terraform, commands in scripts, and
/// parent charts. A release has a chart version and layers of values, which often come from several files. The id of a
/// release, `PATH#NAME`, takes the place of a file in `lint`, `diff`, `migrate` and `images`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folders and files; their releases are searched in the whole repository, up to `.git` or `redisgen.toml`
    #[arg(value_name = "FOLDER|FILE", default_value = ".")]
    named: Vec<PathBuf>,
    /// Format of the list
    #[arg(long, short, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    output: Format,
    #[command(flatten)]
    file: OutputFile,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// for people
    Text,
    /// JSON
    Json,
}

/// A release with what the chart's facts add.
struct Listed {
    release: Release,
    /// The root of the repository.
    root: Arc<Root>,
    /// The claim of the chart version that counts.
    claim: VersionClaim,
    /// The chart version, or why it is not known.
    version: Result<String, String>,
}

pub fn run(args: Args, streams: &mut Streams) -> anyhow::Result<ExitStatus> {
    let Args { named, output, file } = args;
    let sources = Sources::of(Project::load(None)?);
    let mut listed: Vec<Listed> = Vec::new();
    let mut seen = BTreeSet::new();
    for named in &named {
        if files::is_standard(named) {
            bail!("found `-`: expected a folder or a file, because the files of a repository are read together");
        }
        if !named.exists() {
            bail!("{} does not exist", files::display_name(named));
        }
        let Some(root) = sources.repository(named) else { continue };
        for release in of(&root, named) {
            if seen.insert((root.folder().to_owned(), release.id.clone())) {
                listed.push(Listed::of(release, &root, &sources));
            }
        }
    }
    let text = match output {
        Format::Text => as_text(&listed),
        Format::Json => {
            let releases: Json = listed.iter().map(Listed::as_json).collect();
            serde_json::to_string_pretty(&json!({ "version": 1, "releases": releases }))? + "\n"
        }
    };
    file.put(&text, &streams.terminal, streams.out)?;
    for note in sources.talk() {
        write!(streams.err, "{note}")?;
    }
    let noun = if listed.len() == 1 { "release" } else { "releases" };
    writeln!(streams.err, "{} {noun} of the redis chart", listed.len())?;
    Ok(ExitStatus::Success)
}

/// The releases with a file at or below the named path.
fn of<'r>(root: &'r Root, named: &FilePath) -> impl Iterator<Item = Release> + 'r {
    let below = root.path_of(named).unwrap_or_default();
    let is_below = move |path: &str| {
        below.is_empty()
            || path.strip_prefix(below.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let releases = root.repository().releases().iter();
    releases.filter(move |release| release.files().any(&is_below)).cloned()
}

impl Listed {
    fn of(release: Release, root: &Arc<Root>, sources: &Sources) -> Self {
        let claim = release.claims.first().cloned().unwrap_or_else(|| of_keys(&release.values()));
        let wanted: &Requirement = &claim.requirement;
        let version = sources.chart(wanted).map(|chart| chart.version().to_string());
        Self { release, root: root.clone(), claim, version }
    }

    fn shown(&self, path: &str) -> String {
        self.root.shown(path).display().to_string()
    }

    /// The id, with the path from the current folder.
    fn id(&self) -> String {
        match self.release.id.split_once('#') {
            Some((path, name)) => format!("{}#{name}", self.shown(path)),
            None => self.release.id.clone(),
        }
    }

    fn layer(&self, layer: &ReleaseLayer) -> String {
        let place = layer.file.as_ref().map(|file| {
            let file = self.shown(file);
            if layer.is_whole_file() { file } else { format!("{file}, line {}", layer.line) }
        });
        match (place, &layer.unknown) {
            (Some(place), None) => place,
            (Some(place), Some(why)) => format!("{place} (not all is known: {})", shown_text(why)),
            (None, Some(why)) => format!("unknown: {}, line {}", shown_text(why), layer.line),
            (None, None) => format!("line {}", layer.line),
        }
    }

    fn as_text(&self) -> String {
        let Release {
            form,
            repository,
            unread_version,
            unknown_version,
            name,
            namespace,
            off,
            parent,
            layers,
            claims,
            ..
        } = &self.release;
        let mut text = format!("{}\n", shown_text(&self.id()));
        let mut row = |label: &str, what: &str| {
            let _ = writeln!(text, "  {label:<10} {what}");
        };
        let from = if repository.is_empty() { String::new() } else { format!(", from {}", redact::text(repository)) };
        match &self.version {
            Ok(version) => row("chart", &format!("redis {version}{from}")),
            Err(why) => row("chart", &format!("redis, unknown version: {why}{from}")),
        }
        let wanted = self.claim.requirement.to_string();
        let matched = match &self.version {
            Ok(version) if *version != wanted => format!(", the newest version that matches `{wanted}`"),
            _ => String::new(),
        };
        match unread_version {
            Some(text) => {
                row("version", &format!("`{text}` is not a version; redisgen uses {}", self.claim.by));
                unknown_version.iter().for_each(|why| row("", why));
            }
            None => row("version", &format!("from {}{matched}", self.claim.by)),
        }
        for other in claims.iter().skip(1) {
            row("", &format!("ignored: {} ({})", other.by, other.requirement));
        }
        let name = name.as_deref().map_or_else(|| "unknown".to_owned(), shown_text);
        row(
            "release",
            &match namespace {
                Some(namespace) => format!("{name} in namespace {namespace}"),
                None => name.to_owned(),
            },
        );
        row("form", form);
        if let Some(parent) = parent {
            let folder = self.shown(&parent.folder);
            row(
                "parent",
                &format!("the chart in {}, values at `{}`", if folder.is_empty() { "." } else { &folder }, parent.at),
            );
        }
        for (at, layer) in layers.iter().enumerate() {
            row(if at == 0 { "values" } else { "" }, &self.layer(layer));
        }
        if layers.is_empty() {
            row("values", "none: the defaults of the chart");
        }
        if let Some(off) = off {
            row("off", &format!("not installed: {off}"));
        }
        text
    }

    fn as_json(&self) -> Json {
        let Release { form, file, line, repository, unread_version, name, namespace, off, parent, layers, .. } =
            &self.release;
        let layer = |layer: &ReleaseLayer| {
            json!({
                "file": layer.file.as_deref().map(|file| self.shown(file)),
                "line": layer.line,
                "unknown": layer.unknown.as_deref().map(shown_text),
            })
        };
        json!({
            "id": self.id(),
            "form": form,
            "file": self.shown(file),
            "line": line,
            "chart": "redis",
            "repository": redact::text(repository),
            "chartVersion": self.version.as_ref().ok(),
            "requirement": self.release.claims.first().map(|claim| claim.requirement.to_string()),
            "versionFrom": self.claim.by.to_string(),
            "unreadVersion": unread_version,
            "release": name,
            "namespace": namespace,
            "off": off,
            "parent": parent.as_ref().map(|parent| json!({
                "folder": self.shown(&parent.folder), "at": parent.at.to_string(),
            })),
            "layers": layers.iter().map(layer).collect::<Vec<_>>(),
        })
    }
}

/// A text of a file for one line, without secrets: those in an address, too.
fn shown_text(text: &str) -> String {
    let text = redact::text(&escape::one_line(text)).into_owned();
    let words = text.split_inclusive(' ').map(|word| match word.split_once("://") {
        Some((scheme, rest)) => {
            let end = rest.find(['`', ' ']).unwrap_or(rest.len());
            let (address, behind) = rest.split_at(end);
            let address = address.rsplit_once('@').map_or(address, |(_, host)| host);
            let address = address.split(['?', '#']).next().unwrap_or_default();
            format!("{scheme}://{address}{behind}")
        }
        None => word.to_owned(),
    });
    words.collect()
}

fn as_text(listed: &[Listed]) -> String {
    listed.iter().map(Listed::as_text).collect::<Vec<_>>().join("\n")
}
