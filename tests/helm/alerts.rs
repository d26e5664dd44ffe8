//! The alert rules on series of metrics, as Prometheus evaluates them: which alerts fire. Needs promtool of Prometheus 2 or
//! later, from `PATH` or from `REDISGEN_PROMTOOL` (Debian: the package `prometheus`).
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{env, fs, path::PathBuf, process::Command};

use redisgen::{
    chart::Chart,
    intent::{Intent, Origin},
    plan, values,
    yaml::{Map, Value},
};
use semver::Version;
use serde_json::{Value as Json, json};

use crate::{
    Check,
    support::profiles,
};

/// Versions of different times.
const VERSIONS: [&str; 3] = ["11.0.4", "23.1.1", "28.0.7"];

/// A case: its name, the profile, the series that it changes, and the alerts that fire.
///
/// A series is a metric, its pod and its values per minute, in the notation of promtool. Without values, the series is
/// missing.
struct Case {
    name: &'static str,
    profile: &'static str,
    series: &'static [(&'static str, &'static str, &'static str)],
    firing: &'static [&'static str],
}

/// The series of a healthy release with Sentinel, for each minute. Each starts with the number of its pod: 0 is the
/// primary.
const HEALTHY: [(&str, &str, &str); 27] = {
    const P: [&str; 3] = ["cache-redis-node-0", "cache-redis-node-1", "cache-redis-node-2"];
    [
        ("up", P[0], "1x30"),
        ("up", P[1], "1x30"),
        ("up", P[2], "1x30"),
        ("instance_info master", P[0], "1x30"),
        ("instance_info slave", P[1], "1x30"),
        ("instance_info slave", P[2], "1x30"),
        ("master_link_up", P[1], "1x30"),
        ("master_link_up", P[2], "1x30"),
        ("connected_slave_lag_seconds", P[0], "1x30"),
        ("rejected_connections_total", P[0], "7x30"),
        ("rejected_connections_total", P[1], "0x30"),
        ("rejected_connections_total", P[2], "0x30"),
        ("memory_used_bytes", P[0], "80x30"),
        ("memory_used_bytes", P[1], "80x30"),
        ("memory_used_bytes", P[2], "80x30"),
        ("memory_max_bytes", P[0], "100x30"),
        ("memory_max_bytes", P[1], "100x30"),
        // No limit.
        ("memory_max_bytes", P[2], "0x30"),
        ("evicted_keys_total", P[0], "3x30"),
        ("evicted_keys_total", P[1], "0x30"),
        ("evicted_keys_total", P[2], "0x30"),
        ("aof_last_write_status", P[0], "1x30"),
        ("aof_last_write_status", P[1], "1x30"),
        ("rdb_last_bgsave_status", P[0], "1x30"),
        ("rdb_last_bgsave_status", P[1], "1x30"),
        ("aof_last_bgrewrite_status", P[0], "1x30"),
        ("aof_last_bgrewrite_status", P[1], "1x30"),
    ]
};

const CASES: &[Case] = &[
    case("healthy", "production", &[], &[]),
    case(
        "another release of the namespace is down",
        "production",
        &[("up", "shop-redis-node-0", "0x30"), ("instance_info master", "shop-redis-node-0", "1x30")],
        &[],
    ),
    case("a pod does not answer", "production", &[("up", "cache-redis-node-2", "0x30")], &["RedisDown"]),
    case("a restart", "production", &[("up", "cache-redis-node-2", "1x18 0 1x10")], &[]),
    case(
        "one pod is left",
        "production",
        &[("up", "cache-redis-node-1", ""), ("up", "cache-redis-node-2", "")],
        &["RedisSentinelsMissing"],
    ),
    case(
        "no pod is left",
        "production",
        &[
            ("up", "cache-redis-node-0", ""),
            ("up", "cache-redis-node-1", ""),
            ("up", "cache-redis-node-2", ""),
            ("instance_info master", "cache-redis-node-0", ""),
        ],
        &["RedisAbsent", "RedisPrimaries"],
    ),
    case(
        "two primaries",
        "production",
        &[("instance_info master", "cache-redis-node-1", "1x30")],
        &["RedisPrimaries"],
    ),
    case("a failover", "production", &[("instance_info master", "cache-redis-node-1", "_x18 1 _x10")], &[]),
    case("full memory", "production", &[("memory_used_bytes", "cache-redis-node-0", "95x30")], &["RedisMemoryHigh"]),
    case(
        "evictions",
        "production",
        &[("evicted_keys_total", "cache-redis-node-0", "0+10x30")],
        &["RedisKeysEvicted"],
    ),
    case(
        "full disk",
        "production",
        &[("aof_last_write_status", "cache-redis-node-0", "0x30")],
        &["RedisAppendOnlyFileFailed"],
    ),
    case(
        "no snapshot",
        "production",
        &[("rdb_last_bgsave_status", "cache-redis-node-0", "0x30")],
        &["RedisSnapshotFailed"],
    ),
    case(
        "no rewrite",
        "production",
        &[("aof_last_bgrewrite_status", "cache-redis-node-1", "0x30")],
        &["RedisSnapshotFailed"],
    ),
    case(
        "a replica without primary",
        "production",
        &[("master_link_up", "cache-redis-node-1", "0x30")],
        &["RedisReplicationBroken"],
    ),
    case(
        "a slow replica",
        "production",
        &[("connected_slave_lag_seconds", "cache-redis-node-0", "30x30")],
        &["RedisReplicaLag"],
    ),
    case(
        "rejected clients",
        "production",
        &[("rejected_connections_total", "cache-redis-node-0", "0+1x30")],
        &["RedisRejectedConnections"],
    ),
    case(
        "a full cache",
        "cache",
        &[
            ("memory_used_bytes", "cache-redis-node-0", "100x30"),
            ("evicted_keys_total", "cache-redis-node-0", "0+10x30"),
        ],
        &[],
    ),
];

const fn case(
    name: &'static str,
    profile: &'static str,
    series: &'static [(&'static str, &'static str, &'static str)],
    firing: &'static [&'static str],
) -> Case {
    Case { name, profile, series, firing }
}

pub fn checks() -> Vec<Check> {
    match promtool() {
        Some(promtool) => VERSIONS
            .map(|version| {
                let promtool = promtool.clone();
                Check::panicking(format!("alerts of chart {version} fire"), move || fire(version, &promtool))
            })
            .into(),
        None => vec![Check::missing("alerts fire", "promtool is not in PATH; Debian has it in the package `prometheus`")],
    }
}

fn promtool() -> Option<PathBuf> {
    let named = env::var_os("REDISGEN_PROMTOOL").map(PathBuf::from);
    let path = env::var_os("PATH").unwrap_or_default();
    let found = || env::split_paths(&path).map(|folder| folder.join("promtool")).find(|program| program.is_file());
    named.or_else(found)
}

/// Evaluates the rules for the series of each case.
fn fire(version: &str, promtool: &PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    for profile in ["production", "cache"] {
        let groups = json!({ "groups": [{ "name": "redis", "rules": rules(profile, version) }] });
        let tests: Vec<_> = CASES.iter().filter(|case| case.profile == profile).map(test).collect();
        let file = json!({ "rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": tests });
        fs::write(folder.path().join("rules.yaml"), groups.to_string()).unwrap();
        fs::write(folder.path().join("test.yaml"), file.to_string()).unwrap();
        let run = Command::new(promtool).current_dir(&folder).args(["test", "rules", "test.yaml"]).output().unwrap();
        let said = [run.stdout, run.stderr].concat();
        assert!(run.status.success(), "{profile}: {}", String::from_utf8_lossy(&said));
    }
}

fn test(case: &Case) -> Json {
    let is_changed = |(metric, pod, _): &(&str, &str, &str)| {
        case.series.iter().any(|(changed, of, _)| (changed, of) == (metric, pod))
    };
    let series = HEALTHY.iter().filter(|series| !is_changed(series)).chain(case.series);
    let input: Vec<_> = series.filter(|(.., values)| !values.is_empty()).map(line).collect();
    let firing: Vec<_> =
        case.firing.iter().map(|alert| json!({ "labels": format!("{{alertname=\"{alert}\"}}"), "value": 1 })).collect();
    json!({
        "name": case.name,
        "interval": "1m",
        "input_series": input,
        "promql_expr_test": [{
            "expr": "count by (alertname) (ALERTS{alertstate=\"firing\"})",
            "eval_time": "19m",
            "exp_samples": firing,
        }],
    })
}

fn line((metric, pod, values): &(&str, &str, &str)) -> Json {
    let (metric, role) = metric.split_once(' ').unwrap_or((metric, ""));
    let role = if role.is_empty() { String::new() } else { format!(",role=\"{role}\"") };
    json!({ "series": format!("redis_{metric}{{namespace=\"prod\",pod=\"{pod}\"{role}}}"), "values": values })
}

/// The rules as the chart writes them for the release `cache` in the namespace `prod`.
fn rules(profile: &str, version: &str) -> Json {
    let chart = Chart::at(&version.parse::<Version>().unwrap()).unwrap();
    let mut options = profiles::options(profile).clone();
    let more: Intent = serde_json::from_value(json!({ "alerts": true, "topology": "sentinel" })).unwrap();
    options.lay(more, &Origin::Flag);
    let plan = plan::resolve(&options, None, &chart).unwrap();
    let values = values::render(&plan, &chart, &Map::new(), |_| false).values;
    rendered(values.get_at_text("metrics.prometheusRule.rules").unwrap())
}

/// What `tpl` of Helm makes of the templates in the rules.
fn rendered(value: &Value) -> Json {
    match value {
        Value::String(text) => {
            let text = text
                .replace("{{ .Release.Namespace }}", "prod")
                .replace("{{ .Release.Name }}", "cache");
            assert!(!text.replace("{{ \"{{\" }} $", "").contains("{{"), "a template that the test does not know: {text}");
            Json::from(text.replace("{{ \"{{\" }}", "{{"))
        }
        Value::List(values) => values.iter().map(rendered).collect(),
        Value::Map(map) => Json::Object(map.iter().map(|(key, value)| (key.to_owned(), rendered(value))).collect()),
        other => panic!("{other:?} in a rule"),
    }
}
