//! Migration reports as JSON.

use serde_json::{Value as Json, json};

use super::{OutcomeCounts, Report, defaults, words};
use crate::{
    chart::ChangeKind,
    effective::NoEffect,
    migrate::{Dropped, Incompatibility, KeepFailure, Migration, Outcome, RunbookStep, Unsupported},
    redact,
    report::{impact_id, pretty},
    yaml::{Helm, Path, Value},
};

/// The version of the format. A field that is removed or changes its meaning increases it.
const VERSION: u32 = 1;

pub(super) fn render(reports: &[Report]) -> String {
    let places: Vec<Json> = reports.iter().map(place).collect();
    let mut text = pretty(&json!({"version": VERSION, "places": places}));
    text.push('\n');
    text
}

fn place(report: &Report) -> Json {
    let OutcomeCounts { all, unchanged, moved, unused, need_action } = report.sum();
    let migrated = &report.migrated;
    let defaults = report.defaults();
    json!({
        "file": report.name,
        "at": report.at.to_string(),
        "from": migrated.from.version().to_string(),
        "versionSource": report.by,
        "to": migrated.to.version().to_string(),
        "topology": migrated.topology.to_string(),
        "summary": {"settings": all, "unchanged": unchanged, "moved": moved, "unused": unused, "needAction": need_action},
        "settings": migrated.migrations.iter().filter(|migration| migration.outcome != Outcome::Unchanged).map(migration).collect::<Vec<_>>(),
        "upgradeSteps": steps(&report.plan.steps),
        "afterRefusedUpgrade": steps(&report.plan.refused),
        "rollback": steps(&report.plan.rollback),
        "incompatibilities": report.incompatibilities.iter().map(broken).collect::<Vec<_>>(),
        "enabled": migrated.required_switches.iter().map(|need| json!({
            "path": display_path(&need.path),
            "reason": need.reason,
        })).collect::<Vec<_>>(),
        "emptied": migrated.removed_blocks.iter().map(display_path).collect::<Vec<_>>(),
        "keptDefaults": report.pins.iter().map(|pin| display_path(&pin.path)).collect::<Vec<_>>(),
        "defaults": defaults.iter().map(|change| json!({
            "path": display_path(&change.new.path),
            "impacts": change.effects().iter().map(impact_id).collect::<Vec<_>>(),
            "new": change.old.value.is_none(),
            "removed": change.new.value.is_none(),
            "value": change.new.value.as_ref().map(value),
            "before": change.old.value.as_ref().map(value),
            "effect": defaults::effect(report, change),
        })).collect::<Vec<_>>(),
        "limits": report.limits.iter().map(|limit| json!({
            "container": limit.container.to_string(),
            "resource": limit.resource,
            "limit": limit.now,
            "before": limit.before,
            "preset": limit.preset,
        })).collect::<Vec<_>>(),
        "missing": report.missing.iter().map(|dangling| json!({
            "kind": dangling.missing,
            "by": dangling.by,
            "when": dangling.condition,
        })).collect::<Vec<_>>(),
        "defects": report.defects.iter().map(|defect| json!({
            "id": defect.id,
            "problem": defect.message(&report.migrated.to),
            "wayRound": defect.way_round(),
        })).collect::<Vec<_>>(),
        "errors": report.errors.iter().map(|error| json!({
            "rule": error.rule,
            "message": error.message,
            "help": error.help,
        })).collect::<Vec<_>>(),
        "notKeptDefaults": report.not_kept.iter().map(|given_up| json!({
            "path": given_up.path.to_string(),
            "reason": match given_up.why {
                KeepFailure::Fails(fail) => fail.reason.to_owned(),
                KeepFailure::Dangles(dangling) => format!("missing-{}", dangling.missing),
            },
        })).collect::<Vec<_>>(),
    })
}

/// A path without the passwords that its keys may contain.
fn display_path(path: &Path) -> String {
    redact::hidden_path(path).to_string()
}

/// A default of the chart as JSON. Defaults contain no secret of the user.
fn value(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(on) => json!(on),
        Value::Int(number) => json!(number),
        Value::Float(number) => json!(number),
        Value::String(text) => json!(text),
        Value::List(items) => items.iter().map(self::value).collect(),
        Value::Map(map) => map.iter().map(|(key, below)| (key.to_owned(), self::value(below))).collect(),
    }
}

fn steps(steps: &[RunbookStep]) -> Json {
    let each = steps.iter().map(|step| {
        let RunbookStep { title, why, commands, downtime, loses_data, refuses, helm } = step;
        let helm = helm.map(|helm| match helm {
            Helm::Three => 3,
            Helm::Four => 4,
        });
        json!({
            "title": title,
            "reason": why,
            "commands": commands,
            "downtime": downtime,
            "losesData": loses_data,
            "refusedFields": refuses,
            "helm": helm,
        })
    });
    each.collect()
}

fn broken(broken: &Incompatibility) -> Json {
    match broken {
        Incompatibility::Type { path, kind, takes } => {
            json!({"path": display_path(path), "type": kind, "expected": takes.to_string()})
        }
        Incompatibility::Helper { path, name } => json!({"path": display_path(path), "helper": name}),
        Incompatibility::Key { path, key } => json!({"path": display_path(path), "key": key}),
        Incompatibility::Password { path } => json!({"path": display_path(path), "reason": "password-is-template"}),
        Incompatibility::Fail(fail) => json!({"reason": fail.reason, "when": fail.condition}),
    }
}

/// The migration of a setting, without its value, which may be a secret.
fn migration(migration: &Migration) -> Json {
    let (outcome, to): (&str, Vec<String>) = match &migration.outcome {
        Outcome::Unchanged => ("unchanged", Vec::new()),
        Outcome::Activated => ("activated", Vec::new()),
        Outcome::Moved { to, .. } => ("moved", to.iter().map(display_path).collect()),
        Outcome::Dropped(dropped) => (
            match dropped {
                Dropped::NoEffect(NoEffect::UnknownKey) => "dropped-unknown-key",
                Dropped::NoEffect(_) => "dropped-no-effect",
                Dropped::WouldActivate => "dropped-would-activate",
                Dropped::Default(_) => "dropped-default",
                Dropped::WasUnused(_) => "dropped-was-unused",
                Dropped::AlreadySet { .. } => "dropped-already-set",
                Dropped::Frozen => "dropped-frozen",
            },
            Vec::new(),
        ),
        Outcome::Unsupported(unsupported) => (
            match unsupported {
                Unsupported::Gone(_) => "not-supported-removed",
                Unsupported::Unread { .. } => "not-supported-no-effect",
                Unsupported::Overruled { .. } => "not-supported-overridden",
            },
            Vec::new(),
        ),
        Outcome::KeptForAnchor(_) => ("kept-for-anchor", Vec::new()),
        Outcome::Refused(_) => ("refused", Vec::new()),
    };
    let changes: Vec<Json> = match &migration.outcome {
        Outcome::Moved { by, .. } => {
            by.iter().map(|step| json!({"version": step.version.to_string(), "kind": kind(step.kind)})).collect()
        }
        _ => Vec::new(),
    };
    json!({
        "path": display_path(&migration.path),
        "line": migration.line,
        "count": migration.leaves,
        "outcome": outcome,
        "to": to,
        "changes": changes,
        "status": status(migration).map(NoEffect::id),
        "reason": words::why(migration),
    })
}

/// The status of the key in the newer chart, if the key has no effect there.
fn status(migration: &Migration) -> Option<&NoEffect> {
    match &migration.outcome {
        Outcome::Dropped(Dropped::NoEffect(why)) | Outcome::KeptForAnchor(Dropped::NoEffect(why)) => Some(why),
        Outcome::Unsupported(Unsupported::Unread { reason, .. }) => Some(reason),
        _ => None,
    }
}

fn kind(kind: ChangeKind) -> Json {
    serde_json::to_value(kind).unwrap_or_default()
}
