//! One primary, and all other nodes follow it.

use crate::{
    chart::Topology,
    verify::{
        check::{Check, Facts, Verdict},
        replies::Role,
        survey::{RedisAnswer, RedisNode},
    },
};

pub static CHECK: Check = Check {
    id: "roles",
    title: "primary and replicas",
    proves: "one node is the primary, and each other node is connected to it and not behind",
    run,
};

/// Seconds since the last word of a replica from which on it counts as behind. Replicas write each second.
const MOST_LAG: i64 = 10;

fn run(facts: &Facts) -> Vec<Verdict> {
    let nodes: Vec<&RedisNode> = facts.survey.redis.iter().filter(|node| node.open().is_some()).collect();
    if nodes.is_empty() {
        return vec![CHECK.not_asked("no Redis takes the password, or none was asked")];
    }
    let primaries = facts.survey.primaries();
    let mut verdicts = Vec::new();
    match primaries[..] {
        [primary] => verdicts.extend(of_primary(facts, primary)),
        [] => verdicts.extend(without_primary(facts, &nodes)),
        _ => {
            let names: Vec<&str> = primaries.iter().map(|node| node.node.name.as_str()).collect();
            let message = format!("{} nodes have the role of the primary: {}", names.len(), names.join(", "));
            verdicts.push(CHECK.wrong(message).from(shown(primaries[0])).may_settle());
        }
    }
    for node in nodes {
        verdicts.extend(without_role(node));
        verdicts.extend(of_replica(node, &primaries));
    }
    verdicts
}

fn shown(node: &RedisNode) -> String {
    node.open().map(|answer| shown_reply(node, answer)).unwrap_or_default()
}

fn shown_reply(node: &RedisNode, answer: &RedisAnswer) -> String {
    format!("ROLE of {}: {}", node.node.name, answer.role_reply.shown(120))
}

/// A server that does not answer `ROLE`: it may still load its data.
fn without_role(node: &RedisNode) -> Option<Verdict> {
    let answer = node.open().filter(|answer| answer.role.is_none())?;
    let message = match answer.info.get("loading") {
        Some("1") => "loads its data",
        _ => "does not show its role",
    };
    Some(CHECK.wrong(message).on(&node.node.name).from(shown_reply(node, answer)).may_settle())
}

/// Whether a node that did not answer may be the primary.
fn without_primary(facts: &Facts, nodes: &[&RedisNode]) -> Option<Verdict> {
    let is_missing = facts.survey.redis.len() > nodes.len();
    let reply = nodes.first().map(|node| shown(node)).unwrap_or_default();
    let verdict = match is_missing {
        true => CHECK.wrong("none of the nodes that answer is the primary"),
        false => CHECK.wrong("no node is the primary: no address leads to it, or no replica was promoted"),
    };
    Some(verdict.from(reply).may_settle())
}

fn of_primary(facts: &Facts, primary: &RedisNode) -> Vec<Verdict> {
    let Some(answer) = primary.open() else { return Vec::new() };
    let replicas = answer.info.replicas();
    let name = &primary.node.name;
    let mut verdicts = Vec::new();
    let wanted = facts.wanted.nodes.map(|nodes| nodes.saturating_sub(1));
    let is_single = facts.wanted.topology == Some(Topology::Standalone);
    if let Some(wanted) = wanted.filter(|wanted| *wanted != replicas.len() && (!is_single || !replicas.is_empty())) {
        let message = format!("the number of its replicas is {}: the values want {wanted}", replicas.len());
        verdicts.push(CHECK.wrong(message).on(name).from(shown(primary)).may_settle());
    }
    for replica in &replicas {
        let reply = format!("INFO replication: {} state={} lag={:?}", replica.address, replica.state, replica.lag);
        if replica.state != "online" {
            let message = format!("the replica {} is not online yet", replica.address);
            verdicts.push(CHECK.wrong(message).on(name).from(reply).may_settle());
        } else if let Some(lag) = replica.lag.filter(|lag| *lag > MOST_LAG) {
            let message = format!("the replica {} is {lag} s behind", replica.address);
            verdicts.push(CHECK.wrong(message).on(name).from(reply).may_settle());
        }
    }
    if verdicts.is_empty() {
        let message = match replicas.len() {
            0 => "is the only primary, without replicas".to_owned(),
            1 => "is the only primary, 1 replica follows".to_owned(),
            count => format!("is the only primary, {count} replicas follow"),
        };
        verdicts.push(CHECK.ok(message).on(name).from(shown(primary)));
    }
    verdicts
}

fn of_replica(node: &RedisNode, primaries: &[&RedisNode]) -> Option<Verdict> {
    let answer = node.open()?;
    let Some(Role::Replica { of, link }) = &answer.role else { return None };
    let name = &node.node.name;
    let down = answer.info.get("master_link_status").is_some_and(|status| status != "up");
    if link != "connected" || down {
        let since = answer.info.number("master_link_down_since_seconds").filter(|seconds| *seconds >= 0);
        let since = since.map(|seconds| format!(" for {seconds} s")).unwrap_or_default();
        let message = format!("the link to its primary {of} is down{since}");
        return Some(CHECK.wrong(message).on(name).from(shown(node)).may_settle());
    }
    // Each node of one replication has the same id.
    let id = |answer: &RedisAnswer| answer.info.get("master_replid").map(str::to_owned);
    let own = id(answer)?;
    let of_primaries: Vec<String> = primaries.iter().filter_map(|node| id(node.open()?)).collect();
    if !of_primaries.is_empty() && !of_primaries.contains(&own) {
        let others: Vec<&str> = primaries.iter().map(|node| node.node.name.as_str()).collect();
        let message = format!("follows {of}, which is not the primary of this release ({})", others.join(", "));
        return Some(CHECK.wrong(message).on(name).from(shown(node)).may_settle());
    }
    Some(CHECK.ok(format!("is connected to {of}")).on(name).from(shown(node)))
}
