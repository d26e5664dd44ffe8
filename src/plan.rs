//! Resolves options into decisions for one chart version. All opinions of redisgen are in this module, each with its
//! reason.
//!
//! This module knows no chart keys, no YAML and no flags. A decision is a setting of `chart::data/settings.tsv` and a
//! value. A setting that the chart version does not support in this topology is a [`Refusal`] with the options that
//! need the setting.

use semver::Version;

use crate::{
    chart::{self, Chart, Defect, Setting, Topology},
    intent::{Intent, InvalidField, LayeredIntent, Modules},
    redis::Running,
    yaml::{Map, Value},
};

mod alerts;
mod credentials;
mod images;
mod memory;
mod metrics;
mod persistence;
mod placement;
mod platform;
mod reach;
mod topology;

pub use crate::intent::Field;
pub use credentials::{IN_CLEAR_TEXT, NO_PASSWORD};
pub use images::{Catalogue, FROZEN_IMAGES, FrozenImages, ImageChoice};

/// The resolved options.
#[derive(Debug, Clone)]
pub struct Plan {
    pub topology: Topology,
    pub decisions: Vec<Decision>,
    pub images: ImageChoice,
    /// Options without effect, each with the reason.
    pub yielded: Vec<(Field, Refusal)>,
    /// Lint rules whose findings an option accepts, each with the option.
    pub accepted: Vec<(&'static str, Field)>,
    /// The options behind this plan, for the recommendations.
    intent: Intent,
    advice: Vec<Advice>,
}

impl Plan {
    /// The options that answer findings of lint rules in the values of this plan.
    ///
    /// An option is recommended only if `chart`, the chart of this plan, accepts it together with the other options.
    /// Otherwise the recommendation names the next chart version that does. Each option is tried, so only the rules that
    /// `is_wanted` selects have recommendations.
    pub fn recommendations(&self, chart: &Chart, is_wanted: impl Fn(&str) -> bool) -> Vec<Recommendation> {
        let wanted = self.advice.iter().filter(|advice| is_wanted(advice.rule));
        wanted.map(|advice| advice.recommend(self, chart)).collect()
    }

    /// Whether the plan contains a password in clear text.
    fn holds_password(&self) -> bool {
        self.decisions.iter().any(|decision| decision.why == IN_CLEAR_TEXT)
    }
}

/// A setting and its value.
#[derive(Debug, Clone)]
pub struct Decision {
    pub setting: Setting,
    pub value: Value,
    /// options behind the decision; empty for an opinion of redisgen
    pub options: Vec<Field>,
    /// reason, the comment above the key
    pub why: String,
}

/// The options that answer the findings of a lint rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recommendation {
    /// The id of the lint rule.
    pub rule: &'static str,
    /// What to do. Empty if no option helps: then the help of the finding does.
    pub text: String,
    /// Whether the finding is a warning for the user of these options.
    pub is_warning: bool,
}

/// A recommendation before redisgen checks its options.
#[derive(Debug, Clone)]
struct Advice {
    rule: &'static str,
    is_warning: bool,
    ways: Vec<RecommendedOption>,
    /// Advice if no chart version accepts any of the options.
    otherwise: &'static str,
}

/// An option that a recommendation names.
#[derive(Debug, Clone, Copy)]
struct RecommendedOption {
    field: Field,
    /// The option with an example or a remark; the name is in backticks.
    says: &'static str,
    /// Sets the option.
    take: fn(&mut Intent),
}

impl Advice {
    fn recommend(&self, plan: &Plan, chart: &Chart) -> Recommendation {
        let Self { rule, is_warning, ways, otherwise } = self;
        // Any password works here, because its text decides no option.
        let password = plan.holds_password().then_some("password");
        let try_out = |way: &RecommendedOption, chart: &Chart| {
            let mut intent = plan.intent.clone();
            (way.take)(&mut intent);
            decide(&intent, &[], password, chart)
        };
        let (mut open, mut later) = (Vec::new(), Vec::new());
        for way in ways {
            match try_out(way, chart) {
                Ok(_) => open.push(way.says),
                Err(refusal) => {
                    let since = refusal.since.filter(|_| refusal.options.contains(&way.field));
                    let can = |since: &Version| Chart::at(since).is_some_and(|chart| try_out(way, &chart).is_ok());
                    later.extend(since.filter(can).map(|since| (since, way.says)));
                }
            }
        }
        later.sort();
        let text = match (open.as_slice(), later.first()) {
            ([], Some((since, says))) => format!("Chart {since} or later accepts {says}"),
            ([], None) => (*otherwise).to_owned(),
            (open, _) => format!("Use {}", one_of(open)),
        };
        Recommendation { rule, text, is_warning: *is_warning }
    }
}

/// Why the options do not work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Refusal {
    /// options that contradict each other, or that this chart does not support
    pub options: Vec<Field>,
    /// the problem, and what to do
    pub reason: String,
    /// first chart version that supports the option
    pub since: Option<Version>,
    /// whether the second option makes the first one meaningless: then a first option of a lower layer is dropped
    pub meaningless: bool,
}

impl Refusal {
    fn new(options: &[Field], reason: impl Into<String>) -> Self {
        Self { options: options.to_vec(), reason: reason.into(), since: None, meaningless: false }
    }

    /// The option to drop, if any: a preferred option, or an option that a higher layer makes meaningless.
    fn yields(&self, options: &LayeredIntent, set: &[Field]) -> Option<Field> {
        let preferred =
            self.options.iter().find(|option| options.preferred.contains_key(option) && set.contains(option));
        let overridden = || match self.options[..] {
            [option, because] if self.meaningless && options.below.get(&option) < options.below.get(&because) => {
                Some(option)
            }
            _ => None,
        };
        preferred.copied().or_else(overridden)
    }
}

/// Resolves `options` for `chart`. `password` is the text from the source of the password.
///
/// Drops a preferred option that leads to a refusal, and an option that a higher layer makes meaningless; see
/// [`Plan::yielded`].
///
/// # Errors
///
/// Two options that contradict each other, or an option that this chart does not support.
pub fn resolve(options: &LayeredIntent, password: Option<&str>, chart: &Chart) -> Result<Plan, Refusal> {
    let mut intent = options.intent.clone();
    let mut yielded = Vec::new();
    loop {
        let set = intent.set_fields();
        let preferred: Vec<Field> = options.preferred.keys().copied().filter(|field| set.contains(field)).collect();
        let refusal = match decide(&intent, &preferred, password, chart) {
            Ok(plan) => return Ok(Plan { yielded, ..plan }),
            Err(refusal) => refusal,
        };
        match refusal.yields(options, &intent.set_fields()) {
            Some(option) => {
                intent.forget(option);
                yielded.push((option, refusal));
            }
            None => return Err(refusal),
        }
    }
}

fn decide(intent: &Intent, preferred: &[Field], password: Option<&str>, chart: &Chart) -> Result<Plan, Refusal> {
    if let Some(InvalidField { field, reason }) = intent.misfit() {
        return Err(Refusal::new(&[field], reason));
    }
    let mut draft = Draft {
        chart,
        topology: intent.topology.unwrap_or(Topology::Replication),
        preferred,
        decisions: Vec::new(),
        conf: Map::new(),
        conf_options: Vec::new(),
        advice: Vec::new(),
        accepted: Vec::new(),
    };
    topology::settle(intent, &mut draft)?;
    reach::settle(intent, &mut draft)?;
    persistence::settle(intent, &mut draft)?;
    memory::settle(intent, &mut draft)?;
    credentials::settle(intent, password, &mut draft)?;
    metrics::settle(intent, &mut draft)?;
    placement::settle(intent, &mut draft)?;
    platform::settle(intent, &mut draft)?;
    modules(intent, &mut draft);
    let images = images::settle(intent, &mut draft)?;
    draft.say_conf()?;
    let Draft { topology, decisions, advice, accepted, .. } = draft;
    Ok(Plan { topology, decisions, images, yielded: Vec::new(), intent: intent.clone(), advice, accepted })
}

/// Removes the lines that load modules from the default redis.conf of the chart.
fn modules(intent: &Intent, draft: &mut Draft) {
    if intent.modules == Some(Modules::None) && chart_loads_modules(draft) {
        draft.conf_lines(LOAD_MODULE, Vec::new(), &[Field::Modules]);
    }
}

/// Whether Redis loads modules with this plan.
fn loads_modules(intent: &Intent, draft: &Draft) -> bool {
    intent.modules != Some(Modules::None) && chart_loads_modules(draft)
}

fn chart_loads_modules(draft: &Draft) -> bool {
    let chart = draft.chart;
    let mut lines =
        chart.places(Setting::RedisConf, draft.topology).iter().filter_map(|place| chart.key(place.path)?.default);
    lines.any(|text| text.as_str().is_some_and(|text| text.lines().any(|line| line.starts_with(LOAD_MODULE))))
}

/// The directive of redis.conf that loads a module.
const LOAD_MODULE: &str = "loadmodule";

/// A plan during its construction.
struct Draft<'a> {
    chart: &'a Chart,
    topology: Topology,
    /// options that a refusal drops
    preferred: &'a [Field],
    decisions: Vec<Decision>,
    /// directives of redis.conf, each with the arguments of its lines
    conf: Map,
    conf_options: Vec<Field>,
    advice: Vec<Advice>,
    accepted: Vec<(&'static str, Field)>,
}

impl Draft<'_> {
    /// The Redis of the chart's own image.
    fn redis(&self) -> Running {
        match self.chart.app_version().parse() {
            Ok(version) if self.chart.has_moving_images() => Running::AtLeast(version),
            Ok(version) => Running::Exactly(version),
            Err(_) => Running::Unknown,
        }
    }

    /// Sets `setting` because of `options`. `None` as the setting means that no chart version supports the options.
    fn say(
        &mut self,
        setting: impl Into<Option<Setting>>,
        value: impl Into<Value>,
        options: &[Field],
        why: impl Into<String>,
    ) -> Result<(), Refusal> {
        let setting = setting.into();
        let Some(setting) = setting.filter(|setting| self.can(*setting)) else {
            return Err(self.cannot(setting, options));
        };
        self.decisions.push(Decision { setting, value: value.into(), options: options.to_vec(), why: why.into() });
        Ok(())
    }

    /// Sets the key that avoids a defect, if this chart has the defect and its default does not avoid it. `setting` is the
    /// setting of this key. Source of the value: `defects.tsv`.
    fn avoid(&mut self, defect: &str, setting: Setting, options: &[Field], why: &str) -> Result<(), Refusal> {
        let defects = self.chart.defects(self.topology);
        let mut settings = defects.iter().filter(|known| known.id == defect).filter_map(Defect::setting);
        let Some((key, value)) = settings.next() else { return Ok(()) };
        if self.chart.key(key).and_then(|known| known.default) == Some(&value) {
            return Ok(());
        }
        self.say(setting, value, options, why)
    }

    /// Whether this chart supports the setting in this topology, or has the fact.
    fn can(&self, setting: impl Into<Option<Setting>>) -> bool {
        setting.into().is_some_and(|setting| !self.chart.places(setting, self.topology).is_empty())
    }

    fn cannot(&self, setting: impl Into<Option<Setting>>, options: &[Field]) -> Refusal {
        let version = self.chart.version();
        let topology = in_topology(self.topology);
        let lives = setting.into().map(|setting| chart::setting_intervals(setting, self.topology)).unwrap_or_default();
        let since = lives.iter().map(|(since, _)| since).find(|since| *since > version).cloned();
        let reason = match (&since, lives.last()) {
            (Some(since), _) => {
                format!("not supported by chart {version}{topology}; chart {since} or later supports it")
            }
            (None, Some((_, None))) => format!("not supported by chart {version}{topology}: the chart removed the key"),
            (None, Some((_, Some(until)))) => {
                format!("not supported by chart {version}{topology}: chart {until} removed the key")
            }
            (None, None) => format!("no chart version supports it{topology}"),
        };
        Refusal { options: options.to_vec(), reason, since, meaningless: false }
    }

    /// Sets a directive of redis.conf to the arguments of one line.
    fn conf(&mut self, directive: &str, arguments: impl Into<String>, options: &[Field]) {
        self.conf_lines(directive, vec![arguments.into()], options);
    }

    /// Sets a directive of redis.conf that may have several lines.
    fn conf_lines(&mut self, directive: &str, lines: Vec<String>, options: &[Field]) {
        self.conf.insert(directive, lines.into());
        for option in options {
            if !self.conf_options.contains(option) {
                self.conf_options.push(*option);
            }
        }
    }

    fn say_conf(&mut self) -> Result<(), Refusal> {
        if self.conf.is_empty() {
            return Ok(());
        }
        let conf = std::mem::take(&mut self.conf);
        let directives = conf.iter().map(|(directive, lines)| match lines.as_list() {
            Some([]) => format!("no {directive}"),
            _ => directive.to_owned(),
        });
        let why = format!("redis.conf: {}", directives.collect::<Vec<_>>().join(", "));
        let options = std::mem::take(&mut self.conf_options);
        self.say(Setting::RedisConf, conf, &options, why)
    }

    /// Recommends the options of `ways` that the chart supports for the findings of a lint rule.
    fn advise(&mut self, rule: &'static str, ways: &[RecommendedOption], otherwise: &'static str) {
        self.advice.push(Advice { rule, is_warning: false, ways: ways.to_vec(), otherwise });
    }

    /// Recommends options for a finding that is a warning for the user of these options.
    fn warn(&mut self, rule: &'static str, ways: &[RecommendedOption]) {
        self.advice.push(Advice { rule, is_warning: true, ways: ways.to_vec(), otherwise: "" });
    }
}

/// `a`, `a or b`, `a, b or c`.
fn one_of(items: &[&str]) -> String {
    match items {
        [] => String::new(),
        [item] => (*item).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

fn in_topology(topology: Topology) -> &'static str {
    match topology {
        Topology::Standalone => " in `standalone` topology",
        Topology::Replication => " in `replication` topology",
        Topology::Sentinel => " in `sentinel` topology",
    }
}

/// Refuses the first of `fields` that is set, because another option is missing.
fn not_alone(intent: &Intent, fields: &[Field], reason: &str) -> Result<(), Refusal> {
    let set = intent.set_fields();
    match fields.iter().find(|field| set.contains(field)) {
        Some(field) => Err(Refusal::new(&[*field], reason)),
        None => Ok(()),
    }
}

/// Refuses the first of `fields` that is set, because the option `because` excludes it.
fn only_with(intent: &Intent, fields: &[Field], because: Field, reason: &str) -> Result<(), Refusal> {
    let set = intent.set_fields();
    match fields.iter().find(|field| set.contains(field)) {
        Some(field) => Err(Refusal { meaningless: true, ..Refusal::new(&[*field, because], reason) }),
        None => Ok(()),
    }
}
