//! Each flag, with the expected parts of the manifests.

use redisgen::{chart::Topology, yaml::Value};
use semver::Version;

use super::manifests::{Manifests, Verdict, annotation, at, container, containers, ensure, is, lacks};

/// A flag with what it promises.
pub struct Case {
    pub name: &'static str,
    pub args: &'static [&'static str],
    /// in which topologies (letters of `settings.tsv`) and from which version on the chart can fulfil it; anywhere else
    /// it must be refused
    pub can: &'static [(&'static str, &'static str, Option<&'static str>)],
    pub judge: fn(&Manifests) -> Verdict,
}

impl Case {
    pub fn can(&self, topology: Topology, version: &Version) -> bool {
        let letter = match topology {
            Topology::Standalone => 's',
            Topology::Replication => 'r',
            Topology::Sentinel => 'n',
        };
        self.can.iter().any(|(letters, since, until)| {
            letters.contains(letter)
                && *version >= since.parse().unwrap()
                && until.is_none_or(|until| *version < until.parse().unwrap())
        })
    }
}

const ALWAYS: &[(&str, &str, Option<&str>)] = &[("srn", "10.5.6", None)];
const REPLICATED: &[(&str, &str, Option<&str>)] = &[("rn", "10.5.6", None)];
/// The versions whose images went to the frozen catalogue.
const FROZEN: &[(&str, &str, Option<&str>)] = &[("srn", "10.5.6", Some("24.0.0"))];
const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

macro_rules! case {
    ($name:literal, [$($arg:expr),* $(,)?], $can:expr, $judge:expr) => {
        Case { name: $name, args: &[$($arg),*], can: $can, judge: $judge }
    };
}

/// Cases for every version of the matrix.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    cases.extend(reach());
    cases.extend(topology());
    cases.extend(data());
    cases.extend(credentials());
    cases.extend(metrics());
    cases.extend(placement());
    cases.extend(images());
    cases.extend(overlays());
    cases
}

/// The container of Redis, which was called like the release before 10.6.
fn redis(set: &Value) -> Result<&Value, String> {
    container(set, "redis").or_else(|_| container(set, "rel-redis"))
}

fn load_balancer(m: &Manifests, key: &str, value: &str) -> Verdict {
    is(m.entry()?, "spec.type", "LoadBalancer")?;
    annotation(m.entry()?, key, value)
}

fn reach() -> Vec<Case> {
    vec![
        case!("none", [], ALWAYS, |m| {
            is(m.entry()?, "spec.type", "ClusterIP")?;
            m.each_workload(|_| Ok(()))
        }),
        case!("cluster-only", ["--cluster-only"], ALWAYS, |m| is(m.entry()?, "spec.type", "ClusterIP")),
        case!("internal-lb aws", ["--internal-lb", "--cloud", "aws"], ALWAYS, |m| {
            load_balancer(m, "service.beta.kubernetes.io/aws-load-balancer-internal", "true")?;
            let balancers = m.all("Service").filter(|s| is(s, "spec.type", "LoadBalancer").is_ok()).count();
            ensure(balancers == 1, format!("{balancers} load balancers"))
        }),
        case!("internal-lb gcp", ["--internal-lb", "--cloud", "gcp"], ALWAYS, |m| {
            load_balancer(m, "networking.gke.io/load-balancer-type", "Internal")
        }),
        case!("internal-lb azure", ["--internal-lb", "--cloud", "azure"], ALWAYS, |m| {
            load_balancer(m, "service.beta.kubernetes.io/azure-load-balancer-internal", "true")
        }),
        case!("public-lb", ["--public-lb"], ALWAYS, |m| {
            is(m.entry()?, "spec.type", "LoadBalancer")?;
            lacks(m.entry()?, "metadata.annotations")
        }),
        case!(
            "source-range",
            ["--public-lb", "--source-range", "10.0.0.0/8,192.0.2.0/24"],
            &[("sr", "10.5.6", None), ("n", "14.0.0", None)],
            |m| {
                let want = Value::from(vec!["10.0.0.0/8", "192.0.2.0/24"]);
                is(m.entry()?, "spec.loadBalancerSourceRanges", want)
            }
        ),
        case!("static-address", ["--public-lb", "--static-address", "192.0.2.7"], ALWAYS, |m| {
            is(m.entry()?, "spec.loadBalancerIP", "192.0.2.7")
        }),
        case!("idle-timeout", ["--internal-lb", "--cloud", "aws", "--idle-timeout", "3600"], ALWAYS, |m| {
            load_balancer(m, "service.beta.kubernetes.io/aws-load-balancer-connection-idle-timeout", "3600")
        }),
        case!("subnet", ["--internal-lb", "--cloud", "azure", "--subnet", "apps"], ALWAYS, |m| {
            load_balancer(m, "service.beta.kubernetes.io/azure-load-balancer-internal-subnet", "apps")
        }),
        case!(
            "lb-controller",
            ["--internal-lb", "--cloud", "aws", "--lb-controller", "aws-load-balancer-controller"],
            ALWAYS,
            |m| {
                load_balancer(m, "service.beta.kubernetes.io/aws-load-balancer-scheme", "internal")?;
                if m.since("18.6.0") {
                    is(m.entry()?, "spec.loadBalancerClass", "service.k8s.aws/nlb")
                } else {
                    annotation(m.entry()?, "service.beta.kubernetes.io/aws-load-balancer-type", "external")
                }
            }
        ),
        case!("dns-name", ["--public-lb", "--dns-name", "redis.example.com"], ALWAYS, |m| {
            annotation(m.entry()?, "external-dns.alpha.kubernetes.io/hostname", "redis.example.com")?;
            annotation(m.entry()?, "external-dns.kubernetes.io/hostname", "redis.example.com")
        }),
        case!(
            "dns-prefix",
            ["--public-lb", "--dns-name", "redis.example.com", "--dns-prefix", "current"],
            ALWAYS,
            |m| {
                annotation(m.entry()?, "external-dns.kubernetes.io/hostname", "redis.example.com")?;
                lacks(m.entry()?, r"metadata.annotations.external-dns\.alpha\.kubernetes\.io/hostname")
            }
        ),
        case!(
            "node-port",
            ["--node-port", "--redis-node-port", "30379"],
            &[("sr", "10.5.6", None), ("n", "10.5.6", Some("15.4.0"))],
            |m| {
                is(m.entry()?, "spec.type", "NodePort")?;
                is(m.entry()?, "spec.ports[0].nodePort", Value::Int(30379))
            }
        ),
        case!(
            "node-port with Sentinel",
            ["--node-port", "--redis-node-port", "30379", "--sentinel-node-port", "30479"],
            &[("n", "10.5.6", Some("18.5.0")), ("n", "18.6.2", None)],
            |m| {
                is(m.entry()?, "spec.type", "NodePort")?;
                is(m.entry()?, "spec.ports[0].nodePort", Value::Int(30379))?;
                is(m.entry()?, "spec.ports[1].nodePort", Value::Int(30479))?;
                m.each_workload(|_| Ok(()))
            }
        ),
        case!("expose-replicas", ["--public-lb", "--expose-replicas"], &[("r", "10.5.6", None)], |m| {
            let suffix = if m.since("14.0.0") { "-replicas" } else { "-slave" };
            is(m.service(suffix)?, "spec.type", "LoadBalancer")?;
            is(m.service("-master")?, "spec.type", "LoadBalancer")
        }),
        case!("master-service", ["--master-service"], &[("n", "18.19.0", None)], |m| {
            is(m.service("-master")?, r"spec.selector.isMaster", "true")
        }),
        case!(
            "master-service internal-lb",
            ["--master-service", "--internal-lb", "--cloud", "gcp", "--source-range", "10.0.0.0/8"],
            &[("n", "18.19.0", None)],
            |m| {
                let service = m.service("-master")?;
                is(service, "spec.type", "LoadBalancer")?;
                annotation(service, "networking.gke.io/load-balancer-type", "Internal")?;
                is(service, "spec.loadBalancerSourceRanges", Value::from(vec!["10.0.0.0/8"]))?;
                if m.since("19.2.0") { is(m.entry()?, "spec.type", "ClusterIP") } else { Ok(()) }
            }
        ),
        case!(
            "per-pod",
            ["--per-pod", "--internal-lb", "--cloud", "azure", "--pod-address", "10.0.0.1,10.0.0.2,10.0.0.3"],
            &[("n", "21.2.10", None)],
            |m| {
                for (pod, address) in ["10.0.0.1", "10.0.0.2", "10.0.0.3"].into_iter().enumerate() {
                    let service = m.service(&format!("-{pod}-svc"))?;
                    is(service, "spec.type", "LoadBalancer")?;
                    is(service, "spec.loadBalancerIP", address)?;
                    annotation(service, "service.beta.kubernetes.io/azure-load-balancer-internal", "true")?;
                }
                is(m.entry()?, "spec.type", "ClusterIP")
            }
        ),
    ]
}

fn topology() -> Vec<Case> {
    vec![
        case!("replicas", ["--replicas", "4"], REPLICATED, |m| {
            let pods = m.pods()?;
            ensure(pods == 5, format!("{pods} pods, not 5"))
        }),
        case!("quorum", ["--replicas", "4", "--quorum", "4"], &[("n", "10.5.6", None)], |m| {
            let text = m.all("ConfigMap").find_map(|map| at(map, r"data.sentinel\.conf")?.as_str()).unwrap_or_default();
            let monitor = text.lines().find(|line| line.trim().starts_with("sentinel monitor")).unwrap_or_default();
            ensure(monitor.trim().ends_with(" 4"), format!("`{monitor}` does not end with the quorum"))
        }),
        case!("down-after", ["--down-after", "10s", "--failover-timeout", "60s"], &[("n", "10.5.6", None)], |m| {
            let text = m.all("ConfigMap").find_map(|map| at(map, r"data.sentinel\.conf")?.as_str()).unwrap_or_default();
            let has = |line: &str| text.lines().any(|one| one.trim() == line);
            ensure(has("sentinel down-after-milliseconds mymaster 10000"), "another time until the primary is lost")?;
            ensure(has("sentinel failover-timeout mymaster 60000"), "another time for a failover")
        }),
        case!("min-replicas", ["--min-replicas-to-write", "1", "--min-replicas-max-lag", "5"], REPLICATED, |m| {
            let conf = m.conf()?;
            ensure(conf.contains(&"min-replicas-to-write 1".into()), "no number of replicas")?;
            ensure(conf.contains(&"min-replicas-max-lag 5".into()), "no lag")
        }),
        case!("cluster-domain", ["--cluster-domain", "example.local"], REPLICATED, |m| {
            let text = format!("{:?}", m.all("StatefulSet").chain(m.all("ConfigMap")).collect::<Vec<_>>());
            ensure(text.contains("svc.example.local"), "the domain is nowhere")
        }),
    ]
}

fn data() -> Vec<Case> {
    vec![
        case!("no-persistence", ["--no-persistence"], ALWAYS, |m| {
            m.each_workload(|set| lacks(set, "spec.volumeClaimTemplates"))?;
            let conf = m.conf()?;
            ensure(conf.contains(&"appendonly no".into()), "the AOF is written")?;
            ensure(!conf.contains(&"appendonly yes".into()), "the AOF is written after all")?;
            ensure(conf.contains(&"save \"\"".into()), "snapshots are written")
        }),
        case!("no-persistence aof", ["--no-persistence", "--aof"], ALWAYS, |m| {
            m.each_workload(|set| lacks(set, "spec.volumeClaimTemplates"))?;
            ensure(m.conf()?.contains(&"appendonly yes".into()), "the AOF is not written")
        }),
        case!("size", ["--size", "20Gi"], ALWAYS, |m| {
            m.each_workload(|set| is(set, "spec.volumeClaimTemplates[0].spec.resources.requests.storage", "20Gi"))
        }),
        case!("storage-class", ["--storage-class", "fast"], ALWAYS, |m| {
            m.each_workload(|set| is(set, "spec.volumeClaimTemplates[0].spec.storageClassName", "fast"))
        }),
        case!("existing-claim", ["--existing-claim", "old-data"], &[("sr", "10.5.6", None)], |m| {
            let sets = m.workloads()?;
            let master = sets.iter().find(|set| at(set, "metadata.name") == Some(&Value::from("rel-redis-master")));
            let text = format!("{:?}", at(master.ok_or("no master")?, "spec.template.spec.volumes"));
            ensure(text.contains("old-data"), "the claim is not mounted")
        }),
        case!("no-aof", ["--no-aof"], ALWAYS, |m| ensure(
            m.conf()?.contains(&"appendonly no".into()),
            "the AOF is written"
        )),
        case!("save", ["--save", "3600 1 300 100"], ALWAYS, |m| {
            let conf = m.conf()?;
            ensure(conf.contains(&"save 3600 1".into()) && conf.contains(&"save 300 100".into()), "rules are missing")?;
            ensure(!conf.contains(&"save \"\"".into()), "snapshots are switched off")
        }),
        case!("maxmemory", ["--maxmemory", "256mb", "--eviction", "allkeys-lru"], ALWAYS, |m| {
            let conf = m.conf()?;
            ensure(conf.contains(&"maxmemory 256mb".into()), "no maxmemory")?;
            ensure(conf.contains(&"maxmemory-policy allkeys-lru".into()), "no policy")?;
            m.each_workload(|set| is(redis(set)?, "resources.limits.memory", "576Mi"))
        }),
        case!("memory", ["--memory", "1Gi", "--cpu", "500m"], ALWAYS, |m| {
            m.each_workload(|set| {
                let redis = redis(set)?;
                is(redis, "resources.limits.memory", "1Gi")?;
                is(redis, "resources.requests.memory", "1Gi")?;
                is(redis, "resources.requests.cpu", "500m")?;
                lacks(redis, "resources.limits.cpu")
            })
        }),
        case!("memory alone", ["--memory", "1Gi"], ALWAYS, |m| {
            ensure(m.conf()?.contains(&"maxmemory 480mb".into()), "no maxmemory of (1Gi - 64Mi) / 2")
        }),
        case!("memory without forks", ["--maxmemory", "256mb", "--no-persistence"], ALWAYS, |m| {
            let replicated = m.pods()? > 1;
            m.each_workload(|set| is(redis(set)?, "resources.limits.memory", if replicated { "576Mi" } else { "448Mi" }))
        }),
        case!("modules-none", ["--modules", "none"], ALWAYS, |m| {
            ensure(!m.conf()?.iter().any(|line| line.starts_with("loadmodule")), "redis.conf loads a module")
        }),
        case!("tcp-keepalive", ["--tcp-keepalive", "60"], ALWAYS, |m| {
            ensure(m.conf()?.contains(&"tcp-keepalive 60".into()), "no tcp-keepalive")
        }),
    ]
}

fn credentials() -> Vec<Case> {
    vec![
        case!("password", ["--password-env", "REDISGEN_TEST_PASSWORD"], ALWAYS, |m| {
            is(m.get("Secret", "rel-redis")?, r"data.redis-password", "bm86IDE=")
        }),
        case!(
            "password with braces",
            ["--password-env", "REDISGEN_TEST_BRACES"],
            &[("srn", "10.5.6", Some("23.0.2"))],
            |m| {
                let secret = m.get("Secret", "rel-redis")?;
                is(secret, r"data.redis-password", "czNjcmV0e3t7Iw==")
            }
        ),
        case!("existing-secret", ["--existing-secret", "creds", "--existing-secret-key", "pw"], ALWAYS, |m| {
            ensure(m.names("Secret").is_empty(), "a Secret is made")?;
            let text = format!("{:?}", m.workloads()?);
            ensure(text.contains("creds") && text.contains("\"pw\""), "the Secret is not used")
        }),
        case!("auth", ["--auth"], ALWAYS, |m| {
            let secret = m.get("Secret", "rel-redis")?;
            ensure(at(secret, "data.redis-password").is_some(), "the Secret holds no password")
        }),
        case!("no-auth", ["--no-auth"], ALWAYS, |m| {
            ensure(m.names("Secret").is_empty(), "a Secret is made")?;
            let text = format!("{:?}", m.workloads()?);
            ensure(text.contains("ALLOW_EMPTY_PASSWORD"), "a password is asked for")
        }),
        case!("tls-secret", ["--tls-secret", "certs"], &[("srn", "10.7.0", None)], |m| {
            let text = format!("{:?}", m.workloads()?);
            ensure(text.contains("\"certs\""), "the Secret is not mounted")?;
            ensure(text.contains("tls.crt") && text.contains("tls.key") && text.contains("ca.crt"), "a key is missing")
        }),
        case!(
            "tls-cert, tls-key, tls-ca",
            ["--tls-secret", "certs", "--tls-cert", "a.pem", "--tls-key", "b.pem", "--tls-ca", "c.pem"],
            &[("srn", "10.7.0", None)],
            |m| {
                let text = format!("{:?}", m.workloads()?);
                ensure(["a.pem", "b.pem", "c.pem"].iter().all(|key| text.contains(key)), "a key is missing")
            }
        ),
        case!(
            "no-tls-auth-clients",
            ["--tls-secret", "certs", "--no-tls-auth-clients"],
            &[("srn", "10.7.0", None)],
            |m| {
                m.each_workload(|set| {
                    let text = format!("{set:?}");
                    ensure(text.contains("REDIS_TLS_AUTH_CLIENTS"), "nothing is said of the clients")?;
                    let redis = container(set, "redis")?;
                    let env = at(redis, "env").and_then(Value::as_list).unwrap_or_default();
                    let auth = env.iter().find(|e| at(e, "name") == Some(&Value::from("REDIS_TLS_AUTH_CLIENTS")));
                    is(auth.ok_or("no variable")?, "value", "no")
                })
            }
        ),
        case!(
            "acl-user",
            ["--acl-user", "app=~app:* +@read", "--acl-secret", "users"],
            &[("srn", "20.12.0", None)],
            |m| {
                let in_config = m.all("ConfigMap").find_map(|map| at(map, r"data.users\.acl")?.as_str());
                let in_secret = m.all("Secret").find_map(|secret| at(secret, r"stringData.users\.acl")?.as_str());
                let acl = in_config.or(in_secret).ok_or("no users.acl")?;
                ensure(acl.contains("user app on") && acl.contains("~app:*") && acl.contains("+@read"), acl)
            }
        ),
        case!("network-policy", ["--network-policy", "--allow-external=false"], ALWAYS, |m| {
            let policy = m.get("NetworkPolicy", "rel-redis")?;
            let text = format!("{policy:?}");
            ensure(text.contains("rel-redis-client"), "everybody is let in")
        }),
        case!("no-network-policy", ["--no-network-policy"], ALWAYS, |m| {
            ensure(m.names("NetworkPolicy").is_empty(), "a NetworkPolicy is made")
        }),
    ]
}

/// 18.19.3 fails to render any monitor.
const MONITOR: &[(&str, &str, Option<&str>)] = &[("srn", "10.5.6", Some("18.19.3")), ("srn", "18.19.4", None)];

fn metrics() -> Vec<Case> {
    vec![
        case!("no-metrics", ["--no-metrics"], ALWAYS, |m| {
            m.each_workload(|set| ensure(container(set, "metrics").is_err(), "an exporter runs"))
        }),
        case!("metrics", ["--metrics"], ALWAYS, |m| {
            m.each_workload(|set| container(set, "metrics").map(drop))?;
            m.service("-metrics").map(drop)
        }),
        case!(
            "metrics-namespace",
            ["--metrics-namespace", "monitoring", "--metrics-label", "release=prometheus"],
            MONITOR,
            |m| {
                let monitors: Vec<_> = m.all("ServiceMonitor").collect();
                let [monitor] = monitors[..] else { return Err(format!("{} ServiceMonitors", monitors.len())) };
                is(monitor, "metadata.namespace", "monitoring")?;
                is(monitor, "metadata.labels.release", "prometheus")
            }
        ),
        case!(
            "monitor pod",
            ["--monitor", "pod", "--metrics-namespace", "monitoring", "--metrics-label", "team=data"],
            &[("srn", "18.2.0", Some("18.19.3")), ("srn", "18.19.4", None)],
            |m| {
                let monitors: Vec<_> = m.all("PodMonitor").collect();
                let [monitor] = monitors[..] else { return Err(format!("{} PodMonitors", monitors.len())) };
                is(monitor, "metadata.namespace", "monitoring")?;
                is(monitor, "metadata.labels.team", "data")?;
                ensure(m.names("ServiceMonitor").is_empty(), "a ServiceMonitor beside it")
            }
        ),
        case!("alerts", ["--alerts", "--monitor", "none", "--metrics-namespace", "monitoring"], ALWAYS, |m| {
            let rules: Vec<_> = m.all("PrometheusRule").collect();
            let [rule] = rules[..] else { return Err(format!("{} PrometheusRules", rules.len())) };
            is(rule, "metadata.namespace", "monitoring")?;
            is(rule, "spec.groups[0].rules[0].annotations.summary", "Redis {{ $labels.pod }} does not answer")
        }),
    ]
}

/// What the Pod Security Standard `restricted` requires from a container.
fn is_restricted(container: &Value) -> Verdict {
    is(container, "securityContext.runAsNonRoot", true)?;
    is(container, "securityContext.allowPrivilegeEscalation", false)?;
    is(container, "securityContext.capabilities.drop[0]", "ALL")?;
    is(container, "securityContext.seccompProfile.type", "RuntimeDefault")
}

fn placement() -> Vec<Case> {
    vec![
        case!("platform openshift", ["--platform", "openshift", "--metrics"], ALWAYS, |m| {
            m.each_workload(|set| {
                lacks(set, "spec.template.spec.securityContext.fsGroup")?;
                containers(set).into_iter().try_for_each(|container| {
                    lacks(container, "securityContext.runAsUser")?;
                    lacks(container, "securityContext.runAsGroup")
                })
            })
        }),
        case!(
            "platform pod-security-restricted",
            ["--platform", "pod-security-restricted", "--metrics"],
            &[("srn", "12.1.3", None)],
            |m| m.each_workload(|set| containers(set).into_iter().try_for_each(is_restricted))
        ),
        case!(
            "platform pod-security-restricted without metrics",
            ["--platform", "pod-security-restricted"],
            &[("srn", "11.1.0", None)],
            |m| m.each_workload(|set| containers(set).into_iter().try_for_each(is_restricted))
        ),
        case!("arch", ["--arch", "amd64", "--node-selector", "disk=ssd"], ALWAYS, |m| {
            m.each_workload(|set| {
                is(set, r"spec.template.spec.nodeSelector.kubernetes\.io/arch", "amd64")?;
                is(set, "spec.template.spec.nodeSelector.disk", "ssd")
            })
        }),
        case!("anti-affinity hard", ["--anti-affinity", "hard"], ALWAYS, |m| {
            m.each_workload(|set| {
                let path = "spec.template.spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution";
                let terms = at(set, path).and_then(Value::as_list).ok_or("nothing is required")?;
                let labels = at(&terms[0], "labelSelector.matchLabels").and_then(Value::as_map).ok_or("no labels")?;
                let pod = at(set, "spec.template.metadata.labels").and_then(Value::as_map).ok_or("no pod labels")?;
                ensure(labels.iter().all(|(k, v)| pod.get(k) == Some(v)), "it does not match its own pods")
            })
        }),
        case!("anti-affinity soft", ["--anti-affinity", "soft"], ALWAYS, |m| {
            m.each_workload(|set| {
                let path =
                    "spec.template.spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution";
                at(set, path).and_then(Value::as_list).map(drop).ok_or_else(|| "nothing is preferred".into())
            })
        }),
        case!("anti-affinity none", ["--anti-affinity", "none"], ALWAYS, |m| {
            m.each_workload(|set| lacks(set, "spec.template.spec.affinity.podAntiAffinity"))
        }),
        case!(
            "spread",
            ["--spread", "zone", "--release", "rel"],
            &[("rn", "10.6.15", None), ("s", "14.0.0", None)],
            |m| {
                let mut spread = 0;
                for set in m.workloads()? {
                    let Some(list) = at(set, "spec.template.spec.topologySpreadConstraints").and_then(Value::as_list)
                    else {
                        continue;
                    };
                    spread += 1;
                    is(&list[0], "topologyKey", "topology.kubernetes.io/zone")?;
                    let labels =
                        at(&list[0], "labelSelector.matchLabels").and_then(Value::as_map).ok_or("no labels")?;
                    let pod =
                        at(set, "spec.template.metadata.labels").and_then(Value::as_map).ok_or("no pod labels")?;
                    ensure(!labels.is_empty(), "it selects every pod")?;
                    ensure(labels.iter().all(|(k, v)| pod.get(k) == Some(v)), "it does not match its own pods")?;
                }
                ensure(spread > 0, "nothing is spread")
            }
        ),
        case!(
            "disruption-budget",
            ["--disruption-budget", "1"],
            &[("sr", "10.7.4", None), ("n", "10.7.4", Some("19.5.0")), ("n", "19.5.3", None)],
            |m| {
                let budgets: Vec<_> = m.all("PodDisruptionBudget").collect();
                ensure(!budgets.is_empty(), "no budget")?;
                budgets.into_iter().try_for_each(|budget| {
                    is(budget, "spec.maxUnavailable", Value::Int(1))?;
                    lacks(budget, "spec.minAvailable")
                })
            }
        ),
        case!(
            "disruption-budget off",
            ["--disruption-budget", "off"],
            &[("sr", "10.7.4", None), ("n", "10.7.4", Some("19.5.0")), ("n", "19.5.3", None)],
            |m| ensure(m.names("PodDisruptionBudget").is_empty(), "a budget")
        ),
        case!("node-selector", ["--node-selector", "disk=ssd"], ALWAYS, |m| {
            m.each_workload(|set| is(set, "spec.template.spec.nodeSelector.disk", "ssd"))
        }),
        case!("toleration", ["--toleration", "dedicated=redis:NoSchedule"], ALWAYS, |m| {
            m.each_workload(|set| {
                is(set, "spec.template.spec.tolerations[0].key", "dedicated")?;
                is(set, "spec.template.spec.tolerations[0].operator", "Equal")?;
                is(set, "spec.template.spec.tolerations[0].effect", "NoSchedule")
            })
        }),
        case!("priority-class", ["--priority-class", "high"], ALWAYS, |m| {
            m.each_workload(|set| is(set, "spec.template.spec.priorityClassName", "high"))
        }),
    ]
}

fn overlays() -> Vec<Case> {
    vec![
        case!("values", ["--values", "tests/data/conformance/overlay.yaml"], ALWAYS, |m| {
            m.each_workload(|set| is(set, "spec.template.metadata.labels.tier", "cache"))
        }),
        case!(
            "set",
            ["--set", "master.podLabels.tier=cache,slave.podLabels.tier=cache,replica.podLabels.tier=cache"],
            ALWAYS,
            |m| m.each_workload(|set| is(set, "spec.template.metadata.labels.tier", "cache"))
        ),
        case!(
            "set-string",
            ["--set-string", "master.podLabels.tier=1,slave.podLabels.tier=1,replica.podLabels.tier=1"],
            ALWAYS,
            |m| m.each_workload(|set| is(set, "spec.template.metadata.labels.tier", "1"))
        ),
    ]
}

fn every_image(m: &Manifests, good: impl Fn(&str) -> bool) -> Verdict {
    m.each_workload(|set| {
        containers(set).into_iter().try_for_each(|container| {
            let image = at(container, "image").and_then(Value::as_str).unwrap_or_default();
            ensure(good(image), format!("image {image}"))
        })
    })
}

fn images() -> Vec<Case> {
    vec![
        case!("images auto", ["--images", "auto", "--metrics"], ALWAYS, |m| {
            every_image(m, |image| image.starts_with("docker.io/bitnamilegacy/") || image.ends_with(":latest"))
        }),
        case!("images secure", ["--images", "secure", "--metrics"], &[("srn", "21.0.0", None)], |m| {
            every_image(m, |image| image.contains("docker.io/bitnamisecure/") && image.ends_with(":latest"))
        }),
        case!("images legacy", ["--images", "legacy", "--metrics"], FROZEN, |m| {
            every_image(m, |image| image.starts_with("docker.io/bitnamilegacy/"))
        }),
        case!(
            "images legacy, all in use",
            [
                "--images",
                "legacy",
                "--metrics",
                "--set",
                "volumePermissions.enabled=true,sysctl.enabled=true,sysctlImage.enabled=true"
            ],
            FROZEN,
            |m| every_image(m, |image| image.contains("/bitnamilegacy/") || image.contains("/bitnami/minideb:"))
        ),
        case!("registry", ["--registry", "mirror.example.com/hub", "--metrics"], ALWAYS, |m| {
            every_image(m, |image| image.starts_with("mirror.example.com/hub/bitnami/"))
        }),
        case!("pull-policy", ["--pull-policy", "always", "--metrics"], ALWAYS, |m| {
            m.each_workload(|set| {
                containers(set).into_iter().try_for_each(|container| is(container, "imagePullPolicy", "Always"))
            })
        }),
        case!("pull-secret", ["--pull-secret", "hub"], ALWAYS, |m| {
            m.each_workload(|set| is(set, "spec.template.spec.imagePullSecrets[0].name", "hub"))
        }),
        case!(
            "digest",
            ["--digest", "redis=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"],
            &[("srn", "17.1.0", None)],
            |m| {
                m.each_workload(|set| {
                    let image = at(container(set, "redis")?, "image").and_then(Value::as_str).unwrap_or_default();
                    ensure(image.ends_with(&format!("@{DIGEST}")), format!("image {image}"))
                })
            }
        ),
    ]
}
