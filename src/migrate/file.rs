//! Migrates all values of a file, one place after the other.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{
    AllValues, ChangedDefault, Incompatibility, KeptDefaults, Migrated, PinnedDefault, Plan, Target, TightLimit, bump,
    edited_text::EditedText, first_default, incompatibilities, keep, kept_sizes, migrate_by, operations, pin,
    tight_limits,
};
use crate::{
    chart::{Chart, Defect, KeyMappings, MissingObject, Topology, new_default},
    diff::{self, Change, ChangedBy, Diff, EffectiveInput, Mode},
    effective::EffectiveValues,
    lint::{Diagnostic, engine},
    shell::CommandLine,
    source::{Charts, ClaimSource, Delivery, File, FoundRelease, Origin, ValuesBlock, places},
    yaml::{
        Document, Error, Map, Path, Segment, Span, Value,
        merge::{self, Layers},
    },
};

/// The options of a migration.
#[derive(Debug, Clone, Copy)]
pub struct MigrateOptions<'a> {
    pub to: &'a Chart,
    /// Sets the old default of each key context default differs in the new chart.
    pub keep_behaviour: bool,
    /// Keeps settings without effect.
    pub keep_unused: bool,
    /// Sets the new chart version in manifests.
    pub bump: bool,
    /// The name and namespace of the release, instead of those in the file.
    pub release: Option<&'a str>,
    pub namespace: Option<&'a str>,
}

/// The files for the migrated values of a release.
#[derive(Debug, Clone, Default)]
pub struct Destination {
    /// The files as arguments of Helm's `--values`.
    pub files: Vec<String>,
    /// The command that writes the files. `None` if this run writes them.
    pub command: Option<CommandLine>,
}

/// A file with its migrated values.
#[derive(Debug, Clone)]
pub struct MigratedFile {
    pub text: String,
    /// One entry for each place with values.
    pub places: Vec<MigratedPlace>,
}

impl MigratedFile {
    /// Whether the new chart does not render with some of the values.
    pub fn has_incompatibilities(&self) -> bool {
        self.places.iter().any(|place| !place.incompatibilities.is_empty())
    }

    /// Whether a setting has no equivalent in the new text.
    pub fn has_losses(&self) -> bool {
        self.places.iter().any(|place| place.migrated.has_losses())
    }

    /// Whether some of the values were for a newer chart.
    pub fn is_downgrade(&self) -> bool {
        self.places.iter().any(|place| place.migrated.to.version() < place.migrated.from.version())
    }
}

/// The migrated values of one place, with their report.
#[derive(Debug, Clone)]
pub struct MigratedPlace {
    /// The path of the values in the file.
    pub at: Path,
    /// Whether the report has the parts about the release as a whole. Only the report of the last of several layers has
    /// these parts.
    pub has_release_report: bool,
    /// The origin of the old chart version, in few words.
    pub by: &'static str,
    pub migrated: Migrated,
    /// The reasons why the new chart does not render.
    pub incompatibilities: Vec<Incompatibility>,
    /// Resource limits of containers that are new or lower.
    pub limits: Vec<TightLimit>,
    /// Objects that other objects refer to, but that the new chart does not make.
    pub missing: Vec<MissingObject>,
    /// Defects of the new chart version that the new values meet, without those of the missing objects.
    pub defects: Vec<Defect>,
    /// Errors of `lint` in the new text that the old text did not have: Kubernetes or Redis refuses something that it
    /// accepted before.
    pub errors: Vec<Diagnostic>,
    /// Old defaults that the new text sets.
    pub pins: Vec<PinnedDefault>,
    /// Old defaults that the new chart does not support.
    pub not_kept: Vec<ChangedDefault>,
    /// The changes with an effect that the chart itself makes. Places with equal changes share them.
    pub compared: Arc<Diff>,
    /// The upgrade, the recovery and the rollback. Empty if another report of the release has the plan.
    pub plan: Plan,
}

/// KeepFailure a file cannot be migrated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// No known chart has the version of the values.
    #[error("{0}")]
    NoChart(String),
    /// The text does not allow a change.
    #[error("{0}")]
    Text(String),
    /// The text does not allow a change of the values at a line.
    #[error("{why}")]
    Values { line: usize, why: String },
}

/// Migrates all values of a file to another chart version.
///
/// # Errors
///
/// When no known chart has the version of the values, or the text does not allow a change.
pub fn migrate_file(
    file: &File,
    options: MigrateOptions,
    destination: &Destination,
    charts: &Charts,
) -> Result<MigratedFile, FileError> {
    migrate_places(
        file,
        options,
        ReleaseContext { destination, has_release_report: true, has_layers: false, mappings: &KeyMappings::default() },
        charts,
        &mut Map::new(),
    )
}

/// Migrates the layers of one release to another chart version. Each file overrides the files before it, and has values
/// in one place.
///
/// # Errors
///
/// The errors of [`migrate_file`], with the index of the file.
pub fn migrate_layers(
    files: &[File],
    options: MigrateOptions,
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
    let (mut new_values, mut done, mappings) = (Map::new(), Vec::new(), KeyMappings::default());
    for (at, file) in files.iter().enumerate() {
        let layer = file.releases[0].with_layers(Layers::of(&values, at), charts);
        let layer = layer.map_err(|why| (at, FileError::NoChart(why)))?;
        let file = File { releases: vec![layer], ..file.clone() };
        let has_release_report = at + 1 == files.len();
        let context = ReleaseContext { destination, has_release_report, has_layers: true, mappings: &mappings };
        done.push(migrate_places(&file, options, context, charts, &mut new_values).map_err(|why| (at, why))?);
    }
    Ok(done)
}

/// The release of the values in a file.
#[derive(Clone, Copy)]
struct ReleaseContext<'a> {
    destination: &'a Destination,
    /// Whether the report of these values has the parts about the release as a whole.
    has_release_report: bool,
    /// Whether other files have layers of the release.
    has_layers: bool,
    /// The mappings that the places share.
    mappings: &'a KeyMappings,
}

fn refuse(file: &File) -> Result<(), FileError> {
    file.refused.first().map_or(Ok(()), |why| Err(FileError::NoChart(why.clone())))
}

/// Migrates all values in a file. `new_values` are the values that the migration adds to the release: earlier places
/// have added some, and this file adds others.
fn migrate_places(
    file: &File,
    options: MigrateOptions,
    context: ReleaseContext,
    charts: &Charts,
    new_values: &mut Map,
) -> Result<MigratedFile, FileError> {
    refuse(file)?;
    let File { text, hints, document: whole, releases, .. } = file;
    let lost = || FileError::Text("the migrated values cannot be read again".to_owned());
    let again = |text: &str| places(text, hints).map_err(|_| lost());
    let blocks = match context.has_layers {
        // The blocks of a layer have the values of the other layers, too.
        true => again(text)?,
        false => releases.iter().map(|found| found.part.clone()).collect(),
    };
    let mut edited = EditedText::new(text.clone(), blocks, &again);
    if options.bump {
        bump::bump_manifests(&mut edited, options.to, charts)?;
    }
    let mut done: Vec<MigratedPlace> = Vec::new();
    let mut first_of: HashMap<Option<(usize, usize)>, Vec<usize>> = HashMap::new();
    for (at, found) in releases.iter().enumerate() {
        let range = found.part.inset.range().map(|range| (range.start, range.end));
        let with_same_range = first_of.entry(range).or_default();
        let is_same = |other: &&usize| is_same_block(&releases[**other].part, &found.part);
        if let Some(other) = with_same_range.iter().find(is_same).map(|other| &releases[*other]) {
            // Several releases share the values, which migrate once.
            let [one, other] = [other, found].map(|found| found.release.chart.version());
            if one != other {
                let why = format!("releases with chart {one} and with chart {other} share these values. Use `--from`");
                return Err(FileError::Text(why));
            }
            continue;
        }
        with_same_range.push(at);
        let block_at = |edited: &EditedText| {
            // The edits before may have removed some places.
            let blocks = edited.blocks();
            (at + blocks.len()).checked_sub(releases.len()).and_then(|at| blocks.get(at)).cloned()
        };
        let is_alone = |part: &ValuesBlock| part.origin.other_layers.is_empty() && edited.is_untouched(&part.inset);
        let part = match block_at(&edited).filter(is_alone) {
            Some(part) => part,
            None => {
                edited.read_again()?;
                block_at(&edited).ok_or_else(lost)?
            }
        };
        let part = &part;
        if at > 0 && !is_same_release(&releases[at - 1].part, &found.part) {
            *new_values = Map::new();
        }
        if found.part.has_expressions() {
            let (line, _) = whole.position(found.part.inset.outer(whole, Span::default()).start);
            let why =
                "found a template expression in the values: expected plain values. Render the file first".to_owned();
            return Err(FileError::Values { line, why });
        }
        let (inner, mut migrated) = migrate_place(found, part, new_values, options, context)?;
        share_changes(&mut migrated, &done);
        // A migration does more than rename values.
        if inner != *part.inset.text && !edited.put_back(&part.inset, &inner) {
            let (line, _) = whole.position(found.part.inset.outer(whole, Span::default()).start);
            let why = "found values in parameters, in quotes or between template expressions, which redisgen cannot migrate: \
                       expected a map, or a block of text (`|`). Move the values there".to_owned();
            return Err(FileError::Values { line, why });
        }
        for migration in &mut migrated.migrated.migrations {
            let node = found.part.document.find(&found.part.origin.at.join(&migration.path));
            migration.line = node.map(|node| found.part.line(whole, node));
        }
        for need in &migrated.migrated.required_switches {
            drop(new_values.insert_at(&need.path, Value::from(true)));
        }
        for pin in &migrated.pins {
            // A value above the path is set by the user and wins.
            drop(new_values.insert_at(&pin.path, pin.value.clone()));
        }
        done.push(migrated);
    }
    let after = edited.into_text();
    if done.len() > 1 {
        again(&after)?;
    }
    Ok(MigratedFile { text: after, places: done })
}

/// The most places before a place whose changes are compared with its own.
const RECENT: usize = 8;

/// Shares the changes of the chart with one of the places before, because a text can have many releases of one chart.
fn share_changes(place: &mut MigratedPlace, before: &[MigratedPlace]) {
    let is_same = |other: &&Arc<Diff>| {
        let is_same_side = |one: &EffectiveInput, other: &EffectiveInput| {
            one.topology == other.topology && one.chart.version() == other.chart.version()
        };
        let compared = &place.compared;
        is_same_side(&compared.old, &other.old)
            && is_same_side(&compared.new, &other.new)
            && compared.changes == other.changes
    };
    if let Some(same) = before.iter().rev().take(RECENT).map(|place| &place.compared).find(is_same) {
        place.compared = Arc::clone(same);
    }
}

/// Whether two parts are the same values of a text, for two releases.
fn is_same_block(one: &ValuesBlock, other: &ValuesBlock) -> bool {
    one.origin.at == other.origin.at && one.inset.range().is_some() && one.inset.range() == other.inset.range()
}

/// The effective values before the migration. If the version is known only by the keys, and the keys fit the new version,
/// the values are already for the new version.
fn effective_before(found: &FoundRelease, to: &Chart) -> EffectiveValues {
    match &found.claim.by {
        ClaimSource::Keys(era) if era.contains(to.version()) => found.release.for_chart(to),
        _ => found.release.clone(),
    }
}

/// Migrates one place. `part` is the place in the text after the edits before.
fn migrate_place(
    found: &FoundRelease,
    part: &ValuesBlock,
    new_values: &Map,
    options: MigrateOptions,
    context: ReleaseContext,
) -> Result<(String, MigratedPlace), FileError> {
    let MigrateOptions { to, .. } = options;
    let at = &part.origin.at;
    let before = effective_before(found, to);
    let old =
        EffectiveValues { at: at.clone(), ..before.with(part.values(), before.other_layers.clone(), &before.chart) };
    let from = &old.chart;
    let mapping = context.mappings.between(from, to, old.topology);
    let mut migrated = migrate_by(&mapping, &part.document, &old, to, options.keep_unused);
    let mut around = migrated.other_layers.clone();
    merge::merge_into(&mut around.under, new_values.clone());
    let new_side = |values: Map| old.with(values, around.clone(), to);
    let compare =
        |new: &EffectiveValues| diff::diff_with(&old, new, Mode { helm: old.helm, raw: false }, context.mappings);
    let cannot_read = |error: Error| FileError::Text(error.to_string());
    let mut text = migrated.text.clone();
    let mut document = migrated.take_document().map_err(cannot_read)?;
    let values_in = |document: &Document| document.values_at(&part.origin.at, part.origin.helm);
    let mut new = new_side(values_in(&document));
    let mut compared = compare(&new);
    let (mut pins, mut not_kept) = (Vec::new(), Vec::new());
    // Values that do not reach the chart need no default.
    let has_release_report = context.has_release_report && !part.origin.is_dropped;
    if options.keep_behaviour && !part.origin.is_dropped {
        let kept = keep_defaults(&compared, &new, from, &compare);
        (pins, not_kept) = (kept.pins, kept.not_kept);
        text = pin(&text, at, &pins, from)
            .map_err(|why| FileError::Text(format!("cannot set the old defaults: {why}")))?;
        document = Document::parse(&text).map_err(cannot_read)?;
        new = new_side(values_in(&document));
        compared = compare(&new);
    }
    let is_upgrade = from.version() != to.version() && has_release_report;
    let plan = if is_upgrade { plan(&old, &new, part, options, context.destination) } else { Plan::default() };
    let [old_side, new_side] = all_values(&compared);
    let missing = if is_upgrade { new.missing_objects() } else { Vec::new() };
    let is_named = |defect: &Defect| missing.iter().any(|object| defect.missing == Some(object.missing));
    let mut defects = if is_upgrade { new.defects() } else { Vec::new() };
    defects.retain(|defect| !is_named(defect));
    let errors = if is_upgrade { new_errors(part, from, &document, around, to) } else { Vec::new() };
    let limits = if has_release_report { tight_limits(old_side, new_side, &new) } else { Vec::new() };
    compared.forget_values();
    compared.changes.retain(|change| change.has_effect() && change.changed_by == ChangedBy::Chart);
    let place = MigratedPlace {
        at: at.clone(),
        by: found.claim.by.briefly(),
        has_release_report,
        plan,
        incompatibilities: incompatibilities(&new),
        migrated,
        limits,
        missing,
        defects,
        errors,
        pins,
        not_kept,
        compared: Arc::new(compared),
    };
    Ok((text, place))
}

/// The errors of `lint` in the new text, without errors of the same rule about the same old text. `around` are the other
/// layers of the new values.
fn new_errors(part: &ValuesBlock, from: &Chart, document: &Document, around: Layers, to: &Chart) -> Vec<Diagnostic> {
    let origin = Origin { other_layers: around, ..part.origin.clone() };
    let mut new = engine::errors_for_migration(document, origin, to);
    if new.is_empty() {
        return new;
    }
    let old = engine::errors_for_migration(&part.document, part.origin.clone(), from);
    let old: HashSet<_> = old.iter().map(|found| (found.rule, part.document.source(found.place()))).collect();
    new.retain(|found| !old.contains(&(found.rule, document.source(found.place()))));
    new
}

fn plan(
    old: &EffectiveValues,
    new: &EffectiveValues,
    part: &ValuesBlock,
    options: MigrateOptions,
    destination: &Destination,
) -> Plan {
    let origin = &part.origin;
    let Destination { files, command } = destination;
    let place = Target {
        release: options.release.or(origin.release.as_deref()).unwrap_or(RELEASE),
        namespace: options.namespace.or(origin.namespace.as_deref()).unwrap_or(NAMESPACE),
        files: &files.iter().map(String::as_str).collect::<Vec<_>>(),
        write: command.as_ref(),
        chart_name: &chart_name(part),
        has_release: origin.delivery != Delivery::ArgoCd,
        is_alone: !part.inset.is_part() && origin.at.is_root(),
    };
    operations(old, new, place)
}

/// The old defaults that can be set for the new chart. `compare` compares new effective values with the old ones.
fn keep_defaults(
    compared: &Diff,
    after: &EffectiveValues,
    from: &Chart,
    compare: &dyn Fn(&EffectiveValues) -> Diff,
) -> KeptDefaults {
    let kept = keep(after, changed_defaults(compared, from, &after.chart));
    let mut values = after.written.clone();
    for pin in &kept.pins {
        // A value above the path is set by the user and wins.
        drop(values.insert_at(&pin.path, pin.value.clone()));
    }
    // A preset that is called as before and has other sizes.
    let with_pins = after.with(values, after.other_layers.clone(), &after.chart);
    let compared = compare(&with_pins);
    let [old, new] = all_values(&compared);
    let sizes = kept_sizes(old, new, &with_pins);
    match sizes.is_empty() {
        true => kept,
        false => keep(after, kept.pins.into_iter().chain(sizes).collect()),
    }
}

/// Whether two consecutive places have values of the same release.
fn is_same_release(one: &ValuesBlock, next: &ValuesBlock) -> bool {
    let identity = |part: &ValuesBlock| (part.origin.release.clone(), part.origin.namespace.clone());
    !next.origin.other_layers.is_empty() && identity(one) == identity(next)
}

/// Default names of a release and its namespace, as for the other commands.
const RELEASE: &str = "redis";
const NAMESPACE: &str = "default";

/// The name of the chart: in values of a parent chart, the key of the dependency.
fn chart_name(part: &ValuesBlock) -> String {
    match part.origin.within.last() {
        Some(Segment::Key(key)) => key.clone(),
        _ => "redis".to_owned(),
    }
}

fn all_values(compared: &Diff) -> [AllValues<'_>; 2] {
    [&compared.old, &compared.new].map(|side| AllValues { chart: &side.chart, values: &side.values })
}

/// The defaults that keep the behaviour of the older chart. Defaults of images change with the chart.
fn changed_defaults(compared: &Diff, from: &Chart, to: &Chart) -> Vec<PinnedDefault> {
    let images = to.images();
    let is_image = |path: &Path| {
        let text = path.to_string();
        images.iter().any(|image| text.strip_prefix(&image.path).is_some_and(|rest| rest.starts_with('.')))
    };
    let of_chart =
        compared.with_effect().filter(|change| change.changed_by == ChangedBy::Chart && !is_image(&change.new.path));
    of_chart.filter_map(|change| changed_default(change, compared.new.topology, from, to)).collect()
}

fn changed_default(change: &Change, topology: Topology, from: &Chart, to: &Chart) -> Option<PinnedDefault> {
    let path = change.new.path.clone();
    // A removed key cannot be set.
    let now = change.new.value.as_ref()?;
    let first = || Some((path.clone(), first_default(&path.to_string(), from, to)?));
    let (path, value) = match &change.old.value {
        Some(old) => (path, old.clone()),
        None => first().or_else(|| new_default(&path, now, topology, from.version())?.before)?,
    };
    let value = to.convert(&path.to_string(), value);
    Some(PinnedDefault { path, value })
}
