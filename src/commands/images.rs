//! `redisgen images`: the images that a release pulls.

use std::{
    fmt::Write as _,
    path::{Path as FilePath, PathBuf},
};

use anyhow::bail;
use serde_json::json;

use super::{
    OutputFile, files,
    loaded_file::LoadedFile,
    options::OptionArgs,
    sources::{Project, Sources},
    style,
};
use crate::{
    chart::{Chart, Requirement, Setting, Topology},
    commands::context::{ExitStatus, Streams},
    effective::EffectiveValues,
    fold,
    mirror::{self, Copier, ListedImage},
    redact,
    source::{ClaimSource, Hints, JoinedRelease},
    yaml::{self, Helm, Map, Notes, Path, Value},
};

/// List the images that a release pulls
///
/// The list has the images of the chart that the topology and the enabled features use, and the images of extra
/// containers in the values. The values come from options, from files that Helm would read (`-f`), or from FILE.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// File with the values of one release or several (`-` is stdin)
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
#[command(next_help_heading = "Values")]
struct ValuesArgs {
    /// Path of the values in FILE: `redis` or `cache.redis` in the values of a parent chart
    #[arg(long, value_name = "PATH", requires = "listed")]
    at: Option<Path>,
    /// Major version of Helm
    #[arg(long, value_enum, value_name = "MAJOR", default_value_t, env = super::HELM, hide_env_values = true)]
    helm: Helm,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
struct OutputArgs {
    /// Format of the list
    #[arg(long, short, value_enum, value_name = "FORMAT", default_value_t = Format::List)]
    output: Format,
    #[command(flatten)]
    file: OutputFile,
    /// Target registry of the copy commands (`registry.example.com`, `registry.example.com/mirror`)
    #[arg(long, value_name = "REGISTRY")]
    copy_to: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// one address per line
    List,
    /// JSON
    Json,
    /// commands that copy with crane
    Crane,
    /// commands that copy with skopeo
    Skopeo,
    /// commands that copy with docker: one architecture only
    Docker,
    /// commands that copy with oras
    Oras,
}

impl Format {
    fn copier(self) -> Option<Copier> {
        match self {
            Self::List | Self::Json => None,
            Self::Crane => Some(Copier::Crane),
            Self::Skopeo => Some(Copier::Skopeo),
            Self::Docker => Some(Copier::Docker),
            Self::Oras => Some(Copier::Oras),
        }
    }
}

/// A release with its images.
struct Images {
    release: Option<String>,
    namespace: Option<String>,
    chart: Chart,
    topology: Topology,
    images: Vec<ListedImage>,
    /// How the release can use the copies in another registry.
    usage: Usage,
}

/// How a release can use images of another registry.
enum Usage {
    /// With options of `redisgen values` after `--registry`.
    Options(String),
    Values,
}

pub fn run(args: Args, streams: &mut Streams) -> anyhow::Result<ExitStatus> {
    let Args { file, values_args, output: OutputArgs { output, file: output_file, copy_to }, options } = args;
    let registry = match (output.copier(), copy_to) {
        (Some(copier), Some(registry)) => Some((copier, check_registry(registry)?)),
        (Some(_), None) => bail!("this `--output` requires `--copy-to REGISTRY`: the registry for the copies"),
        (None, Some(_)) => {
            bail!("`--copy-to` requires `--output crane`, `skopeo`, `docker` or `oras`: the program that copies")
        }
        (None, None) => None,
    };
    let releases = match file {
        Some(file) if options.ask_for_values() => bail!(
            "found {} and options for values: expected one of them. `--values {}` adds the file to the options",
            files::display_name(&file),
            file.display()
        ),
        Some(file) => of_file(&file, &values_args, &options, streams)?,
        None => vec![of_options(options, &values_args, streams)?],
    };
    let text = match (output, &registry) {
        (Format::Json, _) => as_json(&releases)?,
        (_, Some((copier, registry))) => as_commands(&releases, *copier, registry, streams)?,
        _ => all(&releases).iter().map(|image| format!("{}\n", redact::text(&image.reference()))).collect(),
    };
    if all(&releases).iter().any(|image| image.served_by.is_some()) {
        let next = match &registry {
            Some(_) => "the commands copy them from the frozen catalogue, with the names in the values",
            None => "the frozen catalogue has them. `redisgen values` uses it by default (`--images auto`)",
        };
        let warning = style::warning("warning:");
        writeln!(
            streams.err,
            "{warning} docker.io/bitnami no longer serves the versioned images of the chart: {next} \
             [image-catalogue-moved]"
        )?;
    }
    let text = match output_file.width(&streams.terminal).filter(|_| registry.is_some()) {
        Some(width) => fold::script(&text, width),
        None => text,
    };
    output_file.put(&text, &streams.terminal, streams.out)?;
    Ok(ExitStatus::Success)
}

fn check_registry(registry: String) -> anyhow::Result<String> {
    let is_registry = !registry.is_empty()
        && !registry.contains("://")
        && !registry.contains(char::is_whitespace)
        && !registry.ends_with('/');
    if !is_registry {
        bail!(
            "`--copy-to {registry}`: expected a registry such as `registry.example.com` or \
             `registry.example.com/mirror`"
        );
    }
    Ok(registry)
}

/// The releases in a file with their images.
fn of_file(
    file: &FilePath,
    values_args: &ValuesArgs,
    options: &OptionArgs,
    streams: &mut Streams,
) -> anyhow::Result<Vec<Images>> {
    let sources = Sources::of(Project::load(None)?);
    let version = options.chart_version().map(str::parse::<Requirement>).transpose()?;
    let (path, release) = sources.file_of(file)?;
    let hints = Hints { version, at: values_args.at.clone(), helm: values_args.helm, release, ..Hints::default() };
    let hints = sources.known(&path, hints);
    let name = files::display_name(file).trim_matches('`').to_owned();
    let loaded = LoadedFile::read(name, &files::read_text(&path)?, &hints, true, &|wanted| sources.chart(wanted))?;
    if let (Some(at), true) = (&values_args.at, loaded.is_flat) {
        bail!("found nothing at `{at}` in {}: check the path of `--at`", files::display_name(file));
    }
    let releases = loaded.joined()?;
    for note in sources.talk() {
        write!(streams.err, "{note}")?;
    }
    let of_release = |joined: JoinedRelease| {
        let origin = joined.places.first().map(|place| &place.part.origin);
        let release = origin.and_then(|origin| origin.release.clone());
        let namespace = origin.and_then(|origin| origin.namespace.clone());
        images(release, namespace, joined.release, Usage::Values)
    };
    Ok(releases.into_iter().map(of_release).collect())
}

/// The images of the release that the options describe. With values files only, Helm would install this release.
fn of_options(options: OptionArgs, values_args: &ValuesArgs, streams: &mut Streams) -> anyhow::Result<Images> {
    let is_plain = options.are_overlays_only();
    let version = if is_plain { version_in(&options, values_args.helm)? } else { None };
    let settled = options.settle_beside(version, streams.err)?;
    let intent = &settled.options.intent;
    let (release, namespace) = (intent.release.clone(), intent.namespace.clone());
    if is_plain {
        let values = settled.overlay.clone();
        return Ok(images(release, namespace, EffectiveValues::of(values, &settled.chart), Usage::Values));
    }
    let values = settled.tree().0.clone();
    settled.print_images(&yaml::emit(&values, &Notes::new()), streams.err)?;
    // A mirror of the frozen images keeps their names.
    let options = match settled.takes_frozen_images() {
        true => " --images legacy",
        false => "",
    };
    let options = Usage::Options(options.to_owned());
    Ok(images(release, namespace, EffectiveValues::of(values, &settled.chart), options))
}

/// The chart version of the values files, from their comments or keys, unless an option sets one.
pub(super) fn version_in(options: &OptionArgs, helm: Helm) -> anyhow::Result<Option<String>> {
    if options.chart_version().is_some() {
        return Ok(None);
    }
    let sources = Sources::of(Project::load(None)?);
    let mut version: Option<String> = None;
    for file in options.values_files().iter().filter(|file| !files::is_standard(file)) {
        let hints = sources.known(file, Hints { helm, ..Hints::default() });
        let name = files::display_name(file).trim_matches('`').to_owned();
        let text = files::read_text(file)?;
        // Errors in the file are reported when the file is read as values.
        let charts = |wanted: &Requirement| sources.chart(wanted);
        let Ok(loaded) = LoadedFile::read(name, &text, &hints, true, &charts) else { continue };
        let joined = loaded.joined()?;
        if let Some(release) = joined.iter().find(|release| !matches!(release.claim.by, ClaimSource::Keys(_))) {
            version = Some(release.release.chart.version().to_string());
        }
    }
    Ok(version)
}

fn images(release: Option<String>, namespace: Option<String>, values: EffectiveValues, usage: Usage) -> Images {
    let images = mirror::list(&values);
    Images { release, namespace, topology: values.topology, chart: values.chart, images, usage }
}

/// The images of all releases without duplicates.
fn all(releases: &[Images]) -> Vec<ListedImage> {
    let mut images: Vec<ListedImage> = Vec::new();
    for image in releases.iter().flat_map(|release| &release.images) {
        if !images.iter().any(|other| other.reference() == image.reference()) {
            images.push(image.clone());
        }
    }
    images
}

fn as_json(releases: &[Images]) -> anyhow::Result<String> {
    let image = |image: &ListedImage| {
        let ListedImage { registry, repository, tag, digest, keys, is_of_chart, is_moving, served_by } = image;
        json!({
            "image": redact::text(&image.reference()), "registry": redact::text(registry),
            "repository": redact::text(repository), "tag": tag, "digest": digest,
            "keys": keys, "ofChart": is_of_chart, "moving": is_moving, "servedBy": served_by,
        })
    };
    let release = |one: &Images| {
        let Images { release, namespace, chart, topology, images, usage: _ } = one;
        json!({
            "release": release, "namespace": namespace, "chartVersion": chart.version(), "topology": topology,
            "images": images.iter().map(image).collect::<Vec<_>>(),
        })
    };
    let releases: Vec<_> = releases.iter().map(release).collect();
    Ok(serde_json::to_string_pretty(&json!({ "version": 1, "releases": releases }))? + "\n")
}

fn as_commands(releases: &[Images], copier: Copier, registry: &str, streams: &mut Streams) -> anyhow::Result<String> {
    let images = all(releases);
    if let Some((one, other)) = mirror::collision(&images, registry) {
        bail!(
            "`{}` and `{}` would have the same name in `{registry}`. Copy one of them to another registry",
            redact::text(&one.reference()),
            redact::text(&other.reference())
        );
    }
    if !copier.keeps_digests() && images.iter().any(|image| image.digest.is_some()) {
        let warning = style::warning("warning:");
        writeln!(
            streams.err,
            "{warning} docker copies only one architecture, and the copy has another digest. Use crane, skopeo or \
             oras, or use the digest of the copy"
        )?;
    }
    let mut text = String::new();
    for image in &images {
        for command in copier.copy(image, registry)? {
            text += &redact::text(&command);
            text.push('\n');
        }
    }
    let mut notes: Vec<String> = Vec::new();
    for Images { chart, usage, images, .. } in releases {
        let mut how = match usage {
            Usage::Options(options) => {
                format!("# To use these images: `redisgen values` with `--registry {registry}{options}`.\n")
            }
            Usage::Values => {
                format!("# To use these images (chart {}):\n{}", chart.version(), values(chart, registry))
            }
        };
        for image in images.iter().filter(|image| !image.is_of_chart) {
            for key in &image.keys {
                let _ = writeln!(how, "# and set `{key}` to `{}`", redact::text(&image.reference_at(registry)));
            }
        }
        if !notes.contains(&how) {
            notes.push(how);
        }
    }
    Ok(text + &notes.concat())
}

/// The values that use the images of a registry, as comments.
fn values(chart: &Chart, registry: &str) -> String {
    let mut tree = Map::new();
    let settings = [(Setting::Registry, Value::from(registry)), (Setting::AllowOtherImages, Value::Bool(true))];
    for (setting, value) in settings {
        for path in
            chart.places(setting, Topology::Standalone).iter().filter_map(|place| place.path.parse::<Path>().ok())
        {
            // No two settings share a key.
            drop(tree.insert_at(&path, value.clone()));
        }
    }
    yaml::emit(&tree, &Notes::new()).lines().map(|line| format!("#   {line}\n")).collect()
}
