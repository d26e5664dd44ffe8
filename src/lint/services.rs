//! The Services that the chart renders for these values, each with its settings: what the rules about access share.

pub(super) mod addresses;
pub(super) mod balancer;
pub(super) mod rendered;

use std::{ops::Deref, rc::Rc};

use super::{Entry, Subject};
pub(super) use crate::chart::{ServiceKind, ServiceSetting};
use crate::{
    chart::SettingKey,
    cloud,
    yaml::{Path, Span, Value},
};
use rendered::BalancerFacts;
pub(super) use rendered::{Annotation, RenderedService};

/// The key of the annotations that the chart puts on every object.
const COMMON: &str = "commonAnnotations";

/// A Service that the chart renders, with the values of its release.
#[derive(Clone, Copy)]
pub(super) struct Service<'a> {
    pub subject: &'a Subject<'a>,
    rendered: &'a RenderedService,
}

impl Deref for Service<'_> {
    type Target = RenderedService;

    fn deref(&self) -> &RenderedService {
        self.rendered
    }
}

/// The Services of this chart version, this topology and these switches.
pub(super) fn services<'a>(subject: &'a Subject<'a>) -> impl Iterator<Item = Service<'a>> {
    let rendered = subject.rendered_services.get_or_init(|| render(subject));
    rendered.iter().map(move |rendered| Service { subject, rendered })
}

/// The Services of type `LoadBalancer`.
pub(super) fn load_balancers<'a>(subject: &'a Subject<'a>) -> impl Iterator<Item = Service<'a>> {
    services(subject).filter(|service| service.is_load_balancer())
}

/// Each annotation of each Service, without the annotations of all objects.
pub(super) fn annotations<'a>(subject: &'a Subject<'a>) -> impl Iterator<Item = (Service<'a>, &'a Annotation)> {
    services(subject)
        .flat_map(|service| service.rendered.annotations.iter().map(move |annotation| (service, annotation)))
}

/// Each annotation of each Service of type `LoadBalancer`, with the annotations of all objects.
pub(super) fn load_balancer_annotations<'a>(
    subject: &'a Subject<'a>,
) -> impl Iterator<Item = (Service<'a>, &'a Annotation)> {
    load_balancers(subject).flat_map(|service| service.all_annotations().map(move |annotation| (service, annotation)))
}

fn render(subject: &Subject) -> Vec<RenderedService> {
    let common: Option<Rc<[Annotation]>> = read_annotations(subject, COMMON).map(Rc::from);
    ServiceKind::ALL.into_iter().filter_map(|kind| render_kind(subject, kind, common.as_ref())).collect()
}

fn render_kind(subject: &Subject, kind: ServiceKind, common: Option<&Rc<[Annotation]>>) -> Option<RenderedService> {
    let keys = |part| kind.setting(part).map(|setting| subject.places(setting)).unwrap_or_default();
    let type_key = keys(ServiceSetting::Type).into_iter().next()?;
    if !keys(ServiceSetting::Enabled).iter().all(|switch| subject.on(switch)) || !subject.is_read(type_key) {
        return None;
    }
    let base = type_key.strip_suffix(".type")?.to_owned();
    let service_type = subject.text(type_key)?.to_owned();
    let own = keys(ServiceSetting::Annotations).first().map_or(Some(Vec::new()), |key| read_annotations(subject, key));
    // Only the Services of single pods do not get the annotations of all objects.
    let common = if kind == ServiceKind::EachPod { Some(Rc::default()) } else { common.cloned() };
    let annotations_are_known = own.is_some() && common.is_some();
    let (annotations, common) = (own.unwrap_or_default(), common.unwrap_or_default());
    let facts = BalancerFacts::default();
    Some(RenderedService { kind, base, service_type, annotations, common, annotations_are_known, facts })
}

/// The annotations at a key; none where a template renders them.
fn read_annotations(subject: &Subject, key: &str) -> Option<Vec<Annotation>> {
    if !subject.chart.takes(key) || !subject.is_read(key) {
        return Some(Vec::new());
    }
    let path = key.parse::<Path>().ok()?;
    let map = match subject.written.get_at(&path) {
        Some(Value::Map(map)) => map,
        Some(Value::String(text)) if !text.is_empty() => return None,
        _ => return Some(Vec::new()),
    };
    let mut annotations = Vec::new();
    for (name, value) in map.iter().filter(|(_, value)| **value != Value::Null) {
        if name.contains("{{") {
            return None;
        }
        let path = path.key(name);
        let Some(Entry { key, value: at, .. }) = subject.nearest(&path.to_string()) else { continue };
        annotations.push(Annotation {
            key: name.to_owned(),
            path,
            value: value.clone(),
            key_span: *key,
            value_span: *at,
            facts: cloud::annotation(name),
        });
    }
    Some(annotations)
}

impl<'a> Service<'a> {
    /// The key of a part of the Service in this chart version, by its setting in the catalogue.
    pub fn place(&self, part: ServiceSetting) -> Option<SettingKey> {
        self.subject.chart.service_keys(self.kind, part, self.subject.topology).first().copied()
    }

    pub fn is_load_balancer(&self) -> bool {
        self.service_type == "LoadBalancer"
    }

    /// Whether clients outside the cluster can reach the Service.
    pub fn is_external(&self) -> bool {
        self.is_load_balancer() || self.service_type == "NodePort"
    }

    /// The path of a field, if this chart version has the field.
    pub fn field(&self, name: &str) -> Option<String> {
        let path = format!("{}.{name}", self.base);
        self.subject.chart.takes(&path).then_some(path)
    }

    /// The value that the chart renders for a field; none if the chart leaves the field out.
    pub fn value(&self, name: &str) -> Option<Value> {
        let path = self.field(name)?;
        self.subject.is_read(&path).then(|| self.subject.value(&path).cloned())?
    }

    /// The number in a field, as a number or as text; none for 0.
    pub fn number(&self, name: &str) -> Option<i64> {
        let number = match self.value(name)? {
            Value::Int(number) => number,
            Value::String(text) => text.parse().ok()?,
            _ => return None,
        };
        (number != 0).then_some(number)
    }

    /// The texts in a field that takes one text or a list of texts.
    pub fn texts(&self, name: &str) -> Vec<String> {
        let texts = match self.value(name) {
            Some(Value::String(text)) => vec![text],
            Some(Value::List(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        texts.into_iter().filter(|text| !text.is_empty()).collect()
    }

    /// The place of a field in the file, or the nearest key above it.
    pub fn span(&self, name: &str) -> Span {
        let path = format!("{}.{name}", self.base);
        let exact = self.subject.entry(&path).map(|entry| entry.value);
        exact.or_else(|| self.subject.nearest(&path).map(|entry| entry.key)).unwrap_or_default()
    }

    /// The annotations of the Service, and the annotations of all objects.
    pub fn all_annotations(&self) -> impl Iterator<Item = &'a Annotation> + use<'a> {
        self.rendered.annotations.iter().chain(self.rendered.common.iter())
    }
}
