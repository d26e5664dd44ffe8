//! Whether a key has an effect, and why not: one answer for lint, diff, migrate, explain and their reports.

use std::{cmp::Reverse, fmt};

use super::EffectiveValues;
use crate::{
    chart::{self, KeyUse, Setting, Topology, Verdict, condition::Term},
    yaml::{Path, Segment},
};

/// Whether a key has an effect in a release.
#[derive(Debug, Clone, PartialEq)]
pub enum KeyStatus {
    /// The key changes the release, or it is not measured whether it does.
    Active,
    /// The key changes no object of the release.
    NoEffect(NoEffect),
}

/// Why a key, or a change of its value, has no effect.
#[derive(Debug, Clone, PartialEq)]
pub enum NoEffect {
    /// The chart reads the key only in these topologies. Empty if no template reads the key.
    NotReadInTopology(Vec<Topology>),
    /// The chart reads the key only if this condition holds, and the condition does not hold.
    Disabled(Term<'static>),
    /// The key changes only the notes that Helm prints after an install.
    NotesOnly,
    /// The key can only make the render fail or prevent a failure.
    ValidationOnly,
    /// The chart version has no such key.
    UnknownKey,
    /// Other charts read the key.
    ReadByOthers,
    /// The value is empty on both sides of a change.
    Empty,
    /// The template uses the value of one side of a change if the other side has no value.
    SameAsFallback,
    /// Another key sets the same thing, and both sides of a change come to the same value.
    SetElsewhere,
}

/// The status of a key, in the words that every report uses.
impl fmt::Display for KeyStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Active => f.write_str("used"),
            Self::NoEffect(why) => why.fmt(f),
        }
    }
}

/// The status of an unused key: `unused in standalone`, `requires metrics.enabled: true`, with backticks.
impl fmt::Display for NoEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotReadInTopology(read) if read.is_empty() => "unused in every topology",
            Self::NotReadInTopology(read) => {
                let unused = Topology::ALL.iter().filter(|topology| !read.contains(topology));
                let names: Vec<_> = unused.map(|topology| format!("`{topology}`")).collect();
                return write!(f, "unused in {}", names.join(" and "));
            }
            Self::Disabled(term) => return write!(f, "requires {}", term.requirement()),
            Self::NotesOnly => "only shown in the notes after an install",
            Self::ValidationOnly => "only checked",
            Self::UnknownKey => "unknown key",
            Self::ReadByOthers => "read by other charts",
            Self::Empty => "empty on both sides",
            Self::SameAsFallback => "the chart uses the same value if the key has no value",
            Self::SetElsewhere => "another key sets the same value",
        })
    }
}

impl NoEffect {
    /// The identifier of the reason in machine-readable output.
    pub fn id(&self) -> &'static str {
        match self {
            Self::NotReadInTopology(_) => "not-read-in-topology",
            Self::Disabled(_) => "disabled",
            Self::NotesOnly => "notes-only",
            Self::ValidationOnly => "validation-only",
            Self::UnknownKey => "unknown-key",
            Self::ReadByOthers => "read-by-others",
            Self::Empty => "empty",
            Self::SameAsFallback => "same-as-fallback",
            Self::SetElsewhere => "set-elsewhere",
        }
    }

    /// Whether the chart ignores the key in this topology or because another key is off.
    pub fn is_unused(&self) -> bool {
        matches!(self, Self::NotReadInTopology(_) | Self::Disabled(_))
    }

    /// Whether the chart reads the key only in topologies with more than this one has: replicas or Sentinel.
    pub fn needs_more_than(&self, topology: Topology) -> bool {
        matches!(self, Self::NotReadInTopology(read) if !read.is_empty() && read.iter().all(|read| *read > topology))
    }
}

impl KeyStatus {
    /// The status of a key by its measured use in some topologies, with every switch on. `None` if the use is not
    /// measured.
    pub fn of_reading(verdict: Verdict, topologies: &[Topology]) -> Option<Self> {
        let others = || Topology::ALL.into_iter().filter(|topology| !topologies.contains(topology)).collect();
        Some(Self::NoEffect(match verdict {
            Verdict::Read => return Some(Self::Active),
            Verdict::Unmeasured => return None,
            Verdict::Dead => NoEffect::NotReadInTopology(others()),
            Verdict::Notes => NoEffect::NotesOnly,
            Verdict::Error => NoEffect::ValidationOnly,
            Verdict::Unknown => NoEffect::UnknownKey,
        }))
    }

    /// The identifier of the status in machine-readable output.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::NoEffect(why) => why.id(),
        }
    }

    /// The status of a key that the chart version does not have. Other charts can read keys below `global`.
    fn of_unknown(text: &str) -> Self {
        let is_global = text == "global" || text.starts_with("global.");
        Self::NoEffect(if is_global { NoEffect::ReadByOthers } else { NoEffect::UnknownKey })
    }

    /// Whether the chart ignores the key in this topology or because another key is off.
    pub fn is_unused(&self) -> bool {
        matches!(self, Self::NoEffect(why) if why.is_unused())
    }
}

impl EffectiveValues {
    /// The status of a key, whatever its value.
    pub fn status(&self, path: &Path, text: &str) -> KeyStatus {
        let KeyUse { verdict, terms, .. } = self.chart.read(text, self.topology);
        KeyStatus::NoEffect(match verdict {
            Verdict::Dead => NoEffect::NotReadInTopology(self.read_in(text)),
            // A key that only the notes show here is unused here if another topology reads it.
            Verdict::Notes => match self.read_in(text) {
                read if read.is_empty() => NoEffect::NotesOnly,
                read => NoEffect::NotReadInTopology(read),
            },
            Verdict::Read => {
                let off = |term: &&'static Term<'static>| self.term_holds(term) == Some(false);
                // The switch nearest to the key is reported, because the user most likely edits that block.
                let near = |term: &&'static Term<'static>| {
                    Reverse(term.key().and_then(|key| Some(key.parse::<Path>().ok()?.in_common(path))))
                };
                let mut all_off = terms.iter().filter(off);
                let nearest = match (all_off.next(), all_off.next()) {
                    (Some(first), Some(second)) => [first, second].into_iter().chain(all_off).min_by_key(near),
                    (only, _) => only,
                };
                let Some(term) = nearest.or_else(|| self.shared(text).into_iter().find(off)) else {
                    return KeyStatus::Active;
                };
                match term.key() {
                    Some(key) if is_of_sentinel(key) && self.topology != Topology::Sentinel => {
                        NoEffect::NotReadInTopology(self.read_in(text))
                    }
                    _ => match self.read_for_other_pods(path, text) {
                        read if read.is_empty() => NoEffect::Disabled(term.clone()),
                        read => NoEffect::NotReadInTopology(read),
                    },
                }
            }
            Verdict::Error => NoEffect::ValidationOnly,
            Verdict::Unmeasured => return KeyStatus::Active,
            Verdict::Unknown => return KeyStatus::of_unknown(text),
        })
    }

    /// The status of a key with its value. A key that depends on the cluster counts as disabled.
    ///
    /// `None` for a key that is only validated, if the validation can fail.
    pub fn status_as_set(&self, path: &Path, text: &str) -> Option<KeyStatus> {
        match self.status(path, text) {
            KeyStatus::Active => Some(match self.needed_of_cluster(text) {
                Some(term) => KeyStatus::NoEffect(NoEffect::Disabled(term)),
                None => KeyStatus::Active,
            }),
            KeyStatus::NoEffect(NoEffect::ValidationOnly) if !self.checks_nothing(text) => None,
            status => Some(status),
        }
    }

    /// Whether a key that is only validated cannot cause a failure with the other values.
    fn checks_nothing(&self, text: &str) -> bool {
        let topologies = [Some(self.topology), self.on("sentinel.enabled").then_some(Topology::Sentinel)];
        let fails = topologies.into_iter().flatten().flat_map(|topology| self.chart.fails(topology));
        let mut others = fails
            .map(|fail| fail.all_terms.iter().partition::<Vec<&Term>, _>(|term| term.names(text)))
            .filter(|(own, _)| !own.is_empty())
            .map(|(_, others)| others)
            .peekable();
        others.peek().is_some() && others.all(|terms| terms.iter().any(|term| self.term_holds(term) == Some(false)))
    }

    /// The condition on the cluster that the chart checks before it reads a key.
    fn needed_of_cluster(&self, text: &str) -> Option<Term<'static>> {
        let KeyUse { verdict, terms, .. } = self.chart.read(text, self.topology);
        let is_of_cluster = |term: &&Term| matches!(term, Term::NotFromValues(term) if term.starts_with("@kube"));
        (verdict == Verdict::Read).then(|| terms.iter().find(is_of_cluster).cloned()).flatten()
    }

    /// Whether a key has no effect for a reason other than the values of these keys.
    pub fn is_off_without(&self, text: &str, others: &[&str]) -> bool {
        let KeyUse { verdict, terms, .. } = self.chart.read(text, self.topology);
        let is_other = |term: &Term| others.iter().any(|other| term.names(other));
        verdict != Verdict::Read || terms.iter().any(|term| !is_other(term) && self.term_holds(term) == Some(false))
    }

    /// The topologies in which the chart reads a key.
    ///
    /// A key behind a switch of Sentinel counts as read with Sentinel only, even if the chart renders parts of the key
    /// without Sentinel.
    fn read_in(&self, text: &str) -> Vec<Topology> {
        let is_read = |topology: &Topology| {
            let KeyUse { verdict, terms, .. } = self.chart.read(text, *topology);
            let mut keys = terms.iter().filter_map(Term::key);
            verdict == Verdict::Read && (*topology == Topology::Sentinel || !keys.any(is_of_sentinel))
        };
        Topology::ALL.into_iter().filter(is_read).collect()
    }

    /// The topologies that read a key of pods which this topology does not have: there the pods use the key, and here at
    /// most some other object does.
    fn read_for_other_pods(&self, path: &Path, text: &str) -> Vec<Topology> {
        let Some(Segment::Key(part)) = path.segments().first() else { return Vec::new() };
        let has_pods = |topology: &Topology| {
            let mut resources = self.chart.places(Setting::Resources, *topology).iter();
            resources.any(|place| place.path.strip_suffix(".resources") == Some(part.as_str()))
        };
        if has_pods(&self.topology) {
            return Vec::new();
        }
        self.read_in(text).into_iter().filter(has_pods).collect()
    }

    /// The switches that an unnamed child of an open map requires: those that all declared children share, or all named
    /// ones if none is declared.
    ///
    /// The template that prints any child prints all of them in the same way. An undeclared child has a name because a
    /// template reads it in another place, too.
    fn shared(&self, text: &str) -> Vec<&'static Term<'static>> {
        let above = || chart::above(text).filter(|above| self.chart.key(above).is_some_and(|key| key.open));
        let Some(above) = (if self.chart.key(text).is_none() { above() } else { None }) else { return Vec::new() };
        let named = self.chart.keys_below(above).filter_map(|key| {
            let KeyUse { verdict, terms, .. } = self.chart.read(key.path, self.topology);
            (verdict == Verdict::Read).then_some((key, terms))
        });
        let named: Vec<_> = named.collect();
        // A switch does not require itself.
        let is_switch = |path: &str| named.iter().any(|(_, terms)| terms.iter().any(|term| term.names(path)));
        let printed: Vec<_> = named.iter().filter(|(key, _)| !is_switch(key.path)).collect();
        let has_declared = printed.iter().any(|(key, _)| key.declared);
        let mut rest = printed.iter().filter(|(key, _)| key.declared || !has_declared).map(|(_, terms)| *terms);
        let Some(first) = rest.next() else { return Vec::new() };
        let mut shared: Vec<_> = first.iter().collect();
        for terms in rest {
            shared.retain(|term| terms.contains(term));
        }
        shared
    }
}

fn is_of_sentinel(key: &str) -> bool {
    key.starts_with("sentinel.")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of statuses in the documentation has a row for each, with the words of the reports.
    #[test]
    fn each_status_is_documented() {
        let page = include_str!("../../docs/how-it-works.md");
        let term = chart::condition::terms("metrics.enabled=true").next().expect("a term");
        let all = [
            KeyStatus::Active,
            KeyStatus::NoEffect(NoEffect::NotReadInTopology(vec![Topology::Replication, Topology::Sentinel])),
            KeyStatus::NoEffect(NoEffect::Disabled(term)),
            KeyStatus::NoEffect(NoEffect::NotesOnly),
            KeyStatus::NoEffect(NoEffect::ValidationOnly),
            KeyStatus::NoEffect(NoEffect::UnknownKey),
            KeyStatus::NoEffect(NoEffect::ReadByOthers),
            KeyStatus::NoEffect(NoEffect::Empty),
            KeyStatus::NoEffect(NoEffect::SameAsFallback),
            KeyStatus::NoEffect(NoEffect::SetElsewhere),
        ];
        for status in all {
            let row = format!("\n| `{}` | {status} | ", status.id());
            assert!(page.contains(&row), "docs/how-it-works.md has no row{row}");
        }
    }
}
