//! Configurations in which keys are changed, from a table.

use serde_json::{Value as Json, json};

use super::{
    pattern::Pattern,
    probe::{Kind, word},
    render_cache::{HelmContext, RenderCache, RenderRequest, all},
    settings::{At, Settings},
};
use crate::{
    chart::Topology,
    table::{Table, table},
};

const TABLE: Table<6> = table!("src/measure/setups.tsv", ["way", "world", "kind", "pattern", "value", "but"]);

/// One configuration of the chart.
#[derive(Debug, Clone)]
pub(super) struct Setup {
    pub world: HelmContext,
    /// Settings in addition to the chart's own values, including those that make the topology.
    pub settings: Settings,
}

/// Row of `setups.tsv`.
#[derive(Debug, Clone)]
struct Row {
    way: &'static str,
    world: HelmContext,
    kind: &'static str,
    pattern: Pattern,
    value: Json,
    /// If the chart has this key, the row does not apply.
    but: Option<&'static str>,
}

/// The table `setups.tsv`.
#[derive(Debug, Clone)]
pub(super) struct Setups {
    rows: Vec<Row>,
}

impl Setups {
    pub fn of_table() -> Self {
        let row = |[way, world, kind, pattern, value, but]: [&'static str; 6]| Row {
            way,
            world: HelmContext { old: world == "old", upgrade: world == "upgrade" },
            kind,
            pattern: Pattern(pattern),
            value: serde_json::from_str(value).expect("the table holds JSON"),
            but: but.strip_prefix('!'),
        };
        Self { rows: TABLE.rows().map(row).collect() }
    }

    /// Settings that make a topology.
    pub fn topology(&self, memo: &RenderCache, topology: Topology) -> Settings {
        let name = match topology {
            Topology::Standalone => ":standalone",
            Topology::Replication => ":replication",
            Topology::Sentinel => ":sentinel",
        };
        self.settings(memo, name, &Settings::default())
    }

    /// Settings that must accompany this value of a key.
    pub fn required_with(&self, memo: &RenderCache, key: At, value: &Json) -> Settings {
        self.settings(memo, &format!("@{}={}", memo.probe(key).path, word(value)), &Settings::default())
    }

    /// Sets of settings that another setting may need to render, smallest first.
    pub fn company(&self, memo: &RenderCache) -> Vec<Settings> {
        let companies = self.names().into_iter().filter(|name| name.starts_with('+'));
        let mut list = vec![Settings::default()];
        list.extend(companies.map(|name| self.settings(memo, name, &Settings::default())));
        list
    }

    /// The topology with everything enabled that renders.
    pub fn on(&self, memo: &RenderCache, topology: &Settings) -> RenderRequest<Settings> {
        let on = self.settings(memo, "on", topology);
        Ok(topology.with(&fit(memo, HelmContext::default(), topology, &on)?))
    }

    /// Number of configurations.
    pub fn count(&self) -> usize {
        2 + self.others().count()
    }

    /// The configuration at an index, with the settings that render. `on` has everything enabled.
    pub fn way(
        &self,
        memo: &RenderCache,
        at: usize,
        topology: &Settings,
        on: &Settings,
    ) -> RenderRequest<Option<Setup>> {
        let (world, settings) = match at {
            0 => (HelmContext::default(), topology.clone()),
            1 => (HelmContext::default(), on.clone()),
            _ => {
                let Some(name) = self.others().nth(at - 2) else { return Ok(None) };
                let world = self.rows.iter().find(|row| row.way == name).map(|row| row.world).unwrap_or_default();
                let over = self.settings(memo, name, topology);
                if over.len() == 0 && world == HelmContext::default() {
                    return Ok(None);
                }
                (world, on.with(&over))
            }
        };
        let settings = topology.with(&fit(memo, world, topology, &settings)?);
        Ok(memo.look(world, &settings, memo.all)?.is_ok().then_some(Setup { world, settings }))
    }

    fn others(&self) -> impl Iterator<Item = &'static str> {
        self.names().into_iter().filter(|name| *name != "on" && !name.starts_with([':', '+', '@']))
    }

    fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.rows.iter().map(|row| row.way).collect();
        names.dedup();
        names
    }

    /// Settings of the rows with this name for the keys of this chart, except for keys in `but`.
    fn settings(&self, memo: &RenderCache, name: &str, but: &Settings) -> Settings {
        let mut settings = Settings::default();
        let has = |path: &str| memo.probes.iter().any(|probe| probe.path == path);
        for row in self.rows.iter().filter(|row| row.way == name && row.but.is_none_or(|but| !has(but))) {
            for key in memo.keys() {
                let probe = memo.probe(key);
                let is_kind = match row.kind {
                    "bool" => probe.kind == Kind::Bool,
                    "choice" => probe.kind == Kind::Choice,
                    _ => row.value.is_boolean() <= (probe.kind == Kind::Bool || probe.default.is_null()),
                };
                if is_kind && row.pattern.fits(&probe.path) && !but.has(key) {
                    settings.set(key, row.value.clone());
                }
            }
        }
        settings
    }
}

/// A largest subset of the settings that renders, found by halving.
pub(super) fn fit(
    memo: &RenderCache,
    world: HelmContext,
    base: &Settings,
    settings: &Settings,
) -> RenderRequest<Settings> {
    if settings.len() == 0 || memo.look(world, &base.with(settings), memo.all)?.is_ok() {
        return Ok(settings.clone());
    }
    if settings.len() == 1 {
        return Ok(Settings::default());
    }
    let (left, right) = settings.halves();
    let left = fit(memo, world, base, &left)?;
    let right = fit(memo, world, &base.with(&left), &right)?;
    Ok(left.with(&right))
}

/// Keys that render with their markers at the same time, with the index of the value of each key.
pub(super) fn fit_markers(
    memo: &RenderCache,
    world: HelmContext,
    base: &Settings,
    keys: &[At],
) -> RenderRequest<Vec<(At, usize)>> {
    let first: Vec<_> = keys.iter().map(|key| (*key, 0)).collect();
    if keys.is_empty() || memo.look(world, &with_markers(memo, base, &first), memo.all)?.is_ok() {
        return Ok(first);
    }
    if let [key] = keys {
        let values = 1..memo.probe(*key).values.len();
        let looked = values.map(|choice| {
            let outcome = memo.look(world, &with_markers(memo, base, &[(*key, choice)]), memo.all)?;
            Ok(outcome.is_ok().then_some((*key, choice)))
        });
        return Ok(all(looked)?.into_iter().flatten().take(1).collect());
    }
    let (left, right) = keys.split_at(keys.len() / 2);
    // Both halves are requested at once. If they do not render together, the rest is left to the next configuration.
    let both = all([fit_markers(memo, world, base, left), fit_markers(memo, world, base, right)])?.concat();
    if memo.look(world, &with_markers(memo, base, &both), memo.all)?.is_ok() {
        return Ok(both);
    }
    fit_markers(memo, world, base, left)
}

pub(super) fn with_markers(memo: &RenderCache, base: &Settings, keys: &[(At, usize)]) -> Settings {
    let mut settings = base.clone();
    for (key, choice) in keys {
        settings.set(*key, memo.probe(*key).values[*choice].clone());
    }
    settings
}

/// All other values of a switch that are worth a test.
pub(super) fn flips(memo: &RenderCache, choices: &[usize], settings: &Settings, key: At) -> Vec<Json> {
    let probe = memo.probe(key);
    let current = probe.current(key, settings);
    let values = match probe.kind {
        Kind::Bool => vec![json!(current != &json!(true))],
        Kind::Choice => probe.values.clone(),
        _ if settings.has(key) => vec![probe.default.clone()],
        _ if probe.replaces => vec![probe.values[choices[usize::from(key)]].clone()],
        _ if probe.is_count() => vec![json!(0)],
        _ => Vec::new(),
    };
    values.into_iter().filter(|value| word(value) != word(current)).collect()
}
