//! The StatefulSets, volume claims and Services of a side, and whether an upgrade changes or replaces them.
//!
//! The names of the objects are known, but not the name of the release.

use super::{Change, Diff};
use crate::{
    chart::{Effect, Names, ObjectKind},
    effective::EffectiveValues,
    table::{Table, listed, table},
    yaml::{Path, Value},
};

/// The templates of volume claims of each StatefulSet.
const CLAIMS: Table<6> =
    table!("src/diff/claims.tsv", ["size", "template", "StatefulSets", "switches", "existing claims", "pods"]);

/// The StatefulSets with the keys of their kind and of their claim retention.
const SETS: Table<3> = table!("src/diff/sets.tsv", ["StatefulSet", "kind", "retention of claims"]);

/// The keys that set an immutable field, with the objects that have this field.
const FIXED: Table<3> = table!("src/diff/fixed.tsv", ["key", "kind", "objects"]);

/// A placeholder for the unknown name of the release.
const RELEASE: &str = "{release}";

/// The objects that a side installs, if a change of values can touch them.
#[derive(Debug, Clone, PartialEq)]
pub struct Installed {
    objects: Vec<(ObjectKind, &'static str)>,
    claims: Vec<ClaimTemplate>,
    names: Names,
    namespace: Option<String>,
}

/// A template of volume claims in a StatefulSet.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ClaimTemplate {
    name: &'static str,
    set: &'static str,
    /// The key of the size, as the chart of this side names the key.
    size: &'static str,
    /// The number of pods. `None` if the values do not set a number.
    pods: Option<u32>,
    /// Whether Kubernetes deletes the claims with the StatefulSet.
    deleted_with_set: bool,
}

/// The volume claims of the pods of one StatefulSet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    names: Names,
    template: &'static str,
    set: &'static str,
    /// The number of pods. `None` if the values do not set a number.
    pub pods: Option<u32>,
}

/// The impact of a change on existing volume claims.
#[derive(Debug, Clone, PartialEq)]
pub enum ClaimImpact {
    /// The upgrade deletes the StatefulSet and keeps its claims with the data, which no pod uses any more.
    Unused(Vec<Claims>),
    /// The existing claims keep their size, because only new claims get the new size.
    Size {
        /// The key with the new size.
        path: Path,
        size: Value,
        claims: Vec<Claims>,
    },
}

impl Claims {
    /// The name of the claim of the first pod of a release.
    pub fn first(&self, release: &str) -> String {
        let set = self.names.fill(self.set).replace(RELEASE, release);
        format!("{}-{set}-0", self.template)
    }

    /// The names of all claims of a release, abbreviated: `redis-data-cache-redis-node-0 to -2`.
    pub fn all(&self, release: &str) -> String {
        let first = self.first(release);
        match self.pods {
            Some(0 | 1) => first,
            Some(pods) => format!("{first} to -{}", pods - 1),
            None => format!("{first} and so on"),
        }
    }
}

impl Installed {
    pub(super) fn of(values: &EffectiveValues) -> Self {
        let text = |key: &str| values.text(key);
        let kind = |set: &'static str| {
            let key = SETS.row(set).map(|[_, key, _]| key);
            key.and_then(text).is_none_or(|kind| kind == "StatefulSet")
        };
        let count = |key: &str| match values.value(key) {
            Some(Value::Int(count)) => u32::try_from(*count).ok(),
            Some(Value::Float(count)) if count.fract() == 0.0 => format!("{count}").parse().ok(),
            _ => None,
        };
        let all = values.chart.objects(values.topology);
        let mut objects: Vec<_> = all.iter().map(|object| (object.kind, object.name)).collect();
        objects.retain(|(what, name)| match what {
            ObjectKind::StatefulSet => kind(name),
            what => *what == ObjectKind::Service,
        });
        objects.dedup();
        let mut claims = Vec::new();
        for [size, name, sets, switches, existing, pods] in CLAIMS.rows() {
            let is_made = values.chart.takes(size)
                && listed(switches).all(|switch| values.on(switch))
                && listed(existing).all(|key| text(key).is_none());
            let own_sets = listed(sets).filter(|set| objects.contains(&(ObjectKind::StatefulSet, set)));
            claims.extend(own_sets.filter(|_| is_made).map(|set| ClaimTemplate {
                name,
                set,
                size,
                pods: count(pods),
                deleted_with_set: SETS.row(set).is_some_and(|[_, _, retention]| {
                    values.on(&format!("{retention}.enabled"))
                        && text(&format!("{retention}.whenDeleted")) == Some("Delete")
                }),
            }));
        }
        Self {
            objects,
            claims,
            names: Names::new(&values.chart, RELEASE, "redis", text("nameOverride"), text("fullnameOverride")),
            namespace: text("namespaceOverride").map(str::to_owned),
        }
    }

    /// Whether both sides have this object under the same name, which lets an upgrade change the object in place.
    fn shares(&self, other: &Self, kind: ObjectKind, name: &str) -> bool {
        let object = (kind, name);
        self.namespace == other.namespace
            && self.names.full == other.names.full
            && self.objects.iter().any(|(kind, name)| (*kind, *name) == object)
            && other.objects.iter().any(|(kind, name)| (*kind, *name) == object)
    }

    fn claims(&self, template: &ClaimTemplate) -> Claims {
        Claims { names: self.names.clone(), template: template.name, set: template.set, pods: template.pods }
    }
}

/// The kind of the object that has the immutable field of a key.
pub fn fixed_kind(path: &Path) -> Option<ObjectKind> {
    let (kind, _) = fixed(&path.to_string())?;
    Some(kind)
}

fn fixed(path: &str) -> Option<(ObjectKind, &'static str)> {
    let [_, kind, objects] = FIXED.rows().find(|[key, ..]| match key.strip_suffix('*') {
        Some(above) => path.starts_with(above),
        None => path == *key,
    })?;
    let kind = if kind == "Service" { ObjectKind::Service } else { ObjectKind::StatefulSet };
    Some((kind, objects))
}

/// Removes [`Effect::Immutable`] from changes whose object is replaced by an object of another name.
///
/// Kubernetes refuses an immutable field only if the object stays.
pub(super) fn ignore_replaced_objects(changes: &mut [Change], old: &Installed, new: &Installed) {
    for change in changes {
        if !change.effects().contains(Effect::Immutable) {
            continue;
        }
        let Some((kind, names)) = fixed(&change.old.path.to_string()) else { continue };
        let of_kind = old.objects.iter().filter(|(of, _)| *of == kind).map(|(_, name)| *name);
        let is_named = |name: &&str| names == "*" || listed(names).any(|named| named == *name);
        if !of_kind.filter(is_named).any(|name| old.shares(new, kind, name)) {
            change.forget(Effect::Immutable);
        }
    }
}

impl Diff {
    /// The impact of the changes on the volume claims of the old side.
    pub fn claim_impacts(&self) -> Vec<ClaimImpact> {
        let (Some(old), Some(new)) = (&self.old.installed, &self.new.installed) else { return Vec::new() };
        let mut impacts = Vec::new();
        let is_kept = |template: &&ClaimTemplate| old.shares(new, ObjectKind::StatefulSet, template.set);
        let unused: Vec<_> =
            old.claims.iter().filter(|template| !is_kept(template) && !template.deleted_with_set).collect();
        let is_replaced = |change: &Change| change.effects().contains(Effect::Workload);
        if !unused.is_empty() && (self.is_of_two_charts() || self.with_effect().any(is_replaced)) {
            impacts.push(ClaimImpact::Unused(unused.into_iter().map(|template| old.claims(template)).collect()));
        }
        for change in self.with_effect() {
            let (Some(before), Some(size)) = (&change.old.value, &change.new.value) else { continue };
            let of_size = old.claims.iter().filter(|template| change.old.path.to_string() == template.size);
            let claims: Vec<_> = of_size.filter(is_kept).map(|template| old.claims(template)).collect();
            if before != size && !claims.is_empty() {
                impacts.push(ClaimImpact::Size { path: change.path.clone(), size: size.clone(), claims });
            }
        }
        impacts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chart::{Chart, Topology, key_paths, version_numbers},
        diff::{Mode, diff},
        effective::EffectiveValues,
        yaml::read_values,
    };

    fn compare(old: (&str, &str), new: (&str, &str)) -> Diff {
        let side = |(text, version): (&str, &str)| {
            EffectiveValues::of(read_values(text).unwrap(), &Chart::at(&version.parse().unwrap()).unwrap())
        };
        diff(&side(old), &side(new), Mode::default())
    }

    /// How many changes need an object deleted first, and what becomes of claims.
    fn fixed_fields_and_impacts(old: &str, new: &str) -> (usize, Vec<String>) {
        let diff = compare((old, "23.1.1"), (new, "23.1.1"));
        let fixed = diff.with_effect().filter(|change| change.effects().contains(Effect::Immutable)).count();
        let named = |claims: &[Claims]| claims.iter().map(|claims| claims.first("cache")).collect::<Vec<_>>().join(" ");
        let impacts = diff.claim_impacts().into_iter().map(|impact| match impact {
            ClaimImpact::Unused(claims) => format!("unused {}", named(&claims)),
            ClaimImpact::Size { path, size, claims } => format!("{path} {} {}", size.as_str().unwrap(), named(&claims)),
        });
        (fixed, impacts.collect())
    }

    #[test]
    fn a_set_that_is_replaced_is_not_deleted_first() {
        let sizes = "{master: {persistence: {size: 20Gi}}, replica: {persistence: {size: 20Gi}}";
        let size = |impacts: &str| impacts.to_owned();
        let (fixed, impacts) = fixed_fields_and_impacts("", &format!("{sizes}}}"));
        assert_eq!(fixed, 2);
        assert_eq!(
            impacts,
            [
                size("master.persistence.size 20Gi redis-data-cache-redis-master-0"),
                size("replica.persistence.size 20Gi redis-data-cache-redis-replicas-0"),
            ]
        );
        let (fixed, impacts) = fixed_fields_and_impacts("", &format!("{sizes}, sentinel: {{enabled: true}}}}"));
        assert_eq!(fixed, 0);
        assert_eq!(impacts, ["unused redis-data-cache-redis-master-0 redis-data-cache-redis-replicas-0"]);
        // The set of the primary stays.
        let (fixed, impacts) = fixed_fields_and_impacts("", &format!("{sizes}, architecture: standalone}}"));
        assert_eq!(fixed, 1);
        assert_eq!(
            impacts,
            [
                "unused redis-data-cache-redis-replicas-0",
                "master.persistence.size 20Gi redis-data-cache-redis-master-0"
            ]
        );
        assert_eq!(fixed_fields_and_impacts("", &format!("{sizes}, fullnameOverride: other}}")).0, 0);
        assert_eq!(fixed_fields_and_impacts("", &format!("{sizes}, nameOverride: other}}")).0, 0);
    }

    #[test]
    fn claims_that_do_not_exist_are_not_reported() {
        let off = "master: {persistence: {enabled: false}}\nreplica: {persistence: {enabled: false}}\n";
        assert_eq!(
            fixed_fields_and_impacts(off, &format!("{off}sentinel: {{enabled: true}}\n")).1,
            Vec::<String>::new()
        );
        let gone = "replica: {persistentVolumeClaimRetentionPolicy: {enabled: true, whenDeleted: Delete}}\n";
        let (_, impacts) = fixed_fields_and_impacts(gone, &format!("{gone}architecture: standalone\n"));
        assert_eq!(impacts, Vec::<String>::new());
        let own = "architecture: standalone\nmaster: {persistence: {existingClaim: mine}}\n";
        assert_eq!(fixed_fields_and_impacts(own, &format!("{own}fullnameOverride: other\n")).1, Vec::<String>::new());
    }

    #[test]
    fn a_service_is_no_stateful_set() {
        let path = |text: &str| text.parse::<Path>().unwrap();
        assert_eq!(fixed_kind(&path("master.service.clusterIP")), Some(ObjectKind::Service));
        assert_eq!(fixed_kind(&path("master.persistence.size")), Some(ObjectKind::StatefulSet));
        let (fixed, _) = fixed_fields_and_impacts("", "master: {service: {clusterIP: 10.0.0.9}}\n");
        assert_eq!(fixed, 1);
        let (fixed, _) =
            fixed_fields_and_impacts("", "master: {service: {clusterIP: 10.0.0.9}}\nsentinel: {enabled: true}\n");
        assert_eq!(fixed, 0);
    }

    #[test]
    fn each_row_is_of_keys_and_objects_that_some_version_has() {
        let known = key_paths();
        let mut sets = std::collections::BTreeSet::new();
        for version in version_numbers().step_by(15) {
            let chart = Chart::at(&version).unwrap();
            for topology in Topology::ALL {
                let objects = chart.objects(topology).into_iter();
                sets.extend(objects.filter(|object| object.kind == ObjectKind::StatefulSet).map(|object| object.name));
                // A block does what the keys in it do.
                let keys = known.iter().filter(|path| chart.key(path).is_some() && !chart.has_below(path));
                for path in keys.filter(|path| chart.effects(path, topology).contains(Effect::Immutable)) {
                    assert!(fixed(path).is_some(), "{version}: {path}");
                }
            }
        }
        let named: Vec<_> = SETS.rows().map(|[set, ..]| set).collect();
        assert_eq!(named, sets.iter().copied().collect::<Vec<_>>());
        for row in CLAIMS.rows() {
            let keys = [row[0], row[5]].into_iter().chain(listed(row[3])).chain(listed(row[4]));
            keys.for_each(|key| assert!(known.contains(&key), "{key}"));
            assert!(listed(row[2]).all(|set| named.contains(&set)), "{row:?}");
        }
    }
}
