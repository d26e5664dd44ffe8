//! The version of Redis is that of the image in the values.

use std::collections::BTreeSet;

use crate::verify::check::{Check, Facts, Verdict};

pub static CHECK: Check = Check {
    id: "version",
    title: "version of Redis",
    proves: "each node runs the Redis version of the image in the values",
    run,
};

fn run(facts: &Facts) -> Vec<Verdict> {
    let nodes = facts.survey.redis.iter();
    let versions: Vec<(&str, &str)> =
        nodes.filter_map(|node| Some((node.node.name.as_str(), node.open()?.info.get("redis_version")?))).collect();
    let distinct: BTreeSet<&str> = versions.iter().map(|(_, version)| *version).collect();
    let list = distinct.iter().copied().collect::<Vec<_>>().join(", ");
    if versions.is_empty() {
        return vec![CHECK.not_asked("no Redis shows its version")];
    }
    let mut verdicts = Vec::new();
    if distinct.len() > 1 {
        verdicts.push(CHECK.wrong(format!("the nodes run different versions: {list}")).may_settle());
    }
    match &facts.wanted.redis {
        None if verdicts.is_empty() && facts.wanted.has_values => {
            verdicts.push(CHECK.not_asked(format!("Redis {list} runs: the values name no version")));
        }
        None if verdicts.is_empty() => verdicts.push(CHECK.ok(format!("all nodes run Redis {list}"))),
        None => {}
        Some(wanted) => {
            let wanted = wanted.to_string();
            let others = versions.iter().filter(|(_, version)| *version != wanted);
            verdicts.extend(others.map(|(node, version)| {
                let message = format!("runs Redis {version}: the values want {wanted}");
                CHECK.wrong(message).on(node).from(format!("INFO server: redis_version:{version}"))
            }));
            if verdicts.is_empty() {
                verdicts.push(CHECK.ok(format!("Redis {wanted}, as the values want")));
            }
        }
    }
    verdicts
}
