//! `redisgen profiles`: lists and shows profiles, and prints their schema.

mod folders;

use std::{io::Write, path::PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::{Value as Json, json};

use super::{Format, OutputFile, style, table::table, terminal::Terminal};
use crate::{
    commands::context::{ExitStatus, Streams},
    intent::{Field, LayeredIntent, Origin},
    profile::{self, Profile, ProfileError, Source},
    yaml::{Map, Notes, Path, Value, emit},
};

pub use folders::{CONFIG_DIR, Folders};

/// The profiles of one call, for every subcommand with options.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Profiles")]
pub struct ProfileArgs {
    /// Profile by its name or file; repeat for several: a later profile overrides an earlier one
    #[arg(long = "profile", value_name = "NAME|FILE")]
    pub profiles: Vec<String>,
    #[command(flatten)]
    pub folders: FolderArgs,
}

/// Folders of profiles.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct FolderArgs {
    /// Folder of profiles, in front of `.redisgen/profiles` and the folder of the user; repeat for several
    #[arg(long = "profile-dir", value_name = "DIR")]
    pub profile_dirs: Vec<PathBuf>,
}

impl ProfileArgs {
    /// The merged options of the profiles.
    ///
    /// # Errors
    ///
    /// When a profile is missing, unreadable or invalid.
    pub fn load(&self) -> anyhow::Result<LayeredIntent> {
        Ok(profile::resolve(&self.profiles, &self.folders.source()?)?)
    }
}

impl FolderArgs {
    fn source(&self) -> anyhow::Result<Folders> {
        Folders::nearest_first(&self.profile_dirs)
    }
}

/// List and show profiles: named sets of options
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// List every profile with its origin and purpose
    ///
    /// An unreadable profile is reported on stderr, and the exit code is 2; the list has the other profiles.
    List(ListArgs),
    /// Show the merged options of profiles, and the origin of each option
    Show(ShowArgs),
    /// Print the JSON schema of a profile file, for editors
    Schema(OutputFile),
}

#[derive(Debug, Clone, clap::Args)]
pub struct ListArgs {
    #[command(flatten)]
    pub folders: FolderArgs,
    /// Format of the output
    #[arg(long, short, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    pub output: Format,
    #[command(flatten)]
    pub file: OutputFile,
}

#[derive(Debug, Clone, clap::Args)]
pub struct ShowArgs {
    /// Profiles by name or file; a later profile overrides an earlier one
    #[arg(required = true, value_name = "NAME|FILE")]
    pub names: Vec<String>,
    #[command(flatten)]
    pub folders: FolderArgs,
    /// Format of the output
    #[arg(long, short, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    pub output: Format,
    #[command(flatten)]
    pub file: OutputFile,
}

/// Runs `redisgen profiles`.
///
/// # Errors
///
/// When a profile cannot be read or standard output cannot be written.
pub fn run(args: &Args, streams: &mut Streams) -> anyhow::Result<ExitStatus> {
    print(args, &streams.terminal, streams.out)
}

fn print(args: &Args, terminal: &Terminal, out: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    let mut broken = Vec::new();
    let (text, file) = match &args.command {
        Command::List(ListArgs { folders, output, file }) => {
            let profiles;
            (profiles, broken) = list(&folders.source()?);
            let text = match output {
                Format::Json => list_json(&profiles)?,
                Format::Text => list_text(&profiles, file.width(terminal)),
            };
            (text, file)
        }
        Command::Show(ShowArgs { names, folders, output, file }) => {
            let layers = profile::layers(names, &folders.source()?)?;
            let text = match output {
                Format::Json => show_json(&layers)?,
                Format::Text => show_text(&layers)?,
            };
            (text, file)
        }
        Command::Schema(file) => (pretty(&profile::schema())?, file),
    };
    file.put(&text, terminal, out)?;
    for error in &broken {
        // An error is reported in any case.
        writeln!(anstream::stderr(), "{} {error}", style::error("error:"))?;
    }
    Ok(if broken.is_empty() { ExitStatus::Success } else { ExitStatus::Failure })
}

/// The nearest profile of every name, and the errors of unreadable profiles.
fn list(source: &dyn Source) -> (Vec<Profile>, Vec<ProfileError>) {
    let (mut profiles, mut broken) = (Vec::new(), Vec::new());
    for name in source.names() {
        let read = source.find(&name, 0).and_then(|found| found.map(|found| Profile::parse(&name, &found)).transpose());
        match read {
            Ok(profile) => profiles.extend(profile),
            Err(error) => broken.push(error),
        }
    }
    (profiles, broken)
}

fn list_text(profiles: &[Profile], width: Option<usize>) -> String {
    let row = |profile: &Profile| [profile.name.clone(), from(profile).to_owned(), profile.description.clone()];
    table(None, &profiles.iter().map(row).collect::<Vec<_>>(), width)
}

fn list_json(profiles: &[Profile]) -> anyhow::Result<String> {
    let rows = profiles.iter().map(|profile| {
        let extends: Vec<_> = profile.extends.iter().map(|base| &base.name).collect();
        json!({
            "name": profile.name,
            "from": from(profile),
            "description": profile.description,
            "extends": extends,
        })
    });
    pretty(&json!({ "version": 1, "profiles": rows.collect::<Json>() }))
}

fn from(profile: &Profile) -> &str {
    if profile.embedded { "embedded" } else { &profile.file }
}

/// The merged options of the layers, as one profile.
fn show_text(layers: &[Profile]) -> anyhow::Result<String> {
    let options = profile::layer_profiles(layers);
    let mut notes = Notes::new();
    notes.above(&Path::root(), "The result of these profiles, where a later one overrides an earlier one:");
    for layer in layers {
        notes.above(&Path::root(), &format!("  {} ({})", layer.name, from(layer)));
    }
    let mut stated = Map::new();
    let mut preferred = Map::new();
    if let Some(last) = layers.last() {
        stated.insert("description", Value::from(last.description.as_str()));
    }
    for field in fields(&options)? {
        let (map, path) = if field.preferred {
            (&mut preferred, Path::of(["prefer", &field.name]))
        } else {
            (&mut stated, Path::of([&field.name]))
        };
        notes.above(&path, &format!("from {}", field.from));
        map.insert(field.name, plain(field.value));
    }
    if !preferred.is_empty() {
        notes.above(&Path::of(["prefer"]), "only if the chart version supports it");
        stated.insert("prefer", Value::Map(preferred));
    }
    Ok(emit(&stated, &notes))
}

fn show_json(layers: &[Profile]) -> anyhow::Result<String> {
    let options = profile::layer_profiles(layers);
    let fields: serde_json::Map<String, Json> = fields(&options)?
        .into_iter()
        .map(|field| (field.name, json!({ "value": field.value, "from": field.from, "preferred": field.preferred })))
        .collect();
    let layers =
        layers.iter().map(|layer| json!({ "name": layer.name, "from": from(layer), "description": layer.description }));
    pretty(&json!({ "version": 1, "layers": layers.collect::<Json>(), "fields": fields }))
}

/// An option that is set, with its origin.
struct SetField {
    name: String,
    value: Json,
    from: String,
    preferred: bool,
}

/// Every option that is set, in the order of declaration.
fn fields(options: &LayeredIntent) -> anyhow::Result<Vec<SetField>> {
    let Json::Object(values) = serde_json::to_value(&options.intent).context("cannot write the options")? else {
        return Ok(Vec::new());
    };
    let fields = values.into_iter().map(|(name, value)| {
        let field = Field::named(&name);
        let from = match field.and_then(|field| options.origins.get(&field)) {
            Some(Origin::Profile(name)) => name.clone(),
            Some(Origin::Flag) => "the command line".to_owned(),
            None => String::new(),
        };
        let preferred = field.is_some_and(|field| options.preferred.contains_key(&field));
        SetField { preferred, name, value, from }
    });
    Ok(fields.collect())
}

fn plain(value: Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(bool) => Value::Bool(bool),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Value::Int(whole),
            None => Value::Float(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => Value::String(text),
        Json::Array(items) => Value::List(items.into_iter().map(plain).collect()),
        Json::Object(entries) => Value::Map(entries.into_iter().map(|(key, value)| (key, plain(value))).collect()),
    }
}

fn pretty(json: &Json) -> anyhow::Result<String> {
    let mut text = serde_json::to_string_pretty(json).context("cannot write the JSON")?;
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests;
