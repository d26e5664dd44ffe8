//! The objects of a release in a cluster, read from the JSON of kubectl.

use std::{collections::BTreeMap, net::IpAddr};

use serde::Deserialize;

use super::nodes::{Entrance, Found, LeadsTo, Node, Program};

/// The objects of a release.
#[derive(Debug, Clone)]
pub struct Cluster {
    pub pods: Vec<Pod>,
    pub services: Vec<Service>,
    /// The names of Services with the number of their ready addresses.
    pub endpoints: BTreeMap<String, usize>,
    /// The ServiceMonitors and PodMonitors, or why they could not be listed.
    pub monitors: Result<Vec<Monitor>, String>,
    /// The Prometheus objects of the cluster, or why they could not be listed.
    pub prometheuses: Result<Vec<Prometheus>, String>,
    /// The labels of the namespace of the monitors. None if they could not be read.
    pub namespace_labels: Option<BTreeMap<String, String>>,
}

type Labels = BTreeMap<String, String>;

/// A pod of the release.
#[derive(Debug, Clone)]
pub struct Pod {
    pub name: String,
    /// `Running`, `Pending`, ...
    pub phase: String,
    pub is_ready: bool,
    /// Why the pod is not ready: `CrashLoopBackOff`, ...
    pub reason: Option<String>,
    pub restarts: u64,
    /// The container and the port of Redis, and of Sentinel.
    pub redis: Option<(String, u16)>,
    pub sentinel: Option<(String, u16)>,
    /// Whether the container of Redis gets a password.
    pub has_password: bool,
    /// Whether the pod has a volume that outlives it.
    pub has_claim: bool,
}

/// A Service of the release.
#[derive(Debug, Clone)]
pub struct Service {
    pub name: String,
    pub is_balancer: bool,
    /// Whether annotations make its load balancer internal. None if they do not decide.
    pub internal: Option<bool>,
    /// The addresses and names of its load balancer.
    pub addresses: Vec<String>,
    pub labels: Labels,
    pub ports: Vec<(String, u16)>,
    pub entrance: Option<Entrance>,
}

/// A ServiceMonitor or a PodMonitor.
#[derive(Debug, Clone)]
pub struct Monitor {
    pub kind: String,
    pub name: String,
    pub namespace: String,
    pub labels: Labels,
    /// The labels that it selects.
    pub selects: Labels,
}

/// A Prometheus object of the Prometheus operator.
#[derive(Debug, Clone)]
pub struct Prometheus {
    pub name: String,
    pub namespace: String,
    selectors: BTreeMap<String, Selectors>,
}

#[derive(Debug, Clone, Default)]
struct Selectors {
    of_monitors: Option<Selector>,
    of_namespaces: Option<Selector>,
}

/// A selector of labels. An empty one selects everything.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Selector {
    match_labels: Labels,
    match_expressions: Vec<Expression>,
}

#[derive(Debug, Clone, Deserialize)]
struct Expression {
    key: String,
    operator: String,
    #[serde(default)]
    values: Vec<String>,
}

impl Selector {
    fn selects(&self, labels: &Labels) -> bool {
        let expressions = self.match_expressions.iter().all(|expression| {
            let value = labels.get(&expression.key);
            match expression.operator.as_str() {
                "In" => value.is_some_and(|value| expression.values.contains(value)),
                "NotIn" => value.is_none_or(|value| !expression.values.contains(value)),
                "Exists" => value.is_some(),
                "DoesNotExist" => value.is_none(),
                _ => false,
            }
        });
        expressions && self.match_labels.iter().all(|(key, value)| labels.get(key) == Some(value))
    }
}

impl Prometheus {
    /// Whether it reads the monitor. None if the labels of a namespace are needed and not known.
    pub fn reads(&self, monitor: &Monitor, namespace_labels: Option<&Labels>) -> Option<bool> {
        let Some(Selectors { of_monitors, of_namespaces }) = self.selectors.get(&monitor.kind) else {
            return Some(false);
        };
        // No selector selects nothing, and an empty one selects everything.
        if !of_monitors.as_ref().is_some_and(|selector| selector.selects(&monitor.labels)) {
            return Some(false);
        }
        match of_namespaces {
            None => Some(monitor.namespace == self.namespace),
            Some(selector) if selector.match_labels.is_empty() && selector.match_expressions.is_empty() => Some(true),
            Some(selector) => namespace_labels.map(|labels| selector.selects(labels)),
        }
    }
}

/// A list of objects, as `kubectl get --output json` prints it.
#[derive(Debug, Deserialize)]
struct List {
    #[serde(default)]
    items: Vec<Object>,
}

#[derive(Debug, Deserialize)]
struct Object {
    #[serde(default)]
    kind: String,
    metadata: Metadata,
    #[serde(default)]
    spec: serde_json::Value,
    #[serde(default)]
    status: serde_json::Value,
    /// of Endpoints
    #[serde(default)]
    subsets: Option<Vec<Subset>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Metadata {
    name: String,
    namespace: String,
    labels: Labels,
    annotations: Labels,
    #[serde(rename = "deletionTimestamp")]
    deleted: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Subset {
    #[serde(default)]
    addresses: Vec<serde_json::Value>,
}

impl Cluster {
    /// Reads pods, Services and endpoints. The monitors are not in this list.
    ///
    /// # Errors
    ///
    /// If the text is not the JSON of a list of objects.
    pub fn of(json: &str) -> Result<Self, serde_json::Error> {
        let list: List = serde_json::from_str(json)?;
        let unknown = "was not listed";
        let mut cluster = Self {
            pods: Vec::new(),
            services: Vec::new(),
            endpoints: BTreeMap::new(),
            monitors: Err(unknown.to_owned()),
            prometheuses: Err(unknown.to_owned()),
            namespace_labels: None,
        };
        for object in list.items {
            match object.kind.as_str() {
                "Pod" => cluster.pods.push(pod(object)),
                "Service" => cluster.services.push(service(object)),
                "Endpoints" => {
                    let ready = object.subsets.iter().flatten().map(|subset| subset.addresses.len()).sum();
                    cluster.endpoints.insert(object.metadata.name, ready);
                }
                _ => {}
            }
        }
        // Other charts of the same release have the same labels.
        cluster.pods.retain(|pod| pod.redis.is_some() || pod.sentinel.is_some());
        cluster.services.retain(|service| service.ports.iter().any(|(name, _)| PORTS.contains(&name.as_str())));
        let services = &cluster.services;
        cluster.endpoints.retain(|name, _| services.iter().any(|service| service.name == *name));
        cluster.pods.sort_by(|one, other| one.name.cmp(&other.name));
        cluster.services.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(cluster)
    }

    /// The servers in the pods.
    pub fn nodes(&self) -> Vec<Node> {
        let node = |pod: &Pod, program: Program| Node {
            name: match program {
                Program::Redis => pod.name.clone(),
                Program::Sentinel => format!("{} (Sentinel)", pod.name),
            },
            program,
            found: Found::Given,
            address: None,
        };
        let redis = self.pods.iter().filter(|pod| pod.redis.is_some()).map(|pod| node(pod, Program::Redis));
        let sentinels = self.pods.iter().filter(|pod| pod.sentinel.is_some());
        redis.chain(sentinels.map(|pod| node(pod, Program::Sentinel))).collect()
    }

    /// The pod, the container and the port of a node.
    pub fn container_of(&self, node: &Node) -> Option<(&Pod, &str, u16)> {
        let name = node.name.trim_end_matches(" (Sentinel)");
        let pod = self.pods.iter().find(|pod| pod.name == name)?;
        let (container, port) = match node.program {
            Program::Redis => pod.redis.as_ref()?,
            Program::Sentinel => pod.sentinel.as_ref()?,
        };
        Some((pod, container, *port))
    }

    /// The Services that lead to Redis.
    pub fn entrances(&self) -> Vec<Entrance> {
        self.services.iter().filter_map(|service| service.entrance.clone()).collect()
    }

    pub fn has_password(&self) -> bool {
        self.pods.iter().any(|pod| pod.has_password)
    }
}

/// The monitors in a list.
///
/// # Errors
///
/// If the text is not the JSON of a list of objects.
pub fn monitors(json: &str) -> Result<Vec<Monitor>, serde_json::Error> {
    let list: List = serde_json::from_str(json)?;
    let monitor = |object: Object| {
        let selector: Selector = object
            .spec
            .get("selector")
            .cloned()
            .and_then(|value| serde_json::from_value(value).ok())
            .unwrap_or_default();
        let Metadata { name, namespace, labels, .. } = object.metadata;
        Monitor { kind: object.kind, name, namespace, labels, selects: selector.match_labels }
    };
    Ok(list.items.into_iter().map(monitor).collect())
}

/// The Prometheus objects in a list.
///
/// # Errors
///
/// If the text is not the JSON of a list of objects.
pub fn prometheuses(json: &str) -> Result<Vec<Prometheus>, serde_json::Error> {
    let list: List = serde_json::from_str(json)?;
    let prometheus = |object: Object| {
        let selector = |field: &str| -> Option<Selector> {
            object.spec.get(field).cloned().and_then(|value| serde_json::from_value(value).ok())
        };
        let selectors = [
            ("ServiceMonitor", "serviceMonitorSelector", "serviceMonitorNamespaceSelector"),
            ("PodMonitor", "podMonitorSelector", "podMonitorNamespaceSelector"),
        ];
        let selectors = selectors.map(|(kind, monitors, namespaces)| {
            let selectors = Selectors { of_monitors: selector(monitors), of_namespaces: selector(namespaces) };
            (kind.to_owned(), selectors)
        });
        let Metadata { name, namespace, .. } = object.metadata;
        Prometheus { name, namespace, selectors: selectors.into_iter().collect() }
    };
    Ok(list.items.into_iter().map(prometheus).collect())
}

/// The labels of one object.
pub fn labels(json: &str) -> Option<Labels> {
    Some(serde_json::from_str::<Object>(json).ok()?.metadata.labels)
}

fn pod(object: Object) -> Pod {
    let Object { metadata, spec, status, .. } = object;
    let containers = spec.get("containers").and_then(serde_json::Value::as_array).cloned().unwrap_or_default();
    let with_port = |name: &str| {
        containers.iter().find_map(|container| {
            let ports = container.get("ports")?.as_array()?;
            let port = ports.iter().find(|port| text(port, "name") == Some(name))?;
            let number = u16::try_from(port.get("containerPort")?.as_u64()?).ok()?;
            Some((text(container, "name")?.to_owned(), number))
        })
    };
    let sentinel = with_port("redis-sentinel");
    let redis = with_port("redis");
    let environment = containers
        .iter()
        .filter(|container| redis.as_ref().is_some_and(|(name, _)| text(container, "name") == Some(name)))
        .filter_map(|container| container.get("env")?.as_array())
        .flatten();
    let mut variables = environment.filter_map(|variable| text(variable, "name"));
    let statuses = status.get("containerStatuses").and_then(serde_json::Value::as_array).cloned().unwrap_or_default();
    let conditions = status.get("conditions").and_then(serde_json::Value::as_array).cloned().unwrap_or_default();
    let is_ready = conditions
        .iter()
        .any(|condition| text(condition, "type") == Some("Ready") && text(condition, "status") == Some("True"));
    let waiting = statuses.iter().find_map(|status| text(status.get("state")?.get("waiting")?, "reason"));
    let unscheduled = conditions.iter().find(|condition| text(condition, "status") == Some("False"));
    let reason = waiting.or_else(|| text(unscheduled?, "reason")).map(str::to_owned);
    let volumes = spec.get("volumes").and_then(serde_json::Value::as_array);
    Pod {
        name: metadata.name,
        phase: match metadata.deleted {
            Some(_) => "Terminating".to_owned(),
            None => text(&status, "phase").unwrap_or("Unknown").to_owned(),
        },
        is_ready,
        reason: reason.filter(|_| !is_ready),
        restarts: statuses.iter().filter_map(|status| status.get("restartCount")?.as_u64()).max().unwrap_or(0),
        has_password: variables.any(|name| PASSWORD_VARIABLES.contains(&name)),
        redis,
        sentinel,
        has_claim: volumes.is_some_and(|volumes| volumes.iter().any(|v| v.get("persistentVolumeClaim").is_some())),
    }
}

/// The variables that give a password to the container of Redis. Source: the templates of the chart, all versions.
const PASSWORD_VARIABLES: [&str; 2] = ["REDIS_PASSWORD", "REDIS_PASSWORD_FILE"];

fn service(object: Object) -> Service {
    let Object { metadata, spec, status, .. } = object;
    let listed = spec.get("ports").and_then(serde_json::Value::as_array).cloned().unwrap_or_default();
    let ports: Vec<(String, u16)> = listed
        .iter()
        .filter_map(|port| {
            let number = u16::try_from(port.get("port")?.as_u64()?).ok()?;
            Some((text(port, "name").unwrap_or_default().to_owned(), number))
        })
        .collect();
    let ingress = status.get("loadBalancer").and_then(|balancer| balancer.get("ingress")?.as_array().cloned());
    let addresses = ingress
        .unwrap_or_default()
        .iter()
        .filter_map(|address| text(address, "ip").or_else(|| text(address, "hostname")).map(str::to_owned))
        .collect();
    let selector: Labels =
        spec.get("selector").cloned().and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default();
    let is_headless = text(&spec, "clusterIP") == Some("None");
    let is_named = text(&spec, "type") == Some("ExternalName");
    let redis = ports.iter().find(|(name, _)| REDIS_PORTS.contains(&name.as_str()));
    let entrance = redis.filter(|_| !is_headless && !is_named && !selector.is_empty()).map(|(_, port)| Entrance {
        name: metadata.name.clone(),
        host: match metadata.namespace.as_str() {
            "" => metadata.name.clone(),
            namespace => format!("{}.{namespace}.svc", metadata.name),
        },
        port: *port,
        leads_to: leads_to(&selector),
    });
    let internal: Vec<bool> =
        metadata.annotations.iter().filter_map(|(key, value)| super::expectation::makes_internal(key, value)).collect();
    Service {
        is_balancer: text(&spec, "type") == Some("LoadBalancer"),
        internal: (!internal.is_empty()).then(|| internal.contains(&true)),
        addresses,
        labels: metadata.labels,
        ports,
        entrance,
        name: metadata.name,
    }
}

/// The names of the port of Redis in Services. Source: the templates of the chart, all versions.
const REDIS_PORTS: [&str; 2] = ["tcp-redis", "redis"];

/// The names of the ports of Services of the chart. Source: as above.
const PORTS: [&str; 6] = ["tcp-redis", "redis", "tcp-sentinel", "redis-sentinel", "http-metrics", "metrics"];

/// Source: the selectors in the templates of the chart: `role` before 14, `app.kubernetes.io/component` from 14 on, and
/// `isMaster` in front of the primary of Sentinel.
fn leads_to(selector: &Labels) -> LeadsTo {
    let role = selector.get("app.kubernetes.io/component").or_else(|| selector.get("role")).map(String::as_str);
    match role {
        _ if selector.get("isMaster").is_some_and(|value| value == "true") => LeadsTo::Primary,
        Some("master") => LeadsTo::Primary,
        Some("replica" | "slave") => LeadsTo::Replicas,
        _ => LeadsTo::AnyNode,
    }
}

fn text<'v>(value: &'v serde_json::Value, field: &str) -> Option<&'v str> {
    value.get(field)?.as_str()
}

/// Whether an address of a load balancer is private. None for other names.
///
/// Sources: RFC 1918, RFC 4193, RFC 6598; the names of AWS, where those of internal balancers begin with `internal-`, of
/// the older kind.
pub fn is_private(address: &str) -> Option<bool> {
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => {
            let [first, second, ..] = ip.octets();
            let is_shared = first == 100 && second & 0b1100_0000 == 64;
            Some(ip.is_private() || ip.is_link_local() || ip.is_loopback() || is_shared)
        }
        Ok(IpAddr::V6(ip)) => Some(ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_loopback()),
        Err(_) if address.starts_with("internal-") && address.ends_with(".amazonaws.com") => Some(true),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBJECTS: &str = r#"{"kind": "List", "items": [
      {"kind": "Pod", "metadata": {"name": "redis-node-0", "labels": {"a": "b"}},
       "spec": {"containers": [
          {"name": "redis", "env": [{"name": "REDIS_PASSWORD"}], "ports": [{"name": "redis", "containerPort": 6380}]},
          {"name": "sentinel", "ports": [{"name": "redis-sentinel", "containerPort": 26379}]}],
        "volumes": [{"name": "v", "persistentVolumeClaim": {}}]},
       "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady"}],
        "containerStatuses": [{"restartCount": 3, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}},
      {"kind": "Service", "metadata": {"name": "redis", "namespace": "ns", "annotations":
         {"service.beta.kubernetes.io/aws-load-balancer-internal": "true"}},
       "spec": {"type": "LoadBalancer", "clusterIP": "10.0.0.1", "ports": [{"name": "tcp-redis", "port": 6379}],
        "selector": {"app.kubernetes.io/component": "node", "isMaster": "true"}},
       "status": {"loadBalancer": {"ingress": [{"hostname": "x.elb.amazonaws.com"}, {"ip": "10.0.0.9"}]}}},
      {"kind": "Endpoints", "metadata": {"name": "redis"}, "subsets": [{"addresses": [{}, {}]}]},
      {"kind": "Endpoints", "metadata": {"name": "redis-master"}, "subsets": null},
      {"kind": "Service", "metadata": {"name": "redis-master"}, "spec": {"ports": [{"name": "tcp-redis", "port": 6379}]}},
      {"kind": "Service", "metadata": {"name": "web"}, "spec": {"ports": [{"name": "http", "port": 80}]}},
      {"kind": "Pod", "metadata": {"name": "web-0"}, "spec": {"containers": []}}
    ]}"#;

    #[test]
    fn the_objects_of_a_release_are_read() {
        let cluster = Cluster::of(OBJECTS).unwrap();
        let pod = &cluster.pods[0];
        assert_eq!((pod.is_ready, pod.reason.as_deref(), pod.restarts), (false, Some("CrashLoopBackOff"), 3));
        assert_eq!(pod.redis, Some(("redis".to_owned(), 6380)));
        assert!(pod.has_password && pod.has_claim && cluster.has_password());
        let names: Vec<String> = cluster.nodes().into_iter().map(|node| node.name).collect();
        assert_eq!(names, ["redis-node-0", "redis-node-0 (Sentinel)"]);
        let (_, container, port) = cluster.container_of(&cluster.nodes()[1]).unwrap();
        assert_eq!((container, port), ("sentinel", 26379));
        assert_eq!((cluster.pods.len(), cluster.services.len()), (1, 2));
        let service = &cluster.services[0];
        assert_eq!((service.is_balancer, service.internal), (true, Some(true)));
        assert_eq!(service.addresses, ["x.elb.amazonaws.com", "10.0.0.9"]);
        let entrance = &cluster.entrances()[0];
        assert_eq!((entrance.host.as_str(), entrance.leads_to), ("redis.ns.svc", LeadsTo::Primary));
        assert_eq!(cluster.endpoints.get("redis"), Some(&2));
        assert_eq!(cluster.endpoints.get("redis-master"), Some(&0));
        assert!(Cluster::of("<html>").is_err());
        assert!(Cluster::of("{}").unwrap().pods.is_empty());
    }

    #[test]
    fn private_addresses_are_known() {
        let private =
            ["10.1.2.3", "172.31.0.1", "192.168.0.1", "100.64.0.1", "fd00::1", "internal-x.eu.elb.amazonaws.com"];
        assert!(private.iter().all(|address| is_private(address) == Some(true)));
        assert!(["52.1.2.3", "172.32.0.1", "100.128.0.1", "2a00::1"].iter().all(|a| is_private(a) == Some(false)));
        assert_eq!(is_private("k8s-x.elb.eu-central-1.amazonaws.com"), None);
    }

    #[test]
    fn a_prometheus_selects_monitors_by_labels() {
        let monitors = monitors(
            r#"{"items": [{"kind": "ServiceMonitor", "metadata": {"name": "m", "namespace": "a", "labels": {"release": "p"}},
               "spec": {"selector": {"matchLabels": {"x": "y"}}}}]}"#,
        )
        .unwrap();
        assert_eq!(monitors[0].selects["x"], "y");
        let reads = |spec: &str, labels: Option<&Labels>| {
            let json = format!(r#"{{"items": [{{"metadata": {{"name": "p", "namespace": "mon"}}, "spec": {spec}}}]}}"#);
            prometheuses(&json).unwrap()[0].reads(&monitors[0], labels)
        };
        let all = r#""serviceMonitorNamespaceSelector": {}"#;
        assert_eq!(reads("{}", None), Some(false));
        assert_eq!(reads(&format!(r#"{{"serviceMonitorSelector": {{}}, {all}}}"#), None), Some(true));
        assert_eq!(reads(r#"{"serviceMonitorSelector": {}}"#, None), Some(false));
        let by = |label: &str| {
            format!(r#"{{"serviceMonitorSelector": {{"matchLabels": {{"release": "{label}"}}}}, {all}}}"#)
        };
        assert_eq!((reads(&by("p"), None), reads(&by("q"), None)), (Some(true), Some(false)));
        let team = r#"{"serviceMonitorSelector": {}, "serviceMonitorNamespaceSelector":
            {"matchExpressions": [{"key": "team", "operator": "In", "values": ["b"]}]}}"#;
        let labels = Labels::from([("team".to_owned(), "b".to_owned())]);
        assert_eq!((reads(team, None), reads(team, Some(&labels))), (None, Some(true)));
    }
}
