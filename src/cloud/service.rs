//! The Service for some options: applies recipes, or refuses an option.

use super::controller::{Balancer, Controller, choose};
use super::fill::{Placeholders, needs_ports};
use super::recipe::{Effect, Recipe, When, recipes_for};
use super::{Cloud, Confidence, LoadBalancerRequest, Note, Refusal, RequestedOption, Service};
use std::collections::BTreeSet;

/// The settings of a Service for a load balancer of `cloud`.
///
/// # Errors
///
/// An option that the load balancer does not support, or would silently ignore.
pub fn service(cloud: Cloud, wish: &LoadBalancerRequest) -> Result<Service, Refusal> {
    let way = choose(cloud, wish)?;
    let rows = rows_for(way, wish);
    refuse_nonsense(way, wish)?;
    refuse_known(way, wish, &rows)?;
    let service = apply(way, wish, &rows)?;
    refuse_unanswered(way, wish, &rows)?;
    Ok(service)
}

/// What a controller requires for a load balancer with these options, and what cannot change later: sentences for people.
pub fn conditions(way: &Controller, wish: &LoadBalancerRequest) -> Vec<&'static str> {
    let sentence = |row: &Recipe| match row.effect {
        Effect::Fulfilled { sentence, .. } | Effect::Note { sentence, .. } => Some(sentence),
        _ => None,
    };
    rows_for(way, wish).into_iter().filter_map(sentence).collect()
}

fn rows_for(way: &Controller, wish: &LoadBalancerRequest) -> Vec<&'static Recipe> {
    let rows = recipes_for(way.cloud).iter().copied().filter(|row| row.is_for(way));
    rows.filter(|row| row.when.iter().all(|when| when.holds(wish))).collect()
}

/// Refuses options that are wrong for every cloud.
fn refuse_nonsense(way: &Controller, wish: &LoadBalancerRequest) -> Result<(), Refusal> {
    let blank = |text: Option<&str>| text.is_some_and(|text| text.trim().is_empty());
    let nonsense = if blank(wish.subnet) {
        Some((RequestedOption::Subnet, "the subnet is empty"))
    } else if blank(wish.static_address) {
        Some((RequestedOption::StaticAddress, "the address is empty"))
    } else if wish.source_ranges.iter().any(|range| blank(Some(range))) {
        Some((RequestedOption::SourceRanges, "a range is empty"))
    } else if wish.idle_timeout == Some(0) {
        Some((RequestedOption::IdleTimeout, "an idle timeout of 0 s closes every connection"))
    } else {
        None
    };
    match nonsense {
        Some((name, why)) => Err(refusal(way, name, why, "Remove the option, or set a value", None)),
        None => Ok(()),
    }
}

fn refuse_known(way: &Controller, wish: &LoadBalancerRequest, rows: &[&Recipe]) -> Result<(), Refusal> {
    for row in rows {
        match (&row.effect, wish.idle_timeout) {
            (Effect::Refuse { wish, why, instead }, _) => {
                return Err(refusal(way, *wish, why, instead, Some(row.source)));
            }
            (Effect::IdleLimit(range), Some(seconds)) if !range.contains(&seconds) => {
                let why = format!("an idle timeout of {seconds} s is out of range");
                let instead = format!("Use {} to {} s", range.start(), range.end());
                return Err(refusal(way, RequestedOption::IdleTimeout, &why, &instead, Some(row.source)));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Refuses an option that no row implements, which would otherwise be dropped silently.
fn refuse_unanswered(way: &Controller, wish: &LoadBalancerRequest, rows: &[&Recipe]) -> Result<(), Refusal> {
    let answered: BTreeSet<RequestedOption> = rows.iter().flat_map(|row| row.answers()).collect();
    let asked = [When::Address, When::Ranges, When::Idle, When::Subnet, When::Internal];
    let mut asked = asked.into_iter().filter(|when| when.holds(wish)).filter_map(When::answers);
    let Some(name) = asked.find(|name| !answered.contains(name)) else {
        return Ok(());
    };
    let unknown = "this load balancer has no known setting for it";
    let (why, instead) = match name {
        RequestedOption::InternalLb | RequestedOption::LbController => (unknown, "Use `access: cluster`"),
        RequestedOption::SourceRanges => (unknown, "Close the port with a firewall of the cloud or a NetworkPolicy"),
        RequestedOption::StaticAddress if takes_address(way, wish, "192.0.2.1") => {
            ("the provider takes an address, not a name or id", "Set the address")
        }
        RequestedOption::StaticAddress if takes_address(way, wish, "id") => {
            ("the provider takes the name or id of an address, not the address", "Set the name or id")
        }
        RequestedOption::StaticAddress => (unknown, "Use a DNS name, for example with `dns-name` and ExternalDNS"),
        RequestedOption::Subnet => (unknown, "Remove the subnet"),
        RequestedOption::IdleTimeout => (unknown, "Let clients send PING"),
    };
    Err(refusal(way, name, why, instead, None))
}

/// Whether the load balancer supports this address.
fn takes_address(way: &Controller, wish: &LoadBalancerRequest, address: &str) -> bool {
    let rows = rows_for(way, &LoadBalancerRequest { static_address: Some(address), ..*wish });
    rows.iter().flat_map(|row| row.answers()).any(|name| name == RequestedOption::StaticAddress)
}

fn apply(way: &Controller, wish: &LoadBalancerRequest, rows: &[&Recipe]) -> Result<Service, Refusal> {
    let mut service = Service {
        controller: way.controller,
        annotations: Vec::new(),
        class: None,
        class_required: false,
        load_balancer_ip: None,
        source_ranges: Vec::new(),
        notes: Vec::new(),
        rounded_minutes: None,
        tcp_keepalive: None,
    };
    for row in rows {
        match row.effect {
            Effect::Annotate { key, value } | Effect::Also { key, value } => {
                if wish.ports.is_empty() && (needs_ports(key) || needs_ports(value)) {
                    let name = row.answers().next().unwrap_or(RequestedOption::LbController);
                    let why = "the annotation needs the ports of the Service, and the request has none";
                    return Err(refusal(way, name, why, "Give the ports", Some(row.source)));
                }
                service.annotations.extend(annotate(key, value, wish));
                let rounded = wish.idle_timeout.filter(|seconds| is_in_minutes(value) && seconds % 60 != 0);
                service.rounded_minutes = service.rounded_minutes.or(rounded.map(|seconds| seconds.div_ceil(60)));
            }
            Effect::Class { name, required } => {
                service.class = Some(name.to_owned());
                service.class_required = required;
            }
            Effect::LoadBalancerIp => service.load_balancer_ip = single_address(way, wish, row)?,
            Effect::SourceRanges => service.source_ranges = wish.source_ranges.to_vec(),
            Effect::Fulfilled { id, sentence } | Effect::Note { id, sentence } => {
                service.notes.push(note(id, sentence.to_owned(), row.certainty, row.source));
            }
            Effect::IdleLimit(_) | Effect::Refuse { .. } => {}
        }
    }
    service.tcp_keepalive = keepalive(way, wish, rows);
    Ok(service)
}

/// Returns the address for `spec.loadBalancerIP`, which holds only one.
fn single_address(way: &Controller, wish: &LoadBalancerRequest, row: &Recipe) -> Result<Option<String>, Refusal> {
    let address = wish.static_address.map(|address| address.trim().to_owned());
    if address.as_ref().is_some_and(|address| address.contains(',')) {
        let why = "the Service takes only one address";
        return Err(refusal(way, RequestedOption::StaticAddress, why, "Set one address", Some(row.source)));
    }
    Ok(address)
}

/// One annotation, or one per port if the key contains the port.
fn annotate(key: &str, value: &str, wish: &LoadBalancerRequest) -> Vec<(String, String)> {
    let ports: Vec<Option<u16>> =
        if needs_ports(key) { wish.ports.iter().copied().map(Some).collect() } else { vec![None] };
    let fillings = ports.into_iter().map(|port| Placeholders { wish, port });
    fillings.map(|filling| (filling.text(key), filling.text(value))).collect()
}

/// Seconds between keepalive probes of Redis for a load balancer that closes connections after `idle` seconds.
pub fn tcp_keepalive(idle: Option<u32>) -> u32 {
    const USUAL: u32 = 60;
    idle.map_or(USUAL, |idle| USUAL.min(idle / 2).max(1))
}

/// Default of `tcp-keepalive`. Source: redis.conf of Redis 3.2 to 8.
pub const DEFAULT_KEEPALIVE: u32 = 300;

/// Seconds between keepalive probes of Redis. `None` for a load balancer that follows no connections.
fn keepalive(way: &Controller, wish: &LoadBalancerRequest, rows: &[&Recipe]) -> Option<u32> {
    let in_minutes =
        rows.iter().any(|row| matches!(row.effect, Effect::Annotate { value, .. } if is_in_minutes(value)));
    let asked =
        wish.idle_timeout.map(|seconds| if in_minutes { seconds.div_ceil(60).saturating_mul(60) } else { seconds });
    let follows = matches!(way.balancer, Balancer::Proxy | Balancer::Passthrough);
    follows.then(|| tcp_keepalive(asked.or(way.idle)))
}

/// Whether an annotation takes the idle timeout in minutes.
fn is_in_minutes(value: &str) -> bool {
    value.contains("${minutes}")
}

fn note(id: &'static str, sentence: String, certainty: Confidence, source: &'static str) -> Note {
    Note { id, sentence, certainty, source }
}

fn refusal(
    way: &Controller,
    wish: RequestedOption,
    why: &str,
    instead: &str,
    evidence: Option<&'static str>,
) -> Refusal {
    let (why, instead) = (why.to_owned(), instead.to_owned());
    Refusal { wish, cloud: way.cloud, controller: way.controller, why, instead, evidence }
}
