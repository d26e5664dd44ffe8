//! What was rendered, remembered by all that it depends on; what was asked for and not yet rendered, noted down.

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use serde_json::Value as Json;

use super::{
    probe::Probe,
    settings::{At, Settings},
};

/// What Helm itself contributes to a rendering.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct World {
    /// The cluster is old.
    pub old: bool,
    /// A release is upgraded, not installed.
    pub upgrade: bool,
}

/// What one template makes of some values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// What tells its text from others.
    pub digest: String,
    /// The keys whose markers stand in it.
    pub(super) marked: BTreeSet<At>,
}

/// One template to be rendered.
#[derive(Debug, Clone)]
pub struct Unit {
    pub world: World,
    /// By its place among the templates of the chart.
    pub(super) file: usize,
    /// Tells units apart that are rendered with other settings.
    pub(super) variant: u64,
    pub(super) settings: Arc<Settings>,
    digest: u64,
    /// Whether markers are looked for in it.
    pub(super) is_marked: bool,
}

/// Templates, as bits.
pub(super) type Files = u128;

/// The most templates that [`Files`] can name.
pub(super) const MOST_FILES: usize = 128;

/// Something was asked for that must be rendered first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pending;

pub(super) type Asked<T> = Result<T, Pending>;

/// A rendering of some templates.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    made: Vec<(usize, Arc<Result<Made, String>>)>,
}

#[derive(Debug)]
pub(super) struct Memo {
    pub probes: Vec<Probe>,
    /// Which templates may look at a key.
    pub lookers: Vec<Files>,
    /// The notes, which are no manifest.
    pub notes: Files,
    /// All templates.
    pub all: Files,
    made: HashMap<(usize, World, u64), Arc<Result<Made, String>>>,
    wanted: RefCell<Wanted>,
}

#[derive(Debug, Default)]
struct Wanted {
    units: Vec<Unit>,
    known: HashSet<(usize, World, u64)>,
}

impl Memo {
    pub fn new(probes: Vec<Probe>, lookers: Vec<Files>, notes: Files, all: Files) -> Self {
        Self { probes, lookers, notes, all, made: HashMap::new(), wanted: RefCell::default() }
    }

    /// Renders the given templates.
    pub fn look(&self, world: World, settings: &Settings, files: Files) -> Asked<Outcome> {
        self.ask(world, settings, files, |key, file| self.lookers[usize::from(key)] & (1 << file) != 0)
    }

    /// The same, whatever is known of what the templates look at.
    pub fn look_whole(&self, world: World, settings: &Settings, files: Files) -> Asked<Outcome> {
        self.ask(world, settings, files, |_, _| true)
    }

    fn ask(
        &self,
        world: World,
        settings: &Settings,
        files: Files,
        looks: impl Fn(At, usize) -> bool,
    ) -> Asked<Outcome> {
        let mut made = Vec::new();
        let mut shared = None;
        let mut is_pending = false;
        // A value that is the chart's own already changes nothing.
        let counts = |key: At, value: &Json| {
            let default = &self.probes[usize::from(key)].default;
            default.is_null() || value != default
        };
        for file in bits(files) {
            let digest = settings.digest(|key, value| looks(key, file) && counts(key, value));
            let name = (file, world, digest);
            if let Some(found) = self.made.get(&name) {
                made.push((file, Arc::clone(found)));
                continue;
            }
            is_pending = true;
            let mut wanted = self.wanted.borrow_mut();
            if !wanted.known.insert(name) {
                continue;
            }
            let (variant, settings) = shared.get_or_insert_with(|| {
                let own = settings.filtered(|key| settings.get(key).is_some_and(|value| counts(key, value)));
                (own.digest(|_, _| true), Arc::new(own))
            });
            let probe = |key: At| &self.probes[usize::from(key)];
            let is_marked =
                settings.iter().any(|(key, value)| probe(key).is_marked() && probe(key).values.contains(value));
            let settings = Arc::clone(settings);
            wanted.units.push(Unit { world, file, variant: *variant, settings, digest, is_marked });
        }
        if is_pending { Err(Pending) } else { Ok(Outcome { made }) }
    }

    /// All that was asked for and is not rendered yet, those of one variant beside each other.
    pub fn take_wanted(&self) -> Vec<Unit> {
        let mut units = std::mem::take(&mut *self.wanted.borrow_mut()).units;
        units.sort_by_key(|unit| (unit.world, unit.variant, unit.file));
        units
    }

    pub fn keep(&mut self, units: &[Unit], made: Vec<Result<Made, String>>) {
        let named = units.iter().map(|unit| (unit.file, unit.world, unit.digest));
        self.made.extend(named.zip(made.into_iter().map(Arc::new)));
    }

    /// Notes that a template looks at a key after all.
    pub fn looked_at(&mut self, key: At) {
        self.lookers[usize::from(key)] = self.all;
    }

    pub fn probe(&self, key: At) -> &Probe {
        &self.probes[usize::from(key)]
    }

    /// Whether two keys have the same first step.
    pub fn are_of_one_block(&self, a: At, b: At) -> bool {
        self.probe(a).segments.first() == self.probe(b).segments.first()
    }

    pub fn keys(&self) -> impl Iterator<Item = At> + use<> {
        0..self.probes.len() as At
    }

    /// The manifests that may look at one of these keys.
    pub fn manifests(&self, keys: impl IntoIterator<Item = At>) -> Files {
        keys.into_iter().fold(0, |files, key| files | self.lookers[usize::from(key)]) & !self.notes
    }
}

impl Outcome {
    /// The first error.
    pub fn error(&self) -> Option<&str> {
        self.made.iter().find_map(|(_, made)| made.as_ref().as_ref().err().map(String::as_str))
    }

    pub fn is_ok(&self) -> bool {
        self.error().is_none()
    }

    /// Whether a template among these files fails.
    pub fn fails_in(&self, files: Files) -> bool {
        self.made.iter().any(|(file, made)| files & (1 << file) != 0 && made.is_err())
    }

    /// The keys whose markers stand in one of these files.
    pub fn marked(&self, files: Files) -> BTreeSet<At> {
        let made = self.made.iter().filter(|(file, _)| files & (1 << file) != 0);
        made.filter_map(|(_, made)| made.as_ref().as_ref().ok()).flat_map(|made| made.marked.iter().copied()).collect()
    }

    /// Whether one of these files differs in two renderings of the same files.
    pub fn differs(&self, other: &Self, files: Files) -> bool {
        self.made.iter().zip(&other.made).any(|((file, a), (_, b))| match (a.as_ref(), b.as_ref()) {
            (Ok(a), Ok(b)) => files & (1 << file) != 0 && a.digest != b.digest,
            _ => false,
        })
    }
}

/// The places of the bits that are set.
pub(super) fn bits(files: Files) -> impl Iterator<Item = usize> {
    (0..MOST_FILES).filter(move |file| files & (1 << file) != 0)
}

/// All answers, or that one is pending; every question is asked, so that all are rendered at once.
pub(super) fn all<T>(asked: impl IntoIterator<Item = Asked<T>>) -> Asked<Vec<T>> {
    let mut answers = Some(Vec::new());
    for one in asked {
        match (one, &mut answers) {
            (Ok(one), Some(answers)) => answers.push(one),
            (Ok(_), None) => {}
            (Err(Pending), _) => answers = None,
        }
    }
    answers.ok_or(Pending)
}
