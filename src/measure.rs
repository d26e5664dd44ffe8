//! Measurement of a chart: which keys the templates read in which topology, found by rendering the chart in many
//! ways.
//!
//! Helm renders the chart. This module selects the renderings and reads their output, in rounds: each round collects all
//! open questions, because one process of Helm can answer many. The method is that of `tools/oracle` for one chart: tests
//! confirm answers of the nearest measured version, and a search finds the other answers.
//!
//! Impacts of a change and failing combinations of values are not measured.

mod cell;
pub mod driver;
mod known;
mod pattern;
mod probe;
mod render_cache;
mod search;
mod settings;
mod settle;
mod setups;
mod template;

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

pub use render_cache::{HelmContext, TemplateOutput, Unit};

use self::{
    cell::{Cell, Fact},
    render_cache::{Files, MOST_FILES, RenderCache, RenderRequest},
    settings::At,
    settle::{KeyGroup, LeastSettings},
    setups::{Setup, Setups},
};
use crate::chart::{Chart, Measured, MeasuredRead, Topology, Verdict};

/// Number of chart configurations that are examined together.
const WAYS_AT_ONCE: usize = 8;

/// Interface to Helm. Implementations run the Helm program.
pub trait Renderer {
    type Error;

    /// Renders each unit, and returns its result or Helm's error message.
    ///
    /// # Errors
    ///
    /// If Helm cannot be run, or fails for a reason other than the values.
    fn render(&mut self, copy: &ChartCopy, units: &[Unit]) -> Result<Vec<Result<TemplateOutput, String>>, Self::Error>;

    /// Reports progress: the finished part from 0 to 1, and the current stage.
    fn progress(&mut self, _done: f64, _stage: &str) {}
}

/// Reason why a chart cannot be measured.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlanError {
    #[error("the chart has no templates")]
    NoTemplates,
    #[error("the chart has more than {MOST_FILES} templates")]
    TooMany,
}

/// Reason why a measurement ended early.
#[derive(Debug, Error)]
pub enum MeasureError<E> {
    /// The chart does not render in this topology with its own values.
    #[error("the chart does not render in {topology} with its own values: {message}")]
    Refused { topology: Topology, message: String },
    #[error(transparent)]
    Renderer(E),
}

/// Copy of a chart that renders its templates with many sets of values at once.
#[derive(Debug)]
pub struct ChartCopy {
    /// Files by their paths in the folder of the chart.
    files: Vec<(String, Vec<u8>)>,
    /// Templates that write manifests or notes.
    templates: Vec<String>,
    /// Segments of the path of each key.
    segments: Vec<Vec<String>>,
}

impl ChartCopy {
    /// Files of the copy, by their paths in the folder of the chart. [`ChartCopy::batch`] has the files that change
    /// for each run.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// Text of [`driver::TEMPLATE`] and of a values file for these units.
    pub fn batch(&self, units: &[Unit]) -> (String, String) {
        (driver::template(units), driver::values(units, &self.segments, &self.templates))
    }
}

/// Chart with everything that its measurement needs.
#[derive(Debug)]
pub struct Plan {
    copy: ChartCopy,
    memo: RenderCache,
}

impl Plan {
    /// Prepares a measurement.
    ///
    /// `files` are the files of the chart and of its library charts, `own` has the keys of the chart, and `base` is
    /// the version whose answers are tried first.
    ///
    /// # Errors
    ///
    /// If the chart has no templates, or too many templates.
    pub fn new(files: Vec<(String, Vec<u8>)>, own: &Chart, base: &Chart) -> Result<Self, PlanError> {
        let mut copy = Vec::new();
        let mut looks = BTreeMap::new();
        let mut templates = Vec::new();
        for (path, bytes) in files {
            let name = path.rsplit('/').next().unwrap_or_default();
            // The schema is not measured here, and .helmignore might exclude our own templates.
            if matches!(name, "values.schema.json" | ".helmignore" | "Chart.lock" | "README.md") {
                continue;
            }
            let is_template =
                path.starts_with("templates/") || path.starts_with("charts/") && path.contains("/templates/");
            let Some(text) = std::str::from_utf8(&bytes).ok().filter(|_| is_template) else {
                copy.push((path, bytes));
                continue;
            };
            looks.extend(template::looks(&path, text));
            if path.starts_with("templates/") && !name.starts_with('_') && !path.starts_with("templates/tests/") {
                templates.push(path.clone());
            }
            let text = template::without_random(text);
            // Helm also renders every template with the chart's own values. That output is not needed.
            let is_own = path.starts_with("templates/") && !name.starts_with('_') && !text.contains("define");
            let text = if is_own { driver::only_with_settings(&text) } else { text };
            copy.push((path, text.into_bytes()));
        }
        templates.sort();
        if templates.is_empty() {
            return Err(PlanError::NoTemplates);
        }
        if templates.len() > MOST_FILES {
            return Err(PlanError::TooMany);
        }
        copy.push((driver::HELPER.to_owned(), driver::helper("redis").into_bytes()));
        let probes = probe::probes(own, base);
        let deps: Vec<_> = templates.iter().map(|template| reached(template, &looks)).collect();
        let bit = |is: bool, at: usize| if is { 1 << at } else { 0 };
        let lookers = probes.iter().map(|probe| {
            let looks = deps.iter().enumerate().map(|(at, deps)| bit(deps.look_at(&probe.path), at));
            looks.fold(0, |all: Files, one| all | one)
        });
        let lookers = lookers.collect();
        let notes = templates.iter().enumerate().map(|(at, name)| bit(name.ends_with("NOTES.txt"), at)).sum();
        let all = (0..templates.len()).map(|at| bit(true, at)).sum();
        let segments = probes.iter().map(|probe| probe.segments.clone()).collect();
        let copy = ChartCopy { files: copy, templates, segments };
        Ok(Self { copy, memo: RenderCache::new(probes, lookers, notes, all) })
    }

    /// Copy of the chart for rendering.
    pub fn copy(&self) -> &ChartCopy {
        &self.copy
    }

    /// Measures the chart. The answers of `base` are tried first.
    ///
    /// # Errors
    ///
    /// If the chart does not render with its own values, or if Helm cannot be run.
    pub fn measure<R: Renderer>(mut self, base: &Chart, renderer: &mut R) -> Result<Measured, MeasureError<R::Error>> {
        let ways = Setups::of_table();
        let choices = vec![0; self.memo.probes.len()];
        let mut cells = Topology::ALL.map(|topology| Cell {
            topology,
            own: ways.topology(&self.memo, topology),
            ways: ways.clone(),
            facts: BTreeMap::new(),
            choices: choices.clone(),
        });
        for cell in &mut cells {
            for key in cell.own.keys().collect::<Vec<_>>() {
                cell.facts.insert(key, Fact { verdict: Verdict::Read, way: None, switches: String::new() });
            }
        }
        let first = self.run(renderer, &cells, |memo, cell| memo.look(HelmContext::default(), &cell.own, memo.all))?;
        for (cell, outcome) in cells.iter().zip(first) {
            if let Some(message) = outcome.error() {
                return Err(MeasureError::Refused { topology: cell.topology, message: message.to_owned() });
            }
        }
        self.take_over(base, renderer, &mut cells)?;
        let ways = self.ways(renderer, &cells)?;
        self.search(renderer, &mut cells, &ways)?;
        self.find_switches(renderer, &mut cells, &ways)?;
        renderer.progress(1.0, "done");
        Ok(self.results(base, &cells))
    }

    /// Runs tasks until all have answers. A task that needs a missing rendering is run again after the rendering.
    fn run<R: Renderer, T, A>(
        &mut self,
        renderer: &mut R,
        tasks: &[T],
        work: impl Fn(&RenderCache, &T) -> RenderRequest<A>,
    ) -> Result<Vec<A>, MeasureError<R::Error>> {
        let mut answers: Vec<Option<A>> = tasks.iter().map(|_| None).collect();
        loop {
            for (answer, task) in answers.iter_mut().zip(tasks).filter(|(answer, _)| answer.is_none()) {
                *answer = work(&self.memo, task).ok();
            }
            let units = self.memo.take_wanted();
            if units.is_empty() {
                return Ok(answers.into_iter().flatten().collect());
            }
            let made = renderer.render(&self.copy, &units).map_err(MeasureError::Renderer)?;
            self.memo.keep(&units, made);
        }
    }

    /// Takes over the answers of the older version that a test confirms.
    fn take_over<R: Renderer>(
        &mut self,
        base: &Chart,
        renderer: &mut R,
        cells: &mut [Cell; 3],
    ) -> Result<(), MeasureError<R::Error>> {
        let new = known::new_switches(&self.memo, base);
        let companies = cells.each_ref().map(|cell| cell.ways.company(&self.memo));
        let rounds = companies[0].len() * 4;
        for round in 0..rounds {
            let (company, choice) = (round / 4, round % 4);
            let mut tasks = Vec::new();
            for (at, cell) in cells.iter().enumerate() {
                let groups = known::groups(&self.memo, base, cell, &companies[at][company], choice);
                tasks.extend(groups.into_iter().map(|group| (at, group)));
            }
            let choices = cells.each_ref().map(|cell| cell.choices.clone());
            let confirmed =
                self.run(renderer, &tasks, |memo, (at, group)| known::holding(memo, group, &new, &choices[*at]))?;
            for ((at, group), keys) in tasks.into_iter().zip(confirmed) {
                for key in keys {
                    cells[at].choices[usize::from(key)] = choice;
                    let switches = group.switches.to_owned();
                    cells[at].facts.insert(key, Fact { verdict: Verdict::Read, way: None, switches });
                }
            }
            let known: usize = cells.iter().map(|cell| cell.facts.len()).sum();
            let stage =
                format!("{known} of {} answers of chart {} hold", cells.len() * self.memo.probes.len(), base.version());
            renderer.progress(0.4 * (round + 1) as f64 / rounds as f64, &stage);
        }
        Ok(())
    }

    /// Finds the configurations of each topology that render.
    fn ways<R: Renderer>(
        &mut self,
        renderer: &mut R,
        cells: &[Cell; 3],
    ) -> Result<Vec<Vec<Option<Setup>>>, MeasureError<R::Error>> {
        let on = self.run(renderer, cells, |memo, cell| cell.ways.on(memo, &cell.own))?;
        let count = cells[0].ways.count();
        let tasks: Vec<_> = (0..cells.len()).flat_map(|cell| (0..count).map(move |way| (cell, way))).collect();
        let mut made = self
            .run(renderer, &tasks, |memo, (cell, way)| {
                cells[*cell].ways.way(memo, *way, &cells[*cell].own, &on[*cell])
            })?
            .into_iter();
        renderer.progress(0.5, "ways to set the chart up");
        Ok(cells.iter().map(|_| made.by_ref().take(count).collect()).collect())
    }

    /// Finds which of the remaining keys are read, and in which configurations.
    fn search<R: Renderer>(
        &mut self,
        renderer: &mut R,
        cells: &mut [Cell; 3],
        ways: &[Vec<Option<Setup>>],
    ) -> Result<(), MeasureError<R::Error>> {
        let settled = cells.each_ref().map(|cell| cell.facts.keys().copied().collect::<BTreeSet<_>>());
        let count = ways[0].len();
        let mut from = 0;
        while from < count {
            // The first two configurations reveal most keys. Later configurations do not test those keys again.
            let to = if from < 2 { from + 1 } else { (from + WAYS_AT_ONCE).min(count) };
            let places: Vec<(usize, usize)> =
                (from..to).flat_map(|way| (0..cells.len()).map(move |cell| (cell, way))).collect();
            let places: Vec<_> =
                places.into_iter().filter_map(|(cell, way)| Some((cell, way, ways[cell][way].as_ref()?))).collect();
            for replaces in [false, true] {
                let now = &*cells;
                let keys = |memo: &RenderCache, cell: usize| -> Vec<At> {
                    let is_open = |key: &At| {
                        let probe = memo.probe(*key);
                        probe.is_marked()
                            && probe.replaces == replaces
                            && !settled[cell].contains(key)
                            && !now[cell].is_read(*key)
                    };
                    memo.keys().filter(is_open).collect()
                };
                let seen = self.run(renderer, &places, |memo, (cell, _, way)| {
                    search::mark(memo, &now[*cell], way, &keys(memo, *cell))
                })?;
                for ((cell, at, _), seen) in places.iter().zip(seen) {
                    for seen in seen {
                        learn(&mut cells[*cell], seen, *at);
                    }
                }
            }
            // With everything enabled, most parts of the templates are rendered.
            if from == 1 {
                let now = &*cells;
                let missed = self.run(renderer, &places, |memo, (cell, _, way)| {
                    search::missed(memo, way, &open_keys(memo, &settled[*cell], &now[*cell]))
                })?;
                for key in missed.into_iter().flatten() {
                    self.memo.looked_at(key);
                }
            }
            // Some keys have no visible marker. A first pass finds out which of them may have an effect.
            let now = &*cells;
            let hunted = self.run(renderer, &places, |memo, (cell, at, way)| {
                let open = open_keys(memo, &settled[*cell], &now[*cell]);
                // In the first configuration each key is tested alone, for its effect on the notes and for failures.
                if *at == 0 {
                    return Ok(open);
                }
                let fails = |key: &At| now[*cell].facts.get(key).is_some_and(|fact| fact.verdict == Verdict::Error);
                let (failing, quiet): (Vec<At>, Vec<At>) = open.into_iter().partition(fails);
                Ok([failing, search::hunt(memo, way, &quiet, !memo.notes & memo.all)?].concat())
            })?;
            let tasks: Vec<_> = places
                .iter()
                .zip(hunted)
                .flat_map(|((cell, at, way), keys)| keys.into_iter().map(move |key| (*cell, *at, *way, key)))
                .collect();
            let seen =
                self.run(renderer, &tasks, |memo, (cell, _, way, key)| search::classify(memo, &now[*cell], way, *key))?;
            for ((cell, at, _, _), seen) in tasks.iter().zip(seen) {
                if let Some(seen) = seen {
                    learn(&mut cells[*cell], seen, *at);
                }
            }
            let open: usize =
                (0..cells.len()).map(|cell| open_keys(&self.memo, &settled[cell], &cells[cell]).len()).sum();
            let stage = format!("{open} keys not seen to be read in {to} of {count} ways to set the chart up");
            renderer.progress(0.5 + 0.3 * to as f64 / count as f64, &stage);
            from = to;
        }
        Ok(())
    }

    /// Finds the switches of the keys that are read.
    fn find_switches<R: Renderer>(
        &mut self,
        renderer: &mut R,
        cells: &mut [Cell; 3],
        ways: &[Vec<Option<Setup>>],
    ) -> Result<(), MeasureError<R::Error>> {
        let mut tasks: Vec<(usize, usize, At)> = Vec::new();
        for (at, cell) in cells.iter().enumerate() {
            let read_keys = cell.facts.iter().filter(|(_, fact)| fact.verdict == Verdict::Read);
            tasks.extend(read_keys.filter_map(|(key, fact)| Some((at, fact.way?, *key))));
        }
        let now = &*cells;
        let least = self.run(renderer, &tasks, |memo, (cell, way, key)| match &ways[*cell][*way] {
            Some(way) => settle::least(memo, &now[*cell], way, *key),
            None => Ok(None),
        })?;
        renderer.progress(0.9, "switches of the keys that are read");
        let mut groups: Vec<(usize, KeyGroup)> = Vec::new();
        for ((cell, way, key), least) in tasks.into_iter().zip(least) {
            let Some(LeastSettings { world, settings }) = least else { continue };
            let digest = settings.digest(|_, _| true);
            let is_alike = |(of, alike): &&mut (usize, KeyGroup)| {
                (*of, alike.way, alike.least.world) == (cell, way, world)
                    && alike.least.settings.digest(|_, _| true) == digest
            };
            match groups.iter_mut().find(is_alike) {
                Some((_, alike)) => alike.keys.push(key),
                None => {
                    groups.push((cell, KeyGroup { way, least: LeastSettings { world, settings }, keys: vec![key] }))
                }
            }
        }
        let switches = self.run(renderer, &groups, |memo, (cell, alike)| match &ways[*cell][alike.way] {
            Some(way) => settle::switches(memo, &now[*cell], way, alike),
            None => Ok(Vec::new()),
        })?;
        for ((cell, _), keys) in groups.iter().zip(switches) {
            for (key, switches) in keys {
                if let Some(fact) = cells[*cell].facts.get_mut(&key) {
                    fact.switches = switches;
                }
            }
        }
        Ok(())
    }

    /// Collects the results for all keys.
    fn results(&self, base: &Chart, cells: &[Cell; 3]) -> Measured {
        let keys = self.memo.keys().map(|key| {
            let path = &self.memo.probe(key).path;
            let reads = cells.each_ref().map(|cell| match cell.facts.get(&key) {
                Some(fact) => MeasuredRead::new(fact.verdict, &fact.switches),
                // No rendering reveals a key that only prevents failures.
                None if base.read(path, cell.topology).verdict == Verdict::Error => {
                    MeasuredRead::new(Verdict::Error, "")
                }
                None => MeasuredRead::new(Verdict::Dead, ""),
            });
            (path.clone(), reads)
        });
        Measured::new(keys.collect())
    }
}

/// Keys without an answer.
fn open_keys(memo: &RenderCache, settled: &BTreeSet<At>, cell: &Cell) -> Vec<At> {
    memo.keys().filter(|key| !settled.contains(key) && !cell.is_read(*key)).collect()
}

fn learn(cell: &mut Cell, seen: search::Seen, way: usize) {
    let was_read = cell.is_read(seen.key);
    cell.learn(seen.key, seen.verdict, way);
    if !was_read && seen.verdict == Verdict::Read {
        cell.choices[usize::from(seen.key)] = seen.choice;
    }
}

/// Everything that a template and its included templates may read.
#[derive(Debug, Default)]
struct Reached<'a> {
    values: BTreeSet<&'a str>,
    all: bool,
}

impl Reached<'_> {
    /// Whether the template may read this key, a parent of the key or a child of the key.
    fn look_at(&self, path: &str) -> bool {
        let below = |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'));
        self.all || self.values.iter().any(|value| *value == path || below(path, value) || below(value, path))
    }
}

fn reached<'a>(template: &'a str, looks: &'a BTreeMap<String, template::Look>) -> Reached<'a> {
    let mut reached = Reached::default();
    let mut done = BTreeSet::new();
    let mut next = vec![template];
    while let Some(name) = next.pop() {
        let Some(look) = looks.get(name).filter(|_| done.insert(name)) else { continue };
        reached.all |= look.all;
        reached.values.extend(look.values.iter().map(String::as_str));
        next.extend(look.names.iter().map(String::as_str));
        // A string may be the end of a file path, as in `print $.Template.BasePath "/configmap.yaml"`.
        let ends = look.names.iter().filter(|name| name.starts_with('/'));
        next.extend(
            ends.flat_map(|end| looks.keys().filter(move |file| file.ends_with(end.as_str())).map(String::as_str)),
        );
    }
    reached
}
