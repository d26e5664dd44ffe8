//! Migrates values from one chart version to another, with their meaning and their comments. All other bytes stay.
//!
//! Each setting of the source has one [`Migration`] with its outcome: unchanged, moved to other keys, dropped because the
//! setting has no effect, or not supported by the new chart. [`crate::yaml::edit`] changes the text. The new text is read
//! again and compared with the values that the migrations expect. Changed defaults of the chart are not known here: they
//! are found by a comparison of the effective values.

mod anchors;
mod bump;
mod edits;
mod file;
mod incompatibilities;
mod keep;
mod labels;
mod limits;
mod notes;
mod outcome;
mod pinned_defaults;
mod runbook;
mod settings;
mod templates;

use std::cell::LazyCell;

use crate::{
    chart::{Chart, KeyMapping, Spelling, Topology},
    effective::{EffectiveValues, NoEffect},
    source::update_version_comments,
    yaml::{
        Document, Map, Path, Value,
        edit::{self, Edit},
        merge::Layers,
    },
};
pub use bump::{Bumped, bump_dependencies, bump_release};
pub use file::{Destination, FileError, MigrateOptions, MigratedFile, MigratedPlace, migrate_file, migrate_layers};
pub use incompatibilities::{Incompatibility, RequiredSwitch, incompatibilities};
pub use keep::{ChangedDefault, KeepFailure, KeptDefaults, keep};
pub use limits::{AllValues, TightLimit, kept_sizes, tight_limits};
pub use notes::note;
pub use outcome::{ChartChange, Dropped, Migration, Outcome, Unsupported};
pub use pinned_defaults::{PinnedDefault, first_default, pin};
pub use runbook::{Plan, RunbookStep, Target, operations};

/// Values in a text, with their chart before the migration.
#[derive(Debug, Clone, Copy)]
struct Source<'a> {
    document: &'a Document,
    release: &'a EffectiveValues,
}

/// A migrated text, with the outcome of each setting.
#[derive(Debug, Clone)]
pub struct Migrated {
    pub text: String,
    /// One migration for each setting of the source, in the order of the text.
    pub migrations: Vec<Migration>,
    /// Blocks without settings after the migration: they are removed together with their comments.
    pub removed_blocks: Vec<Path>,
    /// Switches that the migration turns on, because the new chart does not render without them.
    pub required_switches: Vec<RequiredSwitch>,
    /// The other values of the same release, migrated too.
    pub other_layers: Layers,
    pub from: Chart,
    pub to: Chart,
    pub topology: Topology,
}

impl Migrated {
    /// Whether a setting of the source has no equivalent in the new text.
    pub fn has_losses(&self) -> bool {
        self.migrations
            .iter()
            .any(|migration| matches!(migration.outcome, Outcome::Unsupported(_) | Outcome::Refused(_)))
    }
}

/// Migrates values to another chart version. With `keep_unused`, settings without effect in the new chart stay.
pub fn migrate(document: &Document, release: &EffectiveValues, to: &Chart, keep_unused: bool) -> Migrated {
    let source = Source { document, release };
    let (from, topology) = (&release.chart, release.topology);
    let mapping = KeyMapping::between(from, to, topology);
    let other_layers = outcome::migrate_other_layers(release, &mapping, to);
    let mut migrations = outcome::decide_outcomes(release, &mapping, to, &other_layers, keep_unused);
    for migration in &mut migrations {
        let found = source.document.find(&source.release.at.join(&migration.path));
        migration.line = found.map(|found| source.document.node(found.key.unwrap_or(found.value)).span.line);
    }
    let mut migrated = Migrated {
        text: source.document.text().to_owned(),
        migrations,
        removed_blocks: Vec::new(),
        required_switches: Vec::new(),
        other_layers,
        from: from.clone(),
        to: to.clone(),
        topology,
    };
    migrated.suggest_keys(&release.written);
    if migrated.apply(&source) && !outcome::is_already_migrated(release, to) {
        migrated.turn_on_required_switches(&source);
    }
    migrated
}

impl Migrated {
    /// Changes the text by the migrations. A setting that the text does not allow to change stays, and its outcome
    /// becomes [`Outcome::Refused`]. False if the whole text stays.
    fn apply(&mut self, source: &Source) -> bool {
        if self.from.version() == self.to.version() {
            return true;
        }
        let whole = edits::edits(source, &self.migrations, edits::Granularity::Blocks);
        if whole.is_empty() {
            self.text = update_version_comments(&self.text, &self.from, &self.to);
            return true;
        }
        if self.apply_at_once(source, &whole) {
            return true;
        }
        if self.keep_for_anchors(source)
            && self.apply_at_once(source, &edits::edits(source, &self.migrations, edits::Granularity::Blocks))
        {
            return true;
        }
        // The text does not allow an edit of a whole block. Edits of single keys find the settings that must stay.
        let mut refused: Vec<(Path, String)> = Vec::new();
        for edits in edits::edits_by_setting(source, &self.migrations) {
            match edit::apply(&self.text, &edits.edits) {
                Ok(text) => self.text = text,
                Err(why) => refused.push((edits.path, why.to_string())),
            }
        }
        self.finish(source);
        let kept_for_anchors = self.droppable_with_anchor(source);
        for (at, migration) in self.migrations.iter_mut().enumerate() {
            if let Some((_, why)) = refused.iter().find(|(path, _)| *path == migration.path) {
                let kept = kept_for_anchors.iter().find(|(kept, _)| *kept == at);
                migration.outcome = match kept {
                    Some((_, dropped)) => Outcome::KeptForAnchor(dropped.clone()),
                    None => Outcome::Refused(why.clone()),
                };
            }
        }
        let is_expected = self.has_expected_values(&self.text, source);
        if !is_expected {
            self.text = source.document.text().to_owned();
            self.removed_blocks.clear();
            let changed =
                |migration: &&mut Migration| !matches!(migration.outcome, Outcome::Unchanged | Outcome::Refused(_));
            let changed = self.migrations.iter_mut().filter(changed);
            changed.for_each(|migration| migration.outcome = Outcome::Refused(DUPLICATE_KEYS.to_owned()));
        }
        is_expected
    }

    /// Makes all edits, or none if the result differs from the expected values.
    fn apply_at_once(&mut self, source: &Source, edits: &[Edit]) -> bool {
        match edit::apply(&self.text, edits) {
            Ok(text) if self.has_expected_values(&text, source) => self.text = text,
            _ => return false,
        }
        self.finish(source);
        true
    }

    /// Removes blocks that have become empty, and updates the chart version in comments.
    fn finish(&mut self, source: &Source) {
        let wanted = self.values();
        let nothing = Value::Map(Map::new());
        let is_left =
            |path: &Path| wanted.get_at(path).is_none() && source.release.written.get_at(path) != Some(&nothing);
        // After the removal of a block, the block around it can be empty too.
        let mut last = String::new();
        while last != self.text {
            last.clone_from(&self.text);
            for block in settings::empty_maps(&values_at(&last, source)).into_iter().filter(is_left) {
                let delete = Edit::Delete { path: source.release.at.join(&block), prune: true };
                if let Ok(text) = edit::apply(&self.text, &[delete]) {
                    self.text = text;
                    self.removed_blocks.retain(|path| !path.starts_with(&block));
                    self.removed_blocks.push(block);
                }
            }
        }
        self.text = update_version_comments(&self.text, &self.from, &self.to);
    }

    /// Suggests a key for each key that neither chart has.
    fn suggest_keys(&mut self, written: &Map) {
        let Self { migrations, from, to, topology, .. } = self;
        let is_unknown =
            |migration: &&mut Migration| migration.outcome == Outcome::Dropped(Dropped::NoEffect(NoEffect::UnknownKey));
        let spellings = LazyCell::new(|| [Spelling::of(from), Spelling::of(to)]);
        for migration in migrations.iter_mut().filter(is_unknown) {
            migration.suggestion =
                spellings.iter().find_map(|spelling| spelling.meant_below(&migration.path, written, *topology));
        }
    }

    /// Turns on the switches that the new chart requires to render.
    fn turn_on_required_switches(&mut self, source: &Source) {
        let after = source.release.with(self.values(), self.other_layers.clone(), &self.to);
        for need in incompatibilities::required_switches(source.release, &after) {
            if let Some(text) = incompatibilities::turn_on(&self.text, &source.release.at, &need, &self.to) {
                self.text = text;
                self.required_switches.push(need);
            }
        }
    }

    /// Whether a text has the values that the migrations expect.
    fn has_expected_values(&self, text: &str, source: &Source) -> bool {
        let wanted = self.values();
        let is_set = |migration: &Migration| match &migration.outcome {
            // Another setting can add keys to an empty map.
            Outcome::Moved { value: Value::Map(map), .. } if map.is_empty() => true,
            Outcome::Moved { to, value, .. } => to.iter().all(|at| wanted.get_at(at) == Some(value)),
            _ => true,
        };
        // A setting that stays can be at the new path of another setting.
        let all_set = self.migrations.iter().all(is_set);
        all_set && Document::parse(text).is_ok() && settings::are_equivalent(&values_at(text, source), &wanted)
    }

    /// The values that the migrations expect in the new text.
    pub fn values(&self) -> Map {
        let mut values = outcome::values(&self.migrations);
        for need in &self.required_switches {
            drop(values.insert_at(&need.path, Value::from(true)));
        }
        values
    }
}

/// KeepFailure a text stays unchanged: several documents or keys of the text set the same value.
const DUPLICATE_KEYS: &str = "the result would differ, because the file has a key several times";

/// The values of the release in a text. Empty if the text has none.
fn values_at(text: &str, source: &Source) -> Map {
    Document::parse(text)
        .map(|document| document.values_at(&source.release.at, source.release.helm))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
