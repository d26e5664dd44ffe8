//! A directive of `redis.conf` with its place: the data alone.

use std::{borrow::Borrow, ops::Deref};

use crate::{effective::directives, yaml::Span};

/// One directive, with its place in the file.
#[derive(Debug, Clone)]
pub(in crate::lint) struct Directive {
    pub(super) directive: directives::Directive,
    /// None for a default of the chart.
    pub span: Option<Span>,
}

impl Deref for Directive {
    type Target = directives::Directive;

    fn deref(&self) -> &directives::Directive {
        &self.directive
    }
}

impl Borrow<directives::Directive> for Directive {
    fn borrow(&self) -> &directives::Directive {
        &self.directive
    }
}

/// The directives of the pods below a key; none if a ConfigMap outside the values has them.
pub(in crate::lint) type PodDirectives = (&'static str, Option<Vec<Directive>>);
