//! A Service that the chart renders, with its annotations: the data alone.

use std::{cell::OnceCell, rc::Rc};

use crate::{
    chart::ServiceKind,
    cloud,
    yaml::{Path, Span, Value},
};

/// Values that turn a feature off, in any cloud.
const OFF: [&str; 9] = ["", "0", "f", "false", "none", "off", "no", "disabled", "tcp"];

/// A Service that the chart renders.
pub(in crate::lint) struct RenderedService {
    pub kind: ServiceKind,
    /// The key above all keys of the Service.
    pub base: String,
    /// `ClusterIP`, `NodePort` or `LoadBalancer`.
    pub service_type: String,
    /// The annotations of the Service itself.
    pub annotations: Vec<Annotation>,
    /// The annotations that the chart puts on every object.
    pub common: Rc<[Annotation]>,
    /// Whether the values contain all annotations. A template can render any annotation.
    pub annotations_are_known: bool,
    /// For `balancer`, empty until a rule needs it.
    pub facts: BalancerFacts,
}

/// What the settings of a Service show about its load balancer, each once a rule needs it.
#[derive(Default)]
pub(in crate::lint) struct BalancerFacts {
    pub cloud: OnceCell<Option<cloud::Cloud>>,
    pub visibility: OnceCell<cloud::Visibility>,
    pub controller: OnceCell<Option<&'static cloud::Controller>>,
}

/// An annotation in the values. A null is no annotation.
pub(in crate::lint) struct Annotation {
    pub key: String,
    pub path: Path,
    pub value: Value,
    pub key_span: Span,
    pub value_span: Span,
    /// The facts about this annotation, if some controller reads it.
    pub facts: Option<&'static cloud::Annotation>,
}

impl Annotation {
    /// The value, if it is a text that the chart prints unchanged.
    pub fn text(&self) -> Option<&str> {
        self.value.as_str().filter(|text| !text.contains("{{"))
    }

    /// Whether the value is a word for *off*, in any cloud.
    pub fn is_off(&self) -> bool {
        self.text().is_some_and(|text| OFF.contains(&text.to_ascii_lowercase().as_str()))
    }
}
