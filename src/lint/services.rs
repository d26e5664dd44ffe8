//! The Services that the chart renders for these values, with what is written for each: the ground that the rules of
//! the access group share.

use std::{ops::Deref, rc::Rc};

use super::{
    Subject,
    annotations::{Annotation, annotations},
};
use crate::{
    chart::{Place, Verdict},
    yaml::{Span, Value},
};

/// What clients find behind a Service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Front {
    Primary,
    Replicas,
    /// All nodes, and their Sentinels.
    Nodes,
    /// The node that is the master at the time.
    Master,
    /// One pod for each Service.
    Pods,
    /// The exporter, not Redis.
    Metrics,
}

impl Front {
    const ALL: [Self; 6] = [Self::Primary, Self::Replicas, Self::Nodes, Self::Master, Self::Pods, Self::Metrics];

    /// The words of the catalogue for its keys begin with this.
    fn word(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Replicas => "replicas",
            Self::Nodes => "sentinel-service",
            Self::Master => "master-service",
            Self::Pods => "per-pod",
            Self::Metrics => "metrics-service",
        }
    }

    /// In the middle of a sentence.
    pub fn what(self) -> &'static str {
        match self {
            Self::Primary => "the primary",
            Self::Replicas => "the replicas",
            Self::Nodes => "all nodes and their Sentinels",
            Self::Master => "the current primary",
            Self::Pods => "every pod",
            Self::Metrics => "the metrics",
        }
    }

    /// Whether Redis answers there.
    pub fn is_redis(self) -> bool {
        self != Self::Metrics
    }
}

/// A Service that is rendered, with the values that say so.
pub(super) struct Service<'a> {
    pub subject: &'a Subject<'a>,
    rendered: &'a Rendered,
}

/// A Service that is rendered.
pub(super) struct Rendered {
    pub front: Front,
    /// The key that all of its keys stand below.
    pub base: String,
    /// `ClusterIP`, `NodePort`, `LoadBalancer`.
    pub kind: String,
    /// Those of the Service itself.
    pub annotations: Vec<Annotation>,
    /// Those that the chart puts on all that it renders.
    pub common: Rc<[Annotation]>,
    /// Whether values tell all annotations: a template among them could say anything.
    pub all_known: bool,
}

impl Deref for Service<'_> {
    type Target = Rendered;

    fn deref(&self) -> &Rendered {
        self.rendered
    }
}

/// The Services of this chart version, this topology and these switches.
pub(super) fn services<'a>(subject: &'a Subject<'a>) -> Vec<Service<'a>> {
    subject.rendered().iter().map(|rendered| Service { subject, rendered }).collect()
}

/// What [`Subject::rendered`] gives.
pub(super) fn rendered(subject: &Subject) -> Vec<Rendered> {
    let common: Option<Rc<[Annotation]>> = annotations(subject, COMMON).map(Rc::from);
    Front::ALL.into_iter().filter_map(|front| Rendered::of(subject, front, common.as_ref())).collect()
}

impl Rendered {
    fn of(subject: &Subject, front: Front, common: Option<&Rc<[Annotation]>>) -> Option<Self> {
        let enabled = subject.places(&format!("{}.enabled", front.word()));
        let type_key = subject.places(&format!("{}.type", front.word())).into_iter().next()?;
        if !enabled.iter().all(|switch| subject.on(switch)) || !is_read(subject, &type_key) {
            return None;
        }
        let base = type_key.strip_suffix(".type")?.to_owned();
        let kind = subject.text(&type_key)?;
        let own = subject.places(&format!("{}.annotations", front.word()));
        let own = own.first().map_or(Some(Vec::new()), |key| annotations(subject, key));
        // The Services of single pods are the only ones that these are not put on.
        let common = if front == Front::Pods { Some(Rc::default()) } else { common.cloned() };
        let all_known = own.is_some() && common.is_some();
        let (annotations, common) = (own.unwrap_or_default(), common.unwrap_or_default());
        Some(Self { front, base, kind, annotations, common, all_known })
    }
}

impl Service<'_> {
    /// How this chart version says a part of it, as a word of the catalogue.
    pub fn place(&self, part: &str) -> Option<Place> {
        let word = format!("{}.{part}", self.front.word());
        self.subject.chart.places(&word, self.subject.topology).into_iter().next()
    }

    pub fn is_balanced(&self) -> bool {
        self.kind == "LoadBalancer"
    }

    /// Whether it is reached from outside of the cluster.
    pub fn is_outside(&self) -> bool {
        self.is_balanced() || self.kind == "NodePort"
    }

    /// The path of one of its fields, where this chart version has it.
    pub fn field(&self, name: &str) -> Option<String> {
        let path = format!("{}.{name}", self.base);
        self.subject.chart.takes(&path).then_some(path)
    }

    /// What the chart renders for one of its fields; none where it leaves the field out.
    pub fn value(&self, name: &str) -> Option<Value> {
        let path = self.field(name)?;
        is_read(self.subject, &path).then(|| self.subject.value(&path))?
    }

    /// The number that a field says, as number or as text; none for none and for 0.
    pub fn number(&self, name: &str) -> Option<i64> {
        let number = match self.value(name)? {
            Value::Int(number) => number,
            Value::String(text) => text.parse().ok()?,
            _ => return None,
        };
        (number != 0).then_some(number)
    }

    /// The texts of a field that takes one or several; numbers and the like are none.
    pub fn texts(&self, name: &str) -> Vec<String> {
        let texts = match self.value(name) {
            Some(Value::String(text)) => vec![text],
            Some(Value::List(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        texts.into_iter().filter(|text| !text.is_empty()).collect()
    }

    /// Where the file says a field, or else what is nearest to it.
    pub fn span(&self, name: &str) -> Span {
        let path = format!("{}.{name}", self.base);
        let exact = self.subject.entry(&path).map(|entry| entry.value);
        exact.or_else(|| self.subject.nearest(&path).map(|entry| entry.key)).unwrap_or_default()
    }

    /// Its annotations and those that stand on everything.
    pub fn all_annotations(&self) -> impl Iterator<Item = &Annotation> {
        self.annotations.iter().chain(self.common.iter())
    }
}

const COMMON: &str = "commonAnnotations";

/// Whether the chart reads a key, all switches as they stand; also where values do not tell.
pub(super) fn is_read(subject: &Subject, path: &str) -> bool {
    let read = subject.chart.read(path, subject.topology);
    matches!(read.verdict, Verdict::Read | Verdict::Unmeasured) && subject.holds(read.switches) != Some(false)
}
