//! For programs: one object, with the version of its shape.

use serde::Serialize;

use super::{
    NamedText, Pair, RenderOptions,
    totals::Totals,
    view::{ChangeRow, SideName, SideView, ValueOrigin, View},
    words,
};
use crate::{
    diff::{ChangedBy, ClaimImpact, EffectiveInput, Life},
    report::{impact_id, pretty},
    yaml::{ItemChange, Value, items},
};

/// Grows with a change that a reader must know of; a new field is none.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    /// Whether what is written was compared, without the defaults of the charts.
    raw: bool,
    pairs: Vec<Compared<'a>>,
    /// What holds no values and was compared line by line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    texts: Vec<Texts<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Texts<'a> {
    old: &'a str,
    new: &'a str,
    unified: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Compared<'a> {
    old: Side<'a>,
    new: Side<'a>,
    changes: Vec<Change>,
    /// What becomes of volume claims that exist.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    volume_claims: Vec<VolumeClaims>,
    summary: Summary,
}

#[derive(Serialize)]
struct RenderError {
    reason: String,
    keys: Vec<String>,
    /// None where no line of the text sets one of the keys.
    line: Option<usize>,
}

#[derive(Serialize)]
struct VolumeClaims {
    /// `unused` or `size`.
    kind: &'static str,
    /// The key with the new size.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// The claims of the first pods.
    names: Vec<String>,
    message: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Side<'a> {
    name: &'a str,
    chart: String,
    /// Who named the version of the chart.
    version_source: &'a str,
    topology: String,
    /// Why the chart does not render; left out where it renders.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    render_errors: Vec<RenderError>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    path: String,
    old: SideValue,
    new: SideValue,
    /// `values` or `chart`.
    changed_by: &'static str,
    /// From the worst on; empty also where nothing is known.
    impacts: Vec<&'static str>,
    /// None where it has an effect.
    no_effect: Option<NoEffect>,
    /// What became of the items of a list; those that stayed are left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    items: Vec<ItemReport>,
}

#[derive(Serialize)]
struct SideValue {
    /// What its own chart calls it.
    path: String,
    /// Null also where there is nothing.
    value: serde_json::Value,
    /// Whether something in the value is hidden.
    redacted: bool,
    /// `values`, `default` or `none`.
    from: &'static str,
    /// None where it stands in no line of the text.
    line: Option<usize>,
}

#[derive(Serialize)]
struct NoEffect {
    status: &'static str,
    reason: String,
}

#[derive(Serialize)]
struct ItemReport {
    /// `added`, `removed` or `moved`.
    change: &'static str,
    value: serde_json::Value,
    /// Its places, counted from 0, where it moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    /// Changes that have an effect.
    changes: usize,
    /// Of these, what the charts change by themselves.
    of_chart: usize,
    /// Changes of the values that have none.
    without_effect: usize,
    /// Sides that do not render; left out where both do.
    #[serde(skip_serializing_if = "is_zero")]
    not_rendered: usize,
    /// How many changes have each impact, from the worst on; keys that the chart itself has more or less are left out.
    impacts: serde_json::Map<String, serde_json::Value>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

pub(super) fn render(sights: &[View], look: &RenderOptions) -> String {
    let totals = sights.iter().map(Totals::of).sum();
    written(sights.iter().map(compared).collect(), Vec::new(), &totals, look)
}

pub(super) fn of_texts(old: NamedText, new: NamedText, unified: &str, look: &RenderOptions) -> String {
    let texts = vec![Texts { old: old.name, new: new.name, unified }];
    written(Vec::new(), texts, &Totals::default(), look)
}

fn written(pairs: Vec<Compared>, texts: Vec<Texts>, totals: &Totals, look: &RenderOptions) -> String {
    let report = Report { version: VERSION, raw: look.raw, pairs, texts, summary: summary(totals) };
    format!("{}\n", pretty(&report))
}

fn compared<'a>(sight: &View<'a>) -> Compared<'a> {
    let (pair, diff) = (sight.pair, sight.pair.diff);
    Compared {
        old: side(&pair.old, &diff.old, sight, SideName::Old),
        new: side(&pair.new, &diff.new, sight, SideName::New),
        changes: sight.rows.iter().map(change).collect(),
        volume_claims: sight.kept.iter().map(|kept| claims(kept, pair)).collect(),
        summary: summary(&Totals::of(sight)),
    }
}

fn side<'a>(end: &super::End<'a>, taken: &EffectiveInput, sight: &View, which: SideName) -> Side<'a> {
    let super::End { name, by, text: _, line: _ } = end;
    let refused = sight.refused.iter().filter(|refused| refused.end == which).map(|refused| RenderError {
        reason: refused.why.clone(),
        keys: refused.keys.iter().map(ToString::to_string).collect(),
        line: refused.line,
    });
    Side {
        name,
        chart: taken.chart.version().to_string(),
        version_source: by,
        topology: taken.topology_name(),
        render_errors: refused.collect(),
    }
}

fn claims(kept: &ClaimImpact, pair: &Pair) -> VolumeClaims {
    let (kind, path, claims) = match kept {
        ClaimImpact::Unused(claims) => ("unused", None, claims),
        ClaimImpact::Size { path, size: _, claims } => ("size", Some(path.to_string()), claims),
    };
    VolumeClaims {
        kind,
        path,
        names: claims.iter().map(|claims| claims.first(words::release(pair.release))).collect(),
        message: words::kept(kept, pair.release, pair.namespace),
    }
}

fn change(row: &ChangeRow) -> Change {
    let path = row.path.to_string();
    let (old, new) = (row.old.value.as_ref(), row.new.value.as_ref());
    let lists = (old.and_then(Value::as_list), new.and_then(Value::as_list));
    Change {
        old: side_to_json(&row.old, &path),
        new: side_to_json(&row.new, &path),
        path,
        changed_by: match row.change.maker {
            ChangedBy::Values => "values",
            ChangedBy::Chart => "chart",
        },
        impacts: row.effects.iter().map(|effect| impact_id(effect)).collect(),
        no_effect: match &row.change.life {
            Life::Live(_) => None,
            Life::Idle(idle) => Some(NoEffect { status: idle.id(), reason: idle.to_string() }),
        },
        items: match lists {
            (Some(old), Some(new)) => items(old, new).iter().filter_map(became).collect(),
            _ => Vec::new(),
        },
    }
}

fn side_to_json(seen: &SideView, path: &str) -> SideValue {
    let SideView { path: own, value, from, is_hidden } = seen;
    SideValue {
        path: own.as_ref().map_or_else(|| path.to_owned(), ToString::to_string),
        value: value.as_ref().map_or(serde_json::Value::Null, serde_json::Value::from),
        redacted: *is_hidden,
        from: match from {
            ValueOrigin::Line(_) | ValueOrigin::Unplaced => "values",
            ValueOrigin::Default => "default",
            ValueOrigin::Nothing => "none",
        },
        line: match from {
            ValueOrigin::Line(line) => Some(*line),
            ValueOrigin::Unplaced | ValueOrigin::Default | ValueOrigin::Nothing => None,
        },
    }
}

fn became(item: &ItemChange) -> Option<ItemReport> {
    Some(match item {
        ItemChange::Unchanged(_) => return None,
        ItemChange::Added(value) => ItemReport { change: "added", value: (*value).into(), from: None, to: None },
        ItemChange::Removed(value) => ItemReport { change: "removed", value: (*value).into(), from: None, to: None },
        ItemChange::Moved { value, from, to } => {
            ItemReport { change: "moved", value: (*value).into(), from: Some(*from), to: Some(*to) }
        }
    })
}

fn summary(totals: &Totals) -> Summary {
    let Totals { values, chart, idle, effects: _, services: _, refused } = totals;
    Summary {
        changes: values + chart,
        of_chart: *chart,
        without_effect: *idle,
        not_rendered: *refused,
        impacts: totals.effects().map(|(effect, count)| (impact_id(effect).to_owned(), count.into())).collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::{
        Format,
        tests::{look, rendered, sample},
        texts,
    };

    fn read(report: &str) -> Value {
        serde_json::from_str(report).unwrap()
    }

    #[test]
    fn it_looks_like_this() {
        let report = read(&sample(&look(Format::Json)));
        let side = |name: &str| json!({"name": name, "chart": "23.1.1", "versionSource": "", "topology": "sentinel"});
        let pair = &report["pairs"][0];
        assert_eq!((&report["version"], &report["raw"]), (&json!(1), &json!(false)));
        assert_eq!((&pair["old"], &pair["new"]), (&side("a.yaml"), &side("b.yaml")));
        let effects = json!({"data": 1, "password": 1, "access": 2, "pods": 5});
        let summary = json!({"changes": 6, "ofChart": 0, "withoutEffect": 2, "impacts": effects});
        assert_eq!((&pair["summary"], &report["summary"]), (&summary, &summary));
        let change = |path: &str| {
            let mut changes = pair["changes"].as_array().unwrap().iter();
            changes.find(|change| change["path"] == path).unwrap_or_else(|| panic!("{path}")).clone()
        };
        let said = |path: &str, value: Value, redacted: bool, from: &str, line: Value| json!({"path": path, "value": value, "redacted": redacted, "from": from, "line": line});
        assert_eq!(
            change("auth.password"),
            json!({
                "path": "auth.password",
                "old": said("auth.password", json!("<redacted>"), true, "values", json!(4)),
                "new": said("auth.password", json!("<redacted, changed>"), true, "values", json!(4)),
                "changedBy": "values", "impacts": ["password", "pods"], "noEffect": null,
            })
        );
        assert_eq!(
            change("foo"),
            json!({
                "path": "foo",
                "old": said("foo", Value::Null, false, "none", Value::Null),
                "new": said("foo", json!(1), false, "values", json!(10)),
                "changedBy": "values", "impacts": [], "noEffect": {"status": "unknown-key", "reason": "unknown key"},
            })
        );
        assert_eq!(
            change("replica.extraFlags")["items"],
            json!([
                {"change": "moved", "value": "c", "from": 2, "to": 0},
                {"change": "removed", "value": "b"},
                {"change": "added", "value": "d"},
            ])
        );
    }

    #[test]
    fn a_renamed_key_has_the_names_of_both_charts() {
        let (old, new) = ("cluster: {enabled: true, slaveCount: 2}\n", "replica: {replicaCount: 3}\n");
        let report = read(&rendered((old, "13.0.2"), (new, "23.1.1"), &look(Format::Json)));
        let changes = report["pairs"][0]["changes"].as_array().unwrap();
        let count = changes.iter().find(|change| change["path"] == "replica.replicaCount").unwrap();
        assert_eq!(count["old"]["path"], "cluster.slaveCount");
        assert_eq!(count["new"]["path"], "replica.replicaCount");
        assert!(changes.iter().any(|change| change["changedBy"] == "chart" && change["new"]["from"] == "default"));
    }

    #[test]
    fn texts_without_values_are_a_patch() {
        let report = read(&texts(("a", "x\n"), ("b", "y\n"), &look(Format::Json)));
        assert_eq!(report["pairs"], json!([]));
        let unified = "--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n";
        assert_eq!(report["texts"], json!([{"old": "a", "new": "b", "unified": unified}]));
    }
}
