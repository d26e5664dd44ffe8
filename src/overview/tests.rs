//! Overviews of hand-built objects: three releases with the shapes of the three topologies.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;

use super::*;
use crate::{
    chart::{Chart, ServiceKind},
    objects::{Claim, Container, Object, Pods, Port, Resources, Role, Secret, SecretSource, Service, Workload},
    yaml::read_values,
};

fn object(kind: &str, name: &str) -> Object {
    Object { api_version: "v1".to_owned(), kind: kind.to_owned(), name: name.to_owned(), ..Object::default() }
}

fn service(name: &str, behind: Option<ServiceKind>, base: &str, component: Option<&str>) -> Service {
    let mut selector = BTreeMap::from([("app".to_owned(), "redis".to_owned())]);
    selector.extend(component.map(|component| ("component".to_owned(), component.to_owned())));
    let port = |name: &str, port: u16| Port { name: name.to_owned(), port, target: name.to_owned(), node_port: None };
    let ports = match behind {
        Some(ServiceKind::AllNodes) => vec![port("tcp-redis", 6379), port("tcp-sentinel", 26379)],
        Some(ServiceKind::Metrics) => vec![port("http-metrics", 9121)],
        _ => vec![port("tcp-redis", 6379)],
    };
    Service {
        object: Object { selector, ..object("Service", name) },
        behind,
        service_type: "ClusterIP".to_owned(),
        is_headless: behind.is_none(),
        ports,
        annotations: BTreeMap::new(),
        source_ranges: Vec::new(),
        base: base.to_owned(),
    }
}

fn workload(name: &str, role: Role, component: &str, count: u32, containers: &[&str], size: Option<&str>) -> Workload {
    let container = |name: &&str| Container {
        name: (*name).to_owned(),
        is_init: false,
        image: format!("docker.io/bitnami/{name}:8"),
        requests: Resources { cpu: Some("100m".to_owned()), memory: Some("128Mi".to_owned()) },
        limits: Resources { cpu: None, memory: Some("192Mi".to_owned()) },
    };
    Workload {
        object: Object { api_version: "apps/v1".to_owned(), ..object("StatefulSet", name) },
        role,
        pods: Pods::Fixed(count),
        labels: BTreeMap::from([
            ("app".to_owned(), "redis".to_owned()),
            ("component".to_owned(), component.to_owned()),
        ]),
        service_account: "redis".to_owned(),
        containers: containers.iter().map(container).collect(),
        claims: size
            .map(|size| Claim {
                name: "redis-data".to_owned(),
                is_existing: false,
                size: Some(size.to_owned()),
                class: None,
                access_modes: vec!["ReadWriteOnce".to_owned()],
            })
            .into_iter()
            .collect(),
    }
}

fn objects(services: Vec<Service>, workloads: Vec<Workload>) -> Objects {
    Objects {
        release: "redis".to_owned(),
        namespace: "backend".to_owned(),
        full_name: "redis".to_owned(),
        workloads,
        services,
        secrets: vec![Secret {
            name: "redis".to_owned(),
            keys: vec!["redis-password".to_owned()],
            from: SecretSource::ChartRandom,
            holds: "the password".to_owned(),
        }],
        others: vec![object("ConfigMap", "redis-configuration")],
        unknown: Vec::new(),
    }
}

fn overview(objects: Objects, version: &str, text: &str, cloud: Option<Cloud>) -> Overview {
    let chart = Chart::at(&version.parse().unwrap()).unwrap();
    let values = EffectiveValues::of(read_values(text).unwrap(), &chart);
    Overview::of(objects, &values, cloud)
}

/// Three nodes with Sentinel behind an internal load balancer, without a volume.
pub(crate) fn sentinel() -> Overview {
    let mut nodes = service("redis", Some(ServiceKind::AllNodes), "sentinel.service", Some("node"));
    nodes.service_type = "LoadBalancer".to_owned();
    nodes.annotations.insert("service.beta.kubernetes.io/aws-load-balancer-internal".to_owned(), "true".to_owned());
    let services = vec![
        nodes,
        service("redis-headless", None, "", None),
        service("redis-metrics", Some(ServiceKind::Metrics), "metrics.service", None),
    ];
    let node = workload("redis-node", Role::Node, "node", 3, &["redis", "sentinel", "metrics"], None);
    let mut objects = objects(services, vec![node]);
    objects.others.push(Object {
        api_version: "policy/v1beta1".to_owned(),
        fields: BTreeMap::from([("minAvailable".to_owned(), "2".to_owned())]),
        ..object("PodDisruptionBudget", "redis")
    });
    let text = "cluster: {slaveCount: 3}\nsentinel: {enabled: true, service: {type: LoadBalancer}}\n\
                podDisruptionBudget: {enabled: true}\n";
    overview(objects, "11.0.4", text, None)
}

/// A primary with two replicas and volumes, and a public load balancer.
pub(crate) fn replication() -> Overview {
    let mut primary = service("redis-master", Some(ServiceKind::Primary), "master.service", Some("master"));
    primary.service_type = "LoadBalancer".to_owned();
    let services = vec![
        service("redis-headless", None, "", None),
        primary,
        service("redis-replicas", Some(ServiceKind::Replicas), "replica.service", Some("replica")),
    ];
    let workloads = vec![
        workload("redis-master", Role::Primary, "master", 1, &["redis"], Some("8Gi")),
        workload("redis-replicas", Role::Replica, "replica", 2, &["redis"], Some("8Gi")),
    ];
    let text = "architecture: replication\nreplica: {replicaCount: 2}\nmaster: {service: {type: LoadBalancer}}\n\
                tls: {enabled: true, existingSecret: certs}\n";
    overview(objects(services, workloads), "23.1.1", text, None)
}

/// One pod.
pub(crate) fn standalone() -> Overview {
    let services = vec![
        service("redis-headless", None, "", None),
        service("redis-master", Some(ServiceKind::Primary), "master.service", Some("master")),
    ];
    let workloads = vec![workload("redis-master", Role::Primary, "master", 1, &["redis"], Some("8Gi"))];
    let text = "architecture: standalone\nauth: {enabled: false}\n";
    overview(objects(services, workloads), "28.0.7", text, None)
}

fn reach<'a>(overview: &'a Overview, service: &str) -> &'a Reach {
    overview.reach.iter().find(|reach| reach.service == service).unwrap()
}

#[test]
fn the_annotation_decides_who_reaches_a_load_balancer() {
    let overview = sentinel();
    let nodes = reach(&overview, "redis");
    assert_eq!((nodes.access, nodes.writes), (Access::Internal, Writes::ByChance));
    assert_eq!(nodes.why, "annotation `service.beta.kubernetes.io/aws-load-balancer-internal: \"true\"`");
    assert_eq!(nodes.leads_to, ["redis-node"]);
    assert_eq!(nodes.pods, "any of 3 nodes");
    assert!(nodes.caveat.as_ref().unwrap().contains("2 of 3 nodes refuse writes"));
    assert_eq!(reach(&overview, "redis-metrics").writes, Writes::NoRedis);

    let overview = replication();
    let primary = reach(&overview, "redis-master");
    assert_eq!((primary.access, primary.writes), (Access::Public, Writes::Primary));
    assert!(primary.why.contains("`master.service.type: LoadBalancer`"), "{}", primary.why);
    assert_eq!(reach(&overview, "redis-replicas").writes, Writes::Refused);
    assert_eq!(reach(&overview, "redis-headless").leads_to, ["redis-master", "redis-replicas"]);
}

#[test]
fn a_removed_api_has_the_version_of_kubernetes() {
    let apis = sentinel().apis;
    let gone = apis.iter().find(|api| api.api_version == "policy/v1beta1").unwrap();
    assert_eq!((gone.kinds.join(","), gone.gone_from.as_deref()), ("PodDisruptionBudget".to_owned(), Some("1.25")));
    assert!(apis.iter().any(|api| api.api_version == "apps/v1" && api.gone_from.is_none()));
}

#[test]
fn resources_and_claims_are_summed() {
    let totals = sentinel().totals;
    assert_eq!((totals.pods, totals.containers), (3, 9));
    assert_eq!(totals.requests.cpu.as_deref(), Some("900m"));
    assert_eq!(totals.limits.memory.as_deref(), Some("1728Mi"));
    assert_eq!((totals.limits.cpu, totals.limits.without_cpu), (None, 9));
    let claims = replication().totals.claims;
    assert_eq!(claims.len(), 1);
    assert_eq!((claims[0].count, claims[0].sum.as_deref()), (3, Some("24Gi")));
}

#[test]
fn sentinel_says_how_many_nodes_may_be_lost() {
    let failures = sentinel().failures;
    let failover = failures.failover.unwrap();
    assert_eq!((failover.nodes, failover.majority, failover.quorum, failover.may_lose), (3, 2, 2, 1));
    assert_eq!((failover.down_after_seconds, failover.seconds), (60.0, 62.0));
    assert_eq!(standalone().failures.failover, None);
}

#[test]
fn clients_have_the_ways_that_the_release_has() {
    let Clients { sentinel: Some(way), primary: None, .. } = sentinel().clients else { panic!() };
    assert_eq!(way.master_set, "mymaster");
    assert_eq!(way.endpoint.host, "redis.backend.svc.cluster.local");
    assert_eq!(way.nodes[2], "redis-node-2.redis-headless.backend.svc.cluster.local:26379");
    let clients = replication().clients;
    assert_eq!(clients.primary.unwrap().host, "redis-master.backend.svc.cluster.local");
    assert_eq!(clients.reads.unwrap().service, "redis-replicas");
    assert_eq!(clients.tls.unwrap().secret.as_deref(), Some("certs"));
    assert!(!standalone().clients.auth.is_on);
}

#[test]
fn each_client_has_code_for_each_way() {
    let code = sentinel().clients.code();
    assert_eq!(code.len(), 12);
    assert!(code.iter().all(|code| code.text.contains("redis.backend.svc.cluster.local")), "{code:#?}");
    let secure = replication().clients.code();
    assert!(secure.iter().all(|code| code.way == Way::Plain));
}
