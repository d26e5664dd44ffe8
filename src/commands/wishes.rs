//! The flags that say what is wanted: read, laid over the profiles, and settled for a chart version.

use std::{
    env,
    ffi::OsString,
    fs,
    io::{self, Read, Write},
    path::PathBuf,
    sync::LazyLock,
};

use anyhow::{Context, bail};
use clap::Args;

use super::{chart::choose, profiles::ProfileArgs, style};
use crate::{
    chart::{Chart, Topology},
    intent::{Access, Intent, Origin, Wishes},
    plan::{self, Plan, Refusal},
    yaml::{self, Map},
};

/// What is wanted.
#[derive(Debug, Args)]
pub struct WishArgs {
    #[command(flatten)]
    profiles: ProfileArgs,
    #[command(flatten)]
    intent: Intent,
    #[command(flatten)]
    short: Shorthands,
    #[command(flatten)]
    overlays: Overlays,
    /// Refuse a chart version that is not known, instead of using the facts of the nearest
    #[arg(long, help_heading = "Chart and release")]
    strict: bool,
}

/// Shorter ways to say a wish.
#[derive(Debug, Args)]
struct Shorthands {
    /// Short for `--access internal-lb`
    #[arg(long, help_heading = "Reaching it", group = "reaching")]
    internal_lb: bool,
    /// Short for `--access public-lb`
    #[arg(long, help_heading = "Reaching it", group = "reaching")]
    public_lb: bool,
    /// Short for `--access node-port`
    #[arg(long, help_heading = "Reaching it", group = "reaching")]
    node_port: bool,
    /// Short for `--access cluster`
    #[arg(long, help_heading = "Reaching it", group = "reaching")]
    cluster_only: bool,
    /// Short for `--topology sentinel`
    #[arg(long, help_heading = "Topology", conflicts_with_all = ["topology", "no_sentinel"])]
    sentinel: bool,
    /// Replication without Sentinel, where a profile asks for Sentinel
    #[arg(long, help_heading = "Topology", conflicts_with = "topology")]
    no_sentinel: bool,
}

/// Helm's own words for everything else, laid last.
#[derive(Debug, Args)]
#[command(next_help_heading = "Everything else")]
struct Overlays {
    /// Values file to lay over the result (`-` is stdin); repeat for several
    #[arg(long = "values", short = 'f', value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Value to set, as Helm's `--set` takes it; repeat for several
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Value to set as a string, as Helm's `--set-string` takes it; repeat for several
    #[arg(long, value_name = "KEY=VALUE")]
    set_string: Vec<String>,
}

/// What is wanted, settled for one chart version.
pub struct Settled {
    pub wishes: Wishes,
    pub chart: Chart,
    /// the version of the chart, as text
    pub version: String,
    pub plan: Plan,
    /// what `-f`, `--set` and `--set-string` say, merged
    pub overlay: Map,
}

impl WishArgs {
    /// Reads profiles, overlays and the password, chooses the chart and settles the wishes; tells `talk` what a
    /// person should know.
    ///
    /// # Errors
    ///
    /// Anything that cannot be read, and wishes that cannot be fulfilled, named as they were given.
    pub fn settle(self, talk: &mut dyn Write) -> anyhow::Result<Settled> {
        let Self { profiles, intent, short, overlays, strict } = self;
        let mut wishes = profiles.load()?;
        let flags = short.spelled_out(intent, &wishes)?;
        wishes.lay(flags, &Origin::Flag);
        let reads_stdin = overlays.files.iter().any(|file| file.as_os_str() == "-");
        if reads_stdin && wishes.intent.password_stdin == Some(true) {
            bail!("standard input cannot be both the password and a values file");
        }
        let overlay = overlays.read()?;
        let wanted = wishes.intent.chart_version.as_deref().map(str::parse).transpose()?;
        let chosen = choose(wanted.as_ref(), strict)?;
        if let Some(warning) = &chosen.warning {
            writeln!(talk, "{} {warning}", style::warning("warning:"))?;
        }
        let chart = chosen.chart;
        let password = password(&wishes.intent)?;
        let plan = plan::resolve(&wishes, password.as_deref(), &chart)
            .map_err(|refusal| anyhow::anyhow!(told(&refusal, &wishes)))?;
        for (wish, refusal) in &plan.yielded {
            writeln!(talk, "{} {} is left out: {refusal}", style::note("note:"), named(wish, &wishes))?;
        }
        for note in &plan.notes {
            writeln!(talk, "{} {} [{}]", style::note("note:"), note.text, note.id)?;
        }
        Ok(Settled { version: chart.version().to_string(), wishes, chart, plan, overlay })
    }
}

impl WishArgs {
    /// The words of a `redisgen values` that wishes for the same.
    ///
    /// # Errors
    ///
    /// Shorthands that say something else than their long flags.
    pub fn words(&self) -> anyhow::Result<Vec<String>> {
        let Self { profiles, intent, short, overlays, strict } = self;
        let mut words = vec!["redisgen".to_owned(), "values".to_owned()];
        let mut say = |flag: &str, value: &str| words.extend([flag.to_owned(), value.to_owned()]);
        for folder in &profiles.folders.profile_dirs {
            say("--profile-dir", &folder.to_string_lossy());
        }
        for profile in &profiles.profiles {
            say("--profile", profile);
        }
        for file in &overlays.files {
            say("--values", &file.to_string_lossy());
        }
        for text in &overlays.set {
            say("--set", text);
        }
        for text in &overlays.set_string {
            say("--set-string", text);
        }
        let intent = short.spelled_out(intent.clone(), &Wishes::default())?;
        let fields = fields(&intent);
        for field in intent.said().into_iter().filter(|field| !(*field == "topology" && short.no_sentinel)) {
            for value in said(field, &fields) {
                match value.as_str() {
                    "true" => words.push(flag(field)),
                    "false" => words.push(flag(field).replacen("--", "--no-", 1)),
                    value if value.starts_with('-') || value.is_empty() => words.push(format!("{}={value}", flag(field))),
                    value => words.extend([flag(field), value.to_owned()]),
                }
            }
        }
        words.extend(short.no_sentinel.then(|| "--no-sentinel".to_owned()));
        words.extend(strict.then(|| "--strict".to_owned()));
        Ok(words)
    }
}

impl Shorthands {
    /// The flags in full.
    fn spelled_out(&self, mut intent: Intent, below: &Wishes) -> anyhow::Result<Intent> {
        let Self { internal_lb, public_lb, node_port, cluster_only, sentinel, no_sentinel } = *self;
        let access = [
            (internal_lb, Access::InternalLb, "--internal-lb"),
            (public_lb, Access::PublicLb, "--public-lb"),
            (node_port, Access::NodePort, "--node-port"),
            (cluster_only, Access::Cluster, "--cluster-only"),
        ];
        if let Some((_, access, flag)) = access.into_iter().find(|(said, ..)| *said) {
            if intent.access.is_some_and(|said| said != access) {
                bail!("`--access` and `{flag}` say different things; give one of them");
            }
            intent.access = Some(access);
        }
        if sentinel {
            intent.topology = Some(Topology::Sentinel);
        }
        if no_sentinel && below.intent.topology.is_none_or(|topology| topology == Topology::Sentinel) {
            intent.topology = Some(Topology::Replication);
        }
        Ok(intent)
    }
}

impl Overlays {
    fn read(&self) -> anyhow::Result<Map> {
        let mut overlay = Map::new();
        let mut stdin_read = false;
        for file in &self.files {
            let (name, text) = if file.as_os_str() == "-" {
                if std::mem::replace(&mut stdin_read, true) {
                    bail!("standard input is named twice");
                }
                ("standard input".to_owned(), io::read_to_string(io::stdin()).context("cannot read standard input")?)
            } else {
                let name = file.display().to_string();
                let text = fs::read_to_string(file).with_context(|| format!("cannot read `{name}`"))?;
                (name, text)
            };
            let values = yaml::read_values(&text).with_context(|| format!("`{name}`"))?;
            yaml::merge::overlay(&mut overlay, values);
        }
        for text in &self.set {
            yaml::set::set_into(text, &mut overlay).with_context(|| format!("`--set {}`", shown(text)))?;
        }
        for text in &self.set_string {
            yaml::set::set_string_into(text, &mut overlay).with_context(|| format!("`--set-string {}`", shown(text)))?;
        }
        Ok(overlay)
    }
}

/// The text of a flag without what may be a password.
pub fn shown(text: &str) -> String {
    match text.split_once('=') {
        Some((key, _)) if key.to_ascii_lowercase().contains("password") => format!("{key}=<redacted>"),
        _ => text.to_owned(),
    }
}

/// The password that the wishes lead to, if any; one line end at its end is not part of it.
fn password(intent: &Intent) -> anyhow::Result<Option<String>> {
    let text = if let Some(file) = &intent.password_file {
        fs::read_to_string(file).with_context(|| format!("cannot read the password from `{file}`"))?
    } else if let Some(name) = &intent.password_env {
        match env::var(name) {
            Ok(text) => text,
            Err(env::VarError::NotPresent) => bail!("the environment variable `{name}` that holds the password is not set"),
            Err(env::VarError::NotUnicode(_)) => bail!("the password in the environment variable `{name}` is no valid UTF-8"),
        }
    } else if intent.password_stdin == Some(true) {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).context("cannot read the password from standard input")?;
        text
    } else {
        return Ok(None);
    };
    let text = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if text.contains(['\n', '\r', '\0']) {
        bail!("the password has more than one line");
    }
    Ok(Some(text.to_owned()))
}

/// A refusal, with the wishes named as they were given.
fn told(refusal: &Refusal, wishes: &Wishes) -> String {
    let names: Vec<_> = refusal.wishes.iter().map(|wish| named(wish, wishes)).collect();
    if names.is_empty() { refusal.to_string() } else { format!("{}: {refusal}", names.join(" and ")) }
}

/// A field of the intent as the person gave it: the flag, or the field of the profile.
pub fn named(field: &str, wishes: &Wishes) -> String {
    let values = said(field, &fields(&wishes.intent));
    let value = (!values.is_empty()).then(|| values.join(","));
    match (wishes.origins.get(field), value) {
        (Some(Origin::Profile(profile)), Some(value)) => {
            format!("`{}: {value}` of profile `{profile}`", field.replace('_', "-"))
        }
        (_, Some(value)) if value == "true" => format!("`{}`", flag(field)),
        (_, Some(value)) if value == "false" => format!("`{}`", flag(field).replacen("--", "--no-", 1)),
        (_, Some(value)) => format!("`{} {value}`", flag(field)),
        (_, None) => format!("`{}`", flag(field)),
    }
}

/// A field of the intent as a flag.
struct Flag {
    field: String,
    long: String,
    /// Does it go without a value?
    switch: bool,
}

/// The flags of the intent, read off once: to build the command is dear.
static FLAGS: LazyLock<Vec<Flag>> = LazyLock::new(|| {
    let command = Intent::augment_args(clap::Command::new("wishes"));
    let flags = command.get_arguments().filter_map(|arg| {
        Some(Flag {
            field: arg.get_id().to_string(),
            long: arg.get_long()?.to_owned(),
            switch: arg.get_num_args().is_some_and(|args| args.min_values() == 0),
        })
    });
    flags.collect()
});

/// The flag of a field of the intent.
pub fn flag(field: &str) -> String {
    let long = FLAGS.iter().find(|flag| flag.field == field).map(|flag| flag.long.as_str());
    format!("--{}", long.unwrap_or(field))
}

/// The fields of the intent that are said, by the names that profiles have for them.
fn fields(intent: &Intent) -> serde_json::Value {
    serde_json::to_value(intent).unwrap_or_default()
}

/// What one of `fields` says, as the command line says it: one text, or one for each item of a list.
fn said(field: &str, fields: &serde_json::Value) -> Vec<String> {
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match fields.get(field.replace('_', "-")) {
        None | Some(serde_json::Value::Null) => Vec::new(),
        Some(serde_json::Value::Array(values)) => values.iter().map(text).collect(),
        Some(value) => vec![text(value)],
    }
}

/// Is this the long flag of a switch of the intent?
fn is_switch(long: &str) -> bool {
    FLAGS.iter().any(|flag| flag.switch && flag.long == long)
}

/// Turns `--no-X` into `--X=false` for every switch `--X` of the intent.
pub fn spell_out_opposites(args: Vec<OsString>) -> Vec<OsString> {
    let mut options = true;
    let spell = |arg: OsString| {
        options &= arg != "--";
        let switch = arg.to_str().and_then(|text| text.strip_prefix("--no-")).filter(|name| is_switch(name));
        match switch {
            Some(name) if options => format!("--{name}=false").into(),
            _ => arg,
        }
    };
    args.into_iter().map(spell).collect()
}

/// Says in the help of every switch how its opposite is asked for.
pub fn tell_opposites(command: clap::Command) -> clap::Command {
    command.mut_subcommands(|sub| {
        sub.mut_args(|arg| {
            let Some(long) = arg.get_long().filter(|long| is_switch(long)) else { return arg };
            let help = format!("{} (`--no-{long}` for the opposite)", arg.get_help().map(ToString::to_string).unwrap_or_default());
            arg.help(help).hide_default_value(true)
        })
    })
}
