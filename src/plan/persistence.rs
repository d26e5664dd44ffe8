//! Persistence: volumes, append-only file and snapshots.

use super::{Draft, RecommendedOption, Refusal, only_with};
use crate::{
    chart::{Setting, Topology},
    intent::{Field, Intent},
};

pub(super) fn settle(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    match intent.persistence {
        Some(false) => off(intent, draft)?,
        Some(true) => draft.say(Setting::Persistence, true, &[Field::Persistence], "keep the data on volumes")?,
        None => {}
    }
    if let Some(size) = &intent.size {
        draft.say(Setting::Size, size.to_string(), &[Field::Size], "size of each data volume")?;
    }
    if let Some(class) = &intent.storage_class {
        draft.say(
            Setting::StorageClass,
            class.as_str(),
            &[Field::StorageClass],
            "storage class of the data volumes",
        )?;
    }
    if let Some(claim) = &intent.existing_claim {
        only_with(
            intent,
            &[Field::Size, Field::StorageClass],
            Field::ExistingClaim,
            "no effect with an existing claim, which has its own size and storage class",
        )?;
        draft.say(Setting::ExistingClaim, claim.as_str(), &[Field::ExistingClaim], "existing claim for the primary")?;
    }
    match intent.aof {
        Some(true) => draft.conf("appendonly", "yes", &[Field::Aof]),
        Some(false) => draft.conf("appendonly", "no", &[Field::Aof]),
        None => {}
    }
    if let Some(rules) = &intent.save {
        draft.conf_lines("save", snapshots(rules)?, &[Field::Save]);
    }
    Ok(())
}

/// Turns persistence off. Without redis.conf lines, the chart would still write an AOF to a temporary volume.
fn off(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    let reason = "no effect without volumes. Enable `persistence`, or remove this option";
    only_with(intent, &[Field::Size, Field::StorageClass, Field::ExistingClaim], Field::Persistence, reason)?;
    draft.say(Setting::Persistence, false, &[Field::Persistence], "keep the data only in memory")?;
    if intent.aof.is_none() {
        draft.conf("appendonly", "no", &[Field::Persistence]);
    }
    if intent.save.is_none() {
        draft.conf("save", "\"\"", &[Field::Persistence]);
    }
    if draft.topology == Topology::Sentinel {
        let way = RecommendedOption {
            field: Field::Aof,
            says: "`aof`: the file survives the restart of a container",
            take: |intent| intent.aof = Some(true),
        };
        draft.advise("restart-wipes-replicas", &[way], "");
    }
    Ok(())
}

/// The lines of `save`, one for each pair of seconds and changes: the form that every Redis version reads.
fn snapshots(rules: &str) -> Result<Vec<String>, Refusal> {
    let words: Vec<_> = rules.split_ascii_whitespace().collect();
    let numbers = words.iter().all(|word| word.bytes().all(|b| b.is_ascii_digit()) && word.parse::<u32>().is_ok());
    if words.len() % 2 != 0 || !numbers {
        let text = format!(
            "`{rules}` are not snapshot rules: expected pairs of seconds and changes, such as `3600 1 300 100`"
        );
        return Err(Refusal::new(&[Field::Save], text));
    }
    if words.is_empty() {
        return Ok(vec!["\"\"".into()]);
    }
    Ok(words.chunks(2).map(|pair| pair.join(" ")).collect())
}
