//! What differs in effect between two values files: what a change of the values will do.
//!
//! Both sides are laid over the defaults of their chart before they are compared, so that order, quotes, comments and
//! keys that repeat a default are no difference; what the chart does not read in its topology is told apart, as having
//! no effect. Of two chart versions the older side is carried into the keys of the newer one first, so that a renamed
//! key is one key, and a default that the chart has changed is a change that no file has made.
//!
//! It knows no text: where something is written, its caller finds by the path.

mod apply;
mod carry;
mod change;
mod compare;
mod directives;
mod file;
mod installed;
mod printed;
mod select;
mod unknown;

use crate::{
    chart::{Chart, Effect, Topology},
    effective::{EffectiveValues, Refusal},
    yaml::{Helm, Map, Path},
};
pub use apply::apply;
use carry::Normalized;
pub use change::{Change, ChangedBy, Life, SideValue};
pub use file::{Compared, SideOfFile, diff_files};
pub use installed::{ClaimImpact, Claims, Installed, fixed_kind};
pub use select::Pattern;

/// How sides are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mode {
    pub helm: Helm,
    /// What is written alone, without the chart's defaults.
    pub raw: bool,
}

/// What differs, in the order of the chart's own file.
#[derive(Debug, Clone)]
pub struct Diff {
    pub changes: Vec<Change>,
    pub old: EffectiveInput,
    pub new: EffectiveInput,
}

/// One side as its chart takes it.
#[derive(Debug, Clone)]
pub struct EffectiveInput {
    pub chart: Chart,
    pub topology: Topology,
    /// False where an encrypted value decides the topology.
    pub topology_is_known: bool,
    /// All values, in the keys of the newer chart: what is compared.
    pub values: Map,
    /// Why the chart does not render with them; empty where it renders, or where what is written is compared.
    pub refusals: Vec<Refusal>,
    /// What the side installs; none where no change touches it, or where what is written is compared.
    pub installed: Option<Installed>,
}

impl EffectiveInput {
    /// The topology as a report names it.
    pub fn topology_name(&self) -> String {
        if self.topology_is_known { self.topology.to_string() } else { "topology unknown (encrypted)".to_owned() }
    }
}

impl Diff {
    /// Those that do something.
    pub fn live(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.is_live())
    }

    /// Whether both sides come to the same.
    pub fn is_empty(&self) -> bool {
        self.live().next().is_none()
    }

    /// Whether the chart of a side does not render with its values: what the change will do is not known.
    pub fn is_refused(&self) -> bool {
        !self.old.refusals.is_empty() || !self.new.refusals.is_empty()
    }

    /// Whether the sides are for two versions of the chart.
    pub fn is_of_two_charts(&self) -> bool {
        self.old.chart.version() != self.new.chart.version()
    }

    /// Forgets what is not at or below one of the paths of `only`, where some are named, and what is below one of
    /// `ignore`; both sides are taken to say the same there.
    pub fn select(&mut self, only: &[Pattern], ignore: &[Pattern]) {
        let wanted = |change: &Change| {
            let names = |pattern: &Pattern, how: fn(&Pattern, &Path) -> bool| {
                [&change.path, &change.old.path, &change.new.path].into_iter().any(|path| how(pattern, path))
            };
            (only.is_empty() || only.iter().any(|pattern| names(pattern, Pattern::touches)))
                && !ignore.iter().any(|pattern| names(pattern, Pattern::covers))
        };
        let (kept, dropped) = std::mem::take(&mut self.changes).into_iter().partition(wanted);
        self.changes = kept;
        apply(&mut self.old.values, &dropped);
    }

    /// Seen from the other side.
    #[must_use]
    pub fn turned(self) -> Self {
        let Self { changes, old, new } = self;
        Self { changes: changes.into_iter().map(Change::turned).collect(), old: new, new: old }
    }
}

/// Compares two sides.
pub fn diff(old: &EffectiveValues, new: &EffectiveValues, ground: Mode) -> Diff {
    // What is carried is carried onwards: older keys have a story, newer ones have none in an older chart.
    if old.chart.version() > new.chart.version() {
        return diff(new, old, ground).turned();
    }
    let mut found = compared(old, new, ground);
    unknown::settle(&mut found, old, new, ground);
    found
}

/// Compares two sides, the older first.
fn compared(old: &EffectiveValues, new: &EffectiveValues, ground: Mode) -> Diff {
    let (old, new) = (Normalized::new(old, Some(&new.chart), ground), Normalized::new(new, None, ground));
    let mut changes = Vec::new();
    compare::compare(&old, &new, ground, &mut changes);
    changes.sort_by_cached_key(|change| (new.chart().rank(&change.path.to_string()), change.path.clone()));
    // Only a change that replaces something, or cannot be made in place, asks for what is installed.
    let is_of_objects =
        |change: &Change| change.effects().contains(Effect::Immutable) || change.effects().contains(Effect::Workload);
    let of_objects = old.chart().version() != new.chart().version() || changes.iter().any(is_of_objects);
    let [old, new] = [old, new].map(|laid| laid.taken(ground, of_objects));
    if let (Some(old), Some(new)) = (&old.installed, &new.installed) {
        installed::without_replaced(&mut changes, old, new);
    }
    Diff { changes, old, new }
}

#[cfg(test)]
mod tests;
