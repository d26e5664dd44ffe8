//! The live configuration is that of the values.

use crate::verify::{
    check::{Check, Facts, Verdict},
    survey::{PARAMETERS, RedisAnswer},
};

pub static CHECK: Check =
    Check { id: "settings", title: "configuration", proves: "`CONFIG GET` has the directives of the values", run };

/// The start script of the chart sets the ports.
const SET_BY_SCRIPT: [&str; 2] = ["port", "tls-port"];

fn run(facts: &Facts) -> Vec<Verdict> {
    let compared: Vec<(&str, String)> = PARAMETERS
        .into_iter()
        .filter(|name| !SET_BY_SCRIPT.contains(name))
        .filter_map(|name| Some((name, facts.wanted.directive(name)?)))
        .collect();
    if compared.is_empty() {
        let message = match facts.wanted.has_values {
            true => "the values set none of the directives that are compared",
            false => "there are no values to compare with",
        };
        return vec![CHECK.not_asked(message)];
    }
    let mut verdicts = Vec::new();
    let mut alike = 0;
    for node in &facts.survey.redis {
        let (name, Some(answer)) = (&node.node.name, node.open()) else { continue };
        if let Some(error) = &answer.no_config {
            verdicts
                .push(CHECK.not_asked("does not show its configuration").on(name).from(format!("CONFIG GET: {error}")));
            continue;
        }
        let differences: Vec<Verdict> =
            compared.iter().filter_map(|(name, wanted)| compare(answer, name, wanted)).collect();
        alike += usize::from(differences.is_empty());
        verdicts.extend(differences.into_iter().map(|verdict| verdict.on(name)));
    }
    if alike > 0 {
        let names: Vec<&str> = compared.iter().map(|(name, _)| *name).collect();
        verdicts.push(CHECK.ok(format!("as the values want on {alike} nodes: {}", names.join(", "))));
    }
    if verdicts.is_empty() {
        verdicts.push(CHECK.not_asked("no Redis shows its configuration"));
    }
    verdicts
}

fn compare(answer: &RedisAnswer, name: &str, wanted: &str) -> Option<Verdict> {
    let live = answer.config.get(name)?;
    if is_same(live, wanted) {
        return None;
    }
    let shown = |text: &str| if text.is_empty() { "\"\"".to_owned() } else { text.to_owned() };
    let message = format!("{name} is {}: the values want {}", shown(live), shown(wanted));
    Some(CHECK.wrong(message).from(format!("CONFIG GET {name}: {}", shown(live))))
}

/// Whether two texts are the same argument: words without their case, and numbers of bytes with any unit.
fn is_same(live: &str, wanted: &str) -> bool {
    live.eq_ignore_ascii_case(wanted)
        || matches!((bytes(live), bytes(wanted)), (Some(one), Some(other)) if one == other)
}

/// Source of the units: `memtoull` in `src/util.c` of Redis.
fn bytes(text: &str) -> Option<u64> {
    let text = text.to_ascii_lowercase();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "" | "b" => 1,
        "k" => 1000,
        "kb" => 1 << 10,
        "m" => 1_000_000,
        "mb" => 1 << 20,
        "g" => 1_000_000_000,
        "gb" => 1 << 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn one_argument_has_several_texts() {
        assert!(is_same("1048576", "1mb") && is_same("yes", "YES") && is_same("0", "0") && is_same("", ""));
        assert!(is_same("3600 1 300 100", "3600 1 300 100"));
        assert!(!is_same("1048576", "1m") && !is_same("yes", "no") && !is_same("3600 1", ""));
    }
}
