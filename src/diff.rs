//! Compares two values files by their effect on the release.
//!
//! Both sides are merged with the defaults of their chart first. Order, quotes, comments and keys that repeat a default
//! are therefore no difference. A key that its chart does not read in the topology of the side is a change without an
//! effect.
//!
//! If the sides are for two chart versions, the values of the older side are migrated to the keys of the newer chart. A
//! renamed key is then one key, and a changed default is a change by the chart.
//!
//! This module does not know the text of the files. Its callers find the line of a change by the path.

mod apply;
mod change;
mod compare;
mod directives;
mod file;
mod installed;
mod normalize;
mod printed;
mod select;
mod unknown;

use crate::{
    chart::{Chart, Effect, KeyMappings, Topology},
    effective::{EffectiveValues, Refusal},
    yaml::{Helm, Map, Path},
};
pub use apply::apply;
pub use change::{Change, ChangeStatus, ChangedBy, SideValue};
pub use file::{Compared, FileSide, diff_files, diff_files_with};
pub use installed::{ClaimImpact, Claims, Installed, fixed_kind};
use normalize::Normalized;
pub use select::Pattern;

/// How two sides are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mode {
    pub helm: Helm,
    /// Compare the written values alone, without the defaults of the chart.
    pub raw: bool,
}

/// The changes between two sides, in the order of the chart's `values.yaml`.
#[derive(Debug, Clone)]
pub struct Diff {
    pub changes: Vec<Change>,
    pub old: EffectiveInput,
    pub new: EffectiveInput,
}

/// One side of a comparison with its effective values.
#[derive(Debug, Clone)]
pub struct EffectiveInput {
    pub chart: Chart,
    pub topology: Topology,
    /// False where an encrypted value decides the topology.
    pub topology_is_known: bool,
    /// The values that are compared, in the keys of the newer chart.
    pub values: Map,
    /// Why the chart does not render with the values. Empty if it renders, and in [`Mode::raw`].
    pub refusals: Vec<Refusal>,
    /// The objects that the side installs. `None` if no change touches them, and in [`Mode::raw`].
    pub installed: Option<Installed>,
}

impl EffectiveInput {
    /// The topology as a report names it.
    pub fn topology_name(&self) -> String {
        if self.topology_is_known { self.topology.to_string() } else { "topology unknown (encrypted)".to_owned() }
    }
}

impl Diff {
    /// The changes that have an effect.
    pub fn with_effect(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.has_effect())
    }

    /// Whether no change has an effect.
    pub fn is_empty(&self) -> bool {
        self.with_effect().next().is_none()
    }

    /// Whether a chart does not render with the values of its side, which leaves the effect of the change unknown.
    pub fn is_refused(&self) -> bool {
        !self.old.refusals.is_empty() || !self.new.refusals.is_empty()
    }

    /// Whether the sides are for two versions of the chart.
    pub fn is_of_two_charts(&self) -> bool {
        self.old.chart.version() != self.new.chart.version()
    }

    /// Keeps the changes at or below a path of `only`, if there is any, and not below a path of `ignore`.
    ///
    /// The old values become equal to the new ones at every dropped change.
    pub fn select(&mut self, only: &[Pattern], ignore: &[Pattern]) {
        let is_selected = |change: &Change| {
            let matches = |pattern: &Pattern, how: fn(&Pattern, &Path) -> bool| {
                [&change.path, &change.old.path, &change.new.path].into_iter().any(|path| how(pattern, path))
            };
            (only.is_empty() || only.iter().any(|pattern| matches(pattern, Pattern::touches)))
                && !ignore.iter().any(|pattern| matches(pattern, Pattern::covers))
        };
        let (selected, dropped) = std::mem::take(&mut self.changes).into_iter().partition(is_selected);
        self.changes = selected;
        apply(&mut self.old.values, &dropped);
    }

    /// Drops the values of both sides, which only a comparison as whole files needs.
    pub fn forget_values(&mut self) {
        self.old.values = Map::new();
        self.new.values = Map::new();
    }

    /// Swaps the old and the new side.
    #[must_use]
    pub fn reversed(self) -> Self {
        let Self { changes, old, new } = self;
        Self { changes: changes.into_iter().map(Change::reversed).collect(), old: new, new: old }
    }
}

/// Compares two sides.
pub fn diff(old: &EffectiveValues, new: &EffectiveValues, mode: Mode) -> Diff {
    diff_with(old, new, mode, &KeyMappings::default())
}

/// Compares two sides, with mappings of keys that other comparisons have made.
pub fn diff_with(old: &EffectiveValues, new: &EffectiveValues, mode: Mode, mappings: &KeyMappings) -> Diff {
    // Keys are migrated from the older chart to the newer one, because older charts have no names for newer keys.
    if old.chart.version() > new.chart.version() {
        return diff_with(new, old, mode, mappings).reversed();
    }
    let mut diff = compared(old, new, mode, mappings);
    unknown::add_possible_effects(&mut diff, old, new, mode, mappings);
    diff
}

/// Compares two sides, with the older chart first.
fn compared(old: &EffectiveValues, new: &EffectiveValues, mode: Mode, mappings: &KeyMappings) -> Diff {
    let (old, new) = (Normalized::new(old, Some((&new.chart, mappings)), mode), Normalized::new(new, None, mode));
    let mut changes = Vec::new();
    compare::compare(&old, &new, mode, &mut changes);
    let mut ranked: Vec<_> =
        changes.into_iter().map(|change| (new.chart().rank(&change.path.to_string()), change)).collect();
    ranked.sort_by(|(a_rank, a), (b_rank, b)| a_rank.cmp(b_rank).then_with(|| a.path.cmp(&b.path)));
    let mut changes: Vec<Change> = ranked.into_iter().map(|(_, change)| change).collect();
    // The installed objects matter only for a change that replaces an object or that Kubernetes refuses in place.
    let touches_an_object =
        |change: &Change| change.effects().contains(Effect::Immutable) || change.effects().contains(Effect::Workload);
    let touches_objects = old.chart().version() != new.chart().version() || changes.iter().any(touches_an_object);
    let [old, new] = [old, new].map(|side| side.into_input(mode, touches_objects));
    if let (Some(old), Some(new)) = (&old.installed, &new.installed) {
        installed::ignore_replaced_objects(&mut changes, old, new);
    }
    Diff { changes, old, new }
}

#[cfg(test)]
mod tests;
