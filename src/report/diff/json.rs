//! Comparisons as one JSON object with the version of its format.

use serde::Serialize;

use super::{
    NamedText, Pair, RenderOptions,
    totals::Totals,
    view::{ChangeRow, SideName, SideView, ValueOrigin, View},
    words,
};
use crate::{
    diff::{ChangeStatus, ChangedBy, ClaimImpact, EffectiveInput},
    report::{impact_id, pretty},
    yaml::{ItemChange, Value, items},
};

/// The version of the format. It increases with a change that can break a reader. A new field does not increase it.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    /// Whether the written values were compared, without the defaults of the charts.
    raw: bool,
    pairs: Vec<Compared<'a>>,
    /// The files without values, which were compared line by line.
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
    /// The impact on existing volume claims.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    volume_claims: Vec<VolumeClaims>,
    summary: Summary,
}

#[derive(Serialize)]
struct RenderError {
    reason: String,
    keys: Vec<String>,
    /// The line. None if no line of the text sets one of the keys.
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
    /// The reasons why the chart does not render. Omitted if it renders.
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
    /// The value. Null also if there is no value.
    value: serde_json::Value,
    /// Whether a part of the value is hidden.
    redacted: bool,
    /// `values`, `default` or `none`.
    from: &'static str,
    /// The line. None if no line of the text sets the value.
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
    /// The old position of a moved item, counted from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    /// The number of changes with an effect.
    changes: usize,
    /// The number of these changes that the charts themselves make.
    of_chart: usize,
    /// The number of changes of the values without an effect.
    without_effect: usize,
    /// The number of sides that do not render. Omitted if both render.
    #[serde(skip_serializing_if = "is_zero")]
    not_rendered: usize,
    /// How many changes have each impact, from the worst on; keys that the chart itself has more or less are left out.
    impacts: serde_json::Map<String, serde_json::Value>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

pub(super) fn render(views: &[View], options: &RenderOptions) -> String {
    let totals = views.iter().map(Totals::of).sum();
    render_report(views.iter().map(compared).collect(), Vec::new(), &totals, options)
}

pub(super) fn of_texts(old: NamedText, new: NamedText, unified: &str, options: &RenderOptions) -> String {
    let texts = vec![Texts { old: old.name, new: new.name, unified }];
    render_report(Vec::new(), texts, &Totals::default(), options)
}

fn render_report(pairs: Vec<Compared>, texts: Vec<Texts>, totals: &Totals, options: &RenderOptions) -> String {
    let report = Report { version: VERSION, raw: options.raw, pairs, texts, summary: summary(totals) };
    format!("{}\n", pretty(&report))
}

fn compared<'a>(view: &View<'a>) -> Compared<'a> {
    let (pair, diff) = (view.pair, view.pair.diff);
    Compared {
        old: side(&pair.old, &diff.old, view, SideName::Old),
        new: side(&pair.new, &diff.new, view, SideName::New),
        changes: view.rows.iter().map(change).collect(),
        volume_claims: view.claim_impacts.iter().map(|impact| claims(impact, pair)).collect(),
        summary: summary(&Totals::of(view)),
    }
}

fn side<'a>(end: &super::SideSource<'a>, input: &EffectiveInput, view: &View, which: SideName) -> Side<'a> {
    let super::SideSource { name, by, text: _, line: _ } = end;
    let refused = view.refused.iter().filter(|refused| refused.end == which).map(|refused| RenderError {
        reason: refused.why.clone(),
        keys: refused.keys.iter().map(ToString::to_string).collect(),
        line: refused.line,
    });
    Side {
        name,
        chart: input.chart.version().to_string(),
        version_source: by,
        topology: input.topology_name(),
        render_errors: refused.collect(),
    }
}

fn claims(impact: &ClaimImpact, pair: &Pair) -> VolumeClaims {
    let (kind, path, claims) = match impact {
        ClaimImpact::Unused(claims) => ("unused", None, claims),
        ClaimImpact::Size { path, size: _, claims } => ("size", Some(path.to_string()), claims),
    };
    VolumeClaims {
        kind,
        path,
        names: claims.iter().map(|claims| claims.first(words::release(pair.release))).collect(),
        message: words::claim_impact(impact, pair.release, pair.namespace),
    }
}

fn change(row: &ChangeRow) -> Change {
    let path = row.path.to_string();
    let (old, new) = (row.old.value.as_deref(), row.new.value.as_deref());
    let lists = (old.and_then(Value::as_list), new.and_then(Value::as_list));
    Change {
        old: side_to_json(&row.old, &path),
        new: side_to_json(&row.new, &path),
        path,
        changed_by: match row.change.changed_by {
            ChangedBy::Values => "values",
            ChangedBy::Chart => "chart",
        },
        impacts: row.effects.iter().map(impact_id).collect(),
        no_effect: match &row.change.status {
            ChangeStatus::Active(_) => None,
            ChangeStatus::NoEffect(idle) => Some(NoEffect { status: idle.id(), reason: idle.to_string() }),
        },
        items: match lists {
            (Some(old), Some(new)) => items(old, new).iter().filter_map(item_to_json).collect(),
            _ => Vec::new(),
        },
    }
}

fn side_to_json(seen: &SideView, path: &str) -> SideValue {
    let SideView { path: own, value, from, is_hidden } = seen;
    SideValue {
        path: own.as_ref().map_or_else(|| path.to_owned(), ToString::to_string),
        value: value.as_deref().map_or(serde_json::Value::Null, serde_json::Value::from),
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

fn item_to_json(item: &ItemChange) -> Option<ItemReport> {
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
    let Totals { values, chart, without_effect, effects: _, services: _, refused_sides } = totals;
    Summary {
        changes: values + chart,
        of_chart: *chart,
        without_effect: *without_effect,
        not_rendered: *refused_sides,
        impacts: totals.effects().map(|(effect, count)| (impact_id(effect).to_owned(), count.into())).collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::{
        Format,
        tests::{options, rendered, sample},
        texts,
    };

    fn read(report: &str) -> Value {
        serde_json::from_str(report).unwrap()
    }

    #[test]
    fn it_looks_like_this() {
        let report = read(&sample(&options(Format::Json)));
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
        let side_json = |path: &str, value: Value, redacted: bool, from: &str, line: Value| json!({"path": path, "value": value, "redacted": redacted, "from": from, "line": line});
        assert_eq!(
            change("auth.password"),
            json!({
                "path": "auth.password",
                "old": side_json("auth.password", json!("<redacted>"), true, "values", json!(4)),
                "new": side_json("auth.password", json!("<redacted, changed>"), true, "values", json!(4)),
                "changedBy": "values", "impacts": ["password", "pods"], "noEffect": null,
            })
        );
        assert_eq!(
            change("foo"),
            json!({
                "path": "foo",
                "old": side_json("foo", Value::Null, false, "none", Value::Null),
                "new": side_json("foo", json!(1), false, "values", json!(10)),
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
        let report = read(&rendered((old, "13.0.2"), (new, "23.1.1"), &options(Format::Json)));
        let changes = report["pairs"][0]["changes"].as_array().unwrap();
        let count = changes.iter().find(|change| change["path"] == "replica.replicaCount").unwrap();
        assert_eq!(count["old"]["path"], "cluster.slaveCount");
        assert_eq!(count["new"]["path"], "replica.replicaCount");
        assert!(changes.iter().any(|change| change["changedBy"] == "chart" && change["new"]["from"] == "default"));
    }

    #[test]
    fn texts_without_values_are_a_patch() {
        let report = read(&texts(("a", "x\n"), ("b", "y\n"), &options(Format::Json)));
        assert_eq!(report["pairs"], json!([]));
        let unified = "--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n";
        assert_eq!(report["texts"], json!([{"old": "a", "new": "b", "unified": unified}]));
    }
}
