//! Redis saves its data exactly if the values want it, and can save it.

use crate::verify::{
    check::{Check, Facts, Verdict},
    survey::RedisAnswer,
};

pub static CHECK: Check = Check {
    id: "persistence",
    title: "persistence",
    proves: "each node saves its data, or does not, as the values want, and its last save worked",
    run,
};

/// The fields of `INFO persistence` with the result of the last save.
const RESULTS: [&str; 3] = ["rdb_last_bgsave_status", "aof_last_bgrewrite_status", "aof_last_write_status"];

fn run(facts: &Facts) -> Vec<Verdict> {
    let mut verdicts = volumes(facts);
    let wanted = facts.wanted.saves();
    for node in &facts.survey.redis {
        let Some(answer) = node.open() else { continue };
        let name = &node.node.name;
        for field in RESULTS {
            if let Some(result) = answer.info.get(field).filter(|result| *result != "ok") {
                let from = format!("INFO persistence: {field}:{result}");
                verdicts.push(CHECK.wrong("could not save its data").on(name).from(from));
            }
        }
        let Some((saves, shown)) = saves(answer) else {
            verdicts.push(CHECK.not_asked("does not show whether it saves its data").on(name));
            continue;
        };
        let state = if saves { "saves its data" } else { "keeps its data only in memory" };
        let verdict = match wanted {
            Some(wanted) if wanted != saves => {
                let other = if wanted { "to save it" } else { "to keep it only in memory" };
                CHECK.wrong(format!("{state}: the values want {other}"))
            }
            Some(_) => CHECK.ok(format!("{state}, as the values want")),
            None => CHECK.ok(state),
        };
        verdicts.push(verdict.on(name).from(shown));
    }
    if verdicts.is_empty() {
        verdicts.push(CHECK.not_asked("no Redis takes the password, or none was asked"));
    }
    verdicts
}

/// Whether a server saves its data, and the reply that shows it.
fn saves(answer: &RedisAnswer) -> Option<(bool, String)> {
    let of = |name: &str| answer.config.get(name);
    let (log, snapshots) = (of("appendonly")?, of("save")?);
    let shown = format!("CONFIG GET: appendonly {log}, save \"{snapshots}\"");
    Some((log == "yes" || !snapshots.is_empty(), shown))
}

/// The volumes of the pods.
fn volumes(facts: &Facts) -> Vec<Verdict> {
    let (Some(cluster), Some(wanted)) = (facts.cluster, facts.wanted.volume) else { return Vec::new() };
    let pods = cluster.pods.iter().filter(|pod| pod.redis.is_some() && pod.has_claim != wanted);
    pods.map(|pod| {
        let message = match wanted {
            true => "has no volume claim: the values want one",
            false => "has a volume claim: the values want none",
        };
        CHECK.wrong(message).on(&pod.name)
    })
    .collect()
}
