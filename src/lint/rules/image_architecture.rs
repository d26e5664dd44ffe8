//! See `image_architecture.md`: the help text, the web page and the test of this rule.

use crate::{
    lint::{
        images::{ImageSource, PulledImage},
        keys::unused::is_unused,
        prelude::*,
    },
    yaml::Value,
};

pub(super) static RULE: Rule = Rule {
    id: "image-architecture",
    group: Group::Images,
    severity: Severity::Warning,
    summary: "pods on arm64 nodes with images that are built for amd64 only",
    docs: include_str!("image_architecture.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let placed: Vec<_> = subject.entries.iter().filter_map(|entry| Some((entry, placing(subject, entry)?))).collect();
    // Node selectors and affinities place pods; tolerations only allow a node.
    let surely = placed.iter().find(|(_, placing)| *placing == Placing::There);
    let Some((entry, placing)) = surely.or(placed.first()) else { return Vec::new() };
    let pulled = subject.pulled();
    let amd64_only: Vec<&PulledImage> = pulled.iter().filter(|image| is_amd64_only(subject, image)).collect();
    let Some(first) = amd64_only.first() else { return Vec::new() };
    let (severity, nodes) = match placing {
        Placing::There => (Severity::Warning, "these pods run on arm64 nodes"),
        Placing::Perhaps => (Severity::Info, "these pods may run on arm64 nodes"),
    };
    let more = if amd64_only.len() > 1 { format!(", with {} more", amd64_only.len() - 1) } else { String::new() };
    let message = format!(
        "{nodes}, but `{}`{more} is built for amd64 only: the containers fail with `exec format error`",
        first.address()
    );
    let help = "use a newer chart version, or tags built after February 2023, which support both architectures";
    vec![Finding::at(entry.value, message).severity(severity).help(help)]
}

/// The placement of pods that an entry of the values sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Placing {
    There,
    /// The entry tolerates a taint of arm64 nodes.
    Perhaps,
}

fn placing(subject: &Subject, entry: &Entry) -> Option<Placing> {
    let last = entry.text.rsplit('.').next().unwrap_or_default();
    // Most entries do not affect the placement, and need no check.
    if !["nodeSelector", "nodeAffinityPreset", "matchExpressions", "tolerations"].contains(&last) {
        return None;
    }
    let value = subject.value_of(entry)?;
    let placing = match last {
        "nodeSelector" => {
            let map = value.as_map()?;
            let is_it = |key: &&str| map.get(key).and_then(Value::as_str) == Some(ARM64);
            ARCHITECTURES.iter().any(is_it).then_some(Placing::There)
        }
        "nodeAffinityPreset" => {
            let is_hard = value.as_map()?.get("type").and_then(Value::as_str) == Some("hard");
            requires(value).then_some(if is_hard { Placing::There } else { Placing::Perhaps })
        }
        "matchExpressions" => {
            let is_hard = entry.text.contains("requiredDuringScheduling");
            let requires = value.as_list().unwrap_or_default().iter().any(requires);
            requires.then_some(if is_hard { Placing::There } else { Placing::Perhaps })
        }
        "tolerations" => tolerates_it(value).then_some(Placing::Perhaps),
        _ => None,
    };
    placing.filter(|_| !is_unused(subject, entry))
}

/// Whether an expression of a node affinity allows only arm64. The short form of the chart has no operator.
fn requires(expression: &Value) -> bool {
    let Some(expression) = expression.as_map() else { return false };
    let text = |key: &str| expression.get(key).and_then(Value::as_str);
    let values = expression.get("values").and_then(Value::as_list).unwrap_or_default();
    text("key").is_some_and(|key| ARCHITECTURES.contains(&key))
        && text("operator").is_none_or(|operator| operator == "In")
        && !values.is_empty()
        && values.iter().all(|value| value.as_str() == Some(ARM64))
}

fn tolerates_it(tolerations: &Value) -> bool {
    tolerations.as_list().unwrap_or_default().iter().filter_map(Value::as_map).any(|toleration| {
        let text = |key: &str| toleration.get(key).and_then(Value::as_str);
        text("key").is_some_and(|key| ARCHITECTURES.contains(&key)) && text("value") == Some(ARM64)
    })
}

/// Whether an image of Bitnami's is known to be built for amd64 only.
fn is_amd64_only(subject: &Subject, image: &PulledImage) -> bool {
    let is_bitnamis =
        !matches!(image.from, ImageSource::Other | ImageSource::Unknown) || image.repository.starts_with("bitnami");
    let tag = image.tag().filter(|_| is_bitnamis && !image.is_pinned());
    tag.and_then(|tag| subject.chart.is_amd64_only(&image.image.path, tag)) == Some(true)
}

/// The labels of a node with its architecture; the second label is the older one.
const ARCHITECTURES: [&str; 2] = ["kubernetes.io/arch", "beta.kubernetes.io/arch"];
const ARM64: &str = "arm64";
