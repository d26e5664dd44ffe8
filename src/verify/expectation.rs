//! The state of the servers that the values of a release ask for. Without values, any state is right.
//!
//! A value that a template or something outside of the values decides has no expectation.

use std::collections::BTreeMap;

use semver::Version;

use crate::{
    chart::{Encoding, Setting, Topology},
    cloud::annotation,
    effective::{EffectiveValues, images},
    redis::arguments::split,
    yaml::Value,
};

/// The expected state. `None` means that any state is right.
#[derive(Debug, Clone, Default)]
pub struct Expectation {
    /// Whether there are values.
    pub has_values: bool,
    pub topology: Option<Topology>,
    /// The number of Redis servers, with the primary.
    pub nodes: Option<usize>,
    pub quorum: Option<i64>,
    /// Whether clients of Redis, and those of Sentinel, need a password.
    pub auth: Option<bool>,
    pub sentinel_auth: Option<bool>,
    pub tls: Option<bool>,
    pub sentinel_set: Option<String>,
    pub redis: Option<Version>,
    /// Directives of redis.conf in lower case, with their arguments.
    pub directives: BTreeMap<String, Vec<String>>,
    /// Whether the data is on a volume.
    pub volume: Option<bool>,
    /// Whether a load balancer has a private address.
    pub internal: Option<bool>,
    pub monitor: Option<MonitorKind>,
}

/// The object that selects what Prometheus reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MonitorKind {
    Service,
    Pod,
}

impl Expectation {
    pub fn of(values: &EffectiveValues) -> Self {
        let has_sentinel = values.topology == Topology::Sentinel;
        let on = |setting: Setting| values.places(setting).first().map(|key| values.on(key));
        let text = |setting: Setting| values.places(setting).first().and_then(|key| values.text(key));
        let auth = on(Setting::Auth);
        let monitor = [(Setting::ServiceMonitor, MonitorKind::Service), (Setting::PodMonitor, MonitorKind::Pod)];
        let monitor =
            monitor.into_iter().find(|(setting, _)| on(Setting::Metrics) == Some(true) && on(*setting) == Some(true));
        Self {
            has_values: true,
            topology: Some(values.topology),
            nodes: nodes(values),
            quorum: values.places(Setting::Quorum).first().and_then(|key| values.value(key)).and_then(whole),
            auth,
            sentinel_auth: if has_sentinel {
                auth.map(|auth| auth && on(Setting::AuthSentinel) != Some(false))
            } else {
                None
            },
            tls: Some(on(Setting::Tls).unwrap_or(false)),
            sentinel_set: text(Setting::SentinelSet).filter(|name| !is_template(name)).map(str::to_owned),
            redis: images::pulled(values)
                .into_iter()
                .find(|pulled| pulled.image.path == "image")
                .and_then(|pulled| pulled.redis()),
            directives: directives(values),
            volume: volume(values),
            internal: internal(values),
            monitor: monitor.map(|(_, kind)| kind),
        }
    }

    /// The arguments of a directive, as one text. An empty text for `""`.
    pub fn directive(&self, name: &str) -> Option<String> {
        Some(self.directives.get(name)?.join(" "))
    }

    /// Whether Redis saves its data. None if the configuration does not decide.
    pub fn saves(&self) -> Option<bool> {
        let log = self.directive("appendonly").map(|text| text.eq_ignore_ascii_case("yes"));
        let snapshots = self.directive("save").map(|text| !text.is_empty());
        match (log, snapshots) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        }
    }
}

fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains('$')
}

fn whole(value: &Value) -> Option<i64> {
    let number = value.as_f64()?;
    (number.fract() == 0.0 && number.abs() < 1e9).then_some(number as i64)
}

/// The number of Redis servers. None if an autoscaler or a primary elsewhere decides.
fn nodes(values: &EffectiveValues) -> Option<usize> {
    let elsewhere = [Setting::Autoscaled, Setting::PrimaryElsewhere];
    if elsewhere.into_iter().any(|setting| values.places(setting).iter().any(|key| values.on(key))) {
        return None;
    }
    if values.topology == Topology::Standalone {
        return Some(1);
    }
    let place = values.chart.places(Setting::Replicas, values.topology).iter().next()?;
    let count = usize::try_from(whole(values.value(place.path)?)?).ok()?;
    Some(if place.form == Encoding::PlusOne { count } else { count + 1 })
}

/// The directives of redis.conf that all pods have. Those that some pods override are left out.
fn directives(values: &EffectiveValues) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    if values.places(Setting::ExistingRedisConf).iter().any(|key| values.on(key)) {
        return found;
    }
    for key in values.places(Setting::RedisConf) {
        let text = values.text(key).unwrap_or_default();
        let mut save: Vec<String> = Vec::new();
        for (name, arguments) in lines(text) {
            if name == "save" {
                // Several lines add up, and an empty one removes the earlier lines.
                match arguments.iter().all(String::is_empty) {
                    true => save.clear(),
                    false => save.extend(arguments),
                }
                found.insert(name, if save.is_empty() { vec![String::new()] } else { save.clone() });
            } else {
                found.insert(name, arguments);
            }
        }
    }
    let own = values.places(Setting::RedisConfPods).into_iter().filter_map(|key| values.text(key));
    let mut overridden: Vec<String> = own.flat_map(lines).map(|(name, _)| name).collect();
    for key in values.places(Setting::ExtraFlags) {
        let flags = values.value(key);
        let Some(Value::List(flags)) = flags.as_ref() else { continue };
        let flags = flags.iter().filter_map(Value::as_str).filter_map(|flag| flag.trim().strip_prefix("--"));
        overridden.extend(flags.filter_map(|flag| Some(flag.split_whitespace().next()?.to_lowercase())));
    }
    found.retain(|name, _| !overridden.contains(name));
    found
}

/// The directives of a text, without those below the first template expression.
fn lines(text: &str) -> Vec<(String, Vec<String>)> {
    let lines = text.lines().map(str::trim).take_while(|line| !line.starts_with("{{"));
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#') && !is_template(line));
    let directives = lines.filter_map(|line| {
        let mut words = split(line)?.into_iter();
        Some((words.next()?.to_lowercase(), words.collect()))
    });
    directives.collect()
}

/// Whether all pods with data have a volume. None if the pods differ.
fn volume(values: &EffectiveValues) -> Option<bool> {
    let keys = values.places(Setting::Persistence);
    let first = values.on(keys.first()?);
    keys.iter().all(|key| values.on(key) == first).then_some(first)
}

/// The settings with annotations of Services that clients use.
const ANNOTATIONS: [Setting; 4] = [
    Setting::PrimaryAnnotations,
    Setting::MasterServiceAnnotations,
    Setting::SentinelServiceAnnotations,
    Setting::ReplicasAnnotations,
];

/// Whether an annotation makes a load balancer internal. None without such an annotation.
fn internal(values: &EffectiveValues) -> Option<bool> {
    let maps = ANNOTATIONS.into_iter().flat_map(|setting| values.places(setting)).filter_map(|key| values.value(key));
    let found: Vec<bool> = maps
        .filter_map(|value| match value {
            Value::Map(map) => Some(map),
            _ => None,
        })
        .flat_map(|map| map.iter().filter_map(|(key, value)| makes_internal(key, value.as_str()?)).collect::<Vec<_>>())
        .collect();
    (!found.is_empty()).then(|| found.iter().any(|internal| *internal))
}

/// Whether an annotation makes a load balancer internal. None for another annotation.
pub fn makes_internal(key: &str, value: &str) -> Option<bool> {
    annotation(key)?.makes_internal(value)
}
