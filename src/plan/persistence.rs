//! Whether the data outlives the pods, and where it lies.

use super::{Draft, Refusal, only_with};
use crate::intent::Intent;

pub(super) fn settle(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    match intent.persistence {
        Some(false) => off(intent, draft)?,
        Some(true) => draft.say("persistence", true, &["persistence"], "the data is kept on volumes")?,
        None => {}
    }
    if let Some(size) = &intent.size {
        draft.say("size", size.to_string(), &["size"], "size of each data volume")?;
    }
    if let Some(class) = &intent.storage_class {
        draft.say("storage-class", class.as_str(), &["storage_class"], "storage class of the data volumes")?;
    }
    if let Some(claim) = &intent.existing_claim {
        only_with(
            intent,
            &["size", "storage_class"],
            "existing_claim",
            "the claim that is there has its own size and class",
        )?;
        draft.say("existing-claim", claim.as_str(), &["existing_claim"], "the master takes a claim that is there")?;
    }
    match intent.aof {
        Some(true) => draft.conf("appendonly", "yes", &["aof"]),
        Some(false) => draft.conf("appendonly", "no", &["aof"]),
        None => {}
    }
    if let Some(rules) = &intent.save {
        draft.conf_lines("save", snapshots(rules)?, &["save"]);
    }
    Ok(())
}

/// Really off: the chart alone would go on writing an AOF to a scratch volume.
fn off(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    let reason = "there is no volume that it could be said to; drop it, or keep the data with `persistence`";
    only_with(intent, &["size", "storage_class", "existing_claim"], "persistence", reason)?;
    draft.say("persistence", false, &["persistence"], "the data is gone with the pod")?;
    if intent.aof.is_none() {
        draft.conf("appendonly", "no", &["persistence"]);
    }
    if intent.save.is_none() {
        draft.conf("save", "\"\"", &["persistence"]);
    }
    Ok(())
}

/// The lines of `save`: one for each pair of seconds and changes, as every Redis reads them.
fn snapshots(rules: &str) -> Result<Vec<String>, Refusal> {
    let words: Vec<_> = rules.split_ascii_whitespace().collect();
    let numbers = words.iter().all(|word| word.bytes().all(|b| b.is_ascii_digit()) && word.parse::<u32>().is_ok());
    if words.len() % 2 != 0 || !numbers {
        let text =
            format!("`{rules}` are no snapshot rules; expected pairs of seconds and changes, as `3600 1 300 100`");
        return Err(Refusal::new(&["save"], text));
    }
    if words.is_empty() {
        return Ok(vec!["\"\"".into()]);
    }
    Ok(words.chunks(2).map(|pair| pair.join(" ")).collect())
}
