//! One change between two sides.

use crate::{
    chart::{Effect, Effects},
    effective::NoEffect,
    yaml::{Path, Value},
};

/// A path with different values on the two sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The path in the keys of the newer chart, or of the older chart if the newer chart has no such key.
    pub path: Path,
    pub old: SideValue,
    pub new: SideValue,
    pub changed_by: ChangedBy,
    pub status: ChangeStatus,
}

/// The value of one side at the path of a change.
#[derive(Debug, Clone, PartialEq)]
pub struct SideValue {
    /// The path in the keys of the side's own chart.
    pub path: Path,
    /// The effective value. `None` if neither the values nor the chart set the key.
    pub value: Option<Value>,
    /// Whether the values set this path or a path above it. Otherwise the value is the chart's default.
    pub written: bool,
}

/// The cause of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangedBy {
    /// The written values differ.
    Values,
    /// Neither side sets the key: the two charts have different defaults or different keys.
    Chart,
}

/// Whether a change has an effect on the release.
#[derive(Debug, Clone, PartialEq)]
pub enum ChangeStatus {
    /// The change has an effect, with everything that is known about it.
    Active(Effects),
    /// The change has no effect, for this reason.
    NoEffect(NoEffect),
}

impl Change {
    pub fn has_effect(&self) -> bool {
        matches!(self.status, ChangeStatus::Active(_))
    }

    /// The known effects of the change. Empty if the change has no effect.
    pub fn effects(&self) -> Effects {
        match self.status {
            ChangeStatus::Active(effects) => effects,
            ChangeStatus::NoEffect(_) => Effects::default(),
        }
    }

    /// Removes an effect that the change does not have in this comparison.
    pub(super) fn forget(&mut self, effect: Effect) {
        if let ChangeStatus::Active(effects) = &mut self.status {
            *effects = effects.without(effect);
        }
    }

    /// Swaps the old and the new side.
    #[must_use]
    pub fn reversed(self) -> Self {
        let Self { path, old, new, changed_by, status } = self;
        Self { path, old: new, new: old, changed_by, status }
    }
}
