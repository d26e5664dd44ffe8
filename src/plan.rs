//! Settles what is wanted into decisions for one chart: every opinion of redisgen lives here, each with its reason.
//!
//! Knows no keys, no YAML text and no flags. A decision is a word of the catalogue (`chart::data/words.tsv`) and a
//! value; a word that the chart cannot say in this topology is a [`Refusal`] that names the wishes behind it.

use semver::Version;

use crate::{
    chart::{self, Chart, Topology},
    intent::{Intent, Misfit, Modules, Wishes},
    yaml::{Map, Value},
};

mod credentials;
mod images;
mod memory;
mod metrics;
mod persistence;
mod placement;
mod reach;
mod topology;

pub use credentials::{IN_CLEAR_TEXT, NO_PASSWORD};
pub use images::{Catalogue, FROZEN_IMAGES, Frozen, ImageChoice};

/// What is settled.
#[derive(Debug, Clone)]
pub struct Plan {
    pub topology: Topology,
    pub decisions: Vec<Decision>,
    pub images: ImageChoice,
    /// Wishes that gave way, each with the reason.
    pub yielded: Vec<(&'static str, Refusal)>,
    /// What this was settled from, for the notes.
    intent: Intent,
    advice: Vec<Advice>,
}

impl Plan {
    /// What the person should know before the install of `chart`, which this was settled for.
    ///
    /// A note recommends an option only where `chart` accepts it beside the others; else it names the next chart
    /// version that does.
    pub fn notes(&self, chart: &Chart) -> Vec<Note> {
        self.advice.iter().map(|advice| advice.note(self, chart)).collect()
    }

    /// Does it hold a password in clear text?
    fn holds_password(&self) -> bool {
        self.decisions.iter().any(|decision| decision.why == IN_CLEAR_TEXT)
    }
}

/// A word of the catalogue, and what it is set to.
#[derive(Debug, Clone)]
pub struct Decision {
    pub word: String,
    pub value: Value,
    /// the fields of the intent that led to it; empty for an opinion
    pub wishes: Vec<&'static str>,
    /// why it stands there, as a comment says it
    pub why: String,
}

/// Something to know before the install.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// stable name, in the words of the lint rules
    pub id: &'static str,
    pub text: String,
    /// Is it a warning, and not only something to know?
    pub is_warning: bool,
}

/// A note before its recommendations have been tried.
#[derive(Debug, Clone)]
struct Advice {
    id: &'static str,
    is_warning: bool,
    fact: String,
    ways: Vec<Way>,
    /// What is left to do where no way is open in any chart version.
    otherwise: &'static str,
}

/// An option that a note recommends.
#[derive(Debug, Clone, Copy)]
struct Way {
    field: &'static str,
    /// The option with an example or a remark, its name in backticks.
    says: &'static str,
    /// Asks for the option.
    take: fn(&mut Intent),
}

impl Advice {
    fn note(&self, plan: &Plan, chart: &Chart) -> Note {
        let Self { id, is_warning, fact, ways, otherwise } = self;
        // Any password does: its text decides no option.
        let password = plan.holds_password().then_some("password");
        let try_out = |way: &Way, chart: &Chart| {
            let mut intent = plan.intent.clone();
            (way.take)(&mut intent);
            settle(&intent, password, chart)
        };
        let (mut open, mut later) = (Vec::new(), Vec::new());
        for way in ways {
            match try_out(way, chart) {
                Ok(_) => open.push(way.says),
                Err(refusal) => {
                    let since = refusal.since.filter(|_| refusal.wishes.contains(&way.field));
                    let can = |since: &Version| Chart::at(since).is_some_and(|chart| try_out(way, &chart).is_ok());
                    later.extend(since.filter(can).map(|since| (since, way.says)));
                }
            }
        }
        later.sort();
        let text = match (open.as_slice(), later.first()) {
            ([], Some((since, says))) => format!("{fact}. Chart {since} or later accepts {says}"),
            ([], None) if otherwise.is_empty() => fact.clone(),
            ([], None) => format!("{fact}. {otherwise}"),
            (open, _) => format!("{fact}. Use {}", one_of(open)),
        };
        Note { id, text, is_warning: *is_warning }
    }
}

/// Why the wishes cannot be fulfilled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Refusal {
    /// the fields that cannot be had together, or not with this chart
    pub wishes: Vec<&'static str>,
    /// what is in the way, and what to do
    pub reason: String,
    /// the chart version from which the wish can be fulfilled
    pub since: Option<Version>,
    /// Is the first wish without meaning because of the second? Then it yields to one that was laid over it.
    pub meaningless: bool,
}

impl Refusal {
    fn new(wishes: &[&'static str], reason: impl Into<String>) -> Self {
        Self { wishes: wishes.to_vec(), reason: reason.into(), since: None, meaningless: false }
    }

    /// The wish that gives way, if one does: a preferred one, or one that has lost its meaning to a wish laid over it.
    fn yields(&self, wishes: &Wishes, said: &[&'static str]) -> Option<&'static str> {
        let preferred = self.wishes.iter().find(|wish| wishes.preferred.contains_key(**wish) && said.contains(wish));
        let outlaid = || match self.wishes[..] {
            [wish, because] if self.meaningless && wishes.below.get(wish) < wishes.below.get(because) => Some(wish),
            _ => None,
        };
        preferred.copied().or_else(outlaid)
    }
}

/// Settles `wishes` for `chart`; `password` is the text that one of the password wishes led to.
///
/// A preferred wish yields where it leads to a refusal, and so does one that means nothing any more under a wish that
/// was laid over it; see [`Plan::yielded`].
///
/// # Errors
///
/// Two wishes that cannot both be true, or one that this chart cannot fulfil.
pub fn resolve(wishes: &Wishes, password: Option<&str>, chart: &Chart) -> Result<Plan, Refusal> {
    let mut intent = wishes.intent.clone();
    let mut yielded = Vec::new();
    loop {
        let refusal = match settle(&intent, password, chart) {
            Ok(plan) => return Ok(Plan { yielded, ..plan }),
            Err(refusal) => refusal,
        };
        match refusal.yields(wishes, &intent.said()) {
            Some(wish) => {
                intent.forget(wish);
                yielded.push((wish, refusal));
            }
            None => return Err(refusal),
        }
    }
}

fn settle(intent: &Intent, password: Option<&str>, chart: &Chart) -> Result<Plan, Refusal> {
    if let Some(Misfit { field, reason }) = intent.misfit() {
        return Err(Refusal::new(&[field], reason));
    }
    let mut draft = Draft {
        chart,
        topology: intent.topology.unwrap_or(Topology::Replication),
        decisions: Vec::new(),
        conf: Map::new(),
        conf_wishes: Vec::new(),
        advice: Vec::new(),
    };
    topology::settle(intent, &mut draft)?;
    reach::settle(intent, &mut draft)?;
    persistence::settle(intent, &mut draft)?;
    memory::settle(intent, &mut draft)?;
    credentials::settle(intent, password, &mut draft)?;
    metrics::settle(intent, &mut draft)?;
    placement::settle(intent, &mut draft)?;
    modules(intent, &mut draft);
    let images = images::settle(intent, &mut draft)?;
    draft.say_conf()?;
    let Draft { topology, decisions, advice, .. } = draft;
    Ok(Plan { topology, decisions, images, yielded: Vec::new(), intent: intent.clone(), advice })
}

/// Leaves out the lines of the chart's own redis.conf that load modules.
fn modules(intent: &Intent, draft: &mut Draft) {
    let chart = draft.chart;
    let lines =
        chart.places("redis-conf", draft.topology).into_iter().filter_map(|place| chart.key(&place.path)?.default);
    let loads = |text: &Value| text.as_str().is_some_and(|text| text.lines().any(|line| line.starts_with(LOAD_MODULE)));
    if intent.modules == Some(Modules::None) && lines.into_iter().any(|text| loads(&text)) {
        draft.conf_lines(LOAD_MODULE, Vec::new(), &["modules"]);
    }
}

/// The directive of redis.conf that loads a module.
const LOAD_MODULE: &str = "loadmodule";

/// A plan while it is settled.
struct Draft<'a> {
    chart: &'a Chart,
    topology: Topology,
    decisions: Vec<Decision>,
    /// directives of redis.conf, each with the arguments of its lines
    conf: Map,
    conf_wishes: Vec<&'static str>,
    advice: Vec<Advice>,
}

impl Draft<'_> {
    /// Decides `word`, which `wishes` led to.
    fn say(
        &mut self,
        word: impl Into<String>,
        value: impl Into<Value>,
        wishes: &[&'static str],
        why: impl Into<String>,
    ) -> Result<(), Refusal> {
        let word = word.into();
        if !self.can(&word) {
            return Err(self.cannot(&word, wishes));
        }
        self.decisions.push(Decision { word, value: value.into(), wishes: wishes.to_vec(), why: why.into() });
        Ok(())
    }

    /// Whether this chart can say `word` in this topology, or, for a word that begins with `@`, whether it is so.
    fn can(&self, word: &str) -> bool {
        !self.chart.places(word, self.topology).is_empty()
    }

    fn cannot(&self, word: &str, wishes: &[&'static str]) -> Refusal {
        let version = self.chart.version();
        let topology = in_topology(self.topology);
        let lives = chart::word_life(word, self.topology);
        let since = lives.iter().map(|(since, _)| since).find(|since| *since > version).cloned();
        let reason = match (&since, lives.last()) {
            (Some(since), _) => format!("chart {version} cannot do it{topology}; {since} is the next that can"),
            (None, Some((_, None))) => format!("chart {version} has lost the key that said it{topology}"),
            (None, Some((_, Some(until)))) => format!("chart {version} cannot do it{topology}; it went with {until}"),
            (None, None) => format!("no version of the chart can do it{topology}"),
        };
        Refusal { wishes: wishes.to_vec(), reason, since, meaningless: false }
    }

    /// Sets a directive of redis.conf to the arguments of one line.
    fn conf(&mut self, directive: &str, arguments: impl Into<String>, wishes: &[&'static str]) {
        self.conf_lines(directive, vec![arguments.into()], wishes);
    }

    /// Sets a directive of redis.conf that may stand on several lines.
    fn conf_lines(&mut self, directive: &str, lines: Vec<String>, wishes: &[&'static str]) {
        self.conf.insert(directive, lines.into());
        for wish in wishes {
            if !self.conf_wishes.contains(wish) {
                self.conf_wishes.push(wish);
            }
        }
    }

    fn say_conf(&mut self) -> Result<(), Refusal> {
        if self.conf.is_empty() {
            return Ok(());
        }
        let conf = std::mem::take(&mut self.conf);
        let said = conf.iter().map(|(directive, lines)| match lines.as_list() {
            Some([]) => format!("no {directive}"),
            _ => directive.to_owned(),
        });
        let why = format!("redis.conf: {}", said.collect::<Vec<_>>().join(", "));
        let wishes = std::mem::take(&mut self.conf_wishes);
        self.say("redis-conf", conf, &wishes, why)
    }

    fn note(&mut self, id: &'static str, fact: impl Into<String>) {
        self.advise(id, fact, &[], "");
    }

    /// A note that recommends options: those of `ways` that can be had.
    fn advise(&mut self, id: &'static str, fact: impl Into<String>, ways: &[Way], otherwise: &'static str) {
        self.advice.push(Advice { id, is_warning: false, fact: fact.into(), ways: ways.to_vec(), otherwise });
    }

    /// The same as a warning.
    fn warn(&mut self, id: &'static str, fact: impl Into<String>, ways: &[Way], otherwise: &'static str) {
        self.advice.push(Advice { id, is_warning: true, fact: fact.into(), ways: ways.to_vec(), otherwise });
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
        Topology::Standalone => " in the standalone topology",
        Topology::Replication => " in the replication topology",
        Topology::Sentinel => " in the sentinel topology",
    }
}

/// Refuses the first of `fields` that is said: something else is missing.
fn not_alone(intent: &Intent, fields: &[&'static str], reason: &str) -> Result<(), Refusal> {
    let said = intent.said();
    match fields.iter().find(|field| said.contains(field)) {
        Some(field) => Err(Refusal::new(&[field], reason)),
        None => Ok(()),
    }
}

/// Refuses each of `fields` that is said, because of `because`, itself a wish.
fn only_with(intent: &Intent, fields: &[&'static str], because: &'static str, reason: &str) -> Result<(), Refusal> {
    let said = intent.said();
    match fields.iter().find(|field| said.contains(field)) {
        Some(field) => Err(Refusal { meaningless: true, ..Refusal::new(&[field, because], reason) }),
        None => Ok(()),
    }
}
