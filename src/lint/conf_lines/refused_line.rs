//! A line that Redis or Sentinel refuses: the data alone.

use crate::{
    lint::{Severity, redis_conf::directive::Directive},
    redis::directives::Refusal,
};

/// A line that the program refuses.
pub(in crate::lint) struct RefusedLine {
    pub directive: Directive,
    /// The name for messages: `sentinel monitor` for an option of Sentinel.
    pub name: String,
    pub program: &'static str,
    pub refusal: Refusal,
    /// Whether a module could add the directive.
    pub has_modules: bool,
}

impl RefusedLine {
    /// Error if the running version was measured. `newer` is for any other version.
    pub fn severity(&self, newer: Severity) -> Severity {
        if self.refusal.is_certain { Severity::Error } else { newer }
    }
}
