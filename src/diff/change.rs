//! One thing that differs.

use crate::{
    chart::{Effect, Effects},
    effective::NoEffect,
    yaml::{Path, Value},
};

/// A path at which the two sides say something else.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// In the keys of the newer chart; a key that it does not have, in those of the older.
    pub path: Path,
    pub old: SideValue,
    pub new: SideValue,
    pub maker: ChangedBy,
    pub life: Life,
}

/// What one side says there.
#[derive(Debug, Clone, PartialEq)]
pub struct SideValue {
    /// In the keys of its own chart.
    pub path: Path,
    /// None where there is nothing, not even a default.
    pub value: Option<Value>,
    /// Whether the values say it, with a key at this path or above; else it is the chart's default.
    pub written: bool,
}

/// Whose change it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangedBy {
    /// What is written differs.
    Values,
    /// Nobody says anything: the two charts have other defaults, or other keys.
    Chart,
}

/// What it does.
#[derive(Debug, Clone, PartialEq)]
pub enum Life {
    /// It changes what is installed, with all that is known of it.
    Live(Effects),
    Idle(NoEffect),
}

impl Change {
    pub fn is_live(&self) -> bool {
        matches!(self.life, Life::Live(_))
    }

    /// What is known of what it does; nothing where it does nothing.
    pub fn effects(&self) -> Effects {
        match self.life {
            Life::Live(effects) => effects,
            Life::Idle(_) => Effects::default(),
        }
    }

    /// Takes out an effect that it does not have here.
    pub(super) fn forget(&mut self, effect: Effect) {
        if let Life::Live(effects) = &mut self.life {
            *effects = effects.without(effect);
        }
    }

    /// Seen from the other side.
    #[must_use]
    pub fn turned(self) -> Self {
        let Self { path, old, new, maker, life } = self;
        Self { path, old: new, new: old, maker, life }
    }
}
