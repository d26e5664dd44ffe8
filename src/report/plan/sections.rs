//! The overview as sections of tables, entries and commands, for the formats that people read.

use std::cmp::Reverse;

use super::{PlanReport, graph, shown};
use crate::{
    chart::Topology,
    escape::one_line,
    lint::Diagnostic,
    objects::{Object, Resources, Secret, SecretSource, Workload},
    overview::{Access, Clients, Failures, Overview, ResourceSum, Totals, Writes},
};

/// A part of the overview.
pub(super) struct Section {
    pub title: &'static str,
    pub blocks: Vec<Block>,
}

/// A piece of a section.
pub(super) enum Block {
    Table {
        heads: Vec<&'static str>,
        rows: Vec<Vec<String>>,
    },
    /// Names with facts about each.
    Entries(Vec<Entry>),
    /// Commands, each with its purpose.
    Commands(Vec<(String, String)>),
}

/// A name with facts.
pub(super) struct Entry {
    pub name: String,
    /// The most important fact, next to the name.
    pub summary: String,
    pub facts: Vec<String>,
}

/// The sections in their order. A section without content is left out.
pub(super) fn of(report: &PlanReport) -> Vec<Section> {
    let overview = report.overview;
    let mut sections = vec![
        Section { title: "Services", blocks: vec![Block::Entries(services(overview))] },
        Section { title: "Pods and volumes", blocks: pods(overview) },
        Section { title: "Other objects", blocks: vec![others(overview)] },
        Section { title: "APIs", blocks: vec![apis(overview)] },
        Section { title: "Clients", blocks: vec![Block::Entries(clients(overview))] },
        Section { title: "Try it", blocks: vec![Block::Commands(commands(overview))] },
        Section { title: "What fails when", blocks: failures(&overview.failures) },
        Section { title: "Findings", blocks: findings(report) },
        Section { title: "The cluster", blocks: vec![live(report)] },
    ];
    let is_empty = |block: &Block| match block {
        Block::Table { rows, .. } => rows.is_empty(),
        Block::Entries(entries) => entries.is_empty(),
        Block::Commands(commands) => commands.is_empty(),
    };
    sections.iter_mut().for_each(|section| section.blocks.retain(|block| !is_empty(block)));
    sections.retain(|section| !section.blocks.is_empty());
    sections
}

/// What the overview is about, in one line.
pub(super) fn title(overview: &Overview) -> String {
    let Overview { chart_version, app_version, topology, objects, .. } = overview;
    let topology = match topology {
        Topology::Standalone => "standalone",
        Topology::Replication => "replication",
        Topology::Sentinel => "replication with Sentinel",
    };
    format!(
        "Release {} in namespace {}: {topology}, chart {chart_version} (Redis {app_version})",
        shown(&objects.release),
        shown(&objects.namespace)
    )
}

/// Why the chart does not render, and what is not known, as sentences.
pub(super) fn notes(report: &PlanReport) -> Vec<String> {
    let refused = report.reasons().into_iter().map(|why| format!("the chart does not render: {why}"));
    let unknown = report.overview.objects.unknown.iter();
    refused.chain(unknown.map(|what| format!("not known: {}", shown(what)))).collect()
}

fn services(overview: &Overview) -> Vec<Entry> {
    let services = overview.objects.services.iter().zip(&overview.reach);
    let entry = |(service, reach): (&crate::objects::Service, &crate::overview::Reach)| {
        let ports: Vec<String> = service
            .ports
            .iter()
            .map(|port| match port.node_port {
                Some(node_port) => format!("{} {} (node port {node_port})", shown(&port.name), port.port),
                None => format!("{} {}", shown(&port.name), port.port),
            })
            .collect();
        let kind = if service.is_headless { "headless" } else { service.service_type.as_str() };
        let mut facts = vec![
            format!("ports: {}", ports.join(", ")),
            format!("reached: {} ({})", graph::access(reach.access), shown(&reach.why)),
        ];
        if !reach.addresses.is_empty() {
            facts.push(format!("addresses: {}", shown(&reach.addresses.join(", "))));
        }
        if !reach.source_ranges.is_empty() {
            facts.push(format!("only from: {}", shown(&reach.source_ranges.join(", "))));
        }
        let writes = match reach.writes {
            _ if service.is_headless => String::new(),
            Writes::NoRedis => String::new(),
            which => format!("; {}", graph::writes(which)),
        };
        facts.push(format!("leads to: {}{writes}", reach.pods));
        facts.extend(reach.caveat.as_deref().map(|caveat| format!("caution: {}", shown(caveat))));
        Entry { name: shown(&service.object.name), summary: shown(kind), facts }
    };
    let mut services: Vec<_> = services.collect();
    // Clients use the other Services.
    services.sort_by_key(|(service, _)| service.is_headless);
    services.into_iter().map(entry).collect()
}

fn pods(overview: &Overview) -> Vec<Block> {
    let workload = |workload: &Workload| {
        let Workload { object, pods, service_account, containers, .. } = workload;
        let mut facts: Vec<String> = containers
            .iter()
            .map(|container| {
                let kind = if container.is_init { "init container" } else { "container" };
                let resources = resources(&container.requests, &container.limits);
                format!("{kind} {}: {}{resources}", shown(&container.name), shown(&container.image))
            })
            .collect();
        if !service_account.is_empty() {
            facts.push(format!("ServiceAccount {}", shown(service_account)));
        }
        Entry { name: shown(&object.name), summary: format!("{}, {}", shown(&object.kind), graph::pods(*pods)), facts }
    };
    let workloads: Vec<Entry> = overview.objects.workloads.iter().map(workload).collect();
    vec![Block::Entries(workloads), Block::Entries(totals(&overview.totals))]
}

/// `, requests 100m CPU and 128Mi memory, no limits`
fn resources(requests: &Resources, limits: &Resources) -> String {
    let text = |Resources { cpu, memory }: &Resources| {
        let cpu = cpu.iter().map(|cpu| format!("{} CPU", shown(cpu)));
        let memory = memory.iter().map(|memory| format!("{} memory", shown(memory)));
        cpu.chain(memory).collect::<Vec<_>>().join(" and ")
    };
    let (requests, limits) = (text(requests), text(limits));
    let one = |name: &str, text: String| match text.is_empty() {
        true => format!(", no {name}"),
        false => format!(", {name} {text}"),
    };
    one("requests", requests) + &one("limits", limits)
}

fn totals(totals: &Totals) -> Vec<Entry> {
    let Totals { pods, more_pods, has_pods_on_each_node, containers, requests, limits, claims } = totals;
    let mut facts = Vec::new();
    let sum = |name: &str, ResourceSum { cpu, memory, without_cpu, without_memory }: &ResourceSum| {
        let of = |amount: &Option<String>, unit: &str, without: u32| match (amount, without) {
            (None, _) => format!("no {unit}"),
            (Some(amount), 0) => format!("{amount} {unit}"),
            (Some(amount), 1) => format!("{amount} {unit} (1 container without)"),
            (Some(amount), without) => format!("{amount} {unit} ({without} containers without)"),
        };
        format!("{name}: {}, {}", of(cpu, "CPU", *without_cpu), of(memory, "memory", *without_memory))
    };
    facts.push(sum("requests", requests));
    facts.push(sum("limits", limits));
    for claim in claims {
        let class = claim
            .class
            .as_deref()
            .map_or_else(|| "the default class".to_owned(), |class| format!("class {}", shown(class)));
        facts.push(match (claim.is_existing, &claim.size) {
            (true, _) => format!("volume: existing claim {}, shared by its pods", shown(&claim.name)),
            (false, size) => {
                let (size, all) =
                    (size.as_deref().unwrap_or("unknown size"), claim.sum.as_deref().unwrap_or("unknown"));
                format!("volumes: {} x {} of {class}, {all} in all ({})", claim.count, shown(size), shown(&claim.name))
            }
        });
    }
    if claims.is_empty() {
        facts.push("volumes: none".to_owned());
    }
    if *more_pods > 0 {
        facts.push(format!("an autoscaler may add {more_pods} pods, which these sums leave out"));
    }
    if *has_pods_on_each_node {
        facts.push("pods on each node of the cluster are in no sum".to_owned());
    }
    let noun = |count: u32, noun: &str| if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") };
    vec![Entry {
        name: "In all".to_owned(),
        summary: format!("{}, {}", noun(*pods, "pod"), noun(*containers, "container")),
        facts,
    }]
}

fn others(overview: &Overview) -> Block {
    let secret = |secret: &Secret| {
        let by = match secret.from {
            SecretSource::Chart => "made by the chart from the values",
            SecretSource::ChartRandom => "made by the chart with a random content",
            SecretSource::You => "must exist before the install",
        };
        let mut keys: Vec<String> = secret.keys.iter().map(|key| shown(key)).collect();
        keys.dedup();
        vec!["Secret".to_owned(), shown(&secret.name), format!("{}: {}; {by}", shown(&secret.holds), keys.join(", "))]
    };
    let other = |object: &Object| {
        let fields: Vec<String> = object.fields.iter().map(|(key, value)| shown(&format!("{key}: {value}"))).collect();
        let namespace = object.namespace.iter().map(|namespace| format!("in namespace {}", shown(namespace)));
        let details: Vec<String> = namespace.chain(fields).collect();
        vec![shown(&object.kind), shown(&object.name), details.join(", ")]
    };
    let is_listed = |object: &&Object| !(object.kind == "Secret" && is_secret(overview, object));
    let mut rows: Vec<Vec<String>> = overview.objects.secrets.iter().map(secret).collect();
    rows.extend(overview.objects.others.iter().filter(is_listed).map(other));
    Block::Table { heads: vec!["kind", "name", "details"], rows }
}

/// Whether an object is one of the Secrets that the pods read.
fn is_secret(overview: &Overview, object: &Object) -> bool {
    overview.objects.secrets.iter().any(|secret| secret.name == object.name)
}

fn apis(overview: &Overview) -> Block {
    let row = |api: &crate::overview::Api| {
        let until = match &api.gone_from {
            Some(gone) => format!("gone from Kubernetes {gone} on"),
            None => "served".to_owned(),
        };
        vec![shown(&api.api_version), until, api.kinds.join(", ")]
    };
    Block::Table { heads: vec!["API", "Kubernetes", "objects"], rows: overview.apis.iter().map(row).collect() }
}

fn clients(overview: &Overview) -> Vec<Entry> {
    let Clients { primary, reads, sentinel, auth, tls } = &overview.clients;
    let mut entries = Vec::new();
    let entry = |name: &str, summary: String, facts: Vec<String>| Entry { name: name.to_owned(), summary, facts };
    if let Some(way) = sentinel {
        let mut facts = vec![format!("name of the primary: {}", shown(&way.master_set))];
        facts.extend(way.nodes.iter().map(|node| format!("node: {}", shown(node))));
        if !way.needs_password && auth.is_on {
            facts.push("Sentinel requires no password".to_owned());
        }
        entries.push(entry("Sentinel", shown(&format!("{}:{}", way.endpoint.host, way.endpoint.port)), facts));
    }
    match primary {
        Some(endpoint) => {
            entries.push(entry("Reads and writes", shown(&format!("{}:{}", endpoint.host, endpoint.port)), Vec::new()));
        }
        None => {
            entries.push(entry("Writes", "only by Sentinel: no Service follows the primary".to_owned(), Vec::new()))
        }
    }
    if let Some(endpoint) = reads.as_ref().filter(|reads| primary.as_ref() != Some(reads)) {
        entries.push(entry("Reads", shown(&format!("{}:{}", endpoint.host, endpoint.port)), Vec::new()));
    }
    for reach in overview.reach.iter().filter(|reach| reach.access > Access::Cluster) {
        let address = match reach.addresses.as_slice() {
            [] => "the cluster sets its address at the install".to_owned(),
            addresses => shown(&addresses.join(", ")),
        };
        let name = format!("Outside the cluster, by {}", shown(&reach.service));
        entries.push(Entry { name, summary: address, facts: Vec::new() });
    }
    let mut facts = Vec::new();
    if !auth.users.is_empty() {
        facts.push(format!("ACL users other than `default`: {}", shown(&auth.users.join(", "))));
    }
    facts.extend(auth.users_secret.as_deref().map(|name| format!("the Secret {} has the users", shown(name))));
    let summary = match (&auth.secret, &auth.key, auth.is_on) {
        (_, _, false) => "none: Redis requires no password".to_owned(),
        (Some(secret), Some(key), true) => format!("key {} of the Secret {}", shown(key), shown(secret)),
        _ => "required; its Secret is not known".to_owned(),
    };
    entries.push(entry("Password", summary, facts));
    let (summary, facts) = match tls {
        None => ("none: connections are not encrypted".to_owned(), Vec::new()),
        Some(tls) => {
            let secret = tls.secret.as_deref().unwrap_or("of the certificates");
            let mut facts = vec![format!("certificate authority: {} in the Secret {}", shown(&tls.ca), shown(secret))];
            if tls.requires_client_certificate {
                facts.push("clients must show a certificate".to_owned());
            }
            ("required: Redis answers only encrypted connections".to_owned(), facts)
        }
    };
    entries.push(entry("TLS", summary, facts));
    entries
}

fn commands(overview: &Overview) -> Vec<(String, String)> {
    overview.commands.iter().map(|command| (command.purpose.clone(), command.script.clone())).collect()
}

fn failures(failures: &Failures) -> Vec<Block> {
    let mut blocks = Vec::new();
    if let Some(failover) = &failures.failover {
        let nodes = failover.nodes;
        let summary = match failover.may_lose {
            0 => format!("no node of {nodes} may be lost"),
            1 => format!("1 node of {nodes} may be lost"),
            many => format!("{many} nodes of {nodes} may be lost"),
        };
        let mut facts = vec![format!(
            "{} of {nodes} Sentinels must agree, {} must miss the primary",
            failover.majority, failover.quorum
        )];
        if failover.may_lose > 0 {
            facts.push(format!(
                "a failover takes about {} s: Sentinel waits {} s before it",
                failover.seconds, failover.down_after_seconds
            ));
        }
        blocks.push(Block::Entries(vec![Entry { name: "Failover".to_owned(), summary, facts }]));
    }
    let entry = |event: &crate::overview::Event| Entry {
        name: capitalized(&event.what),
        summary: String::new(),
        facts: std::iter::once(event.then.clone())
            .chain(event.data.as_ref().map(|data| format!("data: {data}")))
            .map(|fact| shown(&fact))
            .collect(),
    };
    blocks.push(Block::Entries(failures.events.iter().map(entry).collect()));
    blocks
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

fn findings(report: &PlanReport) -> Vec<Block> {
    let entry = |found: &Diagnostic| Entry {
        name: format!("{} {}", found.severity, found.rule),
        summary: one_line(&found.message).into_owned(),
        facts: Vec::new(),
    };
    let mut found: Vec<&Diagnostic> = report.findings.iter().collect();
    found.sort_by_key(|found| Reverse(found.severity));
    let mut entries: Vec<Entry> = found.into_iter().map(entry).collect();
    // The same finding at several places of the values is one.
    entries.dedup_by(|one, other| one.name == other.name && one.summary == other.summary);
    vec![Block::Entries(entries)]
}

/// What the cluster answered.
fn live(report: &PlanReport) -> Block {
    let rows = report.live.iter().map(|check| {
        // Most replies name the object.
        let name = |object: &&String| object.rsplit(' ').next().is_some_and(|name| check.message.contains(name));
        let object = check.object.iter().filter(|object| !name(object));
        let place: Vec<&str> = object.chain(&check.field).map(String::as_str).collect();
        let place = if place.is_empty() { String::new() } else { format!("{}: ", place.join(", ")) };
        let next = check.next.as_ref().map(|next| format!(". {}", capitalized(next))).unwrap_or_default();
        vec![check.status.word().to_owned(), check.id.to_owned(), shown(&format!("{place}{}{next}", check.message))]
    });
    Block::Table { heads: vec!["answer", "question", "reply"], rows: rows.collect() }
}
