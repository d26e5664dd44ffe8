//! Values carried from one chart version to another: with their meaning, their comments, and no byte changed that need
//! not be.
//!
//! Each leaf of the source has one [`Migration`]: it stays, it goes under other keys, it is dropped because it does nothing,
//! or its meaning cannot be carried. The text is changed by [`crate::yaml::edit`], read back, and held against what the
//! fates say. It knows no default that changes under the values: whoever compares the two sides in effect sees them.

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
pub use bump::{Bumped, bump_dependencies};
pub use file::{Destination, FileError, MigratedFile, MigratedPlace, Wanted, migrate_file, migrate_layers};
pub use incompatibilities::{Incompatibility, RequiredSwitch, breaks};
pub use keep::{ChangedDefault, KeptDefaults, Why, keep};
pub use limits::{AllValues, TightLimit, kept_sizes, limits};
pub use notes::note;
pub use outcome::{ChartChange, Dropped, Migration, Outcome, Unsupported};
pub use pinned_defaults::{PinnedDefault, first_default, pin};
pub use runbook::{Plan, RunbookStep, Target, operations};

/// Values in a text, for the chart that they come from.
#[derive(Debug, Clone, Copy)]
struct Source<'a> {
    document: &'a Document,
    release: &'a EffectiveValues,
}

/// A text that was carried.
#[derive(Debug, Clone)]
pub struct Migrated {
    pub text: String,
    /// One for each setting of the source, in its order.
    pub fates: Vec<Migration>,
    /// Blocks that are out because nothing is left in them but comments, which went with them.
    pub emptied: Vec<Path>,
    /// Switches that are on now, since the newer chart would not render without.
    pub needs: Vec<RequiredSwitch>,
    /// What other values of the same release say once they are carried too.
    pub around: Layers,
    pub from: Chart,
    pub to: Chart,
    pub topology: Topology,
}

impl Migrated {
    /// Whether some meaning could not be carried.
    pub fn loses(&self) -> bool {
        self.fates.iter().any(|fate| matches!(fate.outcome, Outcome::Unsupported(_) | Outcome::Refused(_)))
    }
}

/// Carries values to another chart version. With `keep_idle`, what does nothing there is carried too.
pub fn migrate(document: &Document, release: &EffectiveValues, to: &Chart, keep_idle: bool) -> Migrated {
    let source = Source { document, release };
    let (from, topology) = (&release.chart, release.topology);
    let way = KeyMapping::between(from, to, topology);
    let around = outcome::carried_around(release, &way, to);
    let mut fates = outcome::fates(release, &way, to, &around, keep_idle);
    for fate in &mut fates {
        let found = source.document.find(&source.release.at.join(&fate.path));
        fate.line = found.map(|found| source.document.node(found.key.unwrap_or(found.value)).span.line);
    }
    let mut migrated = Migrated {
        text: source.document.text().to_owned(),
        fates,
        emptied: Vec::new(),
        needs: Vec::new(),
        around,
        from: from.clone(),
        to: to.clone(),
        topology,
    };
    migrated.say_meant(&release.written);
    if migrated.make(&source) && !outcome::is_there(release, to) {
        migrated.say_needs(&source);
    }
    migrated
}

impl Migrated {
    /// Changes the text as the fates say; what it does not allow stays where it is, and is told. False where
    /// that is all of it.
    fn make(&mut self, source: &Source) -> bool {
        if self.from.version() == self.to.version() {
            return true;
        }
        let whole = edits::edits(source, &self.fates, edits::Granularity::Blocks);
        if whole.is_empty() {
            self.text = update_version_comments(&self.text, &self.from, &self.to);
            return true;
        }
        if self.make_at_once(source, &whole) {
            return true;
        }
        if self.let_stand(source)
            && self.make_at_once(source, &edits::edits(source, &self.fates, edits::Granularity::Blocks))
        {
            return true;
        }
        // Something does not go as a block: key by key the others are carried, and the guilty ones are named.
        let mut refused: Vec<(Path, String)> = Vec::new();
        for edits in edits::each(source, &self.fates) {
            match edit::apply(&self.text, &edits.edits) {
                Ok(text) => self.text = text,
                Err(why) => refused.push((edits.path, why.to_string())),
            }
        }
        self.finish(source);
        let could_stand = self.could_stand(source);
        for (at, fate) in self.fates.iter_mut().enumerate() {
            if let Some((_, why)) = refused.iter().find(|(path, _)| *path == fate.path) {
                let stands = could_stand.iter().find(|(could, _)| *could == at);
                fate.outcome = match stands {
                    Some((_, dropped)) => Outcome::KeptForAnchor(dropped.clone()),
                    None => Outcome::Refused(why.clone()),
                };
            }
        }
        let says = self.says(&self.text, source);
        if !says {
            self.text = source.document.text().to_owned();
            self.emptied.clear();
            let changed = |fate: &&mut Migration| !matches!(fate.outcome, Outcome::Unchanged | Outcome::Refused(_));
            let changed = self.fates.iter_mut().filter(changed);
            changed.for_each(|fate| fate.outcome = Outcome::Refused(SAID_ELSEWHERE.to_owned()));
        }
        says
    }

    /// Makes all edits, or none where that does not lead to what the fates say.
    fn make_at_once(&mut self, source: &Source, edits: &[Edit]) -> bool {
        match edit::apply(&self.text, edits) {
            Ok(text) if self.says(&text, source) => self.text = text,
            _ => return false,
        }
        self.finish(source);
        true
    }

    /// Takes out blocks that have become empty, and lets comments tell the new version.
    fn finish(&mut self, source: &Source) {
        let wanted = self.values();
        let nothing = Value::Map(Map::new());
        let is_left =
            |path: &Path| wanted.get_at(path).is_none() && source.release.written.get_at(path) != Some(&nothing);
        // A block in which only this one stood is left then.
        let mut last = String::new();
        while last != self.text {
            last.clone_from(&self.text);
            for block in settings::empty(&values_at(&last, source)).into_iter().filter(is_left) {
                let delete = Edit::Delete { path: source.release.at.join(&block), prune: true };
                if let Ok(text) = edit::apply(&self.text, &[delete]) {
                    self.text = text;
                    self.emptied.retain(|path| !path.starts_with(&block));
                    self.emptied.push(block);
                }
            }
        }
        self.text = update_version_comments(&self.text, &self.from, &self.to);
    }

    /// Names the key that was probably meant by each that no chart has.
    fn say_meant(&mut self, written: &Map) {
        let Self { fates, from, to, topology, .. } = self;
        let is_stranger =
            |fate: &&mut Migration| fate.outcome == Outcome::Dropped(Dropped::NoEffect(NoEffect::UnknownKey));
        let spellings = LazyCell::new(|| [Spelling::of(from), Spelling::of(to)]);
        for fate in fates.iter_mut().filter(is_stranger) {
            fate.meant = spellings.iter().find_map(|spelling| spelling.meant_below(&fate.path, written, *topology));
        }
    }

    /// Turns on what the newer chart wants before it renders.
    fn say_needs(&mut self, source: &Source) {
        let after = source.release.with(self.values(), self.around.clone(), &self.to);
        for need in incompatibilities::needs(source.release, &after) {
            if let Some(text) = incompatibilities::said(&self.text, &source.release.at, &need, &self.to) {
                self.text = text;
                self.needs.push(need);
            }
        }
    }

    /// Whether a text says what the fates say.
    fn says(&self, text: &str, source: &Source) -> bool {
        let wanted = self.values();
        let is_said = |fate: &Migration| match &fate.outcome {
            // A map in which nothing is said may get something.
            Outcome::Moved { value: Value::Map(map), .. } if map.is_empty() => true,
            Outcome::Moved { to, value, .. } => to.iter().all(|at| wanted.get_at(at) == Some(value)),
            _ => true,
        };
        // What was refused may stand in the way of what went.
        let all_said = self.fates.iter().all(is_said);
        all_said && Document::parse(text).is_ok() && settings::same(&values_at(text, source), &wanted)
    }

    /// The values after the way, as the fates say them.
    pub fn values(&self) -> Map {
        let mut values = outcome::values(&self.fates);
        for need in &self.needs {
            drop(values.insert_at(&need.path, Value::from(true)));
        }
        values
    }
}

/// Why nothing of a text is changed: one document of it says what another one says, or one key what another one does.
const SAID_ELSEWHERE: &str = "the result would differ, because the file has a key several times";

/// The values at the place of those of the source; none where nothing stands there.
fn values_at(text: &str, source: &Source) -> Map {
    Document::parse(text)
        .map(|document| document.values_at(&source.release.at, source.release.helm))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
