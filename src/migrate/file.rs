//! All values of a file, migrated one place after the other.

use super::{
    AllValues, ChangedDefault, Incompatibility, KeptDefaults, Migrated, PinnedDefault, Plan, Target, TightLimit,
    breaks, bump, first_default, keep, kept_sizes, limits, migrate, operations, pin,
};
use crate::{
    chart::{Chart, MissingObject, Topology, new_default},
    diff::{self, Change, ChangedBy, Diff, Mode},
    effective::EffectiveValues,
    shell::CommandLine,
    source::{Charts, ClaimSource, Delivery, File, FoundRelease, ValuesBlock, places},
    yaml::{
        Document, Map, Path, Segment, Span, Value,
        merge::{self, Layers},
    },
};

/// What a migration is asked to do.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub to: &'a Chart,
    /// Sets the old defaults where the newer chart has others.
    pub keep_behaviour: bool,
    /// Keeps also what does nothing.
    pub keep_unused: bool,
    /// Sets the new chart version where a manifest names the old one.
    pub bump: bool,
    /// The release and its namespace, where the file does not name them.
    pub release: Option<&'a str>,
    pub namespace: Option<&'a str>,
}

/// Where the migrated values of a release will be.
#[derive(Debug, Clone, Default)]
pub struct Destination {
    /// As Helm is given them.
    pub files: Vec<String>,
    /// The command that writes them; none where this run does.
    pub command: Option<CommandLine>,
}

/// A file that was migrated.
#[derive(Debug, Clone)]
pub struct MigratedFile {
    pub text: String,
    /// One for each place of values.
    pub places: Vec<MigratedPlace>,
}

impl MigratedFile {
    /// Whether the newer chart does not render with some of the values.
    pub fn breaks(&self) -> bool {
        self.places.iter().any(|place| !place.breaks.is_empty())
    }

    /// Whether some meaning is lost.
    pub fn loses(&self) -> bool {
        self.places.iter().any(|place| place.migrated.loses())
    }

    /// Whether some of the values went to an older chart.
    pub fn is_downgrade(&self) -> bool {
        self.places.iter().any(|place| place.migrated.to.version() < place.migrated.from.version())
    }
}

/// What became of the values in one place.
#[derive(Debug, Clone)]
pub struct MigratedPlace {
    /// Where in the file the values are.
    pub at: Path,
    /// Whether it tells of the release as a whole: of values in several files, that of the last does.
    pub of_release: bool,
    /// Who named the version before, in few words.
    pub by: &'static str,
    pub migrated: Migrated,
    /// What keeps the newer chart from rendering.
    pub breaks: Vec<Incompatibility>,
    /// Limits of containers that are new or lower.
    pub limits: Vec<TightLimit>,
    /// What the objects name though the newer chart does not make it.
    pub missing: Vec<MissingObject>,
    /// Defaults that are set now.
    pub pins: Vec<PinnedDefault>,
    /// Defaults that should be set, and that the newer chart cannot keep.
    pub given_up: Vec<ChangedDefault>,
    /// What differs in effect between before and after.
    pub compared: Diff,
    /// The upgrade, what to do where it was refused, and the way back; empty where another report of the release has
    /// it.
    pub plan: Plan,
}

/// Why a file cannot be migrated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// There is no chart of the version that values are for.
    #[error("{0}")]
    NoChart(String),
    /// The text does not allow a change.
    #[error("{0}")]
    Text(String),
    /// The text does not allow a change of the values that begin in a line.
    #[error("{why}")]
    Values { line: usize, why: String },
}

/// Migrates all values of a file to another chart version.
///
/// # Errors
///
/// When there is no chart of a version that values are for, or the text does not allow a change.
pub fn migrate_file(
    file: &File,
    wanted: Wanted,
    destination: &Destination,
    charts: &Charts,
) -> Result<MigratedFile, FileError> {
    each(file, wanted, Whose { destination, is_told: true }, charts, &mut Map::new())
}

/// Migrates the files of one release, of which each counts more than those before it, to another chart version. Each
/// holds values in one place.
///
/// # Errors
///
/// As [`migrate_file`], with the position of the file.
pub fn migrate_layers(
    files: &[File],
    wanted: Wanted,
    destination: &Destination,
    charts: &Charts,
) -> Result<Vec<MigratedFile>, (usize, FileError)> {
    for (at, file) in files.iter().enumerate() {
        refuse(file).map_err(|why| (at, why))?;
        if file.releases.len() != 1 {
            let why =
                format!("found {} blocks of values: expected one block per file with `--layered`", file.releases.len());
            return Err((at, FileError::Text(why)));
        }
    }
    let values: Vec<Map> = files.iter().map(|file| file.releases[0].part.values()).collect();
    let (mut said, mut done) = (Map::new(), Vec::new());
    for (at, file) in files.iter().enumerate() {
        let layer = file.releases[0].beside(Layers::of(&values, at), charts);
        let layer = layer.map_err(|why| (at, FileError::NoChart(why)))?;
        let file = File { releases: vec![layer], ..file.clone() };
        let whose = Whose { destination, is_told: at + 1 == files.len() };
        done.push(each(&file, wanted, whose, charts, &mut said).map_err(|why| (at, why))?);
    }
    Ok(done)
}

/// Whose values a file has.
#[derive(Clone, Copy)]
struct Whose<'a> {
    destination: &'a Destination,
    /// Whether what is of the release as a whole is told with these values.
    is_told: bool,
}

fn refuse(file: &File) -> Result<(), FileError> {
    file.refused.first().map_or(Ok(()), |why| Err(FileError::NoChart(why.clone())))
}

/// Migrates all values in a file. `said` is what is set anew for the release, before and afterwards.
fn each(file: &File, wanted: Wanted, whose: Whose, charts: &Charts, said: &mut Map) -> Result<MigratedFile, FileError> {
    refuse(file)?;
    let File { text, known, document: whole, releases, .. } = file;
    let lost = || FileError::Text("the migrated values cannot be read again".to_owned());
    let again = |text: &str| places(text, known).map_err(|_| lost());
    let mut after = text.clone();
    if wanted.bump {
        after = bump::bump_manifests(&after, &again, wanted.to, charts)?;
    }
    let mut done: Vec<MigratedPlace> = Vec::new();
    for (at, found) in releases.iter().enumerate() {
        // What was migrated before has moved what is migrated now, or is not there any more.
        let now = again(&after)?;
        let part = (at + now.len()).checked_sub(releases.len()).and_then(|at| now.get(at));
        let Some(part) = part else { return Err(lost()) };
        if at > 0 && !is_same_release(&releases[at - 1].part, &found.part) {
            *said = Map::new();
        }
        let (inner, mut migrated) = one(found, part, said, wanted, whose)?;
        if inner != *part.inset.text {
            let Some(outer) = part.inset.put_back(&after, &inner) else {
                let (line, _) = whole.position(found.part.inset.outer(whole, Span::default()).start);
                let why = "found values in parameters or quotes: expected a map, or a block of text (`|`)".to_owned();
                return Err(FileError::Values { line, why });
            };
            after = outer;
        }
        for fate in &mut migrated.migrated.fates {
            let node = found.part.document.find(&found.part.origin.at.join(&fate.path));
            fate.line = node.map(|node| found.part.line(whole, node));
        }
        for need in &migrated.migrated.needs {
            drop(said.insert_at(&need.path, Value::from(true)));
        }
        for pin in &migrated.pins {
            // What stands in the way is said already.
            drop(said.insert_at(&pin.path, pin.value.clone()));
        }
        done.push(migrated);
    }
    Ok(MigratedFile { text: after, places: done })
}

/// The release as it is before: where only its keys tell the version, and they fit the version to go to, it is that one.
fn before(found: &FoundRelease, to: &Chart) -> EffectiveValues {
    match &found.told.by {
        ClaimSource::Keys(era) if era.contains(to.version()) => found.release.for_chart(to),
        _ => found.release.clone(),
    }
}

/// The text of one place, with the report. `part` is the place in the text as it is now.
fn one(
    found: &FoundRelease,
    part: &ValuesBlock,
    said: &Map,
    wanted: Wanted,
    whose: Whose,
) -> Result<(String, MigratedPlace), FileError> {
    let Wanted { to, .. } = wanted;
    let at = &part.origin.at;
    let before = before(found, to);
    let old = EffectiveValues { at: at.clone(), ..before.with(part.values(), before.around.clone(), &before.chart) };
    let from = &old.chart;
    let migrated = migrate(&part.document, &old, to, wanted.keep_unused);
    let mut around = migrated.around.clone();
    merge::merge_into(&mut around.under, said.clone());
    let new_side = |values: Map| old.with(values, around.clone(), to);
    let compare = |new: &EffectiveValues| diff::diff(&old, new, Mode { helm: old.helm, raw: false });
    let mut text = migrated.text.clone();
    let mut new = new_side(read_back(&text, part)?);
    let mut compared = compare(&new);
    let (mut pins, mut given_up) = (Vec::new(), Vec::new());
    // Values that reach no chart keep no default.
    let is_told = whose.is_told && !part.origin.is_dropped;
    if wanted.keep_behaviour && !part.origin.is_dropped {
        let kept = kept(&compared, &new, from, &compare);
        (pins, given_up) = (kept.pins, kept.given_up);
        text = pin(&text, at, &pins, from)
            .map_err(|why| FileError::Text(format!("cannot set the old defaults: {why}")))?;
        new = new_side(read_back(&text, part)?);
        compared = compare(&new);
    }
    let is_upgrade = from.version() != to.version() && is_told;
    let plan = if is_upgrade { plan(&old, &new, part, wanted, whose.destination) } else { Plan::default() };
    let [old_side, new_side] = taken(&compared);
    let place = MigratedPlace {
        at: at.clone(),
        by: found.told.by.briefly(),
        of_release: is_told,
        plan,
        breaks: breaks(&new),
        migrated,
        limits: if is_told { limits(old_side, new_side, &new) } else { Vec::new() },
        missing: if is_upgrade { new.dangling() } else { Vec::new() },
        pins,
        given_up,
        compared,
    };
    Ok((text, place))
}

fn plan(
    old: &EffectiveValues,
    new: &EffectiveValues,
    part: &ValuesBlock,
    wanted: Wanted,
    destination: &Destination,
) -> Plan {
    let origin = &part.origin;
    let Destination { files, command } = destination;
    let place = Target {
        release: wanted.release.or(origin.release.as_deref()).unwrap_or(RELEASE),
        namespace: wanted.namespace.or(origin.namespace.as_deref()).unwrap_or(NAMESPACE),
        files: &files.iter().map(String::as_str).collect::<Vec<_>>(),
        write: command.as_ref(),
        chart_name: &chart_name(part),
        has_release: origin.delivery != Delivery::ArgoCd,
        is_alone: !part.inset.is_part() && origin.at.is_root(),
    };
    operations(old, new, place)
}

/// The old defaults that can be set on the newer side; `compare` compares what would be there with what was.
fn kept(
    compared: &Diff,
    after: &EffectiveValues,
    from: &Chart,
    compare: &dyn Fn(&EffectiveValues) -> Diff,
) -> KeptDefaults {
    let kept = keep(after, wanted_pins(compared, from, &after.chart));
    let mut values = after.written.clone();
    for pin in &kept.pins {
        // What stands in the way is said already.
        drop(values.insert_at(&pin.path, pin.value.clone()));
    }
    // A preset that is called as before and has other sizes.
    let with_pins = after.with(values, after.around.clone(), &after.chart);
    let compared = compare(&with_pins);
    let [old, new] = taken(&compared);
    let sizes = kept_sizes(old, new, &with_pins);
    match sizes.is_empty() {
        true => kept,
        false => keep(after, kept.pins.into_iter().chain(sizes).collect()),
    }
}

/// Whether two places that follow each other hold values of one release.
fn is_same_release(one: &ValuesBlock, next: &ValuesBlock) -> bool {
    let told = |part: &ValuesBlock| (part.origin.release.clone(), part.origin.namespace.clone());
    !next.origin.around.is_empty() && told(one) == told(next)
}

/// What a release and its namespace are called where nobody says it, as elsewhere in redisgen.
const RELEASE: &str = "redis";
const NAMESPACE: &str = "default";

/// The values of a place in its new text.
fn read_back(text: &str, part: &ValuesBlock) -> Result<Map, FileError> {
    let document = Document::parse(text).map_err(|error| FileError::Text(error.to_string()))?;
    Ok(document.values_at(&part.origin.at, part.origin.helm))
}

/// What the chart is called where the values are: in those of a chart around by its key.
fn chart_name(part: &ValuesBlock) -> String {
    match part.origin.within.last() {
        Some(Segment::Key(key)) => key.clone(),
        _ => "redis".to_owned(),
    }
}

fn taken(compared: &Diff) -> [AllValues<'_>; 2] {
    [&compared.old, &compared.new].map(|side| AllValues { chart: &side.chart, values: &side.values })
}

/// What has to be said so that the newer chart does what the older did; images are left to the chart.
fn wanted_pins(compared: &Diff, from: &Chart, to: &Chart) -> Vec<PinnedDefault> {
    let images = to.images();
    let is_image = |path: &Path| {
        let text = path.to_string();
        images.iter().any(|image| text.strip_prefix(&image.path).is_some_and(|rest| rest.starts_with('.')))
    };
    let of_chart = compared.live().filter(|change| change.maker == ChangedBy::Chart && !is_image(&change.new.path));
    of_chart.filter_map(|change| wanted_pin(change, compared.new.topology, from, to)).collect()
}

fn wanted_pin(change: &Change, topology: Topology, from: &Chart, to: &Chart) -> Option<PinnedDefault> {
    let path = change.new.path.clone();
    // A key that is gone cannot be said.
    let now = change.new.value.as_ref()?;
    let first = || Some((path.clone(), first_default(&path.to_string(), from, to)?));
    let (path, value) = match &change.old.value {
        Some(old) => (path, old.clone()),
        None => first().or_else(|| new_default(&path, now, topology, from.version())?.before)?,
    };
    let value = to.said(&path.to_string(), value);
    Some(PinnedDefault { path, value })
}
