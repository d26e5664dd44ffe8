//! Every node answers.

use crate::verify::{
    check::{Check, Facts, Verdict},
    nodes::{Found, NoAnswer, Node, Obstacle, Program},
};

pub static CHECK: Check = Check {
    id: "nodes",
    title: "every node answers",
    proves: "each Redis and each Sentinel answers, and there are as many Redis servers as the values want",
    run,
};

fn run(facts: &Facts) -> Vec<Verdict> {
    let survey = facts.survey;
    let mut verdicts: Vec<Verdict> = survey.silent().map(|(node, no_answer)| silent(facts, node, no_answer)).collect();
    let count = |program: Program, word: &str| {
        let answers = match program {
            Program::Redis => survey.redis.iter().filter(|node| node.answer.is_ok()).count(),
            Program::Sentinel => survey.sentinels.iter().filter(|node| node.answer.is_ok()).count(),
        };
        (answers > 0).then(|| format!("{answers} {word}"))
    };
    let answering: Vec<String> =
        [count(Program::Redis, "Redis"), count(Program::Sentinel, "Sentinel")].into_iter().flatten().collect();
    if verdicts.is_empty() {
        verdicts.push(CHECK.ok(format!("{} answer", answering.join(" and "))));
    }
    verdicts
}

fn silent(facts: &Facts, node: &Node, no_answer: &NoAnswer) -> Verdict {
    let message = format!("does not answer: {}", no_answer.why);
    match (node.found, no_answer.obstacle) {
        // The check of TLS names the reason.
        (_, Obstacle::Tls) => CHECK.not_asked("the TLS handshake fails"),
        // The network of this machine may end before the addresses that Sentinels use among themselves.
        (Found::BySentinel, _) if !leads_there(facts) => {
            CHECK.not_asked(format!("{}. Only Sentinel names this address: use `--address` for its own", no_answer.why))
        }
        _ => CHECK.wrong(message).may_settle(),
    }
    .on(&node.name)
}

/// Whether any node that only Sentinels named has answered.
fn leads_there(facts: &Facts) -> bool {
    let redis = facts.survey.redis.iter().any(|node| node.node.found == Found::BySentinel && node.answer.is_ok());
    redis || facts.survey.sentinels.iter().any(|node| node.node.found == Found::BySentinel && node.answer.is_ok())
}
