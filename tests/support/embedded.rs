//! The same values in other places: in manifests, in the values of a parent chart, and in two layers.
#![allow(dead_code, reason = "not each test asks for all of it")]

use std::sync::Arc;

use redisgen::{
    source::{ChartFile, Hints, ValuesBlock, places},
    yaml::{Document, Map, Value, read_values},
};

/// A text that holds the values of another one, and what is known of it.
#[derive(Debug, Clone)]
pub struct Embedded {
    /// `argo-object`
    pub kind: &'static str,
    pub text: String,
    pub known: Hints,
}

const ARGO: &str = "\
apiVersion: argoproj.io/v1alpha1 # the cache
kind: Application
metadata:
  name: cache
spec:
  source:
    repoURL: registry-1.docker.io/bitnamicharts
    chart: redis
    helm:
      releaseName: cache
";

const FLUX: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: cache}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: cache
spec:
  chart:
    spec:
      chart: redis
      sourceRef: {kind: HelmRepository, name: bitnami}
  values:
";

const K3S: &str = "\
apiVersion: helm.cattle.io/v1
kind: HelmChart
metadata:
  name: cache
spec:
  chart: oci://registry-1.docker.io/bitnamicharts/redis
  valuesContent: |-
";

const HELMFILE: &str = "\
repositories: [{name: bitnami, url: https://charts.bitnami.com/bitnami}]
releases:
- name: cache
  chart: bitnami/redis
  values:
  - # the values
";

const CHART: &str = "\
apiVersion: v2
name: shop
version: 1.0.0
dependencies:
- name: redis
  alias: cache
  repository: oci://registry-1.docker.io/bitnamicharts
";

/// The places for the values of a text, for the chart version that is known. A text whose layout does not allow it has
/// fewer; the values in each are those of the text.
pub fn embedded(text: &str, known: &Hints) -> Vec<Embedded> {
    let Ok(values) = read_values(text) else { return Vec::new() };
    // A manifest within a manifest is no values of the chart.
    let is_flat = |places: Vec<ValuesBlock>| matches!(&places[..], [part] if part.origin.is_whole_file() && !part.inset.is_part());
    if !places(text, known).is_ok_and(is_flat) {
        return Vec::new();
    }
    let is_odd = |line: &str| line.starts_with(['%', '\t']) || line.starts_with("---") || line.starts_with("...");
    if values.is_empty()
        || text.contains(['\r', '\u{feff}', '\u{85}', '\u{2028}', '\u{2029}'])
        || text.lines().any(is_odd)
    {
        return Vec::new();
    }
    let indented = |by: usize| -> String {
        let indent = " ".repeat(by);
        let line = |line: &str| if line.trim().is_empty() { line.to_owned() } else { format!("{indent}{line}") };
        let text: String = text.split_inclusive('\n').map(line).collect();
        if text.ends_with('\n') { text } else { text + "\n" }
    };
    let of = |kind: &'static str, text: String| Embedded { kind, text, known: known.clone() };
    let parent = Hints {
        chart: Some(Arc::new(ChartFile {
            chart: CHART.to_owned(),
            templates: "{{ .Values.name }}\n".to_owned(),
            ..ChartFile::default()
        })),
        ..known.clone()
    };
    let wrapped = format!("name: shop # of the parent\ncache:\n{}after: {{a: 1}}\n", indented(2));
    let all = [
        of("argo-object", format!("{ARGO}      valuesObject:\n{}  project: shop\n", indented(8))),
        of("argo-text", format!("{ARGO}      values: |\n{}  project: shop\n", indented(8))),
        of("flux", format!("{FLUX}{}  interval: 5m\n", indented(4))),
        of("k3s", format!("{K3S}{}  targetNamespace: shop\n", indented(4))),
        of("helmfile", format!("{HELMFILE}{}", indented(4))),
        Embedded { kind: "parent", text: wrapped, known: parent },
    ];
    let is_the_same = |embedded: &Embedded| {
        places(&embedded.text, &embedded.known).is_ok_and(|places| places.len() == 1 && places[0].values() == values)
    };
    all.into_iter().filter(is_the_same).collect()
}

/// All of a text but its values: what nothing may change.
pub fn around(embedded: &Embedded) -> Vec<Value> {
    let Ok(document) = Document::parse(&embedded.text) else { return Vec::new() };
    let tops = document.documents().iter().filter_map(|top| document.value(*top).ok());
    let without = |mut value: Value| {
        if let Value::Map(map) = &mut value {
            for path in [
                "spec.source.helm.valuesObject",
                "spec.source.helm.values",
                "spec.values",
                "spec.valuesContent",
                "cache",
            ] {
                map.remove_at(&path.parse().expect("a path"));
            }
            map.remove("releases");
        }
        value
    };
    tops.map(without).collect()
}

/// The top keys of values, every second one in the second of two texts.
pub fn layers(text: &str) -> Option<[Map; 2]> {
    let values = read_values(text).ok()?;
    let mut layers = [Map::new(), Map::new()];
    for (at, (key, value)) in values.iter().enumerate() {
        layers[at % 2].insert(key.to_owned(), value.clone());
    }
    (!layers[1].is_empty()).then_some(layers)
}
