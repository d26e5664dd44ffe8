//! The primary takes writes, replicas have them, and each Service leads where it must.

use crate::verify::{
    check::{Check, Facts, Verdict},
    nodes::LeadsTo,
    replies::Role,
    resp::Reply,
    writes::{EntranceWrite, NodeWrite},
};

pub static CHECK: Check = Check {
    id: "writes",
    title: "writes and reads",
    proves: "a key that the primary takes arrives on each replica, and each Service leads to the nodes that it must",
    run,
};

fn run(facts: &Facts) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = facts.writes.nodes.iter().map(|write| of_node(facts, write)).collect();
    let takes_writes = facts.writes.nodes.iter().any(|write| write.set.text() == Some("OK"));
    let has_primary = facts.writes.nodes.iter().any(|write| matches!(write.role, Role::Primary { .. }));
    if !facts.writes.nodes.is_empty() && !takes_writes && !has_primary {
        let names: Vec<&str> = facts.writes.nodes.iter().map(|write| write.node.as_str()).collect();
        let message = format!("no address takes writes: {} leads to a replica", names.join(", "));
        verdicts.push(CHECK.wrong(message).may_settle());
    }
    verdicts.extend(facts.writes.entrances.iter().map(of_entrance));
    if verdicts.is_empty() {
        verdicts.push(CHECK.not_asked("no Redis takes the password, or none was asked"));
    }
    verdicts
}

fn of_node(facts: &Facts, write: &NodeWrite) -> Verdict {
    let NodeWrite { node, role, set, wait, reads, run_id: _ } = write;
    let from = format!("SET: {}", set.shown(120));
    let is_ok = set.text() == Some("OK");
    let verdict = match role {
        Role::Replica { .. } if set.is_error("READONLY") => CHECK.ok("is a replica, and refuses writes").from(from),
        Role::Replica { .. } if is_ok => CHECK.wrong("is a replica, and takes writes that get lost").from(from),
        Role::Replica { .. } => CHECK.wrong("is a replica, and does not answer as one").from(from).may_settle(),
        Role::Primary { .. } if set.is_error("READONLY") => {
            CHECK.wrong("was the primary, and is a replica now").from(from).may_settle()
        }
        Role::Primary { .. } if set.is_error("OOM") => CHECK.wrong(full(facts, node)).from(from),
        Role::Primary { .. } if set.is_error("NOREPLICAS") => {
            CHECK.wrong("refuses writes: too few replicas are connected").from(from).may_settle()
        }
        Role::Primary { .. } if set.is_error("MISCONF") => {
            CHECK.wrong("refuses writes: it cannot save its data").from(from)
        }
        Role::Primary { .. } if set.is_error("NOPERM") => CHECK.not_asked("the user may not write").from(from),
        Role::Primary { .. } if !is_ok => CHECK.wrong("does not take a write").from(from).may_settle(),
        Role::Primary { replicas } => return arrived(*replicas, wait.as_ref(), reads).on(node),
    };
    verdict.on(node)
}

/// The memory of a server that is full.
fn full(facts: &Facts, node: &str) -> String {
    let server = facts.survey.redis.iter().find(|other| other.node.name == node);
    let answer = server.and_then(|server| server.open());
    let of = |name: &str| answer.and_then(|answer| answer.config.get(name)).cloned().unwrap_or_else(|| "?".to_owned());
    format!(
        "refuses writes: maxmemory ({} bytes) is full, and the policy is {}",
        of("maxmemory"),
        of("maxmemory-policy")
    )
}

fn arrived(replicas: usize, wait: Option<&Reply>, reads: &[(String, Reply)]) -> Verdict {
    let have = wait.and_then(Reply::integer).unwrap_or(0);
    let from = format!("WAIT {replicas}: {}", wait.map_or_else(|| "no reply".to_owned(), |reply| reply.shown(80)));
    let missing: Vec<&str> =
        reads.iter().filter(|(_, value)| !matches!(value, Reply::Text(_))).map(|(node, _)| node.as_str()).collect();
    if usize::try_from(have).unwrap_or(0) < replicas {
        return CHECK
            .wrong(format!("takes writes, and only {have} of {replicas} replicas have them"))
            .from(from)
            .may_settle();
    }
    if !missing.is_empty() {
        let message = format!("takes writes, and {} does not have them", missing.join(", "));
        return CHECK.wrong(message).from(format!("GET on {}", missing.join(", "))).may_settle();
    }
    let message = match (replicas, reads.len()) {
        (0, _) => "takes writes".to_owned(),
        (replicas, 0) => format!("takes writes, {replicas} replicas have them"),
        (replicas, read) => format!("takes writes, {replicas} replicas have them, {read} were read"),
    };
    CHECK.ok(message).from(from)
}

fn of_entrance(write: &EntranceWrite) -> Verdict {
    let EntranceWrite { entrance, set } = write;
    let at = format!("{}:{}", entrance.host, entrance.port);
    let verdict = match (set, entrance.leads_to) {
        (Err(why), _) => CHECK.wrong(format!("the Service leads to no Redis: {why}")).may_settle(),
        (Ok(reply), LeadsTo::Primary) if reply.is_error("READONLY") => {
            CHECK.wrong("the Service leads to a replica: it must lead to the primary").may_settle()
        }
        (Ok(reply), LeadsTo::Replicas) if reply.is_error("READONLY") => CHECK.ok("the Service leads to replicas"),
        (Ok(reply), LeadsTo::AnyNode) if reply.is_error("READONLY") => {
            CHECK.note("the Service leads to a replica: clients that write must ask Sentinel for the primary")
        }
        (Ok(reply), LeadsTo::Replicas) if reply.text() == Some("OK") => {
            CHECK.wrong("the Service leads to a node that takes writes: it must lead to replicas").may_settle()
        }
        (Ok(reply), LeadsTo::Primary) if reply.text() == Some("OK") => CHECK.ok("the Service leads to the primary"),
        (Ok(reply), LeadsTo::AnyNode) if reply.text() == Some("OK") => {
            CHECK.note("the Service leads to any node, this time to the primary: clients that write must ask Sentinel")
        }
        (Ok(_), _) => CHECK.wrong("the Service leads to a node that refuses a write").may_settle(),
    };
    let reply = set.as_ref().map_or_else(|why| why.clone(), |reply| reply.shown(120));
    verdict.on(&entrance.name).from(format!("SET at {at}: {reply}"))
}
