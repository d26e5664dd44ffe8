//! Lints values files: finds mistakes before the install.
//!
//! A [`Subject`] is the values of one release in one text. Each [`Rule`] checks it and returns findings, and [`lint`]
//! returns them as [`Diagnostic`]s, sorted by place. The module reads no file and prints nothing.

mod acl;
pub mod baseline;
mod checked_file;
mod conf_lines;
mod count;
mod diagnostic;
pub mod engine;
pub mod fix;
pub mod ignore;
mod keys;
mod levels;
mod locate;
mod memory;
mod persistence;
mod redis_conf;
mod renders;
mod replicas;
mod rule;
pub mod rules;
mod running;
mod secrets;
mod services;
mod subject;

use crate::effective::images;
pub use checked_file::CheckedFile;
pub use count::{Counted, Policy, count};
pub use diagnostic::{Applicability, Diagnostic, Finding, Fix, Mark, Severity};
pub use levels::{FailOn, Level, Levels};
pub use rule::{Check, Facts, FixAvailability, Group, InMigration, InSubchart, Rule, Scope, Target};
pub use subject::{Entry, Subject};

/// The types that every rule needs.
mod prelude {
    pub(super) use super::{
        Applicability, Check, Diagnostic, Entry, Facts, Finding, Fix, FixAvailability, Group, InMigration, InSubchart,
        Rule, Scope, Severity, Subject, Target,
    };
}

/// The findings of all rules, in the order of the text.
pub fn lint(subject: &Subject) -> Vec<Diagnostic> {
    lint_with(subject, |_| true)
}

/// The findings of some of the rules, in the order of the text.
fn lint_with(subject: &Subject, is_wanted: impl Fn(&Rule) -> bool) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = rules::all()
        .iter()
        .filter(|rule| is_wanted(rule))
        .flat_map(|rule| rule.check_values(subject).into_iter().map(|finding| rule.report(finding)))
        .collect();
    sort(&mut found);
    found.dedup();
    found
}

/// Sorts findings in the order of the text.
fn sort(found: &mut [Diagnostic]) {
    found.sort_by(|a, b| (a.place().start, a.rule, &a.message).cmp(&(b.place().start, b.rule, &b.message)));
}
