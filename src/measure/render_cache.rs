//! Cache of renderings, and the list of renderings that were requested and are still missing.

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

/// Conditions of a rendering outside of the values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HelmContext {
    /// Whether the cluster is an old Kubernetes version.
    pub old: bool,
    /// Whether a release is upgraded rather than installed.
    pub upgrade: bool,
}

/// Output of one template with some values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateOutput {
    /// Digest of the text.
    pub digest: String,
    /// Keys whose markers appear in the text.
    pub(super) marked: BTreeSet<At>,
}

/// One template to render with some settings.
#[derive(Debug, Clone)]
pub struct Unit {
    pub world: HelmContext,
    /// Index of the template.
    pub(super) file: usize,
    /// Identifies the settings: units with different settings have different variants.
    pub(super) variant: u64,
    pub(super) settings: Arc<Settings>,
    digest: u64,
    /// Whether the output is searched for markers.
    pub(super) is_marked: bool,
}

/// Set of templates, one bit each.
pub(super) type Files = u128;

/// Maximum number of templates in [`Files`].
pub(super) const MOST_FILES: usize = 128;

/// Signals that a required rendering is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pending;

pub(super) type RenderRequest<T> = Result<T, Pending>;

/// Rendering of a set of templates.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    made: Vec<(usize, Arc<Result<TemplateOutput, String>>)>,
}

#[derive(Debug)]
pub(super) struct RenderCache {
    pub probes: Vec<Probe>,
    /// Templates that may read each key.
    pub lookers: Vec<Files>,
    /// Templates of the notes, which are no manifests.
    pub notes: Files,
    /// All templates.
    pub all: Files,
    made: HashMap<(usize, HelmContext, u64), Arc<Result<TemplateOutput, String>>>,
    wanted: RefCell<Wanted>,
}

#[derive(Debug, Default)]
struct Wanted {
    units: Vec<Unit>,
    known: HashSet<(usize, HelmContext, u64)>,
}

impl RenderCache {
    pub fn new(probes: Vec<Probe>, lookers: Vec<Files>, notes: Files, all: Files) -> Self {
        Self { probes, lookers, notes, all, made: HashMap::new(), wanted: RefCell::default() }
    }

    /// Renders the given templates with the settings that they may read.
    pub fn look(&self, world: HelmContext, settings: &Settings, files: Files) -> RenderRequest<Outcome> {
        self.ask(world, settings, files, |key, file| self.lookers[usize::from(key)] & (1 << file) != 0)
    }

    /// Renders the given templates with all settings, even those that they are not known to read.
    pub fn look_whole(&self, world: HelmContext, settings: &Settings, files: Files) -> RenderRequest<Outcome> {
        self.ask(world, settings, files, |_, _| true)
    }

    fn ask(
        &self,
        world: HelmContext,
        settings: &Settings,
        files: Files,
        looks: impl Fn(At, usize) -> bool,
    ) -> RenderRequest<Outcome> {
        let mut made = Vec::new();
        let mut shared = None;
        let mut is_pending = false;
        // A value that equals the default changes nothing.
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

    /// Requested renderings that are missing. Units of one variant are adjacent.
    pub fn take_wanted(&self) -> Vec<Unit> {
        let mut units = std::mem::take(&mut *self.wanted.borrow_mut()).units;
        units.sort_by_key(|unit| (unit.world, unit.variant, unit.file));
        units
    }

    pub fn keep(&mut self, units: &[Unit], made: Vec<Result<TemplateOutput, String>>) {
        let named = units.iter().map(|unit| (unit.file, unit.world, unit.digest));
        self.made.extend(named.zip(made.into_iter().map(Arc::new)));
    }

    /// Records that templates read a key although their text does not show it.
    pub fn looked_at(&mut self, key: At) {
        self.lookers[usize::from(key)] = self.all;
    }

    pub fn probe(&self, key: At) -> &Probe {
        &self.probes[usize::from(key)]
    }

    /// Whether two keys have the same top-level key.
    pub fn are_of_one_block(&self, a: At, b: At) -> bool {
        self.probe(a).segments.first() == self.probe(b).segments.first()
    }

    pub fn keys(&self) -> impl Iterator<Item = At> + use<> {
        0..self.probes.len() as At
    }

    /// Templates of manifests that may read one of these keys.
    pub fn manifests(&self, keys: impl IntoIterator<Item = At>) -> Files {
        keys.into_iter().fold(0, |files, key| files | self.lookers[usize::from(key)]) & !self.notes
    }
}

impl Outcome {
    /// First error of the rendering.
    pub fn error(&self) -> Option<&str> {
        self.made.iter().find_map(|(_, made)| made.as_ref().as_ref().err().map(String::as_str))
    }

    pub fn is_ok(&self) -> bool {
        self.error().is_none()
    }

    /// Whether one of these templates fails.
    pub fn fails_in(&self, files: Files) -> bool {
        self.made.iter().any(|(file, made)| files & (1 << file) != 0 && made.is_err())
    }

    /// Keys whose markers appear in the output of these templates.
    pub fn marked(&self, files: Files) -> BTreeSet<At> {
        let made = self.made.iter().filter(|(file, _)| files & (1 << file) != 0);
        made.filter_map(|(_, made)| made.as_ref().as_ref().ok()).flat_map(|made| made.marked.iter().copied()).collect()
    }

    /// Whether the output of one of these templates differs between two renderings of the same templates.
    pub fn differs(&self, other: &Self, files: Files) -> bool {
        self.made.iter().zip(&other.made).any(|((file, a), (_, b))| match (a.as_ref(), b.as_ref()) {
            (Ok(a), Ok(b)) => files & (1 << file) != 0 && a.digest != b.digest,
            _ => false,
        })
    }
}

/// Positions of the set bits.
pub(super) fn bits(files: Files) -> impl Iterator<Item = usize> {
    (0..MOST_FILES).filter(move |file| files & (1 << file) != 0)
}

/// All answers, or `Pending` if one is missing. Every question is evaluated, because all missing renderings are then
/// requested together.
pub(super) fn all<T>(requests: impl IntoIterator<Item = RenderRequest<T>>) -> RenderRequest<Vec<T>> {
    let mut answers = Some(Vec::new());
    for one in requests {
        match (one, &mut answers) {
            (Ok(one), Some(answers)) => answers.push(one),
            (Ok(_), None) => {}
            (Err(Pending), _) => answers = None,
        }
    }
    answers.ok_or(Pending)
}
