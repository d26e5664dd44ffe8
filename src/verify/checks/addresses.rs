//! An internal load balancer has a private address.

use crate::verify::{
    check::{Check, Facts, Verdict},
    cluster::is_private,
};

pub static CHECK: Check = Check {
    id: "addresses",
    title: "private addresses",
    proves: "each address of an internal load balancer is private",
    run,
};

fn run(facts: &Facts) -> Vec<Verdict> {
    let wanted = facts.wanted.internal == Some(true);
    let Some(cluster) = facts.cluster else { return outside(facts, wanted) };
    let mut verdicts = Vec::new();
    for service in cluster.services.iter().filter(|service| service.is_balancer) {
        if service.addresses.is_empty() {
            verdicts.push(CHECK.wrong("the load balancer has no address yet").on(&service.name).may_settle());
        }
        let is_internal = wanted || service.internal == Some(true);
        for address in &service.addresses {
            verdicts.push(judged(address, is_internal).on(&service.name));
        }
    }
    if verdicts.is_empty() {
        verdicts.push(match wanted {
            true => CHECK.wrong("no Service is a load balancer, and the values want an internal one").may_settle(),
            false => CHECK.ok("no Service has a load balancer"),
        });
    }
    verdicts
}

/// The addresses that the user gave, of servers that answered there.
fn outside(facts: &Facts, wanted: bool) -> Vec<Verdict> {
    if !wanted {
        return vec![CHECK.not_asked("no cluster was asked")];
    }
    let nodes = facts.survey.redis.iter().map(|node| &node.node).chain(facts.survey.sentinels.iter().map(|n| &n.node));
    let given = nodes.filter_map(|node| Some((node, node.address.as_ref()?.rsplit_once(':')?.0)));
    given.map(|(node, host)| judged(host.trim_matches(['[', ']']), wanted).on(&node.name)).collect()
}

fn judged(address: &str, is_internal: bool) -> Verdict {
    match (is_private(address), is_internal) {
        (Some(true), true) => CHECK.ok(format!("{address} is private")),
        (Some(false), true) => CHECK.wrong(format!("{address} is public: an internal load balancer is wanted")),
        (Some(true), false) => CHECK.ok(format!("{address} is private, and nothing wants it to be")),
        (Some(false), false) => CHECK.note(format!("{address} is public")),
        (None, _) => CHECK.not_asked(format!("the name {address} does not show whether its addresses are private")),
    }
}
