//! What became of values that were carried to another chart version.
//!
//! No value of a secret stands in it: values are shown for defaults alone, and masked as those of a difference.

mod defaults;
mod json;
mod markdown;
mod text;
mod words;

use std::ops::Deref;

use super::{Color, View};
use crate::{
    diff::{Change, ChangedBy},
    migrate::{MigratedPlace, Migration, Outcome, Plan, RunbookStep},
};

/// How it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A person
    Text,
    /// A pull request
    Markdown,
    /// A program: one object, with the version of its shape
    Json,
}

/// What became of the values in one place of a file.
pub struct Report<'a> {
    /// Of the file.
    pub name: &'a str,
    pub place: &'a MigratedPlace,
}

impl Deref for Report<'_> {
    type Target = MigratedPlace;

    fn deref(&self) -> &MigratedPlace {
        self.place
    }
}

/// The reports of all places; it ends with the end of a line, or is empty.
pub fn render(format: Format, reports: &[Report]) -> String {
    match format {
        Format::Text => text(reports, Color::Off.into()),
        Format::Markdown => apart(reports.iter().map(markdown::render)),
        Format::Json => json::render(reports),
    }
}

/// The reports of all places for a person. On a terminal each ends with its summary.
pub fn text(reports: &[Report], view: View) -> String {
    apart(reports.iter().map(|report| text::render(report, view)))
}

/// One after the other, with an empty line between.
fn apart(texts: impl Iterator<Item = String>) -> String {
    texts.collect::<Vec<_>>().join("\n")
}

impl Report<'_> {
    /// How many values the source has, and how many of them are carried as they were, moved, and named in the report.
    pub fn sum(&self) -> OutcomeCounts {
        let mut sum = OutcomeCounts::default();
        for fate in &self.migrated.fates {
            sum.all += fate.leaves;
            *match fate.outcome {
                Outcome::Unchanged => &mut sum.kept,
                Outcome::Moved { .. } => &mut sum.moved,
                Outcome::Activated
                | Outcome::Dropped(_)
                | Outcome::KeptForAnchor(_)
                | Outcome::Unsupported(_)
                | Outcome::Refused(_) => &mut sum.told,
            } += fate.leaves;
        }
        sum
    }

    /// The parts of the plan that say something, each with its title.
    fn parts_of_plan(&self) -> Vec<(&'static str, &[RunbookStep])> {
        let Plan { steps, refused, rollback } = &self.plan;
        let parts: [(_, &[RunbookStep]); 3] = [
            ("upgrade steps, in this order", steps),
            ("if the upgrade was refused", refused),
            ("rollback, after a finished upgrade", rollback),
        ];
        parts.into_iter().filter(|(_, operations)| !operations.is_empty()).collect()
    }

    fn fates(&self, wanted: impl Fn(&Outcome) -> bool) -> Vec<&Migration> {
        self.migrated.fates.iter().filter(|fate| wanted(&fate.outcome)).collect()
    }

    /// Defaults that change under the values.
    fn defaults(&self) -> Vec<&Change> {
        if !self.of_release {
            return Vec::new();
        }
        self.compared.live().filter(|change| change.maker == ChangedBy::Chart).collect()
    }

    /// The same for a person; empty where there is nothing to tell.
    fn defaults_in_words(&self, color: Color) -> String {
        if !self.of_release {
            return String::new();
        }
        super::diff::of_chart(&self.compared, color) + &defaults::in_words(self, color)
    }
}

/// What an operation costs: ` [downtime, data loss]`; empty where it costs nothing.
fn costs(operation: &RunbookStep) -> Vec<&'static str> {
    let all = [(operation.downtime, "downtime"), (operation.loses_data, "data loss")];
    all.into_iter().filter(|(costs, _)| *costs).map(|(_, name)| name).collect()
}

/// Values by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutcomeCounts {
    pub all: usize,
    pub kept: usize,
    pub moved: usize,
    pub told: usize,
}
