//! All Sentinels agree, and enough of them live for a failover.

use std::collections::BTreeSet;

use crate::{
    chart::Topology,
    verify::{
        check::{Check, Facts, Verdict},
        nodes::Found,
        replies::ListedServer,
        survey::{SentinelAnswer, SentinelNode},
    },
};

pub static CHECK: Check = Check {
    id: "sentinels",
    title: "Sentinels",
    proves: "each Sentinel has the same primary, which is the real one, and enough Sentinels live for a failover",
    run,
};

fn run(facts: &Facts) -> Vec<Verdict> {
    let survey = facts.survey;
    if survey.sentinels.is_empty() {
        return vec![match facts.wanted.topology {
            Some(Topology::Sentinel) => {
                CHECK.not_asked("the values want Sentinels, and none was asked: use `--sentinel-address`")
            }
            _ => CHECK.not_asked("no Sentinel was asked"),
        }];
    }
    let open: Vec<(&SentinelNode, &SentinelAnswer)> =
        survey.sentinels.iter().filter_map(|node| Some((node, node.open()?))).collect();
    if open.is_empty() {
        return vec![CHECK.not_asked("no Sentinel takes the password, or none answers")];
    }
    let mut verdicts = Vec::new();
    for (node, answer) in &open {
        let mut found = of_one(facts, answer);
        found.extend(unknown(facts, answer, open.len()));
        if found.is_empty() {
            found.push(CHECK.ok(healthy(answer)).from(shown(answer)));
        }
        verdicts.extend(found.into_iter().map(|verdict| verdict.on(&node.node.name)));
    }
    verdicts.extend(agreement(facts, &open));
    verdicts.extend(majority(facts, &open));
    verdicts
}

fn shown(answer: &SentinelAnswer) -> String {
    let Some(primary) = &answer.primary else { return "`SENTINEL MASTERS`".to_owned() };
    let count = |field: &str| primary.get(field).unwrap_or("?").to_owned();
    format!(
        "`SENTINEL MASTERS`: {} {} flags={} num-slaves={} num-other-sentinels={} quorum={}",
        primary.name,
        primary.address,
        primary.flags.join(","),
        count("num-slaves"),
        count("num-other-sentinels"),
        count("quorum")
    )
}

fn healthy(answer: &SentinelAnswer) -> String {
    let address = answer.primary.as_ref().map(|primary| primary.address.as_str()).unwrap_or_default();
    format!("the primary is {address}, {} replicas, {} other Sentinels", answer.replicas.len(), answer.others.len())
}

fn of_one(facts: &Facts, answer: &SentinelAnswer) -> Vec<Verdict> {
    let set = &facts.survey.set;
    let Some(primary) = &answer.primary else {
        let known = if answer.sets.is_empty() { "none".to_owned() } else { answer.sets.join(", ") };
        return vec![CHECK.wrong(format!("does not know the set `{set}`: it knows {known}")).from(shown(answer))];
    };
    let mut found = Vec::new();
    if answer.info.number("sentinel_tilt") == Some(1) {
        let since =
            answer.info.number("sentinel_tilt_since_seconds").map(|s| format!(" for {s} s")).unwrap_or_default();
        let message = format!("is in TILT{since}: it takes no action, because its clock jumped or it was stopped");
        found.push(CHECK.wrong(message).from("INFO sentinel: sentinel_tilt:1").may_settle());
    }
    if primary.is_gone() {
        let message = format!("does not reach the primary {}", primary.address);
        found.push(CHECK.wrong(message).from(shown(answer)).may_settle());
    }
    for replica in &answer.replicas {
        if let Some(verdict) = of_replica(replica) {
            found.push(verdict);
        }
    }
    for other in answer.others.iter().filter(|other| other.is_gone()) {
        let message = format!("does not reach the Sentinel {}", other.address);
        found.push(CHECK.wrong(message).from(flags("SENTINEL SENTINELS", other)).may_settle());
    }
    if let Some(error) = answer.quorum_reply.error() {
        found.push(CHECK.wrong("no failover is possible").from(format!("SENTINEL CKQUORUM: {error}")).may_settle());
    }
    if let (Some(quorum), Some(wanted)) = (primary.number("quorum"), facts.wanted.quorum)
        && quorum != wanted
    {
        found.push(CHECK.wrong(format!("the quorum is {quorum}: the values want {wanted}")).from(shown(answer)));
    }
    if let Some(nodes) = facts.wanted.nodes.filter(|_| facts.wanted.topology == Some(Topology::Sentinel)) {
        for (count, what) in [(answer.replicas.len(), "replicas"), (answer.others.len(), "other Sentinels")] {
            let wanted = nodes.saturating_sub(1);
            if count != wanted {
                let message = format!("knows {count} {what}: the values want {wanted}");
                found.push(CHECK.wrong(message).from(shown(answer)).may_settle());
            }
        }
    }
    found
}

/// Servers that answer, and that this Sentinel does not know: it could not promote them, or not count on them.
fn unknown(facts: &Facts, answer: &SentinelAnswer, sentinels: usize) -> Vec<Verdict> {
    let mut found = Vec::new();
    if let [primary] = facts.survey.primaries()[..] {
        let following = primary.open().map_or(0, |primary| primary.info.replicas().len());
        if answer.replicas.len() < following {
            let message = format!("knows {} replicas, and the primary has {following}", answer.replicas.len());
            found.push(CHECK.wrong(message).from(shown(answer)).may_settle());
        }
    }
    if answer.others.len() + 1 < sentinels {
        let message = format!("knows {} other Sentinels, and {} answer", answer.others.len(), sentinels - 1);
        found.push(CHECK.wrong(message).from(shown(answer)).may_settle());
    }
    found
}

fn of_replica(replica: &ListedServer) -> Option<Verdict> {
    let link = replica.get("master-link-status").unwrap_or("ok");
    let message = match (replica.is_gone(), link) {
        (true, _) => format!("does not reach the replica {}", replica.address),
        (false, "ok") => return None,
        (false, _) => format!("the replica {} has no link to its primary", replica.address),
    };
    let reply = format!("{} master-link-status={link}", flags("SENTINEL REPLICAS", replica));
    Some(CHECK.wrong(message).from(reply).may_settle())
}

fn flags(command: &str, server: &ListedServer) -> String {
    format!("{command}: {} flags={}", server.address, server.flags.join(","))
}

/// All Sentinels have one primary, and the node has this role.
fn agreement(facts: &Facts, open: &[(&SentinelNode, &SentinelAnswer)]) -> Option<Verdict> {
    let named: Vec<(&SentinelNode, &ListedServer)> =
        open.iter().filter_map(|(node, answer)| Some((*node, answer.primary.as_ref()?))).collect();
    let servers: BTreeSet<&str> =
        named.iter().map(|(_, primary)| primary.run_id.as_str()).filter(|id| !id.is_empty()).collect();
    if servers.len() > 1 {
        let each: Vec<String> =
            named.iter().map(|(node, primary)| format!("{} has {}", node.node.name, primary.address)).collect();
        return Some(CHECK.wrong(format!("the Sentinels have different primaries: {}", each.join(", "))).may_settle());
    }
    let primaries = facts.survey.primaries();
    let (sentinel, primary) = named.first()?;
    let [real] = primaries[..] else { return None };
    let said = servers.first()?;
    if real.run_id() != Some(said) {
        let message = format!(
            "the primary of {} is {}, and {} has this role",
            sentinel.node.name, primary.address, real.node.name
        );
        return Some(CHECK.wrong(message).may_settle());
    }
    Some(CHECK.ok(format!("all {} have the same primary, {}", named.len(), real.node.name)))
}

/// Whether the Sentinels that really answered are enough. `CKQUORUM` counts those that were there some time ago.
fn majority(facts: &Facts, open: &[(&SentinelNode, &SentinelAnswer)]) -> Option<Verdict> {
    let known = open.iter().map(|(_, answer)| answer.others.len() + 1).max()?;
    let quorum = open.iter().filter_map(|(_, answer)| answer.primary.as_ref()?.number("quorum")).max()?;
    let needed = usize::try_from(quorum).unwrap_or(0).max(known / 2 + 1);
    // A Sentinel that only others name, and that this machine cannot reach, is taken as the others see it.
    let silent = facts.survey.sentinels.iter().filter(|node| node.node.found == Found::Given && node.answer.is_err());
    let silent = silent.count();
    let gone = open.iter().map(|(_, answer)| answer.others.iter().filter(|other| other.is_gone()).count()).max()?;
    let alive = known.saturating_sub(gone.max(silent));
    let numbers = format!("{alive} of {known} Sentinels live, and a failover needs {needed}");
    Some(match alive < needed {
        true => CHECK.wrong(format!("{numbers}: no failover is possible")).may_settle(),
        false => CHECK.ok(numbers),
    })
}
