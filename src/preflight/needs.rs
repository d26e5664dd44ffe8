//! What rendered objects need that the same render does not contain.

use std::collections::{BTreeMap, BTreeSet};

use crate::yaml::{Document, Error, Map, Value};

/// An object that the render refers to and does not contain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// `Secret`, `ConfigMap`, `PersistentVolumeClaim` or `ServiceAccount`
    pub kind: &'static str,
    pub name: String,
}

/// The keys of an object that pods read.
pub type KeyOf = BTreeMap<Reference, BTreeSet<String>>;

/// The rendered objects, and what they need from the cluster.
#[derive(Debug, Clone, Default)]
pub struct Needs {
    pub objects: Vec<Map>,
    /// Objects that must exist, with the keys that pods read.
    pub references: KeyOf,
    /// The StorageClasses of claims; none for the default of the cluster, and the empty text for no class at all.
    pub storage_classes: BTreeSet<Option<String>>,
    pub priority_classes: BTreeSet<String>,
    /// Namespaces of objects.
    pub namespaces: BTreeSet<String>,
}

impl Needs {
    /// Reads the output of `helm template`.
    ///
    /// # Errors
    ///
    /// If the text is not YAML.
    pub fn of(render: &str) -> Result<Self, Error> {
        let document = Document::parse(render)?;
        let mut needs = Self::default();
        for root in document.documents() {
            if let Value::Map(object) = document.value(*root)? {
                needs.objects.push(object);
            }
        }
        for object in needs.objects.clone() {
            needs.read(&object);
        }
        let made: Vec<(String, String)> = needs
            .objects
            .iter()
            .filter_map(|object| Some((kind(object)?.to_owned(), name(object)?.to_owned())))
            .collect();
        let is_made = |wanted: &Reference| made.iter().any(|(kind, name)| kind == wanted.kind && *name == wanted.name);
        needs.references.retain(|wanted, _| !is_made(wanted));
        Ok(needs)
    }

    fn read(&mut self, object: &Map) {
        if let Some(namespace) = text(object, "metadata.namespace") {
            self.namespaces.insert(namespace.to_owned());
        }
        if kind(object) == Some("PersistentVolumeClaim") {
            self.read_claim(object);
        }
        for claim in list(object, "spec.volumeClaimTemplates") {
            self.read_claim(claim);
        }
        let Some(Value::Map(pod)) = object.get_at_text("spec.template.spec") else { return };
        self.read_pod(pod);
    }

    fn read_claim(&mut self, claim: &Map) {
        let class = claim.get_at_text("spec.storageClassName").and_then(Value::as_str);
        self.storage_classes.insert(class.map(str::to_owned));
    }

    fn read_pod(&mut self, pod: &Map) {
        self.priority_classes.extend(text(pod, "priorityClassName").map(str::to_owned));
        if let Some(account) = text(pod, "serviceAccountName").filter(|name| *name != "default") {
            self.refer("ServiceAccount", account, None);
        }
        for secret in list(pod, "imagePullSecrets") {
            self.refer_to(secret, "Secret", "name", &[]);
        }
        for volume in list(pod, "volumes") {
            if let Some(Value::Map(claim)) = volume.get("persistentVolumeClaim") {
                self.refer_to(claim, "PersistentVolumeClaim", "claimName", &[]);
            }
            let projected = list(volume, "projected.sources");
            for source in projected.into_iter().chain([volume]) {
                for (field, kind, named) in [
                    ("secret", "Secret", "secretName"),
                    ("secret", "Secret", "name"),
                    ("configMap", "ConfigMap", "name"),
                ] {
                    if let Some(Value::Map(source)) = source.get(field) {
                        let keys: Vec<&str> =
                            list(source, "items").into_iter().filter_map(|item| text(item, "key")).collect();
                        self.refer_to(source, kind, named, &keys);
                    }
                }
            }
        }
        for container in list(pod, "initContainers").into_iter().chain(list(pod, "containers")) {
            for variable in list(container, "env") {
                for (field, kind) in [("secretKeyRef", "Secret"), ("configMapKeyRef", "ConfigMap")] {
                    if let Some(Value::Map(source)) = variable.get_at_text(&format!("valueFrom.{field}")) {
                        let keys: Vec<&str> = text(source, "key").into_iter().collect();
                        self.refer_to(source, kind, "name", &keys);
                    }
                }
            }
            for all in list(container, "envFrom") {
                for (field, kind) in [("secretRef", "Secret"), ("configMapRef", "ConfigMap")] {
                    if let Some(Value::Map(source)) = all.get(field) {
                        self.refer_to(source, kind, "name", &[]);
                    }
                }
            }
        }
    }

    fn refer_to(&mut self, source: &Map, kind: &'static str, named: &str, keys: &[&str]) {
        if source.get("optional") == Some(&Value::Bool(true)) {
            return;
        }
        let Some(name) = text(source, named) else { return };
        self.refer(kind, name, None);
        for key in keys {
            self.refer(kind, name, Some(key));
        }
    }

    fn refer(&mut self, kind: &'static str, name: &str, key: Option<&str>) {
        let keys = self.references.entry(Reference { kind, name: name.to_owned() }).or_default();
        keys.extend(key.map(str::to_owned));
    }
}

/// One pod of each workload, as an object that the API server can check: with the ServiceAccount that every namespace
/// has, because that of the release may not exist before the install.
pub fn pods(objects: &[Map]) -> Vec<Map> {
    let workloads =
        objects.iter().filter(|object| matches!(kind(object), Some("StatefulSet" | "Deployment" | "DaemonSet")));
    workloads
        .filter_map(|workload| {
            let (name, Some(Value::Map(template))) = (name(workload)?, workload.get_at_text("spec.template")) else {
                return None;
            };
            let mut pod: Map = template.clone();
            let mut metadata = match pod.get("metadata") {
                Some(Value::Map(metadata)) => metadata.clone(),
                _ => Map::new(),
            };
            // A name that no pod has: the name of a running pod would be a conflict.
            metadata.insert("name", Value::from(format!("{name}-check").as_str()));
            if let Some(namespace) = text(workload, "metadata.namespace") {
                metadata.insert("namespace", Value::from(namespace));
            }
            if let Some(Value::Map(spec)) = pod.get_mut("spec") {
                spec.remove("serviceAccountName");
                add_claims(spec, workload);
            }
            pod.insert("metadata", metadata.into());
            pod.insert("apiVersion", Value::from("v1"));
            pod.insert("kind", Value::from("Pod"));
            Some(pod)
        })
        .collect()
}

/// Adds the volumes that a StatefulSet makes of its claim templates: a mount without a volume is refused.
fn add_claims(spec: &mut Map, workload: &Map) {
    let claims = list(workload, "spec.volumeClaimTemplates");
    let mut volumes = spec.get("volumes").and_then(Value::as_list).map(<[Value]>::to_vec).unwrap_or_default();
    for claim in claims.into_iter().filter_map(name) {
        let mut volume = Map::new();
        volume.insert("name", Value::from(claim));
        let mut source = Map::new();
        source.insert("claimName", Value::from(claim));
        volume.insert("persistentVolumeClaim", source.into());
        volumes.push(volume.into());
    }
    if !volumes.is_empty() {
        spec.insert("volumes", Value::from(volumes));
    }
}

pub(super) fn kind(object: &Map) -> Option<&str> {
    object.get("kind").and_then(Value::as_str)
}

pub(super) fn name(object: &Map) -> Option<&str> {
    text(object, "metadata.name")
}

/// The text at a path, if it is not empty.
pub(super) fn text<'m>(map: &'m Map, path: &str) -> Option<&'m str> {
    map.get_at_text(path).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// The maps in the list at a path.
pub(super) fn list<'m>(map: &'m Map, path: &str) -> Vec<&'m Map> {
    let items = map.get_at_text(path).and_then(Value::as_list).unwrap_or_default();
    items.iter().filter_map(Value::as_map).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RENDER: &str = "
apiVersion: v1
kind: Secret
metadata: {name: own, namespace: cache}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: redis-node, namespace: cache}
spec:
  volumeClaimTemplates:
    - metadata: {name: redis-data}
      spec: {storageClassName: fast}
    - metadata: {name: other}
      spec: {}
  template:
    metadata: {labels: {a: b}}
    spec:
      serviceAccountName: redis
      priorityClassName: high
      imagePullSecrets: [{name: pull}]
      volumes:
        - name: certificates
          secret: {secretName: tls, items: [{key: tls.crt, path: tls.crt}]}
        - name: maybe
          configMap: {name: maybe, optional: true}
      containers:
        - name: redis
          env:
            - name: PASSWORD
              valueFrom: {secretKeyRef: {name: auth, key: redis-password}}
            - name: OWN
              valueFrom: {secretKeyRef: {name: own, key: a}}
---
";

    #[test]
    fn needs_are_what_the_render_does_not_contain() {
        let needs = Needs::of(RENDER).unwrap();
        let names: Vec<_> = needs.references.iter().map(|(of, keys)| (of.kind, of.name.as_str(), keys.len())).collect();
        assert_eq!(
            names,
            [("Secret", "auth", 1), ("Secret", "pull", 0), ("Secret", "tls", 1), ("ServiceAccount", "redis", 0)]
        );
        assert_eq!(Vec::from_iter(needs.storage_classes), [None, Some("fast".to_owned())]);
        assert_eq!(Vec::from_iter(&needs.priority_classes), ["high"]);
    }

    #[test]
    fn a_pod_has_the_volumes_of_its_claims() {
        let pods = pods(&Needs::of(RENDER).unwrap().objects);
        assert_eq!((pods.len(), name(&pods[0])), (1, Some("redis-node-check")));
        assert_eq!(text(&pods[0], "metadata.namespace"), Some("cache"));
        let volumes: Vec<_> =
            list(&pods[0], "spec.volumes").iter().map(|volume| text(volume, "name").unwrap()).collect();
        assert_eq!(volumes, ["certificates", "maybe", "redis-data", "other"]);
        assert!(pods[0].get_at_text("spec.serviceAccountName").is_none());
    }
}
