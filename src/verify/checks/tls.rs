//! Redis has TLS exactly if the values want it.

use crate::verify::{
    check::{Check, Facts, Verdict},
    nodes::Obstacle,
};

pub static CHECK: Check = Check {
    id: "tls",
    title: "TLS",
    proves: "each server has a certificate that is valid for its name, and no port without TLS",
    run,
};

fn run(facts: &Facts) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = facts
        .survey
        .silent()
        .filter(|(_, no_answer)| no_answer.obstacle == Obstacle::Tls)
        .map(|(node, no_answer)| CHECK.wrong(no_answer.why.clone()).on(&node.name))
        .collect();
    let (mut with, mut without) = (0, 0);
    for node in &facts.survey.redis {
        let Some(answer) = node.open() else { continue };
        let port = |name: &str| answer.config.get(name).map(|port| port != "0" && !port.is_empty());
        let (Some(tls), Some(plain)) = (port("tls-port"), port("port")) else { continue };
        let reply = ["tls-port", "port"].map(|name| format!("{name} {}", answer.config[name])).join(", ");
        let verdict = match (facts.wanted.tls, tls, plain) {
            (Some(true), false, _) => CHECK.wrong("has no port with TLS: the values want TLS"),
            (Some(true), true, true) => CHECK.wrong("has a port without TLS, too"),
            (Some(false), true, _) => CHECK.wrong("has a port with TLS: the values want none"),
            (None, true, true) => CHECK.note("has a port without TLS, too"),
            (_, true, false) => {
                with += 1;
                continue;
            }
            (_, false, _) => {
                without += 1;
                continue;
            }
        };
        verdicts.push(verdict.on(&node.node.name).from(format!("CONFIG GET: {reply}")));
    }
    if with > 0 {
        verdicts.push(CHECK.ok(format!("{with} Redis with TLS only")));
    }
    if without > 0 {
        verdicts.push(match facts.wanted.tls {
            Some(_) => CHECK.ok("no TLS, as the values want"),
            None => CHECK.not_asked("no TLS, and no values to compare with"),
        });
    }
    if verdicts.is_empty() {
        verdicts.push(CHECK.not_asked("no Redis shows its ports"));
    }
    verdicts
}
