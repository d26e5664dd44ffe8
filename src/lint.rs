//! The judge of values files: what the chart will make of what is written, said before the install.
//!
//! A [`Subject`] is the values of one release as they stand in one text; each [`Rule`] looks at it and returns
//! findings; [`lint`] makes them into [`Diagnostic`]s, sorted by place. It reads no file and prints nothing.

mod acl;
pub mod baseline;
mod diagnostic;
pub mod fix;
pub mod ignore;
pub mod judge;
mod judged;
mod kept;
mod keys;
mod levels;
mod limits;
mod nodes;
mod place;
mod redis_conf;
mod rule;
pub mod rules;
mod secrets;
mod services;
mod subject;

use crate::effective::images;
pub use diagnostic::{Applicability, Diagnostic, Finding, Fix, Mark, Severity};
pub use judged::Judged;
pub use levels::{FailOn, Level, Levels};
pub use rule::{Check, Facts, FixAvailability, Group, InSubchart, Rule, Scope, Target};
pub use subject::{Entry, Subject};

/// What every rule needs.
mod prelude {
    pub(super) use super::{
        Applicability, Check, Entry, Facts, Finding, Fix, FixAvailability, Group, InSubchart, Rule, Scope, Severity,
        Subject, Target,
    };
}

/// What all rules have to say of the subject, in the order of the text.
pub fn lint(subject: &Subject) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = rules::all()
        .iter()
        .flat_map(|rule| rule.check_values(subject).into_iter().map(|finding| Diagnostic::of(rule, finding)))
        .collect();
    sort(&mut found);
    found.dedup();
    found
}

/// Brings findings into the order of the text.
fn sort(found: &mut [Diagnostic]) {
    found.sort_by(|a, b| (a.place().start, a.rule, &a.message).cmp(&(b.place().start, b.rule, &b.message)));
}
