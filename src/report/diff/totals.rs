//! How much differs.

use std::{fmt, ops::AddAssign};

use super::{
    view::{ChangeRow, View},
    words,
};
use crate::{chart::Effect, report::totals::counted};

/// How many changes there are, by whom and to what effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Totals {
    /// Of what the values change.
    pub values: usize,
    /// Of what the chart changes by itself.
    pub chart: usize,
    /// Changes of the values that do nothing.
    pub idle: usize,
    /// Of the first two, by effect, from the worst on; a change may have several. Keys that the chart itself has more
    /// or less are none of them: what becomes of a release by them is a matter of its templates.
    pub effects: [usize; Effect::ALL.len()],
    /// Of those that cannot be made in place, the fields of Services.
    pub services: usize,
    /// Sides that do not render.
    pub refused: usize,
}

impl Totals {
    pub fn of(sight: &View) -> Self {
        let mut totals = Self {
            values: sight.live().count(),
            chart: sight.of_chart().count(),
            idle: sight.idle().count(),
            refused: sight.refused_sides(),
            ..Self::default()
        };
        for row in sight.live().chain(sight.of_chart().filter(|row| row.is_in_both())) {
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

    /// From the worst on, those that some change has.
    pub fn effects(&self) -> impl Iterator<Item = (Effect, usize)> {
        Effect::ALL.into_iter().zip(self.effects).filter(|(_, count)| *count > 0)
    }
}

impl AddAssign for Totals {
    fn add_assign(&mut self, Self { values, chart, idle, effects, services, refused }: Self) {
        self.services += services;
        self.refused += refused;
        self.values += values;
        self.chart += chart;
        self.idle += idle;
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

/// `3 changes and 12 of the chart itself: 1 may lose data, 2 restart pods; 4 without effect`.
impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.values, self.chart) {
            (0, 0) if self.refused > 0 => f.write_str("effect unknown")?,
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
        if self.idle > 0 {
            write!(f, "; {} without effect", self.idle)?;
        }
        match self.refused {
            0 => {}
            1 => f.write_str("; 1 side does not render")?,
            sides => write!(f, "; {sides} sides do not render")?,
        }
        Ok(())
    }
}
