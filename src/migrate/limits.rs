//! Finds resource limits of containers that are new or lower in the new chart. The presets of newer charts set limits
//! that older charts do not have.

use super::PinnedDefault;
use crate::{
    chart::{Chart, Preset},
    effective::{EffectiveValues, KeyStatus},
    yaml::{Map, Path, Value},
};

/// A resource limit that is new or lower for a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TightLimit {
    /// The key above the settings of the container: `master`.
    pub container: Path,
    /// Name of the resource: `memory`.
    pub resource: String,
    /// The limit before. `None` if there was no limit.
    pub before: Option<String>,
    pub now: String,
    /// The preset with the limit. `None` if the values set the limit.
    pub preset: Option<String>,
}

/// All values of one side, with the defaults, in the keys of the new chart.
#[derive(Debug, Clone, Copy)]
pub struct AllValues<'a> {
    pub chart: &'a Chart,
    pub values: &'a Map,
}

/// Last segments of the keys with the resources of a container.
const RESOURCES: &str = "resources";
const PRESET: &str = "resourcesPreset";

/// Finds the limits that are new or lower, by container. `after` is the new side.
pub fn tight_limits(old: AllValues, new: AllValues, after: &EffectiveValues) -> Vec<TightLimit> {
    let mut found = Vec::new();
    for container in containers(after) {
        let (old, new) = (ContainerResources::of(old, &container), ContainerResources::of(new, &container));
        for (resource, now) in &new.limits {
            let before = old.limits.iter().find(|(name, _)| name == resource).map(|(_, much)| much.clone());
            let is_looser = before.as_ref().is_some_and(|before| before == now || is_at_most(before, now));
            if !is_looser {
                let (resource, now, preset) = (resource.clone(), now.clone(), new.preset.clone());
                found.push(TightLimit { container: container.clone(), resource, before, now, preset });
            }
        }
    }
    found
}

/// The old sizes of presets with the same name and other sizes in the new chart, as `resources` of their containers.
pub fn kept_sizes(old: AllValues, new: AllValues, after: &EffectiveValues) -> Vec<PinnedDefault> {
    let mut found: Vec<PinnedDefault> = Vec::new();
    for limit in tight_limits(old, new, after).into_iter().filter(|limit| limit.preset.is_some()) {
        let path = limit.container.key(RESOURCES);
        let preset = ContainerResources::of(old, &limit.container).preset.and_then(|name| old.chart.preset(&name));
        let Some(preset) = preset else { continue };
        if found.iter().all(|known| known.path != path) {
            found.push(PinnedDefault { path, value: as_resources(&preset) });
        }
    }
    found
}

/// The keys above the resources of each container in use.
fn containers(after: &EffectiveValues) -> Vec<Path> {
    let mut found: Vec<Path> = Vec::new();
    let is_of_resources = |path: &str| [RESOURCES, PRESET].contains(&path.rsplit('.').next().unwrap_or_default());
    let mut keys: Vec<_> = after.chart.keys().filter(|key| is_of_resources(key.path)).collect();
    keys.sort_by_key(|key| key.rank);
    for key in keys {
        let Ok(path) = key.path.parse::<Path>() else { continue };
        let Some(container) = path.parent() else { continue };
        if after.status(&path, key.path) == KeyStatus::Active && !found.contains(&container) {
            found.push(container);
        }
    }
    found
}

/// The limits of one container.
struct ContainerResources {
    limits: Vec<(String, String)>,
    preset: Option<String>,
}

impl ContainerResources {
    fn of(side: AllValues, container: &Path) -> Self {
        let resources = side.values.get_at(&container.key(RESOURCES)).and_then(Value::as_map);
        // The templates ignore the preset if `resources` is not empty, even without `limits`.
        if let Some(resources) = resources.filter(|map| !map.is_empty()) {
            let limits = resources.get("limits").and_then(Value::as_map);
            return Self { limits: limits.map(quantities).unwrap_or_default(), preset: None };
        }
        let preset = side
            .values
            .get_at(&container.key(PRESET))
            .and_then(Value::as_str)
            .filter(|_| side.chart.takes(&container.key(PRESET).to_string()));
        let sizes = preset.and_then(|name| side.chart.preset(name));
        let owned = |(name, much): &(&str, &str)| ((*name).to_owned(), (*much).to_owned());
        let limits = sizes.iter().flat_map(|sizes| sizes.limits.iter().map(owned)).collect();
        Self { limits, preset: preset.filter(|_| sizes.is_some()).map(str::to_owned) }
    }
}

fn quantities(map: &Map) -> Vec<(String, String)> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Int(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        _ => None,
    };
    map.iter().filter_map(|(name, value)| Some((name.to_owned(), text(value)?))).collect()
}

fn as_resources(preset: &Preset) -> Value {
    let map = |sizes: &[(&str, &str)]| -> Value {
        sizes.iter().map(|(name, much)| ((*name).to_owned(), Value::from(*much))).collect::<Map>().into()
    };
    let both = [("requests", map(&preset.requests)), ("limits", map(&preset.limits))];
    both.into_iter().map(|(name, sizes)| (name.to_owned(), sizes)).collect::<Map>().into()
}

/// Whether one quantity of Kubernetes is at most the other. False if one of them is not a quantity.
fn is_at_most(one: &str, other: &str) -> bool {
    matches!((amount(one), amount(other)), (Some(one), Some(other)) if one <= other)
}

/// Converts a quantity to its base unit.
fn amount(quantity: &str) -> Option<f64> {
    const UNITS: [(&str, f64); 12] = [
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("Ti", 1_099_511_627_776.0),
        ("Pi", 1_125_899_906_842_624.0),
        ("m", 1e-3),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
        ("P", 1e15),
        ("", 1.0),
    ];
    let quantity = quantity.trim();
    UNITS.iter().find_map(|(unit, factor)| Some(quantity.strip_suffix(unit)?.parse::<f64>().ok()? * factor))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        effective::defaults,
        yaml::{
            Helm,
            merge::{self, Layers},
            read_values,
        },
    };

    fn described_limits(from: &str, to: &str, text: &str) -> Vec<String> {
        let chart = |version: &str| Chart::at(&version.parse().unwrap()).unwrap();
        let (from, to) = (chart(from), chart(to));
        let written = read_values(text).unwrap();
        let all = |chart: &Chart| merge::effective_values_for(Helm::Four, written.clone(), &defaults(chart));
        let (old, new) = (all(&from), all(&to));
        let after = EffectiveValues::new(written.clone(), Layers::default(), &to);
        let all_values = |chart, values| AllValues { chart, values };
        let line = |limit: TightLimit| {
            format!("{} {} {} -> {}", limit.container, limit.resource, limit.before.unwrap_or_default(), limit.now)
        };
        tight_limits(all_values(&from, &old), all_values(&to, &new), &after).into_iter().map(line).collect()
    }

    #[test]
    fn a_limit_out_of_nothing_is_found() {
        let standalone = "architecture: standalone\n";
        assert_eq!(
            described_limits("18.6.1", "23.1.1", standalone),
            ["master cpu  -> 150m", "master memory  -> 192Mi", "master ephemeral-storage  -> 2Gi"]
        );
        assert_eq!(described_limits("19.6.4", "23.1.1", standalone), [""; 0]);
        assert_eq!(described_limits("19.5.5", "23.1.1", standalone), [""; 0], "a higher limit stops nothing");
        assert_eq!(described_limits("23.1.1", "19.5.5", standalone), ["master ephemeral-storage 2Gi -> 1024Mi"]);
        let own = "architecture: standalone\nmaster: {resources: {limits: {memory: 1Gi}}}\n";
        assert_eq!(described_limits("18.6.1", "23.1.1", own), [""; 0]);
        let small = "architecture: standalone\nmaster: {resourcesPreset: small}\n";
        assert_eq!(described_limits("18.14.0", "23.1.1", small), ["master ephemeral-storage  -> 2Gi"]);
        assert_eq!(described_limits("18.6.1", "23.1.1", "sentinel: {enabled: true}\n").len(), 6, "Redis and Sentinel");
    }

    #[test]
    fn quantities_are_compared_by_what_they_mean() {
        assert!(
            is_at_most("150m", "1.5")
                && is_at_most("1024Mi", "2Gi")
                && is_at_most("1Gi", "1024Mi")
                && is_at_most("0.5", "500m")
        );
        assert!(!is_at_most("2Gi", "1024Mi") && !is_at_most("1", "{{ x }}"));
    }
}
