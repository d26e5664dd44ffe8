//! The memory limit of the Redis containers, from the values or from a preset of the chart.

use super::{Subject, redis_conf::Directive};
use crate::{
    chart::Setting,
    intent::{Bytes, Quantity},
    yaml::Value,
};

/// The memory limit of the pods below one key.
pub(super) struct MemoryLimit {
    pub bytes: u64,
    /// The limit as the values write it.
    pub text: String,
    /// The key that sets the limit, or the preset.
    pub key: String,
    pub preset: bool,
}

/// The memory limit; none without a limit, or for a quantity that cannot be read.
pub(super) fn of_pods(subject: &Subject, pods: &str) -> Option<MemoryLimit> {
    let resources = format!("{pods}.resources");
    if !subject.on(&resources) {
        return preset(subject, pods);
    }
    let key = format!("{resources}.limits.memory");
    let text = match subject.value(&key)? {
        Value::String(text) => text.clone(),
        Value::Int(bytes) => bytes.to_string(),
        _ => return None,
    };
    let bytes = text.parse::<Quantity>().ok()?.bytes();
    Some(MemoryLimit { bytes, text, key, preset: false })
}

/// Whether the container has a memory limit, also if the limit cannot be read.
pub(super) fn is_limited(subject: &Subject, pods: &str) -> bool {
    let resources = format!("{pods}.resources");
    if subject.on(&resources) {
        // A text is a template of the resources.
        let is_text = matches!(subject.value(&resources), Some(Value::String(_)));
        return is_text || subject.on(&format!("{resources}.limits.memory"));
    }
    let Some((_, name)) = preset_in_use(subject, pods) else { return false };
    subject.chart.preset(&name).is_none_or(|preset| preset.limit("memory").is_some())
}

/// The key and name of the preset that applies while the resources of these pods are empty.
pub(super) fn preset_in_use(subject: &Subject, pods: &str) -> Option<(String, String)> {
    let key =
        subject.places(Setting::Preset).into_iter().find(|key| key.strip_suffix(".resourcesPreset") == Some(pods))?;
    if subject.on(&format!("{pods}.resources")) {
        return None;
    }
    let name = subject.text(key).filter(|name| *name != "none")?;
    Some((key.to_owned(), name.to_owned()))
}

fn preset(subject: &Subject, pods: &str) -> Option<MemoryLimit> {
    let (key, name) = preset_in_use(subject, pods)?;
    let text = subject.chart.preset(&name)?.limit("memory")?.to_owned();
    let bytes = text.parse::<Quantity>().ok()?.bytes();
    Some(MemoryLimit { bytes, text, key, preset: true })
}

/// The bytes of `maxmemory`; none if the argument cannot be read.
pub(super) fn maxmemory(directive: &Directive) -> Option<Bytes> {
    directive.arguments.trim_matches(['"', '\'']).parse().ok()
}

/// Whether the argument is 0: Redis then has no limit.
pub(super) fn is_unlimited(directive: &Directive) -> bool {
    directive.arguments.trim_matches(|c: char| !c.is_ascii_alphanumeric()) == "0"
}
