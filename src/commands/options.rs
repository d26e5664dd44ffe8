//! The flags for options: read, merged over the profiles, and resolved for a chart version.

use std::{
    borrow::Cow,
    cell::OnceCell,
    env,
    ffi::OsString,
    io::Write,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use anyhow::{Context, bail};
use clap::Args;

use super::{
    advice,
    chart::{load, load_of_project},
    files::{self, STANDARD},
    profiles::ProfileArgs,
    sources::Project,
    style, value_tree,
};
use crate::{
    chart::{self, Chart, Setting, Topology},
    effective::{EffectiveValues, images},
    encryption::{self, Encrypted},
    intent::{Access, Field, Images, Intent, LayeredIntent, Origin},
    lint::{Diagnostic, Severity, rules},
    plan::{self, Plan, Recommendation, Refusal},
    redact, report,
    values::Rendered,
    yaml::{self, Map, Value},
};

/// The options of a release, from profiles and flags.
#[derive(Debug, Args)]
pub struct OptionArgs {
    #[command(flatten)]
    profiles: ProfileArgs,
    #[command(flatten)]
    intent: Intent,
    #[command(flatten)]
    short: Shorthands,
    #[command(flatten)]
    overlays: Overlays,
    /// Refuse an unknown chart version, instead of using the facts of the nearest known version
    #[arg(long, help_heading = "Chart and release")]
    strict: bool,
}

/// Short forms of some options.
#[derive(Debug, Args)]
struct Shorthands {
    /// Short for `--access internal-lb`
    #[arg(long, help_heading = "Access", group = "reaching")]
    internal_lb: bool,
    /// Short for `--access public-lb`
    #[arg(long, help_heading = "Access", group = "reaching")]
    public_lb: bool,
    /// Short for `--access node-port`
    #[arg(long, help_heading = "Access", group = "reaching")]
    node_port: bool,
    /// Short for `--access cluster`
    #[arg(long, help_heading = "Access", group = "reaching")]
    cluster_only: bool,
    /// Short for `--topology sentinel`
    #[arg(long, help_heading = "Topology", conflicts_with_all = ["topology", "no_sentinel"])]
    sentinel: bool,
    /// Replication without Sentinel, for profiles with Sentinel
    #[arg(long, help_heading = "Topology", conflicts_with = "topology")]
    no_sentinel: bool,
}

/// Overrides in Helm's own syntax, merged last.
#[derive(Debug, Args)]
#[command(next_help_heading = "Overrides")]
struct Overlays {
    /// Values file that overrides the result (`-` is stdin); repeat for several
    #[arg(long = "values", short = 'f', value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Value that overrides the result, in the syntax of Helm's `--set`; repeat for several
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// String that overrides the result, in the syntax of Helm's `--set-string`; repeat for several
    #[arg(long, value_name = "KEY=VALUE")]
    set_string: Vec<String>,
}

/// The options, resolved for one chart version.
pub struct ResolvedOptions {
    pub options: LayeredIntent,
    pub chart: Chart,
    /// the version of the chart, as text
    pub version: String,
    /// the default key of the password in its Secret
    pub password_key: String,
    pub plan: Plan,
    /// the merged values of `-f`, `--set` and `--set-string`
    pub overlay: Map,
    /// paths that `--set` sets to a whole number
    pub numbers: Vec<yaml::Path>,
    /// the key of a password in clear text that the overlay sets
    pub overlaid_password: Option<yaml::Path>,
    /// the generated values, built on first use
    tree: OnceCell<(Map, Rendered)>,
    frozen: OnceCell<Option<plan::FrozenImages>>,
}

/// The key of a password in clear text that the overlay sets.
fn overlaid_password(overlay: &Map, chart: &Chart, topology: Topology) -> Option<yaml::Path> {
    let keys = [Setting::PasswordGlobal, Setting::Password].into_iter();
    let mut paths = keys.flat_map(|key| chart.places(key, topology)).filter_map(|place| place.path.parse().ok());
    let is_set = |value: &Value| !matches!(value, Value::Null) && value.as_str() != Some("");
    paths.find(|path| overlay.get_at(path).is_some_and(is_set))
}

impl ResolvedOptions {
    /// Prints which options have no effect, and the findings in the values of these options, without the rules in
    /// `settled`.
    ///
    /// # Errors
    ///
    /// When `talk` cannot be written to.
    pub fn print_notes(&self, found: Vec<Diagnostic>, settled: &[&str], talk: &mut dyn Write) -> anyhow::Result<()> {
        for (option, refusal) in &self.plan.yielded {
            let why = in_flags(&refusal.reason);
            writeln!(
                talk,
                "{} {} has no effect: {why}",
                style::note("note:"),
                option_as_given(*option, &self.options)
            )?;
        }
        if let Some(unpublished) = report::chart::unpublished(&self.chart) {
            writeln!(talk, "{} {unpublished}", style::warning("warning:"))?;
        }
        self.print_findings(found, |rule| !settled.contains(&rule), talk)
    }

    /// Prints what `redisgen lint` finds about frozen images in `text`, the values of these options.
    ///
    /// # Errors
    ///
    /// When `talk` cannot be written to.
    pub fn print_images(&self, text: &str, talk: &mut dyn Write) -> anyhow::Result<()> {
        self.print_findings(advice::findings(text, &self.chart), |rule| rule == plan::FROZEN_IMAGES, talk)
    }

    /// Prints warnings, errors, and findings with a recommended option. The option replaces the help of the finding.
    fn print_findings(
        &self,
        mut found: Vec<Diagnostic>,
        takes: impl Fn(&str) -> bool,
        talk: &mut dyn Write,
    ) -> anyhow::Result<()> {
        found.retain(|found| takes(found.rule));
        let is_found = |rule: &str| found.iter().any(|found| found.rule == rule);
        let recommended = self.plan.recommendations(&self.chart, is_found);
        for found in found {
            let Diagnostic { rule, severity, message, help, fix, .. } = found;
            let answer = recommended.iter().find(|answer| answer.rule == rule);
            // In production, an image with a moving tag is a warning.
            let is_floating = rule == rules::CHART_FLOATING_IMAGE.id && self.is_for_production();
            let is_warning = severity > Severity::Info || is_floating || answer.is_some_and(|answer| answer.is_warning);
            let next = match answer {
                None if !is_warning => continue,
                Some(Recommendation { text, .. }) if !text.is_empty() => format!(". {}", in_flags(text)),
                _ if help.is_empty() => fix.map(|fix| format!("; {}", fix.title)).unwrap_or_default(),
                _ => help.iter().map(|next| format!("; {next}")).collect(),
            };
            let text = format!("{message}{next}{}", page(rule));
            match is_warning {
                true => writeln!(talk, "{} {text}", style::warning("warning:"))?,
                false => writeln!(talk, "{} {text}", style::note("note:"))?,
            }
        }
        Ok(())
    }
}

/// The name of the profile for production.
const PRODUCTION: &str = "production";

impl ResolvedOptions {
    /// The values alone, as the tree that is written, and what was rendered without the overlay. Made once.
    pub fn tree(&self) -> &(Map, Rendered) {
        self.tree.get_or_init(|| {
            let is_asked = |field: Field| self.options.origins.get(&field) == Some(&Origin::Flag);
            value_tree::make(&self.plan, &self.chart, &self.overlay, &self.numbers, is_asked)
        })
    }

    /// Whether the images come from the frozen catalogue.
    pub fn takes_frozen_images(&self) -> bool {
        matches!(self.plan.images.catalogue, plan::Catalogue::Frozen | plan::Catalogue::FrozenUnlessSaid)
    }

    /// Whether the options include the profile for production, or a profile that extends it.
    pub fn is_for_production(&self) -> bool {
        self.options.origins.values().any(|origin| *origin == Origin::Profile(PRODUCTION.to_owned()))
    }
}

/// The frozen Redis image of the values, if they use one.
pub fn frozen(settled: &ResolvedOptions) -> Option<&plan::FrozenImages> {
    settled.frozen.get_or_init(|| find_frozen(settled)).as_ref()
}

fn find_frozen(settled: &ResolvedOptions) -> Option<plan::FrozenImages> {
    let frozen = plan::FrozenImages::of(&settled.chart)?;
    let (tree, _) = settled.tree();
    let effective = EffectiveValues::new(tree.clone(), yaml::merge::Layers::default(), &settled.chart);
    let redis = images::pulled(&effective).into_iter().find(|pulled| pulled.image.path == "image")?;
    let is_frozen = redis.from == images::ImageSource::Legacy && !redis.is_pinned();
    // An explicit tag decides the Redis version.
    let redis = redis.redis().filter(|_| is_frozen)?;
    Some(plan::FrozenImages {
        ended: chart::end_of_life(&redis),
        holes: chart::vulnerabilities(&redis).len(),
        redis: redis.to_string(),
        ..frozen
    })
}

/// The id in brackets, if `redisgen explain` has a page for it.
fn page(id: &str) -> String {
    if rules::named(id).is_some() { format!(" [{id}]") } else { String::new() }
}

impl OptionArgs {
    /// Resolves the options: reads profiles, overlays and the password, and chooses the chart version. Notes go to `talk`.
    ///
    /// # Errors
    ///
    /// Unreadable files, and options that contradict each other or that the chart version does not support.
    pub fn settle(self, talk: &mut dyn Write) -> anyhow::Result<ResolvedOptions> {
        self.settle_beside(None, talk)
    }

    /// Resolves the options for a given chart version, unless a flag or a profile sets one.
    ///
    /// # Errors
    ///
    /// As [`OptionArgs::settle`].
    pub fn settle_beside(self, version: Option<String>, talk: &mut dyn Write) -> anyhow::Result<ResolvedOptions> {
        let Self { profiles, intent, short, overlays, strict } = self;
        let mut options = profiles.load()?;
        let flags = short.spelled_out(intent, &options)?;
        options.lay(flags, &Origin::Flag);
        options.intent.chart_version = options.intent.chart_version.or(version);
        if overlays.read_standard_input() && options.intent.password_stdin == Some(true) {
            bail!("`--values -` and `--password-stdin` both read standard input. Use a file for one of them");
        }
        let Overlay { values: overlay, numbers } = overlays.read()?;
        let chart = match options.intent.chart_version.as_deref() {
            Some(wanted) => load(Some(wanted), strict, talk)?,
            None => match Project::load(None)?.config.chart_version {
                Some(wanted) => load_of_project(&wanted, strict, talk)?,
                None => load(None, strict, talk)?,
            },
        };
        refuse_broken(&overlay, &chart)?;
        // A registry in the keys of the chart is a choice of images, too.
        if options.intent.images.is_none() && names_a_registry(&overlay, &chart) {
            options.intent.images = Some(Images::Chart);
        }
        let password = password(&options.intent)?;
        let plan = plan::resolve(&options, password.as_deref(), &chart)
            .map_err(|refusal| anyhow::anyhow!(describe_refusal(&refusal, &options)))?;
        let overlaid_password = overlaid_password(&overlay, &chart, plan.topology);
        let password_key = chart.places(Setting::PasswordKey, plan.topology).iter().map(|place| place.path).collect();
        let version = chart.version().to_string();
        Ok(ResolvedOptions {
            version,
            password_key,
            options,
            chart,
            plan,
            overlay,
            numbers,
            overlaid_password,
            tree: OnceCell::new(),
            frozen: OnceCell::new(),
        })
    }

    /// Reads the password of the flags, and takes it away from the options of the values: it logs in.
    ///
    /// # Errors
    ///
    /// If the password cannot be read, or if several flags set it.
    pub fn take_password(&mut self) -> anyhow::Result<Option<String>> {
        let Intent { password_file, password_env, password_stdin, .. } = &self.intent;
        let is_stdin = *password_stdin == Some(true);
        if usize::from(password_file.is_some()) + usize::from(password_env.is_some()) + usize::from(is_stdin) > 1 {
            bail!("found several of `--password-file`, `--password-env` and `--password-stdin`: expected one of them");
        }
        if is_stdin && self.overlays.read_standard_input() {
            bail!("`--values -` and `--password-stdin` both read standard input. Use a file for one of them");
        }
        let password = password(&self.intent)?;
        for field in [Field::PasswordFile, Field::PasswordEnv, Field::PasswordStdin] {
            self.intent.forget(field);
        }
        Ok(password)
    }

    /// Whether a flag reads a values file or the password from standard input.
    pub fn read_standard_input(&self) -> bool {
        self.overlays.read_standard_input() || self.intent.password_stdin == Some(true)
    }

    /// Whether an option changes the values, and not only the release and the chart version.
    pub fn ask_for_values(&self) -> bool {
        self.decide_values() || self.has_overlays()
    }

    /// Whether all options are overlays, apart from the release and the chart version.
    pub fn are_overlays_only(&self) -> bool {
        !self.decide_values() && self.has_overlays()
    }

    /// Whether a profile or an option, apart from the overlays, changes the values.
    fn decide_values(&self) -> bool {
        let Self { profiles, intent, short, overlays: _, strict: _ } = self;
        let place = [Field::ChartVersion, Field::Release, Field::Namespace];
        let sets_fields = short
            .spelled_out(Intent::default(), &LayeredIntent::default())
            .is_ok_and(|short| !short.set_fields().is_empty());
        !profiles.profiles.is_empty()
            || intent.set_fields().iter().any(|field| !place.contains(field))
            || sets_fields
            || short.no_sentinel
    }

    fn has_overlays(&self) -> bool {
        let Overlays { files, set, set_string } = &self.overlays;
        !(files.is_empty() && set.is_empty() && set_string.is_empty())
    }

    /// The values files that override the result.
    pub fn values_files(&self) -> &[PathBuf] {
        &self.overlays.files
    }

    /// The chart version of the flags.
    pub fn chart_version(&self) -> Option<&str> {
        self.intent.chart_version.as_deref()
    }

    /// Replaces the chart version of the flags.
    pub fn take_chart_version(&mut self, version: String) {
        self.intent.chart_version = Some(version);
    }

    /// The namespace of the flags.
    pub fn namespace(&self) -> Option<&str> {
        self.intent.namespace.as_deref()
    }

    /// The release of the flags.
    pub fn release(&self) -> Option<&str> {
        self.intent.release.as_deref()
    }

    /// The first `--set` or `--set-string` with a secret, redacted.
    pub fn secret(&self) -> Option<String> {
        self.overlays.secret()
    }

    /// The arguments of a `redisgen values` with the same options.
    ///
    /// # Errors
    ///
    /// Short forms that contradict their long flags.
    pub fn words(&self) -> anyhow::Result<Vec<String>> {
        let Self { profiles, intent, short, overlays, strict } = self;
        let mut words = vec!["redisgen".to_owned(), "values".to_owned()];
        let mut add = |flag: &str, value: &str| words.extend([flag.to_owned(), value.to_owned()]);
        for folder in &profiles.folders.profile_dirs {
            add("--profile-dir", &folder.to_string_lossy());
        }
        for profile in &profiles.profiles {
            add("--profile", profile);
        }
        for file in &overlays.files {
            add("--values", &file.to_string_lossy());
        }
        for text in &overlays.set {
            add("--set", text);
        }
        for text in &overlays.set_string {
            add("--set-string", text);
        }
        let intent = short.spelled_out(intent.clone(), &LayeredIntent::default())?;
        let fields = fields(&intent);
        for field in intent.set_fields().into_iter().filter(|field| !(*field == Field::Topology && short.no_sentinel)) {
            for value in flag_values(field, &fields) {
                match value.as_str() {
                    "true" => words.push(flag(field)),
                    "false" => words.push(flag(field).replacen("--", "--no-", 1)),
                    value if value.starts_with('-') || value.is_empty() => {
                        words.push(format!("{}={value}", flag(field)))
                    }
                    value => words.extend([flag(field), value.to_owned()]),
                }
            }
        }
        words.extend(short.no_sentinel.then(|| "--no-sentinel".to_owned()));
        words.extend(strict.then(|| "--strict".to_owned()));
        Ok(words)
    }
}

fn names_a_registry(overlay: &Map, chart: &Chart) -> bool {
    let places = chart.places(Setting::Registry, Topology::Standalone);
    places.iter().any(|place| chart::condition::is_truthy(overlay.get_at_text(place.path)))
}

/// Refuses keys that this chart version renders as an error text.
fn refuse_broken(overlay: &Map, chart: &Chart) -> anyhow::Result<()> {
    let broken =
        Topology::ALL.into_iter().flat_map(|topology| chart.places(Setting::BrokenAddressAnnotation, topology));
    for key in broken.map(|place| place.path) {
        if chart::condition::is_truthy(overlay.get_at_text(key)) {
            bail!(
                "`{key}` does not work in chart {}: the Services get an error text as an annotation, and no address. \
                 Set only the addresses, with `--pod-address`",
                chart.version()
            );
        }
    }
    Ok(())
}

/// The arguments of a command with the full chart version: they mean the same chart when redisgen knows more versions.
pub fn pinned(mut words: Vec<String>, version: &str) -> Vec<String> {
    const FLAG: &str = "--chart-version";
    let whole = format!("{FLAG}=");
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    match words[..end].iter().rposition(|word| word == FLAG || word.starts_with(&whole)) {
        Some(at) if words[at] == FLAG && at + 1 < end => version.clone_into(&mut words[at + 1]),
        Some(at) => words[at] = format!("{whole}{version}"),
        None => drop(words.splice(end..end, [FLAG.to_owned(), version.to_owned()])),
    }
    words
}

impl Shorthands {
    /// The flags in full.
    fn spelled_out(&self, mut intent: Intent, below: &LayeredIntent) -> anyhow::Result<Intent> {
        let Self { internal_lb, public_lb, node_port, cluster_only, sentinel, no_sentinel } = *self;
        let access = [
            (internal_lb, Access::InternalLb, "--internal-lb"),
            (public_lb, Access::PublicLb, "--public-lb"),
            (node_port, Access::NodePort, "--node-port"),
            (cluster_only, Access::Cluster, "--cluster-only"),
        ];
        if let Some((_, access, flag)) = access.into_iter().find(|(flag_values, ..)| *flag_values) {
            if intent.access.is_some_and(|flag_values| flag_values != access) {
                bail!("`--access` and `{flag}` contradict each other. Use one of them");
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
    fn read_standard_input(&self) -> bool {
        self.files.iter().any(|file| files::is_standard(file))
    }

    fn read(&self) -> anyhow::Result<Overlay> {
        if self.files.iter().filter(|file| files::is_standard(file)).count() > 1 {
            bail!("`--values {STANDARD}` is given twice: standard input is readable only once");
        }
        let mut overlay = Map::new();
        for file in &self.files {
            let text = files::read_text(file)?;
            if let Some(Encrypted { tool, .. }) = encryption::find(&text) {
                bail!(
                    "{}: the values are encrypted by {tool}. Decrypt the file, and pass the clear text as `--values \
                     {STANDARD}` or as a file",
                    files::display_name(file)
                );
            }
            let document = yaml::Document::parse(&text).with_context(|| files::display_name(file))?;
            if document.documents().len() > 1 {
                bail!(
                    "{}: found {} documents, and Helm 3 reads only the first: expected one document",
                    files::display_name(file),
                    document.documents().len()
                );
            }
            let values = document.values(yaml::Helm::Four).with_context(|| files::display_name(file))?;
            yaml::merge::merge_into(&mut overlay, values);
        }
        let shown = self.shown();
        let mut numbers = Vec::new();
        let (of_set, of_set_string) = shown.split_at(self.set.len());
        yaml::set::set_all_into(self.set.iter().map(String::as_str), &mut overlay, false)
            .map_err(|(at, error)| refused("--set", &self.set[at], &of_set[at], &error))?;
        for text in &self.set {
            let mut alone = Map::new();
            // An assignment that Helm accepts among others is also valid alone.
            if yaml::set::set_into(text, &mut alone).is_ok() {
                whole_numbers(&Value::Map(alone), &yaml::Path::root(), &mut numbers);
            }
        }
        yaml::set::set_all_into(self.set_string.iter().map(String::as_str), &mut overlay, true)
            .map_err(|(at, error)| refused("--set-string", &self.set_string[at], &of_set_string[at], &error))?;
        Ok(Overlay { values: overlay, numbers })
    }

    /// The texts of `--set` and then those of `--set-string`, without their secrets.
    fn shown(&self) -> Vec<Cow<'_, str>> {
        let texts: Vec<&str> = self.set.iter().chain(&self.set_string).map(String::as_str).collect();
        redact::assignments(&texts)
    }

    /// The first assignment with a secret, redacted.
    fn secret(&self) -> Option<String> {
        let flags = self.set.iter().map(|_| "--set").chain(self.set_string.iter().map(|_| "--set-string"));
        let shown = self.shown();
        let texts = self.set.iter().chain(&self.set_string);
        let mut hidden = flags.zip(texts.zip(shown)).filter(|(_, (text, shown))| *text != shown);
        hidden.next().map(|(flag, (_, shown))| format!("{flag} {shown}"))
    }
}

/// The values of `-f`, `--set` and `--set-string`.
struct Overlay {
    values: Map,
    /// paths that `--set` sets to a whole number
    numbers: Vec<yaml::Path>,
}

fn whole_numbers(value: &Value, at: &yaml::Path, found: &mut Vec<yaml::Path>) {
    match value {
        Value::Int(_) => found.push(at.clone()),
        Value::Map(map) => map.iter().for_each(|(key, value)| whole_numbers(value, &at.key(key), found)),
        Value::List(items) => {
            items.iter().enumerate().for_each(|(index, value)| whole_numbers(value, &at.index(index), found));
        }
        _ => {}
    }
}

/// Why Helm cannot read the text of a flag. The reason quotes the text, and is left out for a secret.
fn refused(flag: &str, text: &str, shown: &str, error: &yaml::set::Error) -> anyhow::Error {
    if text == shown {
        return anyhow::anyhow!("`{flag} {text}`: {error}");
    }
    anyhow::anyhow!(
        "`{flag} {shown}`: Helm cannot read the value: expected closed brackets, and a `\\` in front of each comma in \
         a value"
    )
}

/// The password of the options, if any, without a line feed at the end.
fn password(intent: &Intent) -> anyhow::Result<Option<String>> {
    let Intent { password_file, password_env, password_stdin, .. } = intent;
    let text = match (password_file, password_env, *password_stdin == Some(true)) {
        (Some(file), None, false) => files::read_text(Path::new(file)).context("the password")?,
        (None, Some(name), false) => variable(name)?,
        (None, None, true) => files::read_text(Path::new(STANDARD)).context("the password")?,
        // None, or several, which the plan refuses.
        _ => return Ok(None),
    };
    let text = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if text.contains(['\n', '\r', '\0']) {
        bail!("the password has more than one line");
    }
    Ok(Some(text.to_owned()))
}

fn variable(name: &str) -> anyhow::Result<String> {
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || !name.chars().all(letter) || name.starts_with(|c: char| c.is_ascii_digit()) {
        // The value is not shown, because users give the password itself by mistake.
        bail!("`--password-env` takes the name of an environment variable: letters, digits and `_`");
    }
    match env::var(name) {
        Ok(text) => Ok(text),
        Err(env::VarError::NotPresent) => {
            bail!("the environment variable of `--password-env` is not set. Is it exported?")
        }
        Err(env::VarError::NotUnicode(_)) => {
            bail!("the password in the environment variable `{name}` is not valid UTF-8")
        }
    }
}

/// A refusal, with the options as the user gave them.
fn describe_refusal(refusal: &Refusal, options: &LayeredIntent) -> String {
    let names: Vec<_> = refusal.options.iter().map(|option| option_as_given(*option, options)).collect();
    let why = in_flags(&refusal.reason);
    if names.is_empty() { why } else { format!("{}: {why}", names.join(" and ")) }
}

/// Replaces the option names in backticks by flags: `access: cluster` becomes `--access cluster`.
fn in_flags(text: &str) -> String {
    let describe_refusal = |(at, part): (usize, &str)| {
        let (name, value) = part.split_once(": ").map_or((part, None), |(name, value)| (name, Some(value)));
        let is_field = |field: &&Field| field.is_named(name) || field.has_long(name);
        let field = Field::ALL.iter().filter(|_| at % 2 == 1).find(is_field);
        match (field, value) {
            (Some(field), Some(value)) => format!("{} {value}", flag(*field)),
            (Some(field), None) => flag(*field),
            (None, _) => part.to_owned(),
        }
    };
    text.split('`').enumerate().map(describe_refusal).collect::<Vec<_>>().join("`")
}

/// An option as the user gave it: the flag, or the field of the profile.
pub fn option_as_given(field: Field, options: &LayeredIntent) -> String {
    let values = flag_values(field, &fields(&options.intent));
    let value = (!values.is_empty()).then(|| values.join(","));
    match (options.origins.get(&field), value) {
        (Some(Origin::Profile(profile)), Some(value)) => {
            format!("`{field}: {value}` of profile `{profile}`")
        }
        (_, Some(value)) if value.is_empty() => format!("`{} ''`", flag(field)),
        (_, Some(value)) if value == "true" => format!("`{}`", flag(field)),
        (_, Some(value)) if value == "false" => format!("`{}`", flag(field).replacen("--", "--no-", 1)),
        (_, Some(value)) => format!("`{} {value}`", flag(field)),
        (_, None) => format!("`{}`", flag(field)),
    }
}

/// The long flags that work without a value, found once because clap is slow to build the command.
static SWITCHES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let command = Intent::augment_args(clap::Command::new("wishes"));
    let switches = command.get_arguments().filter(|arg| arg.get_num_args().is_some_and(|args| args.min_values() == 0));
    switches.filter_map(|arg| arg.get_long().map(str::to_owned)).collect()
});

/// The flag of an option.
pub fn flag(field: Field) -> String {
    format!("--{}", field.long())
}

/// The flag of an option as the user gave it: `--no-metrics` for a switch that is off.
pub fn flag_as_given(field: Field, options: &LayeredIntent) -> String {
    let flag = flag(field);
    let is_off = || flag_values(field, &fields(&options.intent)) == ["false"];
    if is_switch(&flag[2..]) && is_off() { flag.replacen("--", "--no-", 1) } else { flag }
}

/// The long flags of all options, without their hyphens.
pub fn flags() -> impl Iterator<Item = String> {
    Field::ALL.iter().map(|field| field.long())
}

/// The options that are set, with the names of profile fields.
fn fields(intent: &Intent) -> serde_json::Value {
    serde_json::to_value(intent).unwrap_or_default()
}

/// The value of an option on the command line: one text, or one for each item of a list.
fn flag_values(field: Field, fields: &serde_json::Value) -> Vec<String> {
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match fields.get(field.to_string()) {
        None | Some(serde_json::Value::Null) => Vec::new(),
        Some(serde_json::Value::Array(values)) => values.iter().map(text).collect(),
        Some(value) => vec![text(value)],
    }
}

/// The long flags of all switches.
pub fn switches() -> impl Iterator<Item = &'static str> {
    SWITCHES.iter().map(String::as_str)
}

fn is_switch(long: &str) -> bool {
    switches().any(|switch| switch == long)
}

/// Turns `--no-X` into `--X=false` for every switch `--X`.
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

/// Adds the opposite of every switch to its help.
pub fn tell_opposites(command: clap::Command) -> clap::Command {
    command.mut_subcommands(|sub| {
        sub.mut_args(|arg| {
            let Some(long) = arg.get_long().filter(|long| is_switch(long)) else { return arg };
            let help = format!(
                "{} (`--no-{long}` for the opposite)",
                arg.get_help().map(ToString::to_string).unwrap_or_default()
            );
            arg.help(help).hide_default_value(true)
        })
    })
}
