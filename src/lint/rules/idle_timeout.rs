//! See `idle_timeout.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::Setting,
    cloud::{AnnotationKind, Balancer, DEFAULT_KEEPALIVE, tcp_keepalive},
    lint::{
        prelude::*,
        redis_conf, replicas,
        services::{Annotation, Service, load_balancers},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "idle-timeout",
    group: Group::Access,
    severity: Severity::Warning,
    summary: "load balancer that drops idle connections before Redis probes them",
    docs: include_str!("idle_timeout.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let of_redis = load_balancers(subject).filter(|service| service.kind.is_redis());
    of_redis.filter_map(|service| finding(subject, &service)).collect()
}

fn finding(subject: &Subject, service: &Service) -> Option<Finding> {
    let way = service.controller()?;
    let timeouts: Vec<&Annotation> = service
        .all_annotations()
        .filter(|one| one.facts.is_some_and(|known| known.kind == AnnotationKind::IdleTimeout && service.reads(known)))
        .collect();
    let written = shortest(&timeouts)?;
    let idle = written.or(way.idle.map(f64::from))?;
    let probe = probe(subject)?;
    let is_longer = probe.seconds.is_some_and(|seconds| f64::from(seconds) <= idle);
    // Probes do not count as data for a proxy: only a timeout in the values shows a decision.
    let is_kept = is_longer && (way.balancer != Balancer::Proxy || written.is_some());
    if idle <= 0.0 || is_kept || probe.ends.is_some_and(|ends| f64::from(ends) < idle) {
        return None;
    }
    let every = match probe.seconds {
        Some(seconds) => format!("Redis probes the connection only every {seconds} s"),
        None => "Redis never probes the connection".to_owned(),
    };
    let place = timeouts.first().map_or_else(|| service.span("type"), |one| one.value_span);
    let conf = subject.places(Setting::RedisConf).into_iter().next();
    let message = match way.balancer {
        Balancer::Passthrough => {
            format!("the load balancer of {} drops a connection after {idle} idle seconds, and {every}", way.cloud)
        }
        Balancer::Proxy => {
            format!("the load balancer of {} closes a connection after {idle} s without data", way.cloud)
        }
        Balancer::Address | Balancer::None => return None,
    };
    let finding = Finding::at(place, message);
    let finding = match (way.balancer, conf) {
        (Balancer::Passthrough, Some(key)) => {
            let seconds = tcp_keepalive(Some(idle as u32));
            finding
                .labelled("clients then wait for an answer that never comes")
                .help(format!("set `tcp-keepalive {seconds}` in `{key}` to keep the connection open"))
        }
        (Balancer::Proxy, _) => {
            finding.help("TCP keepalive does not count as data: clients must send PING or reconnect")
        }
        _ => finding,
    };
    // The values do not show the behaviour of the clients. A default timeout is not a decision of the user.
    let chosen = way.balancer == Balancer::Passthrough && written.is_some();
    Some(if chosen { finding } else { finding.severity(Severity::Info) })
}

/// The shortest timeout in the values, in seconds; none if one of them cannot be read. The inner value is none without a
/// timeout.
fn shortest(timeouts: &[&Annotation]) -> Option<Option<f64>> {
    let seconds: Option<Vec<f64>> = timeouts.iter().map(|one| one.facts?.seconds(one.text()?)).collect();
    Some(seconds?.into_iter().min_by(f64::total_cmp))
}

/// The behaviour of Redis on a silent connection.
struct Probe {
    /// Seconds between two probes; none if Redis sends no probes.
    seconds: Option<u32>,
    /// Seconds until Redis closes the connection.
    ends: Option<u32>,
}

/// The slowest behaviour of all pods; none if their configuration is not known.
fn probe(subject: &Subject) -> Option<Probe> {
    let mut probe = Probe { seconds: Some(0), ends: None };
    for pods in replicas::pod_keys(subject) {
        let directives = redis_conf::of_pods(subject, pods)?;
        let last = |name: &str| {
            let in_effect = redis_conf::in_effect(directives, &[name]);
            in_effect.last().map(|directive| directive.arguments.trim_matches(['"', '\'']).parse::<u32>())
        };
        let every = last("tcp-keepalive").unwrap_or(Ok(DEFAULT_KEEPALIVE)).ok()?;
        probe.seconds = probe.seconds.filter(|_| every > 0).map(|slowest| slowest.max(every));
        let ends = last("timeout").unwrap_or(Ok(0)).ok()?;
        probe.ends = probe.ends.max(Some(ends).filter(|ends| *ends > 0));
    }
    Some(probe)
}
