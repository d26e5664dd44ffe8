//! The Services that the chart renders for these values, with what is written for each: the ground that the rules of
//! the reaching group share.

use std::net::IpAddr;

use super::{Entry, Subject};
use crate::{
    chart::Verdict,
    cloud::{self, AnnotationKind, Cloud, annotation},
    yaml::{Path, Span, Value},
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
            Self::Primary => "the master",
            Self::Replicas => "the replicas",
            Self::Nodes => "all nodes and their Sentinels",
            Self::Master => "the node that is the master",
            Self::Pods => "every pod",
            Self::Metrics => "the metrics",
        }
    }

    /// Whether Redis answers there.
    pub fn is_redis(self) -> bool {
        self != Self::Metrics
    }
}

/// A Service that is rendered.
pub(super) struct Service<'a> {
    subject: &'a Subject<'a>,
    pub front: Front,
    /// The key that all of its keys stand below.
    pub base: String,
    /// `ClusterIP`, `NodePort`, `LoadBalancer`.
    pub kind: String,
    /// Those of the Service itself.
    pub annotations: Vec<Annotation<'a>>,
    /// Those that the chart puts on all that it renders.
    pub common: Vec<Annotation<'a>>,
    /// Whether values tell all annotations: a template among them could say anything.
    pub all_known: bool,
}

/// What a Service says of where its load balancer is reached from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Internal,
    Public,
    Nothing,
    /// Something else than the values decides: a pool of addresses, a class, a template.
    Unknown,
}

/// An annotation as it is written; a null is none.
#[derive(Clone)]
pub(super) struct Annotation<'a> {
    pub key: String,
    pub path: Path,
    pub value: &'a Value,
    pub key_span: Span,
    pub value_span: Span,
}

impl Annotation<'_> {
    /// The value, if it is a text that the chart prints as it stands.
    pub fn text(&self) -> Option<&str> {
        self.value.as_str().filter(|text| !text.contains("{{"))
    }

    /// What is known of it.
    pub fn known(&self) -> Option<&'static cloud::Annotation> {
        annotation(&self.key)
    }
}

/// The Services of this chart version, this topology and these switches.
pub(super) fn services<'a>(subject: &'a Subject<'a>) -> Vec<Service<'a>> {
    Front::ALL.into_iter().filter_map(|front| Service::rendered(subject, front)).collect()
}

impl<'a> Service<'a> {
    fn rendered(subject: &'a Subject<'a>, front: Front) -> Option<Self> {
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
        let common = if front == Front::Pods { Some(Vec::new()) } else { annotations(subject, COMMON) };
        let all_known = own.is_some() && common.is_some();
        let (annotations, common) = (own.unwrap_or_default(), common.unwrap_or_default());
        Some(Self { subject, front, base, kind, annotations, common, all_known })
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
    pub fn all_annotations(&self) -> impl Iterator<Item = &Annotation<'a>> {
        self.annotations.iter().chain(&self.common)
    }

    /// The cloud, if it is known or all that is written for a balancer belongs to one.
    pub fn cloud(&self) -> Option<Cloud> {
        if self.subject.origin.cloud.is_some() {
            return self.subject.origin.cloud;
        }
        let mut clouds: Option<Vec<Cloud>> = None;
        for annotation in self.all_annotations() {
            let Some(known) = annotation.known().filter(|known| !known.clouds.is_empty()) else { continue };
            if known.kind == AnnotationKind::IngressOnly {
                continue;
            }
            match &mut clouds {
                Some(clouds) => clouds.retain(|cloud| known.clouds.contains(cloud)),
                None => clouds = Some(known.clouds.clone()),
            }
        }
        // OVHcloud reads what OpenStack reads: the first is the one that the others follow.
        clouds?.into_iter().next()
    }

    /// Whether its load balancer is internal.
    pub fn says_internal(&self) -> Said {
        let cloud = self.subject.origin.cloud;
        let by_pool = cloud.is_some_and(|cloud| POOLS.contains(&cloud));
        let addresses = self.texts("loadBalancerIP");
        if by_pool || !self.all_known || addresses.iter().any(|address| is_private(address)) {
            return Said::Unknown;
        }
        let mut said = Said::Nothing;
        for annotation in self.all_annotations() {
            let Some(known) = annotation.known().filter(|known| self.hears(known)) else { continue };
            let says = match known.kind {
                AnnotationKind::Pool => Said::Unknown,
                AnnotationKind::Address if known.clouds.iter().any(|cloud| POOLS.contains(cloud)) => Said::Unknown,
                AnnotationKind::Internal => match annotation.text().map(|text| known.makes_internal(text)) {
                    Some(Some(true)) => Said::Internal,
                    Some(Some(false)) if annotation.text().is_some_and(|text| known.takes(text)) => Said::Public,
                    Some(Some(false)) => Said::Nothing,
                    // Its JSON is not looked into; what is no string is refused, and says what it would say as one.
                    Some(None) | None => Said::Unknown,
                },
                // The controllers that this chooses make internal balancers by default.
                AnnotationKind::Controller if matches!(annotation.text(), Some("external" | "nlb-ip")) => Said::Unknown,
                _ => continue,
            };
            said = match (said, says) {
                (Said::Internal, _) | (_, Said::Internal) => Said::Internal,
                (Said::Public, _) | (_, Said::Public) => Said::Public,
                (Said::Unknown, _) | (_, Said::Unknown) => Said::Unknown,
                (Said::Nothing, Said::Nothing) => Said::Nothing,
            };
        }
        match self.texts("loadBalancerClass").first().map(String::as_str) {
            Some(class) if said == Said::Nothing => match class {
                "networking.gke.io/l4-regional-external" => Said::Public,
                _ => Said::Unknown,
            },
            _ => said,
        }
    }

    /// Whether an annotation speaks to the cloud of the Service, as far as that is known.
    pub fn hears(&self, annotation: &cloud::Annotation) -> bool {
        self.subject.origin.cloud.is_none_or(|cloud| annotation.clouds.is_empty() || annotation.clouds.contains(&cloud))
    }
}

/// Clouds that are none: what gives them addresses decides.
const POOLS: [Cloud; 5] = [Cloud::Metallb, Cloud::KubeVip, Cloud::Cilium, Cloud::K3s, Cloud::Bare];

fn is_private(address: &str) -> bool {
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_private() || address.is_link_local() || address.is_loopback(),
        Ok(IpAddr::V6(address)) => address.is_unique_local() || address.is_unicast_link_local(),
        Err(_) => false,
    }
}

const COMMON: &str = "commonAnnotations";

/// Whether the chart reads a key, all switches as they stand; also where values do not tell.
fn is_read(subject: &Subject, path: &str) -> bool {
    let read = subject.chart.read(path, subject.topology);
    matches!(read.verdict, Verdict::Read | Verdict::Unmeasured) && subject.holds(read.switches) != Some(false)
}

/// What stands at a path as annotations; none where a template makes them.
fn annotations<'a>(subject: &'a Subject<'a>, key: &str) -> Option<Vec<Annotation<'a>>> {
    if !subject.chart.takes(key) || !is_read(subject, key) {
        return Some(Vec::new());
    }
    let path = key.parse::<Path>().ok()?;
    let map = match subject.written.get_at(&path) {
        Some(Value::Map(map)) => map,
        Some(Value::String(text)) if !text.is_empty() => return None,
        _ => return Some(Vec::new()),
    };
    let mut found = Vec::new();
    for (name, value) in map.iter().filter(|(_, value)| **value != Value::Null) {
        if name.contains("{{") {
            return None;
        }
        let path = path.key(name);
        let text = path.to_string();
        let Some(Entry { key, value: at, .. }) = subject.nearest(&text) else { continue };
        found.push(Annotation { key: name.to_owned(), path, value, key_span: *key, value_span: *at });
    }
    Some(found)
}
