//! Renders the migration of values to another chart version.
//!
//! The report contains no value of a secret. It shows only values of defaults, masked like those of a diff.

mod defaults;
mod json;
mod markdown;
mod text;
mod words;

use std::{ops::Deref, sync::Arc};

use super::{Color, View};
use crate::{
    diff::{Change, ChangedBy},
    migrate::{MigratedPlace, Migration, Outcome, Plan, RunbookStep},
};

/// The format of a migration report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a person
    Text,
    /// For a pull request
    Markdown,
    /// For a program: one object, with the version of its format
    Json,
}

/// The migration of the values in one place of a file.
pub struct Report<'a> {
    /// The name of the file.
    pub name: &'a str,
    pub place: &'a MigratedPlace,
}

impl Deref for Report<'_> {
    type Target = MigratedPlace;

    fn deref(&self) -> &MigratedPlace {
        self.place
    }
}

/// The reports of all places. The text is empty or ends with a newline.
pub fn render(format: Format, reports: &[Report]) -> String {
    match format {
        Format::Text => text(reports, Color::Off.into()),
        Format::Markdown => {
            let mut defaults = DefaultTexts::new(Color::Off);
            apart(reports.iter().map(|report| markdown::render(report, defaults.of(report))))
        }
        Format::Json => json::render(reports),
    }
}

/// The reports of all places as text. Each report on a terminal ends with its summary.
pub fn text(reports: &[Report], view: View) -> String {
    let mut defaults = DefaultTexts::new(view.color);
    apart(reports.iter().map(|report| text::render(report, defaults.of(report), view)))
}

/// The changed defaults of each report as text. Consecutive reports often have the same defaults.
struct DefaultTexts<'r> {
    color: Color,
    last: Option<(&'r Report<'r>, String)>,
}

impl<'r> DefaultTexts<'r> {
    fn new(color: Color) -> Self {
        Self { color, last: None }
    }

    fn of(&mut self, report: &'r Report<'r>) -> &str {
        let color = self.color;
        let last = self.last.take().filter(|(last, _)| last.has_same_defaults(report));
        let (_, text) = self.last.insert(last.unwrap_or_else(|| (report, report.defaults_in_words(color))));
        text
    }
}

/// Joins texts with an empty line between them.
fn apart(texts: impl Iterator<Item = String>) -> String {
    let mut all = String::new();
    for (at, text) in texts.enumerate() {
        if at > 0 {
            all.push('\n');
        }
        all.push_str(&text);
    }
    all
}

impl Report<'_> {
    /// The number of settings of the source file, in all and by outcome.
    pub fn sum(&self) -> OutcomeCounts {
        let mut sum = OutcomeCounts::default();
        for migration in &self.migrated.migrations {
            sum.all += migration.leaves;
            *match migration.outcome {
                Outcome::Unchanged => &mut sum.unchanged,
                Outcome::Moved { .. } => &mut sum.moved,
                Outcome::Dropped(_) | Outcome::KeptForAnchor(_) => &mut sum.unused,
                Outcome::Activated | Outcome::Unsupported(_) | Outcome::Refused(_) => &mut sum.need_action,
            } += migration.leaves;
        }
        sum
    }

    /// The non-empty parts of the plan with their titles.
    fn parts_of_plan(&self) -> Vec<(&'static str, &[RunbookStep])> {
        let Plan { steps, refused, rollback } = &self.plan;
        let parts: [(_, &[RunbookStep]); 3] = [
            ("upgrade steps, in this order", steps),
            ("if the upgrade was refused", refused),
            ("rollback, after a finished upgrade", rollback),
        ];
        parts.into_iter().filter(|(_, operations)| !operations.is_empty()).collect()
    }

    fn migrations(&self, expected: impl Fn(&Outcome) -> bool) -> Vec<&Migration> {
        self.migrated.migrations.iter().filter(|migration| expected(&migration.outcome)).collect()
    }

    /// The defaults that the chart itself changes.
    fn defaults(&self) -> Vec<&Change> {
        if !self.has_release_report {
            return Vec::new();
        }
        self.compared.with_effect().filter(|change| change.changed_by == ChangedBy::Chart).collect()
    }

    /// Whether another report has the same text about the changed defaults.
    fn has_same_defaults(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.compared, &other.compared)
            && self.has_release_report == other.has_release_report
            && self.limits == other.limits
    }

    /// The changed defaults as text. Empty if no default changes.
    fn defaults_in_words(&self, color: Color) -> String {
        if !self.has_release_report {
            return String::new();
        }
        super::diff::of_chart(&self.compared, color) + &defaults::in_words(self, color)
    }
}

/// The costs of a step: `downtime`, `data loss`.
fn costs(operation: &RunbookStep) -> Vec<&'static str> {
    let all = [(operation.downtime, "downtime"), (operation.loses_data, "data loss")];
    all.into_iter().filter(|(cost, _)| *cost).map(|(_, name)| name).collect()
}

/// The number of settings by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutcomeCounts {
    pub all: usize,
    pub unchanged: usize,
    pub moved: usize,
    /// Settings without effect: dropped, or kept only for their anchor.
    pub unused: usize,
    pub need_action: usize,
}
