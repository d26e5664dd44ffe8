//! Access to Redis: Services, load balancers, node ports and DNS names.

use super::{Draft, RecommendedOption, Refusal, only_with, topology::nodes};
use crate::{
    chart::{Chart, ServiceKind, ServiceSetting, Setting, Topology},
    cloud::{self, RequestedOption},
    intent::{Access, DnsPrefix, Field, Intent},
    kubernetes,
    yaml::{Map, Value},
};

const REDIS_PORT: u16 = 6379;
const SENTINEL_PORT: u16 = 26379;

/// Options that require a load balancer.
const BALANCER: [Field; 7] = [
    Field::LbController,
    Field::SourceRanges,
    Field::StaticAddress,
    Field::Subnet,
    Field::IdleTimeout,
    Field::PerPod,
    Field::PodAddresses,
];

/// The ports of a Service that clients come through.
fn ports(service: ServiceKind) -> &'static [u16] {
    if service.is_sentinel() { &[REDIS_PORT, SENTINEL_PORT] } else { &[REDIS_PORT] }
}

pub(super) fn settle(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    if intent.expose_replicas == Some(true) && draft.topology == Topology::Sentinel {
        let text = "with Sentinel, one Service leads to all nodes and the replicas have no Service. Remove this option";
        return Err(Refusal::new(&[Field::ExposeReplicas, Field::Topology], text));
    }
    if intent.master_service == Some(true) {
        draft.say(Setting::MasterServiceEnabled, true, &[Field::MasterService], "Service of the current primary")?;
        let why = "the chart labels the primary through the Kubernetes API";
        draft.say(Setting::MasterServiceNeeds, true, &[Field::MasterService], why)?;
        const FIPS: Setting = Setting::PrimaryLabelFips;
        if draft.can(FIPS) {
            let why = "the container that labels the primary cannot reach the Kubernetes API with the FIPS mode of \
                       this chart version";
            draft.say(FIPS, "relaxed", &[Field::MasterService], why)?;
        }
    }
    if intent.redis_node_port.is_some() || intent.sentinel_node_port.is_some() {
        let field = if intent.redis_node_port.is_some() { Field::RedisNodePort } else { Field::SentinelNodePort };
        if intent.access != Some(Access::NodePort) {
            return Err(Refusal::new(&[field, Field::Access], "requires `access: node-port`"));
        }
    }
    match intent.access {
        None | Some(Access::Cluster) => inside(intent, draft),
        Some(Access::NodePort) => node_port(intent, draft),
        Some(Access::InternalLb) => balancer(intent, draft, cloud::Reachability::Internal),
        Some(Access::PublicLb) => balancer(intent, draft, cloud::Reachability::Public),
    }
}

/// The Services for clients outside the cluster.
fn entries(intent: &Intent, topology: Topology) -> Vec<ServiceKind> {
    let mut entries = Vec::new();
    match topology {
        Topology::Standalone => entries.push(ServiceKind::Primary),
        Topology::Replication => {
            entries.push(ServiceKind::Primary);
            if intent.expose_replicas == Some(true) {
                entries.push(ServiceKind::Replicas);
            }
        }
        Topology::Sentinel => {
            if intent.per_pod == Some(true) {
                entries.push(ServiceKind::EachPod);
            }
            if intent.master_service == Some(true) {
                entries.push(ServiceKind::CurrentPrimary);
            }
            if entries.is_empty() {
                entries.push(ServiceKind::AllNodes);
            }
        }
    }
    entries
}

fn inside(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    let reason = "requires a load balancer. Use `access: internal-lb` or `access: public-lb`";
    only_with(intent, &BALANCER, Field::Access, reason)?;
    let reason = "ExternalDNS publishes no name for a Redis that only the cluster can reach";
    only_with(intent, &[Field::DnsName, Field::DnsPrefix], Field::Access, reason)?;
    only_with(
        intent,
        &[Field::ExposeReplicas],
        Field::Access,
        "only the cluster can reach Redis. Use a load balancer or node ports",
    )?;
    if intent.access.is_some() {
        for entry in entries(intent, draft.topology) {
            draft.say(
                entry.setting(ServiceSetting::Type),
                "ClusterIP",
                &[Field::Access],
                "only for clients in the cluster",
            )?;
        }
    }
    Ok(())
}

fn node_port(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    only_with(
        intent,
        &BALANCER,
        Field::Access,
        "a node port has no load balancer. Use `access: internal-lb` or `access: public-lb`",
    )?;
    let entries = entries(intent, draft.topology);
    if entries.len() > 1 {
        only_with(intent, &[Field::RedisNodePort], Field::ExposeReplicas, "two Services cannot share one node port")?;
    }
    both_alike(&entries, draft);
    open_policy(intent, "node port")?;
    for entry in entries {
        let why = format!("node port for {}", entry.description());
        draft.say(entry.setting(ServiceSetting::Type), "NodePort", &[Field::Access], why.as_str())?;
        let ports = [
            (Field::RedisNodePort, ServiceSetting::RedisNodePort, intent.redis_node_port, true),
            (
                Field::SentinelNodePort,
                ServiceSetting::SentinelNodePort,
                intent.sentinel_node_port,
                entry == ServiceKind::AllNodes,
            ),
        ];
        for (field, part, port, has) in ports {
            match port {
                Some(port) if !kubernetes::is_node_port(i64::from(port)) => {
                    let text = format!("{port} is not a node port: expected 30000 to 32767");
                    return Err(Refusal::new(&[field], text));
                }
                Some(port) if has => draft.say(entry.setting(part), i64::from(port), &[field], why.as_str())?,
                Some(_) => return Err(Refusal::new(&[field, Field::Topology], "no Sentinel runs behind this Service")),
                None if has && entry == ServiceKind::AllNodes && draft.can(Setting::FixedSentinelNodePorts) => {
                    let text = "this chart version renders no pods with Sentinel unless both node ports are set. Set \
                                `redis-node-port` and `sentinel-node-port` to 30000 to 32767";
                    return Err(Refusal::new(&[Field::Access, field], text));
                }
                None => {}
            }
        }
        if entry == ServiceKind::AllNodes {
            apart(intent, draft)?;
        }
        if let Some(annotations) = dns(intent, Vec::new())? {
            draft.say(
                entry.setting(ServiceSetting::Annotations),
                annotations,
                &[Field::DnsName],
                "DNS name for ExternalDNS",
            )?;
        }
        advise(entry, draft);
    }
    Ok(())
}

/// Refuses overlapping node ports of Redis and Sentinel, including the ports of the single nodes.
fn apart(intent: &Intent, draft: &Draft) -> Result<(), Refusal> {
    let (Some(redis), Some(sentinel)) = (intent.redis_node_port, intent.sentinel_node_port) else { return Ok(()) };
    let fields = [Field::RedisNodePort, Field::SentinelNodePort];
    if redis == sentinel {
        return Err(Refusal::new(&fields, "Redis and Sentinel cannot share one node port"));
    }
    if !draft.can(Setting::NodePortsCountedOn) {
        return Ok(());
    }
    let nodes = nodes(intent);
    if u32::from(redis.abs_diff(sentinel)) <= nodes {
        let text = format!(
            "each of the {nodes} nodes takes the next port after {redis} and after {sentinel}, and these ports \
             overlap. Leave more than {nodes} ports between them"
        );
        return Err(Refusal::new(&fields, text));
    }
    let highest = |port: u16| u32::from(port) + nodes > u32::from(*kubernetes::NODE_PORTS.end());
    match fields.into_iter().zip([redis, sentinel]).find(|(_, port)| highest(*port)) {
        Some((field, port)) => {
            let text = format!(
                "each of the {nodes} nodes takes the next port after {port}, and the last one is not a node port: \
                 expected 30000 to 32767"
            );
            Err(Refusal::new(&[field], text))
        }
        None => Ok(()),
    }
}

fn balancer(intent: &Intent, draft: &mut Draft, reach: cloud::Reachability) -> Result<(), Refusal> {
    if intent.pod_addresses.is_some() && intent.per_pod != Some(true) {
        return Err(Refusal::new(&[Field::PodAddresses], "requires `per-pod`: a load balancer for every pod"));
    }
    let entries = entries(intent, draft.topology);
    if entries.len() > 1 || entries.contains(&ServiceKind::EachPod) {
        let reason = "several load balancers cannot share one address. Use `pod-addresses` for one address per pod";
        let other = if intent.per_pod == Some(true) { Field::PerPod } else { Field::ExposeReplicas };
        only_with(intent, &[Field::StaticAddress], other, reason)?;
        only_with(intent, &[Field::DnsName], other, "several Services cannot share one DNS name")?;
    }
    if entries.contains(&ServiceKind::CurrentPrimary)
        && are_configured_alike(draft, ServiceKind::CurrentPrimary, ServiceKind::AllNodes)
    {
        for (field, what) in [(Field::StaticAddress, "address"), (Field::DnsName, "name")] {
            if intent.set_fields().contains(&field) {
                let text = format!(
                    "chart {} sets the Service of the current primary and the Service of all nodes with the same \
                     keys, and two Services cannot share one {what}",
                    draft.chart.version()
                );
                return Err(Refusal::new(&[Field::MasterService, field], text));
            }
        }
    }
    for entry in &entries {
        balance(intent, draft, reach, *entry)?;
        advise(*entry, draft);
    }
    both_alike(&entries, draft);
    open_policy(intent, "load balancer")?;
    if matches!(reach, cloud::Reachability::Public) {
        if intent.tls_secret.is_none() {
            let way = RecommendedOption {
                field: Field::TlsSecret,
                says: "`tls-secret`",
                take: |intent| intent.tls_secret = Some("redis-tls".to_owned()),
            };
            draft.advise("no-tls-across-load-balancer", &[way], "");
        }
        if intent.source_ranges.is_none() {
            let way = RecommendedOption {
                field: Field::SourceRanges,
                says: "`source-range`",
                take: |intent| intent.source_ranges = Some(vec!["10.0.0.0/8".to_owned()]),
            };
            let otherwise = "Close the port with a firewall of the cloud or a NetworkPolicy";
            draft.advise("public-load-balancer", &[way], otherwise);
        }
    }
    Ok(())
}

/// Refuses a NetworkPolicy that only pods with a label get through, in front of clients outside the cluster.
fn open_policy(intent: &Intent, what: &str) -> Result<(), Refusal> {
    if intent.allow_external != Some(false) {
        return Ok(());
    }
    let text = format!(
        "the NetworkPolicy blocks every client of the {what}: only labelled pods can connect. Remove one of the two \
         options"
    );
    Err(Refusal::new(&[Field::AllowExternal, Field::Access], text))
}

/// Whether the chart sets the type of both Services with the same keys.
fn are_configured_alike(draft: &Draft, one: ServiceKind, other: ServiceKind) -> bool {
    are_alike(draft.chart, draft.topology, one, other)
}

fn are_alike(chart: &Chart, topology: Topology, one: ServiceKind, other: ServiceKind) -> bool {
    let types = |entry: ServiceKind| chart.service_keys(entry, ServiceSetting::Type, topology);
    types(one).iter().any(|place| types(other).contains(place))
}

/// Warns if the Service of all nodes gets the settings of the Service of the current primary, too.
fn both_alike(entries: &[ServiceKind], draft: &mut Draft) {
    if !entries.contains(&ServiceKind::CurrentPrimary)
        || !are_configured_alike(draft, ServiceKind::CurrentPrimary, ServiceKind::AllNodes)
    {
        return;
    }
    draft.warn("services-share-keys", &[]);
}

/// The settings of a Service for its load balancer.
#[derive(Default)]
struct LoadBalancerService {
    annotations: Vec<(String, String)>,
    class: Option<String>,
    load_balancer_ip: Option<String>,
    source_ranges: Vec<String>,
    rounded_minutes: Option<u32>,
}

impl From<cloud::Service> for LoadBalancerService {
    fn from(service: cloud::Service) -> Self {
        let cloud::Service { annotations, class, load_balancer_ip, source_ranges, rounded_minutes, .. } = service;
        Self { annotations, class, load_balancer_ip, source_ranges, rounded_minutes }
    }
}

/// Puts a load balancer in front of one Service.
fn balance(intent: &Intent, draft: &mut Draft, reach: cloud::Reachability, entry: ServiceKind) -> Result<(), Refusal> {
    let ranges = intent.source_ranges.as_deref().unwrap_or_default();
    for range in ranges {
        kubernetes::check_range(range).map_err(|bad| Refusal::new(&[Field::SourceRanges], bad.to_string()))?;
    }
    let service = match intent.cloud {
        Some(cloud) => {
            let request = cloud::LoadBalancerRequest {
                controller: intent.lb_controller,
                reach,
                source_ranges: ranges,
                static_address: intent.static_address.as_deref(),
                subnet: intent.subnet.as_deref(),
                idle_timeout: intent.idle_timeout,
                ports: ports(entry),
                class_available: draft.can(entry.setting(ServiceSetting::Class)),
            };
            LoadBalancerService::from(cloud::service(cloud, &request).map_err(|refusal| refused(intent, &refusal))?)
        }
        None => without_cloud(intent, reach)?,
    };
    if entry == ServiceKind::EachPod {
        draft.say(Setting::PerPodEnabled, true, &[Field::PerPod], "one Service per pod")?;
        let Some(addresses) = &intent.pod_addresses else {
            let text = "Sentinel does not start without the addresses of the load balancers. Set `pod-addresses` to \
                        one address per pod";
            return Err(Refusal::new(&[Field::PerPod, Field::PodAddresses], text));
        };
        pod_addresses(intent, addresses, draft)?;
    }
    let options: &[_] = if intent.cloud.is_some() { &[Field::Access, Field::Cloud] } else { &[Field::Access] };
    let kind = if matches!(reach, cloud::Reachability::Internal) { "internal" } else { "public" };
    let why = format!("{kind} load balancer in front of {}", entry.description());
    draft.say(entry.setting(ServiceSetting::Type), "LoadBalancer", options, why.as_str())?;
    if let Some(annotations) = dns(intent, service.annotations)? {
        let mut options = options.to_vec();
        let also = [Field::LbController, Field::Subnet, Field::StaticAddress, Field::IdleTimeout, Field::DnsName];
        options.extend(intent.set_fields().into_iter().filter(|field| also.contains(field)));
        let why = match service.rounded_minutes {
            Some(minutes) => format!("{why}; this cloud takes its idle timeout in minutes: {minutes}"),
            None => why.clone(),
        };
        draft.say(entry.setting(ServiceSetting::Annotations), annotations, &options, why)?;
    }
    if let Some(class) = service.class {
        draft.say(entry.setting(ServiceSetting::Class), class, options, why.as_str())?;
    }
    if let Some(address) = service.load_balancer_ip {
        draft.say(
            entry.setting(ServiceSetting::Address),
            address,
            &[Field::StaticAddress],
            "address of the load balancer",
        )?;
    }
    if !service.source_ranges.is_empty() {
        draft.say(
            entry.setting(ServiceSetting::SourceRanges),
            service.source_ranges,
            &[Field::SourceRanges],
            "clients that the load balancer accepts",
        )?;
    }
    if intent.cloud.is_some() {
        draft.advise("load-balancer-condition", &[], "");
        draft.advise("idle-timeout", &[], "");
    }
    Ok(())
}

fn pod_addresses(intent: &Intent, addresses: &[String], draft: &mut Draft) -> Result<(), Refusal> {
    let pods = nodes(intent);
    if addresses.len() != pods as usize {
        let text = format!("{} addresses for {pods} pods: expected one per pod", addresses.len());
        return Err(Refusal::new(&[Field::PodAddresses, Field::Replicas], text));
    }
    draft.say(Setting::PerPodAddresses, addresses.to_vec(), &[Field::PodAddresses], "one address per pod")
}

/// The settings for a load balancer of an unknown cloud: only fields that every Service has, and no internal load
/// balancer.
fn without_cloud(intent: &Intent, reach: cloud::Reachability) -> Result<LoadBalancerService, Refusal> {
    if matches!(reach, cloud::Reachability::Internal) {
        let text = "every cloud has its own annotations for an internal load balancer. Set `cloud`";
        return Err(Refusal::new(&[Field::Access, Field::Cloud], text));
    }
    let reason = "every cloud has its own annotation for this option. Set `cloud`";
    only_with(intent, &[Field::LbController, Field::Subnet, Field::IdleTimeout], Field::Cloud, reason)?;
    Ok(LoadBalancerService {
        load_balancer_ip: intent.static_address.clone(),
        source_ranges: intent.source_ranges.clone().unwrap_or_default(),
        ..LoadBalancerService::default()
    })
}

/// Adds the annotations of ExternalDNS; none if there are no annotations at all.
fn dns(intent: &Intent, annotations: Vec<(String, String)>) -> Result<Option<Map>, Refusal> {
    let mut map: Map = annotations.into_iter().map(|(key, value)| (key, Value::from(value))).collect();
    match &intent.dns_name {
        Some(name) => {
            if !kubernetes::is_dns_name(name) {
                return Err(Refusal::new(
                    &[Field::DnsName],
                    format!("`{name}` is not a host name: expected a name such as `redis.example.com`"),
                ));
            }
            let prefixes: &[_] = match intent.dns_prefix.unwrap_or(DnsPrefix::Both) {
                DnsPrefix::Both => &[cloud::ExternalDnsPrefix::Alpha, cloud::ExternalDnsPrefix::Current],
                DnsPrefix::Alpha => &[cloud::ExternalDnsPrefix::Alpha],
                DnsPrefix::Current => &[cloud::ExternalDnsPrefix::Current],
            };
            for prefix in prefixes {
                let (key, value) = cloud::external_dns(name, *prefix);
                map.insert(key, value.into());
            }
        }
        None => only_with(
            intent,
            &[Field::DnsPrefix],
            Field::DnsName,
            "requires `dns-name`: the name that ExternalDNS publishes",
        )?,
    }
    Ok((!map.is_empty()).then_some(map))
}

fn advise(entry: ServiceKind, draft: &mut Draft) {
    if entry != ServiceKind::AllNodes {
        return;
    }
    let master_service = RecommendedOption {
        field: Field::MasterService,
        says: "`master-service`",
        take: |intent| intent.master_service = Some(true),
    };
    let per_pod = RecommendedOption {
        field: Field::PerPod,
        says: "`per-pod` with an address for each pod",
        take: |intent| {
            intent.per_pod = Some(true);
            intent.pod_addresses = Some((0..nodes(intent)).map(|pod| format!("192.0.2.{pod}")).collect());
        },
    };
    draft.advise(
        "sentinel-service-reaches-replicas",
        &[master_service],
        "Let only clients with support for Sentinel use the Service",
    );
    draft.advise("sentinel-answers-unreachable", &[per_pod, master_service], "Run the clients in the cluster");
}

/// A refusal of the cloud, with the names of the options.
fn refused(intent: &Intent, refusal: &cloud::Refusal) -> Refusal {
    let field = match refusal.wish {
        RequestedOption::InternalLb => Field::Access,
        RequestedOption::SourceRanges => Field::SourceRanges,
        RequestedOption::StaticAddress => Field::StaticAddress,
        RequestedOption::Subnet => Field::Subnet,
        RequestedOption::IdleTimeout => Field::IdleTimeout,
        RequestedOption::LbController => Field::LbController,
    };
    let mut options = vec![field, Field::Cloud];
    if intent.lb_controller.is_some() && field != Field::LbController {
        options.push(Field::LbController);
    }
    Refusal::new(&options, refusal.to_string())
}
