//! What must hold for the objects of one render.

use std::fmt;

use redisgen::yaml::{Map, Path, Value};

/// A name that the render refers to, but neither makes nor takes from the values.
pub struct Dangling {
    /// What is missing, in the words of `dangling.tsv`.
    pub missing: String,
    /// The kind of the object that names it, or `pods`.
    pub class: String,
    by: String,
    name: String,
}

impl fmt::Display for Dangling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} names {} `{}`, which nothing makes", self.by, self.missing, self.name)
    }
}

/// All that is named and not made.
pub fn dangling(objects: &[Value], values: &Map) -> Vec<Dangling> {
    let mut found = Found { objects, values, dangling: Vec::new() };
    for object in objects {
        let by = format!("{} {}", kind(object), name(object));
        match kind(object) {
            "StatefulSet" => {
                found.object(&by, "Service", text(object, "spec.serviceName"));
                found.pods(&by, object);
            }
            "Deployment" | "DaemonSet" | "Job" => found.pods(&by, object),
            "Service" => found.service(&by, object),
            "HorizontalPodAutoscaler" => {
                let target = text(object, "spec.scaleTargetRef.kind").unwrap_or("StatefulSet").to_owned();
                found.object(&by, &target, text(object, "spec.scaleTargetRef.name"));
            }
            "PodDisruptionBudget" => found.selects(&by, at(object, "spec.selector.matchLabels")),
            "NetworkPolicy" => found.selects(&by, at(object, "spec.podSelector.matchLabels")),
            "RoleBinding" => {
                found.object(&by, "Role", text(object, "roleRef.name"));
                for subject in list(object, "subjects") {
                    found.account(&by, text(subject, "name"));
                }
            }
            "ServiceMonitor" => found.monitor(&by, object),
            _ => {}
        }
    }
    found.dangling
}

struct Found<'a> {
    objects: &'a [Value],
    values: &'a Map,
    dangling: Vec<Dangling>,
}

impl<'a> Found<'a> {
    fn miss(&mut self, missing: &str, by: &str, name: &str) {
        // What the values name is for the person to make.
        if !says(&Value::Map(self.values.clone()), name) {
            let class = match by.split(' ').next().unwrap_or_default() {
                "StatefulSet" | "Deployment" | "DaemonSet" | "Job" => "pods",
                kind => kind,
            };
            let (missing, class) = (missing.to_owned(), class.to_owned());
            self.dangling.push(Dangling { missing, class, by: by.to_owned(), name: name.to_owned() });
        }
    }

    fn get(&self, wanted: &str, named: &str) -> Option<&'a Value> {
        self.objects.iter().find(|object| kind(object) == wanted && name(object) == named)
    }

    fn object(&mut self, by: &str, wanted: &str, named: Option<&str>) {
        if let Some(named) = named.filter(|named| self.get(wanted, named).is_none()) {
            self.miss(wanted, by, named);
        }
    }

    fn account(&mut self, by: &str, named: Option<&str>) {
        // Every namespace has one of that name.
        if let Some(named) = named.filter(|named| *named != "default" && self.get("ServiceAccount", named).is_none()) {
            self.miss("ServiceAccount", by, named);
        }
    }

    /// An object with data, and what of it is asked for.
    fn keyed(&mut self, by: &str, wanted: &str, named: Option<&str>, keys: &[&str], optional: bool) {
        let Some(named) = named.filter(|_| !optional) else { return };
        let Some(object) = self.get(wanted, named) else { return self.miss(wanted, by, named) };
        let has = |key: &str| {
            let maps = ["data", "stringData"].into_iter().filter_map(|field| at(object, field)?.as_map());
            maps.into_iter().any(|map| map.contains_key(key))
        };
        for key in keys.iter().filter(|key| !has(key)) {
            self.miss(wanted, by, &format!("{named}/{key}"));
        }
    }

    fn pods(&mut self, by: &str, set: &Value) {
        let Some(spec) = at(set, "spec.template.spec") else { return };
        self.account(by, text(spec, "serviceAccountName"));
        let mut volumes: Vec<&str> = list(set, "spec.volumeClaimTemplates").into_iter().map(name).collect();
        for volume in list(spec, "volumes") {
            volumes.extend(text(volume, "name"));
            self.volume(by, volume);
            list(volume, "projected.sources").into_iter().for_each(|source| self.volume(by, source));
        }
        for secret in list(spec, "imagePullSecrets") {
            self.object(by, "Secret", text(secret, "name"));
        }
        for container in containers(set) {
            let by = format!("{by}, container {}", text(container, "name").unwrap_or_default());
            for mount in list(container, "volumeMounts") {
                let volume = text(mount, "name").unwrap_or_default();
                if !volumes.contains(&volume) {
                    self.miss("volume", &by, volume);
                }
            }
            for from in list(container, "envFrom") {
                self.keyed(&by, "ConfigMap", text(from, "configMapRef.name"), &[], false);
                self.keyed(&by, "Secret", text(from, "secretRef.name"), &[], false);
            }
            for env in list(container, "env") {
                for (wanted, field) in [("Secret", "secretKeyRef"), ("ConfigMap", "configMapKeyRef")] {
                    let Some(reference) = at(env, "valueFrom").and_then(|from| at(from, field)) else { continue };
                    let key: Vec<&str> = text(reference, "key").into_iter().collect();
                    let optional = at(reference, "optional") == Some(&Value::from(true));
                    self.keyed(&by, wanted, text(reference, "name"), &key, optional);
                }
            }
            let image = text(container, "image").unwrap_or_default();
            let whole = image.rsplit('/').next().is_some_and(|last| last.contains([':', '@']) && !last.ends_with(':'));
            if !whole || image.starts_with('/') || image.contains("//") {
                self.miss("image", &by, image);
            }
            let names: Vec<&str> = list(container, "ports").into_iter().filter_map(|port| text(port, "name")).collect();
            for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
                for way in ["httpGet.port", "tcpSocket.port"] {
                    let port = at(container, probe).and_then(|probe| text(probe, way));
                    if let Some(port) = port.filter(|port| !names.contains(port)) {
                        self.miss("port", &by, port);
                    }
                }
            }
        }
    }

    fn volume(&mut self, by: &str, volume: &Value) {
        let keys = |of: &str| -> Vec<&str> {
            let items = at(volume, of).map(|source| list(source, "items")).unwrap_or_default();
            items.into_iter().filter_map(|item| text(item, "key")).collect()
        };
        let optional = |of: &str| at(volume, of).and_then(|source| at(source, "optional")) == Some(&Value::from(true));
        let secret = text(volume, "secret.secretName").or_else(|| text(volume, "secret.name"));
        self.keyed(by, "Secret", secret, &keys("secret"), optional("secret"));
        self.keyed(by, "ConfigMap", text(volume, "configMap.name"), &keys("configMap"), optional("configMap"));
        self.object(by, "PersistentVolumeClaim", text(volume, "persistentVolumeClaim.claimName"));
    }

    fn service(&mut self, by: &str, service: &Value) {
        let Some(selector) = at(service, "spec.selector") else { return };
        self.selects(by, Some(selector));
        let chosen = self.chosen(selector);
        for port in list(service, "spec.ports") {
            let Some(target) = text(port, "targetPort") else { continue };
            let has = chosen
                .iter()
                .flat_map(|set| containers(set))
                .any(|container| list(container, "ports").into_iter().any(|port| text(port, "name") == Some(target)));
            if !has && !chosen.is_empty() {
                self.miss("port", by, target);
            }
        }
    }

    /// A monitor finds Services by labels, and asks a port of theirs by its name.
    fn monitor(&mut self, by: &str, monitor: &Value) {
        let Some(selector) = at(monitor, "spec.selector.matchLabels").and_then(Value::as_map) else { return };
        let is_chosen = |service: &&Value| {
            let labels = at(service, "metadata.labels").and_then(Value::as_map);
            kind(service) == "Service" && labels.is_some_and(|labels| has_all(labels, selector))
        };
        let services: Vec<&Value> = self.objects.iter().filter(is_chosen).collect();
        if services.is_empty() {
            self.miss("Service", by, "by labels");
        }
        for endpoint in list(monitor, "spec.endpoints") {
            let Some(port) = text(endpoint, "port") else { continue };
            let mut ports = services.iter().flat_map(|service| list(service, "spec.ports"));
            if !ports.any(|known| text(known, "name") == Some(port)) {
                self.miss("port", by, port);
            }
        }
    }

    /// The workloads whose pods have these labels; labels that a script of the release gives pods count as had.
    fn chosen(&self, selector: &Value) -> Vec<&'a Value> {
        let Some(selector) = selector.as_map() else { return Vec::new() };
        let is_given = |key: &str| {
            let scripts = self.objects.iter().filter(|object| kind(object) == "ConfigMap");
            scripts
                .filter_map(|map| at(map, "data")?.as_map())
                .any(|data| data.iter().any(|(_, script)| script.as_str().is_some_and(|script| script.contains(key))))
        };
        let wanted: Map = selector
            .iter()
            .filter(|(key, _)| !is_given(key))
            .map(|(key, value)| (key.to_owned(), value.clone()))
            .collect();
        let has = |set: &&Value| {
            let labels = at(set, "spec.template.metadata.labels").and_then(Value::as_map);
            labels.is_some_and(|labels| has_all(labels, &wanted))
        };
        self.objects.iter().filter(has).collect()
    }

    fn selects(&mut self, by: &str, selector: Option<&Value>) {
        let Some(selector) = selector else { return };
        if self.chosen(selector).is_empty() {
            let kind = by.split(' ').next().unwrap_or_default();
            self.miss("pods", by, &format!("of the {kind}"));
        }
    }
}

/// Containers with another command than the default of the chart, although no value sets a command.
pub fn commands(objects: &[Value], own: &[Value], values: &Map) -> Vec<String> {
    let mut wrong = Vec::new();
    for set in objects.iter().filter(|object| at(object, "spec.template.spec").is_some()) {
        let Some(other) = own.iter().find(|other| kind(other) == kind(set) && name(other) == name(set)) else {
            continue;
        };
        for container in containers(set) {
            let of_name = |other: &&Value| text(other, "name") == text(container, "name");
            let Some(known) = containers(other).into_iter().find(of_name) else { continue };
            for field in ["command", "args"] {
                if has_key(values, field) || at(container, field) == at(known, field) {
                    continue;
                }
                // The exporter gets passwords and certificates as arguments.
                let [said, wanted] = [container, known].map(|one| list(one, field).len());
                if text(container, "name") == Some("metrics") && said == wanted {
                    continue;
                }
                wrong.push(format!(
                    "{} {}: {field} is {:?}, by default {:?}",
                    name(set),
                    text(container, "name").unwrap_or_default(),
                    at(container, field),
                    at(known, field)
                ));
            }
        }
    }
    wrong
}

/// A limit that was not there before, or higher.
#[derive(Debug)]
#[allow(dead_code, reason = "the name is shown where the test fails")]
pub struct Limit {
    pub container: String,
    pub resource: String,
    pub now: String,
}

/// The limits of containers that are new or lower; a container is known by its name.
pub fn new_limits(before: &[Value], after: &[Value]) -> Vec<Limit> {
    let of = |objects: &[Value]| -> Vec<(String, Vec<(String, String)>)> {
        let sets = objects.iter().filter(|object| at(object, "spec.template.spec").is_some());
        let each = sets.flat_map(|set| containers(set)).map(|container| {
            let limits = at(container, "resources.limits").and_then(Value::as_map);
            let limits = limits.into_iter().flat_map(Map::iter).map(|(name, much)| (name.to_owned(), plain(much)));
            (text(container, "name").unwrap_or_default().to_owned(), limits.collect())
        });
        each.collect()
    };
    let (old, new) = (of(before), of(after));
    let mut found = Vec::new();
    for (container, limits) in &new {
        let known: Vec<_> = old.iter().filter(|(name, _)| name == container).collect();
        for (resource, now) in limits {
            let has =
                |limits: &Vec<(String, String)>| limits.iter().any(|(name, much)| name == resource && much == now);
            if !known.is_empty() && !known.iter().any(|(_, limits)| has(limits)) {
                let (container, resource, now) = (container.clone(), resource.clone(), now.clone());
                found.push(Limit { container, resource, now });
            }
        }
    }
    found
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}

fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    value.as_map()?.get_at(&path.parse::<Path>().unwrap())
}

fn text<'a>(value: &'a Value, path: &str) -> Option<&'a str> {
    at(value, path)?.as_str()
}

fn list<'a>(value: &'a Value, path: &str) -> Vec<&'a Value> {
    at(value, path).and_then(Value::as_list).map(|items| items.iter().collect()).unwrap_or_default()
}

fn kind(object: &Value) -> &str {
    text(object, "kind").unwrap_or_default()
}

fn name(object: &Value) -> &str {
    text(object, "metadata.name").unwrap_or_default()
}

fn containers(set: &Value) -> Vec<&Value> {
    let lists = ["spec.template.spec.initContainers", "spec.template.spec.containers"];
    lists.into_iter().flat_map(|path| list(set, path)).collect()
}

fn has_all(labels: &Map, wanted: &Map) -> bool {
    wanted.iter().all(|(key, value)| labels.get(key) == Some(value))
}

/// Whether a value contains a text.
fn says(value: &Value, text: &str) -> bool {
    match value {
        Value::String(said) => !said.is_empty() && (said == text || text.split('/').any(|part| part == said)),
        Value::List(items) => items.iter().any(|item| says(item, text)),
        Value::Map(map) => map.iter().any(|(_, below)| says(below, text)),
        _ => false,
    }
}

/// Whether values have a key of this name with a non-empty value.
fn has_key(values: &Map, name: &str) -> bool {
    values.iter().any(|(key, value)| match value {
        Value::List(items) if key == name => !items.is_empty(),
        Value::String(said) if key == name => !said.is_empty(),
        Value::Map(below) => has_key(below, name),
        _ => false,
    })
}
