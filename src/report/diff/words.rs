//! The sentences about changes.

use crate::{
    chart::{Chart, Effect, FailedBy, ObjectKind},
    diff::{ClaimImpact, Claims, fixed_kind},
    effective::Refusal,
    escape::one_line,
    yaml::{Path, Value},
};

/// The effect of one change of a key.
pub(in crate::report) fn effect(effect: Effect, path: &Path) -> &'static str {
    match effect {
        Effect::Immutable if is_of_service(path) => "immutable field: delete the Service first",
        effect => of(effect).0,
    }
}

/// Whether the immutable field of a key is a field of a Service.
pub(super) fn is_of_service(path: &Path) -> bool {
    fixed_kind(path) == Some(ObjectKind::Service)
}

/// The effect of several changes: `2 restart pods`. `services` of the immutable fields are fields of Services.
pub(super) fn counted(count: usize, effect: Effect, services: usize) -> String {
    match (count, of(effect)) {
        (count, _) if effect == Effect::Immutable => {
            let object = match services {
                0 => "the StatefulSet",
                services if services == count => "the Service",
                _ => "an object",
            };
            let need = if count == 1 { "needs" } else { "need" };
            format!("{count} {need} {object} deleted first")
        }
        (1, (one, _)) => format!("1 {one}"),
        (count, (_, many)) => format!("{count} {many}"),
    }
}

/// The reason why a chart does not render.
pub(in crate::report) fn refusal(refusal: &Refusal, chart: &Chart) -> String {
    match refusal {
        Refusal::Type { path, kind, takes } => {
            format!("`{}` is a {kind}, and the schema of the chart takes {takes}", one_line(&path.to_string()))
        }
        Refusal::NoMapping { at, kind } => {
            format!("`{}` is {kind}: Helm takes a mapping there", one_line(&at.to_string()))
        }
        Refusal::Fail(fail) => {
            let by = match fail.by {
                FailedBy::Template => "a template",
                FailedBy::Schema => "the schema of the chart",
            };
            let terms: Vec<_> = fail.terms(chart).iter().map(ToString::to_string).collect();
            format!("{}: {by} fails where {}", fail.reason.replace('-', " "), terms.join(" and "))
        }
    }
}

/// The placeholder for an unknown name of a release.
const RELEASE: &str = "RELEASE";

/// The name of a release or its placeholder.
pub(super) fn release(release: Option<&str>) -> &str {
    release.unwrap_or(RELEASE)
}

/// The sentence about existing volume claims.
pub(super) fn claim_impact(impact: &ClaimImpact, release: Option<&str>, namespace: Option<&str>) -> String {
    let release = self::release(release);
    let all = |claims: &[Claims]| claims.iter().map(|claims| claims.all(release)).collect::<Vec<_>>().join(", ");
    match impact {
        ClaimImpact::Unused(claims) => format!(
            "existing volume claims stay, with their data, and the new pods do not use them: {}",
            one_line(&all(claims))
        ),
        ClaimImpact::Size { path, size, claims } => {
            let first = claims.first().map(|claims| claims.first(release)).unwrap_or_default();
            format!(
                "existing volume claims keep their size: `{}` sizes new ones only. Grow each ({}): `{}`. The StorageClass \
                 must have `allowVolumeExpansion: true`; a claim cannot shrink",
                one_line(&path.to_string()),
                one_line(&all(claims)),
                one_line(&patch(&first, size, namespace))
            )
        }
    }
}

/// The command that enlarges a claim.
pub(super) fn patch(claim: &str, size: &Value, namespace: Option<&str>) -> String {
    let size = match size {
        Value::String(text) => text.clone(),
        other => serde_json::Value::from(other).to_string(),
    };
    let patch = serde_json::json!({"spec": {"resources": {"requests": {"storage": size}}}}).to_string();
    let namespace = namespace.map(|namespace| format!(" --namespace {namespace}")).unwrap_or_default();
    format!("kubectl patch persistentvolumeclaim {claim}{namespace} --patch '{}'", patch.replace('\'', "'\\''"))
}

fn of(effect: Effect) -> (&'static str, &'static str) {
    match effect {
        Effect::Data => ("may lose data", "may lose data"),
        Effect::Workload => ("replaces a workload", "replace a workload"),
        Effect::Immutable => ("immutable field: delete the StatefulSet first", "need the StatefulSet deleted first"),
        Effect::Password => ("changes the password", "change the password"),
        Effect::Reach => ("changes who can reach it", "change who can reach it"),
        Effect::Scale => ("starts or stops pods", "start or stop pods"),
        Effect::Pods => ("restarts pods", "restart pods"),
        Effect::AtRestart => {
            ("takes effect at the next restart only: `kubectl rollout restart`", "take effect at the next restart only")
        }
    }
}
