//! Counts changes.

use std::{fmt, ops::AddAssign};

use super::{
    view::{ChangeRow, View},
    words,
};
use crate::{chart::Effect, report::totals::counted};

/// The number of changes by cause and by effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Totals {
    /// Changes with an effect that the values make.
    pub values: usize,
    /// Changes with an effect that the charts themselves make.
    pub chart: usize,
    /// Changes of the values without an effect.
    pub without_effect: usize,
    /// The changes of `values` and `chart` by effect, worst first. A change may have several effects.
    ///
    /// New and removed keys of the charts are not counted, because their effect depends on the templates.
    pub effects: [usize; Effect::ALL.len()],
    /// The changes of immutable fields that are fields of Services.
    pub services: usize,
    /// Sides that do not render.
    pub refused_sides: usize,
}

impl Totals {
    pub fn of(view: &View) -> Self {
        let mut totals = Self {
            values: view.of_values().count(),
            chart: view.of_chart().count(),
            without_effect: view.without_effect().count(),
            refused_sides: view.refused_sides(),
            ..Self::default()
        };
        for row in view.of_values().chain(view.of_chart().filter(|row| row.is_in_both())) {
            totals.add(row);
        }
        totals
    }

    fn add(&mut self, row: &ChangeRow) {
        for (count, effect) in self.effects.iter_mut().zip(Effect::ALL) {
            *count += usize::from(row.effects.contains(effect));
        }
        let is_fixed = row.effects.contains(Effect::Immutable);
        self.services += usize::from(is_fixed && words::is_of_service(&row.change.old.path));
    }

    /// The effects that some change has, worst first.
    pub fn effects(&self) -> impl Iterator<Item = (Effect, usize)> {
        Effect::ALL.into_iter().zip(self.effects).filter(|(_, count)| *count > 0)
    }
}

impl AddAssign for Totals {
    fn add_assign(&mut self, Self { values, chart, without_effect, effects, services, refused_sides }: Self) {
        self.services += services;
        self.refused_sides += refused_sides;
        self.values += values;
        self.chart += chart;
        self.without_effect += without_effect;
        for (sum, count) in self.effects.iter_mut().zip(effects) {
            *sum += count;
        }
    }
}

impl std::iter::Sum for Totals {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |mut sum, one| {
            sum += one;
            sum
        })
    }
}

/// The summary: `3 changes and 12 of the chart itself: 1 may lose data, 2 restart pods; 4 without effect`.
impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.values, self.chart) {
            (0, 0) if self.refused_sides > 0 => f.write_str("effect unknown")?,
            (0, 0) => f.write_str("no change in effect")?,
            (values, 0) => f.write_str(&counted(values, "change"))?,
            (0, chart) => write!(f, "{} of the chart itself", counted(chart, "change"))?,
            (values, chart) => write!(f, "{} and {chart} of the chart itself", counted(values, "change"))?,
        }
        let effects: Vec<String> =
            self.effects().map(|(effect, count)| words::counted(count, effect, self.services)).collect();
        if !effects.is_empty() {
            write!(f, ": {}", effects.join(", "))?;
        }
        if self.without_effect > 0 {
            write!(f, "; {} without effect", self.without_effect)?;
        }
        match self.refused_sides {
            0 => {}
            1 => f.write_str("; 1 side does not render")?,
            sides => write!(f, "; {sides} sides do not render")?,
        }
        Ok(())
    }
}
