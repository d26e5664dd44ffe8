//! The alert rules, over the metrics of the exporter (github.com/oliver006/redis_exporter).
//!
//! Each rule selects the pods of its release by templates, because a namespace can have several releases. All chart
//! versions evaluate the rules with `tpl`.

use super::{Draft, topology::sentinels_needed};
use crate::{
    chart::Topology,
    intent::{Eviction, Intent},
    yaml::{Map, Value},
};

/// The longest usual lag of a replica, in seconds: the default of `min-replicas-max-lag` in redis.conf.
const MOST_LAG: u32 = 10;

/// The rules of a PrometheusRule.
pub(super) fn rules(intent: &Intent, draft: &Draft) -> Vec<Value> {
    let of = |metric: &str| format!("redis_{metric}{{{SELECTOR}}}");
    let alone = draft.topology == Topology::Standalone;
    let is_kept = intent.persistence != Some(false) || intent.aof == Some(true);
    let mut rules = vec![
        rule("RedisDown", format!("{} == 0", of("up")), "2m", CRITICAL, "Redis {{ $labels.pod }} does not answer"),
        rule(
            "RedisAbsent",
            format!("absent({})", of("up")),
            "5m",
            CRITICAL,
            "Prometheus has no metrics of Redis {{ .Release.Name }}: no pod runs, or Prometheus does not scrape them",
        ),
        rule(
            "RedisRejectedConnections",
            format!("increase({}[5m]) > 0", of("rejected_connections_total")),
            "0m",
            WARNING,
            "Redis {{ $labels.pod }} rejects clients: it has `maxclients` connections",
        ),
    ];
    // A full cache that evicts keys is normal.
    if !evicts_any(intent) {
        rules.push(rule(
            "RedisMemoryHigh",
            format!("{} / ({} > 0) > 0.9", of("memory_used_bytes"), of("memory_max_bytes")),
            "5m",
            WARNING,
            "Redis {{ $labels.pod }} uses {{ $value | humanizePercentage }} of `maxmemory`",
        ));
        if is_kept || matches!(intent.eviction, None | Some(Eviction::Noeviction)) {
            rules.push(rule(
                "RedisKeysEvicted",
                format!("increase({}[5m]) > 0", of("evicted_keys_total")),
                "0m",
                WARNING,
                "Redis {{ $labels.pod }} evicted {{ $value | humanize }} keys in 5 minutes",
            ));
        }
    }
    if is_kept {
        rules.push(rule(
            "RedisAppendOnlyFileFailed",
            format!("{} == 0", of("aof_last_write_status")),
            "1m",
            CRITICAL,
            "Redis {{ $labels.pod }} cannot write its append-only file, and refuses writes",
        ));
    }
    if is_kept || !alone {
        rules.push(rule(
            "RedisSnapshotFailed",
            format!("{} == 0 or {} == 0", of("rdb_last_bgsave_status"), of("aof_last_bgrewrite_status")),
            "5m",
            WARNING,
            "Redis {{ $labels.pod }} cannot write a snapshot, or cannot rewrite its append-only file",
        ));
    }
    if !alone {
        rules.extend(of_replicas(of));
    }
    if draft.topology == Topology::Sentinel {
        let needed = sentinels_needed(intent);
        rules.push(rule(
            "RedisSentinelsMissing",
            // Each pod runs one Redis and one Sentinel.
            format!("count({} == 1) < {needed}", of("up")),
            "2m",
            CRITICAL,
            &format!(
                "only {{{{ $value }}}} pods of Redis {{{{ .Release.Name }}}} answer, and a failover needs the Sentinels of \
                 {needed}"
            ),
        ));
    }
    rules
}

/// The rules for a primary with replicas.
fn of_replicas(of: impl Fn(&str) -> String) -> [Value; 3] {
    let primaries = format!("redis_instance_info{{{SELECTOR},role=\"master\"}}");
    [
        rule(
            "RedisPrimaries",
            format!("(count({primaries}) or vector(0)) != 1"),
            "2m",
            CRITICAL,
            "Redis {{ .Release.Name }} has {{ $value }} primaries, expected 1",
        ),
        rule(
            "RedisReplicationBroken",
            format!("{} == 0", of("master_link_up")),
            "5m",
            CRITICAL,
            "Redis replica {{ $labels.pod }} is not connected to its primary",
        ),
        rule(
            "RedisReplicaLag",
            format!("{} > {MOST_LAG}", of("connected_slave_lag_seconds")),
            "5m",
            WARNING,
            "a replica of Redis {{ $labels.pod }} is {{ $value }} s behind",
        ),
    ]
}

const CRITICAL: &str = "critical";
const WARNING: &str = "warning";

/// The namespace of the release, a template of Helm.
const NAMESPACE: &str = "{{ .Release.Namespace }}";

/// The labels of the pods of this release in all chart versions and topologies, which Prometheus takes from the targets of
/// a ServiceMonitor or PodMonitor. A rule stays the same in a migration to another version.
///
/// The names of the pods start with the name of the release, and with the name of the chart if the release does not
/// contain it.
const SELECTOR: &str = concat!(
    "namespace=\"{{ .Release.Namespace }}\",pod=~\"{{ .Release.Name }}",
    "(-redis)?-(master|node|replicas|slave)-.+\"",
);

fn evicts_any(intent: &Intent) -> bool {
    matches!(intent.eviction, Some(Eviction::AllkeysLru | Eviction::AllkeysLfu | Eviction::AllkeysRandom))
}

/// A rule. Templates with `{{ $` are for Prometheus, all others for Helm. Aggregated metrics have no labels, and
/// Alertmanager often routes by the namespace.
fn rule(alert: &str, expr: String, lasts: &str, severity: &str, summary: &str) -> Value {
    let summary = summary.replace("{{ $", "{{ \"{{\" }} $");
    let labels = Map::from_iter([
        ("severity".to_owned(), Value::from(severity)),
        ("namespace".to_owned(), Value::from(NAMESPACE)),
    ]);
    let annotations = Map::from_iter([("summary".to_owned(), Value::from(summary))]);
    Value::Map(Map::from_iter([
        ("alert".to_owned(), Value::from(alert)),
        ("expr".to_owned(), Value::from(expr)),
        ("for".to_owned(), Value::from(lasts)),
        ("labels".to_owned(), Value::Map(labels)),
        ("annotations".to_owned(), Value::Map(annotations)),
    ]))
}
