//! Migrates values from one chart version to another, with their meaning and their comments. All other bytes stay.
//!
//! Each setting of the source has one [`Migration`] with its outcome: unchanged, moved to other keys, dropped because the
//! setting has no effect, or not supported by the new chart. [`crate::yaml::edit`] changes the text. The new text is read
//! again and compared with the values that the migrations expect. Changed defaults of the chart are not known here: they
//! are found by a comparison of the effective values.

mod anchors;
mod bump;
mod edited_text;
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
        Document, Error, Map, Path, Value,
        edit::{self, Edit, EditError},
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
    /// The text, if it was parsed already.
    document: Option<Document>,
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
    migrate_by(&KeyMapping::between(&release.chart, to, release.topology), document, release, to, keep_unused)
}

/// Migrates values by a mapping of their keys.
fn migrate_by(
    mapping: &KeyMapping,
    document: &Document,
    release: &EffectiveValues,
    to: &Chart,
    keep_unused: bool,
) -> Migrated {
    let source = Source { document, release };
    let (from, topology) = (&release.chart, release.topology);
    let other_layers = outcome::migrate_other_layers(release, mapping, to);
    let mut migrations = outcome::decide_outcomes(release, mapping, to, &other_layers, keep_unused);
    for migration in &mut migrations {
        let found = source.document.find(&source.release.at.join(&migration.path));
        migration.line = found.map(|found| source.document.node(found.key.unwrap_or(found.value)).span.line);
    }
    let mut migrated = Migrated {
        text: source.document.text().to_owned(),
        // Edits read a text as Helm does.
        document: (!document.has_core_scalars()).then(|| document.clone()),
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
    /// The migrated text as a document. `None` if Helm cannot parse it.
    fn document(&mut self) -> Option<&Document> {
        if self.document.is_none() {
            self.document = Document::parse(&self.text).ok();
        }
        self.document.as_ref()
    }

    /// The migrated text as a document, which a caller takes once.
    ///
    /// # Errors
    ///
    /// If Helm cannot parse the text.
    fn take_document(&mut self) -> Result<Document, Error> {
        self.document.take().map_or_else(|| Document::parse(&self.text), Ok)
    }

    fn set_document(&mut self, document: Document) {
        document.text().clone_into(&mut self.text);
        self.document = Some(document);
    }

    fn set_text(&mut self, text: String) {
        if text != self.text {
            self.text = text;
            self.document = None;
        }
    }

    /// Edits the text. The text stays after an error.
    fn edit(&mut self, edits: &[Edit]) -> Result<Document, EditError> {
        match self.document() {
            Some(document) => edit::apply_to(document, edits),
            None => {
                Err(Document::parse(&self.text).map_or_else(EditError::from, |_| EditError::NotFound(Path::root())))
            }
        }
    }

    /// Changes the text by the migrations. A setting that the text does not allow to change stays, and its outcome
    /// becomes [`Outcome::Refused`]. False if the whole text stays.
    fn apply(&mut self, source: &Source) -> bool {
        if self.from.version() == self.to.version() {
            return true;
        }
        let whole = edits::edits(source, &self.migrations, edits::Granularity::Blocks);
        if whole.is_empty() {
            self.update_version_comments();
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
        let edits: Vec<_> = edits::edits_by_setting(source, &self.migrations).collect();
        for edits in edits {
            match self.edit(&edits.edits) {
                Ok(document) => self.set_document(document),
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
        let wanted = self.values();
        let document = self.document();
        let is_read = document.is_some();
        let found = document.map(|document| values_in(document, source)).unwrap_or_default();
        let is_expected = is_read && self.has_all_values(&wanted) && settings::are_equivalent(&found, &wanted);
        if !is_expected {
            self.set_text(source.document.text().to_owned());
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
        let Ok(document) = self.edit(edits) else { return false };
        let wanted = self.values();
        if !self.has_all_values(&wanted) || !settings::are_equivalent(&values_in(&document, source), &wanted) {
            return false;
        }
        self.set_document(document);
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
        loop {
            let values = self.document().map(|document| values_in(document, source)).unwrap_or_default();
            let mut is_changed = false;
            for block in settings::empty_maps(&values).into_iter().filter(is_left) {
                let delete = Edit::Delete { path: source.release.at.join(&block), prune: true };
                if let Ok(document) = self.edit(&[delete]) {
                    is_changed = true;
                    self.set_document(document);
                    self.removed_blocks.retain(|path| !path.starts_with(&block));
                    self.removed_blocks.push(block);
                }
            }
            if !is_changed {
                break;
            }
        }
        self.update_version_comments();
    }

    fn update_version_comments(&mut self) {
        self.set_text(update_version_comments(&self.text, &self.from, &self.to));
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
            if let Ok(document) = self.edit(&[incompatibilities::turn_on(&source.release.at, &need, &self.to)]) {
                self.set_document(document);
                self.required_switches.push(need);
            }
        }
    }

    /// Whether the values that the migrations expect have each moved setting.
    fn has_all_values(&self, wanted: &Map) -> bool {
        // A setting that stays can be at the new path of another setting.
        self.migrations.iter().all(|migration| match &migration.outcome {
            // Another setting can add keys to an empty map.
            Outcome::Moved { value: Value::Map(map), .. } if map.is_empty() => true,
            Outcome::Moved { to, value, .. } => to.iter().all(|at| wanted.get_at(at) == Some(value)),
            _ => true,
        })
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

/// The values of the release in a document. Empty if it has none.
fn values_in(document: &Document, source: &Source) -> Map {
    document.values_at(&source.release.at, source.release.helm)
}

#[cfg(test)]
mod tests;
