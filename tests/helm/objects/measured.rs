//! The model against the measured objects of the catalogue (`objects.tsv`): all versions, with the chart's own values.

use std::collections::{BTreeMap, BTreeSet};

use libtest_mimic::Failed;
use redisgen::{
    chart::{self, Chart, Names, Object as Measured, Topology},
    effective::EffectiveValues,
    objects::{self, Objects, Service, Workload},
    yaml::{Map, merge, merge::Layers, read_values},
};

use super::{
    facts::{NAMESPACE, RELEASE},
    sets,
};

/// The kinds that the catalogue has for all versions.
const KINDS: [&str; 6] =
    ["StatefulSet", "Service", "Secret", "NetworkPolicy", "PodDisruptionBudget", "ServiceAccount"];

pub fn equal() -> Result<(), Failed> {
    let (mut compared, mut wrong) = (0, Vec::new());
    for version in chart::measured_versions() {
        let chart = Chart::at(&version).unwrap();
        for topology in Topology::ALL {
            for metrics in [false, true] {
                let mut values = sets::arranged(topology);
                let switch = read_values(&format!("metrics: {{enabled: {metrics}}}")).unwrap();
                merge::merge_into(&mut values, switch);
                compared += 1;
                wrong.extend(
                    differences(&chart, topology, values, metrics)
                        .into_iter()
                        .map(|difference| format!("{version}, {topology}, metrics {metrics}: {difference}")),
                );
            }
        }
    }
    println!("{compared} cases of the catalogue held against the model");
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn differences(chart: &Chart, topology: Topology, values: Map, metrics: bool) -> Vec<String> {
    let values = EffectiveValues::new(values, Layers::default(), chart);
    let model = objects::of(&values, RELEASE, NAMESPACE);
    let names = Names::new(chart, RELEASE, "redis", None, None);
    let measured: BTreeMap<String, Measured> = chart
        .objects(topology)
        .into_iter()
        .filter(|object| match object.when {
            "" => true,
            when => when == format!("metrics.enabled={metrics}"),
        })
        .map(|object| (format!("{:?} {}", object.kind, names.fill(object.name)), object))
        .collect();
    let modelled: BTreeSet<String> = model
        .rendered()
        .filter(|object| KINDS.contains(&object.kind.as_str()))
        .map(|object| format!("{} {}", object.kind, object.name))
        .collect();
    let known: BTreeSet<String> = measured.keys().cloned().collect();
    let mut found: Vec<String> = known.symmetric_difference(&modelled).map(|id| format!("only one has {id}")).collect();
    for (id, object) in &measured {
        let field = |name: &str| object.field(name).map(|text| names.fill(text));
        for (name, modelled) in fields(&model, id) {
            if let Some(measured) = field(&name)
                && measured != modelled
            {
                found.push(format!("{id}: {name} is {measured}, not {modelled}"));
            }
        }
    }
    found
}

/// The fields of an object that the catalogue may have, in its words.
fn fields(model: &Objects, id: &str) -> Vec<(String, String)> {
    let (kind, name) = id.split_once(' ').unwrap();
    let pairs = |pairs: &BTreeMap<String, String>| {
        pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(",")
    };
    let Some(object) = model.rendered().find(|object| object.kind == kind && object.name == name) else {
        return Vec::new();
    };
    let selector = pairs(&object.selector);
    let mut fields = vec![("selector".to_owned(), selector.clone()), ("podSelector".to_owned(), selector)];
    if let Some(Service { service_type, is_headless, ports, .. }) =
        model.services.iter().find(|service| service.object == *object)
    {
        let ports: Vec<String> = ports.iter().map(|port| format!("{}:{}", port.name, port.port)).collect();
        fields.push(("type".to_owned(), service_type.clone()));
        fields.push(("clusterIP".to_owned(), if *is_headless { "None" } else { "given" }.to_owned()));
        fields.push(("ports".to_owned(), ports.join(",")));
    }
    if let Some(Workload { claims, .. }) = model.workloads.iter().find(|workload| workload.object == *object) {
        fields.extend(claims.iter().map(|claim| {
            (format!("volumeClaimTemplates.{}.accessModes", claim.name), claim.access_modes.join(","))
        }));
    }
    if let Some(secret) = model.secrets.iter().find(|secret| kind == "Secret" && secret.name == name) {
        fields.push(("keys".to_owned(), secret.keys.join(",")));
    }
    fields
}
