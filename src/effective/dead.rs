//! Which settings do nothing, and why: known keys that the chart does not read in this topology, or behind a switch
//! that is off.

use std::{cmp::Reverse, fmt};

use super::Effective;
use crate::{
    chart::{
        Read, Topology, Verdict,
        condition::{self, Term},
    },
    yaml::Path,
};

/// What a setting does.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// It changes what is installed, or nobody can say that it does not.
    Works,
    /// It changes nothing.
    Dead(Reason),
    /// It changes only the text that Helm prints after an install.
    Notes,
    /// It can only make the render fail.
    Checked,
    /// It is no key of this version.
    Stranger,
}

/// Why a setting does nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// Read in these topologies only; in none where no template looks at it.
    Topology(Vec<Topology>),
    /// Read only where this holds, and it does not.
    Switch(Term<'static>),
    /// It can only make the render fail, or keep it from that, and with these values nothing fails either way.
    Check,
}

/// The status of a key, in the words that every report uses.
impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Works => f.write_str("used"),
            Self::Dead(reason) => reason.fmt(f),
            Self::Notes => f.write_str("only shown in the notes after an install"),
            Self::Checked => f.write_str("only checked"),
            Self::Stranger => f.write_str("unknown key"),
        }
    }
}

/// The status of an unused key: `unused in standalone`, `requires metrics.enabled: true`, with backticks.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Topology(read) if read.is_empty() => f.write_str("unused in every topology"),
            Self::Topology(read) => {
                let unused = Topology::ALL.iter().filter(|topology| !read.contains(topology));
                let names: Vec<_> = unused.map(|topology| format!("`{topology}`")).collect();
                write!(f, "unused in {}", names.join(" and "))
            }
            Self::Switch(term) => write!(f, "requires {}", term.requirement()),
            Self::Check => Work::Checked.fmt(f),
        }
    }
}

impl Reason {
    /// Whether it is read only where there is more than in this topology: replicas, or Sentinel.
    pub fn needs_more_than(&self, topology: Topology) -> bool {
        matches!(self, Self::Topology(read) if !read.is_empty() && read.iter().all(|read| *read > topology))
    }
}

impl Effective<'_> {
    /// What a setting at this path does, whatever its value.
    pub fn work(&self, path: &Path, text: &str) -> Work {
        let Read { verdict, switches } = self.chart.read(text, self.topology);
        match verdict {
            Verdict::Dead => Work::Dead(Reason::Topology(self.read_in(text))),
            // What the text after an install says of it is no effect, where another topology would have one.
            Verdict::Notes => match self.read_in(text) {
                read if read.is_empty() => Work::Notes,
                read => Work::Dead(Reason::Topology(read)),
            },
            Verdict::Read => {
                let off = |term: &Term| self.term_holds(term) == Some(false);
                // Of several switches that of its own block: it is what the writer has in view.
                let near =
                    |term: &Term| Reverse(term.key().and_then(|key| Some(key.parse::<Path>().ok()?.in_common(path))));
                let nearest = condition::terms(switches).filter(off).min_by_key(near);
                let Some(term) = nearest.or_else(|| self.shared(path, text).into_iter().find(off)) else {
                    return Work::Works;
                };
                Work::Dead(match term.key() {
                    Some(key) if is_of_sentinel(key) && self.topology != Topology::Sentinel => {
                        Reason::Topology(self.read_in(text))
                    }
                    _ => Reason::Switch(term),
                })
            }
            Verdict::Error => Work::Checked,
            Verdict::Unmeasured => Work::Works,
            Verdict::Unknown => Work::Stranger,
        }
    }

    /// Whether a setting that can only make the render fail decides nothing: whatever it says, no failure that it takes
    /// part in can come about with these values.
    pub fn checks_nothing(&self, text: &str) -> bool {
        let topologies = [Some(self.topology), self.on("sentinel.enabled").then_some(Topology::Sentinel)];
        let fails = topologies.into_iter().flatten().flat_map(|topology| self.chart.fails(topology));
        let mut others = fails
            .map(|fail| condition::terms(fail.condition).partition::<Vec<_>, _>(|term| term.names(text)))
            .filter(|(own, _)| !own.is_empty())
            .map(|(_, others)| others)
            .peekable();
        others.peek().is_some() && others.all(|terms| terms.iter().any(|term| self.term_holds(term) == Some(false)))
    }

    /// What must hold of the cluster for a setting to be read.
    pub fn needed_of_cluster(&self, text: &str) -> Option<Term<'static>> {
        let Read { verdict, switches } = self.chart.read(text, self.topology);
        let is_of_cluster = |term: &Term| matches!(term, Term::Beyond(term) if term.starts_with("@kube"));
        (verdict == Verdict::Read).then(|| condition::terms(switches).find(is_of_cluster)).flatten()
    }

    /// Whether a setting does nothing for another reason than the values of these keys.
    pub fn is_off_besides(&self, text: &str, others: &[&str]) -> bool {
        let Read { verdict, switches } = self.chart.read(text, self.topology);
        let is_other = |term: &Term| others.iter().any(|other| term.names(other));
        verdict != Verdict::Read
            || condition::terms(switches).any(|term| !is_other(&term) && self.term_holds(&term) == Some(false))
    }

    /// The topologies in which the chart reads a setting. One behind a switch of Sentinel is read with Sentinel only,
    /// whatever is rendered of it without.
    fn read_in(&self, text: &str) -> Vec<Topology> {
        let is_read = |topology: &Topology| {
            let Read { verdict, switches } = self.chart.read(text, *topology);
            let mut keys = condition::terms(switches).filter_map(|term| term.key());
            verdict == Verdict::Read && (*topology == Topology::Sentinel || !keys.any(is_of_sentinel))
        };
        Topology::ALL.into_iter().filter(is_read).collect()
    }

    /// Of a child that the chart does not name, in an open map of which it names others: the switches that all those
    /// need, and so this one, since what takes any child takes them all the same way.
    fn shared(&self, path: &Path, text: &str) -> Vec<Term<'static>> {
        let above = path.parent().map(|path| path.to_string()).unwrap_or_default();
        if self.chart.key(text).is_some() || !self.chart.key(&above).is_some_and(|key| key.open) {
            return Vec::new();
        }
        let named = self.chart.keys_below(&above).filter_map(|key| {
            let Read { verdict, switches } = self.chart.read(key.path, self.topology);
            let terms: Vec<Term> = condition::terms(switches).collect();
            (verdict == Verdict::Read).then_some((key.path, terms))
        });
        let named: Vec<_> = named.collect();
        // The switch itself does not need itself.
        let is_switch = |path: &str| named.iter().any(|(_, terms)| terms.iter().any(|term| term.names(path)));
        let mut rest = named.iter().filter(|(path, _)| !is_switch(path)).map(|(_, terms)| terms);
        let Some(first) = rest.next() else { return Vec::new() };
        let mut shared = first.clone();
        for terms in rest {
            shared.retain(|term| terms.contains(term));
        }
        shared
    }
}

fn is_of_sentinel(key: &str) -> bool {
    key.starts_with("sentinel.")
}
