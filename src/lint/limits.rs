//! How much memory the containers of Redis may use, by what is written or by a preset of the chart.

use super::{Subject, redis_conf::Directive};
use crate::{
    intent::{Bytes, Quantity},
    yaml::Value,
};

/// The memory limit of the pods below one key.
pub(super) struct Limit {
    pub bytes: u64,
    /// As it is written.
    pub text: String,
    /// The key that says it: the limit itself, or a preset.
    pub key: String,
    pub preset: bool,
}

/// The keys below which the values of the pods stand: `master`, `replica`.
pub(super) fn pods(subject: &Subject) -> Vec<String> {
    let keys = subject.places("resources");
    keys.iter().filter_map(|key| key.strip_suffix(".resources")).map(str::to_owned).collect()
}

/// None where nobody limits the memory, or in words that are not read here.
pub(super) fn of_pods(subject: &Subject, pods: &str) -> Option<Limit> {
    let resources = format!("{pods}.resources");
    if !subject.on(&resources) {
        return preset(subject, pods);
    }
    let key = format!("{resources}.limits.memory");
    let text = match subject.value(&key)? {
        Value::String(text) => text,
        Value::Int(bytes) => bytes.to_string(),
        _ => return None,
    };
    let bytes = text.parse::<Quantity>().ok()?.bytes();
    Some(Limit { bytes, text, key, preset: false })
}

/// The preset that counts while the resources of these pods are empty.
pub(super) fn preset_in_use(subject: &Subject, pods: &str) -> Option<(String, String)> {
    let key = subject.places("preset").into_iter().find(|key| key.strip_suffix(".resourcesPreset") == Some(pods))?;
    if subject.on(&format!("{pods}.resources")) {
        return None;
    }
    let name = subject.text(&key).filter(|name| name != "none")?;
    Some((key, name))
}

fn preset(subject: &Subject, pods: &str) -> Option<Limit> {
    let (key, name) = preset_in_use(subject, pods)?;
    let text = subject.chart.preset(&name)?.limit("memory")?.to_owned();
    let bytes = text.parse::<Quantity>().ok()?.bytes();
    Some(Limit { bytes, text, key, preset: true })
}

/// The bytes of `maxmemory`; none where Redis is told no limit, or in words that are not read here.
pub(super) fn maxmemory(directive: &Directive) -> Option<Bytes> {
    directive.arguments.trim_matches(['"', '\'']).parse().ok()
}

/// `maxmemory 0` is Redis's own way to say that there is no limit.
pub(super) fn is_unlimited(directive: &Directive) -> bool {
    directive.arguments.trim_matches(|c: char| !c.is_ascii_alphanumeric()) == "0"
}
