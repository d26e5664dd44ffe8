//! What a render and the model say about the objects, as lines that can be compared.

use std::collections::{BTreeMap, BTreeSet};

use redisgen::{
    objects::{Container, Objects, Pods, Resources},
    yaml::{Document, Map, Value},
};

pub const RELEASE: &str = "rel";
pub const NAMESPACE: &str = "apps";

pub type Facts = BTreeSet<String>;

const WORKLOADS: [&str; 3] = ["StatefulSet", "Deployment", "DaemonSet"];

/// The facts of the model.
pub fn of_model(objects: &Objects) -> Facts {
    let mut facts = Facts::new();
    for object in objects.rendered() {
        let id = format!("{} {}", object.kind, object.name);
        facts.insert(format!("{id} api {}", object.api_version));
        facts.extend(object.namespace.as_ref().map(|namespace| format!("{id} in {namespace}")));
        facts.extend(pairs(&id, "selects", &object.selector));
        for (field, value) in &object.fields {
            // One rule each.
            facts.extend(value.split("; ").map(|value| format!("{id} {field}: {value}")));
        }
    }
    for workload in &objects.workloads {
        let id = format!("{} {}", workload.object.kind, workload.object.name);
        facts.insert(match workload.pods {
            Pods::Fixed(pods) => format!("{id} pods {pods}"),
            Pods::Between(least, most) => format!("{id} pods {least} to {most}"),
            Pods::EachNode => format!("{id} pods on each node"),
        });
        facts.extend(pairs(&id, "label", &workload.labels));
        facts.insert(format!("{id} account {}", workload.service_account));
        facts.extend(workload.containers.iter().map(|container| format!("{id} {}", container_of_model(container))));
        facts.extend(workload.claims.iter().map(|claim| {
            if claim.is_existing {
                return format!("{id} existing claim {}", claim.name);
            }
            let (size, class, modes) = (&claim.size, &claim.class, claim.access_modes.join(","));
            format!("{id} claim {} {size:?} {class:?} {modes}", claim.name)
        }));
    }
    for service in &objects.services {
        let id = format!("Service {}", service.object.name);
        facts.insert(format!("{id} type {}", service.service_type));
        facts.extend(service.is_headless.then(|| format!("{id} headless")));
        facts.extend(service.ports.iter().map(|port| {
            format!("{id} port {} {} {} {:?}", port.name, port.port, port.target, port.node_port)
        }));
        facts.extend(pairs(&id, "annotation", &service.annotations));
        facts.extend(service.source_ranges.iter().map(|range| format!("{id} range {range}")));
    }
    // The chart reads the passwords of users, and no pod does.
    for secret in objects.secrets.iter().filter(|secret| secret.holds != "the passwords of the users") {
        facts.insert(format!("pods read {}", secret.name));
        let is_rendered = objects.others.iter().any(|object| object.kind == "Secret" && object.name == secret.name);
        if is_rendered {
            facts.extend(secret.keys.iter().map(|key| format!("Secret {} key {key}", secret.name)));
        }
    }
    facts
}

fn container_of_model(container: &Container) -> String {
    let kind = if container.is_init { "init container" } else { "container" };
    let text = |resources: &Resources| format!("{:?} {:?}", resources.cpu, resources.memory);
    let (requests, limits) = (text(&container.requests), text(&container.limits));
    format!("{kind} {} {} requests {requests} limits {limits}", container.name, container.image)
}

fn pairs(id: &str, what: &str, pairs: &BTreeMap<String, String>) -> Vec<String> {
    pairs.iter().map(|(name, value)| format!("{id} {what} {name}={value}")).collect()
}

/// The facts of the manifests that Helm printed. A name that only the values can name, such as that of a Secret for an
/// own variable, is not known to the model.
pub fn of_render(text: &str) -> Result<Facts, String> {
    let document = Document::parse(text).map_err(|error| error.to_string())?;
    let mut objects = Vec::new();
    for node in document.documents() {
        if let Value::Map(object) = document.value(*node).map_err(|error| error.to_string())? {
            objects.push(object);
        }
    }
    let mut facts = Facts::new();
    for object in &objects {
        facts_of(object, &objects, &mut facts);
    }
    // Of a Secret that no pod reads, such as that of a service binding, the model has the name.
    let is_read = |fact: &str| {
        let secret = fact.strip_prefix("Secret ").and_then(|rest| rest.split_once(" key "));
        secret.is_none_or(|(name, _)| facts.contains(&format!("pods read {name}")))
    };
    Ok(facts.iter().filter(|fact| is_read(fact)).cloned().collect())
}

fn facts_of(object: &Map, all: &[Map], facts: &mut Facts) {
    let (kind, name) = (string(object, "kind"), string(object, "metadata.name"));
    let id = format!("{kind} {name}");
    facts.insert(format!("{id} api {}", string(object, "apiVersion")));
    let namespace = string(object, "metadata.namespace");
    if !namespace.is_empty() && namespace != NAMESPACE {
        facts.insert(format!("{id} in {namespace}"));
    }
    let selector = match kind.as_str() {
        "Service" => "spec.selector",
        "NetworkPolicy" => "spec.podSelector.matchLabels",
        _ => "spec.selector.matchLabels",
    };
    if kind != "PersistentVolumeClaim" {
        facts.extend(labels(object, selector, &format!("{id} selects")));
    }
    let mut field = |name: &str, value: String| {
        if !value.is_empty() {
            facts.insert(format!("{id} {name}: {value}"));
        }
    };
    match kind.as_str() {
        "PodDisruptionBudget" => {
            field("minAvailable", string(object, "spec.minAvailable"));
            field("maxUnavailable", string(object, "spec.maxUnavailable"));
        }
        "HorizontalPodAutoscaler" => {
            field("minReplicas", string(object, "spec.minReplicas"));
            field("maxReplicas", string(object, "spec.maxReplicas"));
            let target = [string(object, "spec.scaleTargetRef.kind"), string(object, "spec.scaleTargetRef.name")];
            field("scales", target.join(" "));
        }
        "PersistentVolumeClaim" => field("size", string(object, "spec.resources.requests.storage")),
        "RoleBinding" => {
            let subjects = maps(object, "subjects");
            field("serviceAccount", subjects.iter().map(|subject| string(subject, "name")).collect());
        }
        "Role" => {
            for rule in maps(object, "rules") {
                let parts = ["verbs", "resources", "resourceNames"].map(|field| strings(rule, field).join(","));
                field("rules", parts.join(" ").trim_end().to_owned());
            }
        }
        "ServiceMonitor" | "PodMonitor" => {
            let endpoints = if kind == "PodMonitor" { "spec.podMetricsEndpoints" } else { "spec.endpoints" };
            let endpoint = maps(object, endpoints)[0];
            field("scrapeInterval", string(endpoint, "interval"));
            field("port", string(endpoint, "port"));
            extra_labels(object, &mut field);
        }
        "PrometheusRule" => extra_labels(object, &mut field),
        "NetworkPolicy" => traffic(object, &mut field),
        _ => {}
    }
    match kind.as_str() {
        "Service" => service(object, &id, facts),
        "Secret" => {
            for data in ["data", "stringData"] {
                let keys = at(object, data).and_then(Value::as_map).map(|map| map.keys().map(str::to_owned).collect());
                let keys: Vec<String> = keys.unwrap_or_default();
                facts.extend(keys.iter().map(|key| format!("{id} key {key}")));
            }
        }
        _ if WORKLOADS.contains(&kind.as_str()) => workload(object, &id, all, facts),
        _ => {}
    }
}

/// The labels that the sets add.
fn extra_labels(object: &Map, field: &mut impl FnMut(&str, String)) {
    for name in ["release", "prometheus"] {
        let value = string(object, &format!("metadata.labels.{name}"));
        if value != RELEASE && !value.is_empty() {
            field("labels", format!("{name}={value}"));
        }
    }
}

fn traffic(object: &Map, field: &mut impl FnMut(&str, String)) {
    for (name, direction) in [("ingress", "from"), ("egress", "to")] {
        let is_limited = strings(object, "spec.policyTypes").iter().any(|kind| kind.to_lowercase() == name);
        let is_ingress = name == "ingress";
        if !is_limited && !is_ingress {
            field(name, "anywhere".to_owned());
        }
        for rule in maps(object, &format!("spec.{name}")) {
            if rule.is_empty() {
                field(name, "anywhere".to_owned());
                continue;
            }
            let ports: Vec<String> = maps(rule, "ports").into_iter().map(port_of_policy).collect();
            let ports = if ports.is_empty() { "all ports".to_owned() } else { ports.join(",") };
            let sides = maps(rule, direction);
            if sides.is_empty() {
                field(name, format!("{ports} {direction} anywhere"));
            }
            for side in sides {
                field(name, format!("{ports} {direction} {}", side_of_policy(side)));
            }
        }
    }
}

fn port_of_policy(port: &Map) -> String {
    let protocol = string(port, "protocol");
    let end = if protocol.is_empty() || protocol == "TCP" { String::new() } else { format!("/{protocol}") };
    format!("{}{end}", string(port, "port"))
}

fn side_of_policy(side: &Map) -> String {
    if side.contains_key("ipBlock") {
        let except = strings(side, "ipBlock.except").join(",");
        let except = if except.is_empty() { String::new() } else { format!(" except {except}") };
        return format!("{}{except}", string(side, "ipBlock.cidr"));
    }
    let selected = |what: &str, key: &str| {
        let labels: Vec<String> = labels(side, &format!("{key}.matchLabels"), "");
        let labels: Vec<&str> = labels.iter().map(|label| label.trim()).collect();
        if labels.is_empty() { format!("all {what}") } else { format!("{what} {}", labels.join(",")) }
    };
    match (side.contains_key("podSelector"), side.contains_key("namespaceSelector")) {
        (true, true) => {
            format!("{} in {}", selected("pods", "podSelector"), selected("namespaces", "namespaceSelector"))
        }
        (true, false) => selected("pods", "podSelector"),
        _ => selected("namespaces", "namespaceSelector"),
    }
}

fn service(object: &Map, id: &str, facts: &mut Facts) {
    facts.insert(format!("{id} type {}", string(object, "spec.type")));
    if string(object, "spec.clusterIP") == "None" {
        facts.insert(format!("{id} headless"));
    }
    for port in maps(object, "spec.ports") {
        let target = string(port, "targetPort");
        let target = if target.is_empty() { string(port, "port") } else { target };
        let node_port: Option<u16> = string(port, "nodePort").parse().ok();
        facts.insert(format!("{id} port {} {} {target} {node_port:?}", string(port, "name"), string(port, "port")));
    }
    facts.extend(labels(object, "metadata.annotations", &format!("{id} annotation")));
    let ranges = strings(object, "spec.loadBalancerSourceRanges");
    facts.extend(ranges.iter().map(|range| format!("{id} range {range}")));
}

fn workload(object: &Map, id: &str, all: &[Map], facts: &mut Facts) {
    let scaler = all.iter().find(|other| {
        let target = [string(other, "spec.scaleTargetRef.kind"), string(other, "spec.scaleTargetRef.name")];
        target.join(" ") == id
    });
    let pods = match (string(object, "spec.replicas"), scaler) {
        _ if id.starts_with("DaemonSet") => "on each node".to_owned(),
        (_, Some(scaler)) => {
            format!("{} to {}", string(scaler, "spec.minReplicas"), string(scaler, "spec.maxReplicas"))
        }
        (pods, None) if pods.is_empty() => "1".to_owned(),
        (pods, None) => pods,
    };
    facts.insert(format!("{id} pods {pods}"));
    facts.extend(labels(object, "spec.template.metadata.labels", &format!("{id} label")));
    let spec = at(object, "spec.template.spec").and_then(Value::as_map).unwrap();
    facts.insert(format!("{id} account {}", string(spec, "serviceAccountName").trim()));
    for (list, kind) in [("initContainers", "init container"), ("containers", "container")] {
        for container in maps(spec, list) {
            let quantity = |path: &str| Some(string(container, path)).filter(|text| !text.is_empty());
            let resources = |side: &str| {
                let [cpu, memory] = ["cpu", "memory"].map(|name| quantity(&format!("resources.{side}.{name}")));
                format!("{cpu:?} {memory:?}")
            };
            let (name, image) = (string(container, "name"), string(container, "image"));
            let (requests, limits) = (resources("requests"), resources("limits"));
            facts.insert(format!("{id} {kind} {name} {image} requests {requests} limits {limits}"));
            for variable in maps(container, "env") {
                facts.extend(read(string(variable, "valueFrom.secretKeyRef.name")));
            }
        }
    }
    for volume in maps(spec, "volumes") {
        facts.extend(read(string(volume, "secret.secretName")));
        let claim = string(volume, "persistentVolumeClaim.claimName");
        let of_release = all.iter().find(|other| {
            string(other, "kind") == "PersistentVolumeClaim" && string(other, "metadata.name") == claim
        });
        match of_release {
            _ if claim.is_empty() => {}
            Some(own) => drop(facts.insert(format!("{id} claim {}", own_claim(own)))),
            None => drop(facts.insert(format!("{id} existing claim {claim}"))),
        }
    }
    for template in maps(object, "spec.volumeClaimTemplates") {
        facts.insert(format!("{id} claim {}", own_claim(template)));
    }
}

fn read(name: String) -> Option<String> {
    (!name.is_empty()).then(|| format!("pods read {name}"))
}

fn own_claim(claim: &Map) -> String {
    let size = Some(string(claim, "spec.resources.requests.storage"));
    let class = at(claim, "spec.storageClassName").map(text);
    let modes = strings(claim, "spec.accessModes").join(",");
    format!("{} {size:?} {class:?} {modes}", string(claim, "metadata.name"))
}

fn labels(object: &Map, path: &str, before: &str) -> Vec<String> {
    let Some(map) = at(object, path).and_then(Value::as_map) else { return Vec::new() };
    let sorted: BTreeMap<&str, String> = map.iter().map(|(name, value)| (name, text(value))).collect();
    sorted.into_iter().map(|(name, value)| format!("{before} {name}={value}")).collect()
}

fn at<'v>(map: &'v Map, path: &str) -> Option<&'v Value> {
    map.get_at_text(path).filter(|value| **value != Value::Null)
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Bool(on) => on.to_string(),
        Value::Null => String::new(),
        other => format!("{other:?}"),
    }
}

fn string(map: &Map, path: &str) -> String {
    at(map, path).map(text).unwrap_or_default()
}

fn strings(map: &Map, path: &str) -> Vec<String> {
    at(map, path).and_then(Value::as_list).map(|list| list.iter().map(text).collect()).unwrap_or_default()
}

fn maps<'v>(map: &'v Map, path: &str) -> Vec<&'v Map> {
    let list = at(map, path).and_then(Value::as_list).unwrap_or_default();
    list.iter().filter_map(Value::as_map).collect()
}
