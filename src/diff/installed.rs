//! The StatefulSets, their volume claims and the Services of a side: which of them an upgrade changes in place, and which
//! it replaces by others.
//!
//! It knows the names of the objects, and not the name of the release.

use super::{Change, Diff};
use crate::{
    chart::{Effect, Names, ObjectKind},
    effective::EffectiveValues,
    table::{Table, listed, table},
    yaml::{Path, Value},
};

/// The volume claims of each StatefulSet.
const CLAIMS: Table<6> =
    table!("src/diff/claims.tsv", ["size", "template", "StatefulSets", "switches", "existing claims", "pods"]);

/// The StatefulSets.
const SETS: Table<3> = table!("src/diff/sets.tsv", ["StatefulSet", "kind", "retention of claims"]);

/// In which object a field cannot be changed.
const FIXED: Table<3> = table!("src/diff/fixed.tsv", ["key", "kind", "objects"]);

/// Stands for the name of a release that is not known.
const RELEASE: &str = "{release}";

/// What a side installs, as far as values of another side may touch it.
#[derive(Debug, Clone, PartialEq)]
pub struct Installed {
    objects: Vec<(ObjectKind, &'static str)>,
    claims: Vec<Template>,
    names: Names,
    namespace: Option<String>,
}

/// A template of volume claims in a StatefulSet.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Template {
    name: &'static str,
    set: &'static str,
    /// The key that decides on the size, in the keys of its own chart.
    size: &'static str,
    /// How many pods there are; none where values do not tell.
    pods: Option<u32>,
    /// Kubernetes deletes the claims with the StatefulSet.
    goes: bool,
}

/// The volume claims of the pods of one StatefulSet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    names: Names,
    template: &'static str,
    set: &'static str,
    /// How many pods there are; none where values do not tell.
    pub pods: Option<u32>,
}

/// What becomes of volume claims that exist.
#[derive(Debug, Clone, PartialEq)]
pub enum ClaimImpact {
    /// The StatefulSet goes and the claims stay, with the data; nothing uses them any more.
    Unused(Vec<Claims>),
    /// The claims keep their size: only new ones get another.
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

    /// The names of all claims of a release, in few words: `redis-data-cache-redis-node-0 to -2`.
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
            Some(Value::Int(count)) => u32::try_from(count).ok(),
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
            let mine = listed(sets).filter(|set| objects.contains(&(ObjectKind::StatefulSet, set)));
            claims.extend(mine.filter(|_| is_made).map(|set| Template {
                name,
                set,
                size,
                pods: count(pods),
                goes: SETS.row(set).is_some_and(|[_, _, retention]| {
                    values.on(&format!("{retention}.enabled"))
                        && text(&format!("{retention}.whenDeleted")).as_deref() == Some("Delete")
                }),
            }));
        }
        Self {
            objects,
            claims,
            names: Names::new(
                &values.chart,
                RELEASE,
                "redis",
                text("nameOverride").as_deref(),
                text("fullnameOverride").as_deref(),
            ),
            namespace: text("namespaceOverride"),
        }
    }

    /// Whether an object of this side is one of the other side too, and so is changed in place.
    fn shares(&self, other: &Self, kind: ObjectKind, name: &str) -> bool {
        let object = (kind, name);
        self.namespace == other.namespace
            && self.names.full == other.names.full
            && self.objects.iter().any(|(kind, name)| (*kind, *name) == object)
            && other.objects.iter().any(|(kind, name)| (*kind, *name) == object)
    }

    fn claims(&self, template: &Template) -> Claims {
        Claims { names: self.names.clone(), template: template.name, set: template.set, pods: template.pods }
    }
}

/// The kind of the object that cannot be changed in place at a key.
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

/// Takes from changes what does not happen, since the object that could not be changed in place is replaced by another.
pub(super) fn without_replaced(changes: &mut [Change], old: &Installed, new: &Installed) {
    for change in changes {
        let Some((kind, names)) =
            fixed(&change.old.path.to_string()).filter(|_| change.effects().contains(Effect::Immutable))
        else {
            continue;
        };
        let of_kind = old.objects.iter().filter(|(of, _)| *of == kind).map(|(_, name)| *name);
        let is_named = |name: &&str| names == "*" || listed(names).any(|named| named == *name);
        if !of_kind.filter(is_named).any(|name| old.shares(new, kind, name)) {
            change.forget(Effect::Immutable);
        }
    }
}

impl Diff {
    /// What becomes of the volume claims that the old side has.
    pub fn kept(&self) -> Vec<ClaimImpact> {
        let (Some(old), Some(new)) = (&self.old.installed, &self.new.installed) else { return Vec::new() };
        let mut found = Vec::new();
        let stays = |template: &&Template| old.shares(new, ObjectKind::StatefulSet, template.set);
        let unused: Vec<_> = old.claims.iter().filter(|template| !stays(template) && !template.goes).collect();
        let is_replaced = |change: &Change| change.effects().contains(Effect::Workload);
        if !unused.is_empty() && (self.is_of_two_charts() || self.live().any(is_replaced)) {
            found.push(ClaimImpact::Unused(unused.into_iter().map(|template| old.claims(template)).collect()));
        }
        for change in self.live() {
            let (Some(before), Some(size)) = (&change.old.value, &change.new.value) else { continue };
            let of_size = old.claims.iter().filter(|template| change.old.path.to_string() == template.size);
            let claims: Vec<_> = of_size.filter(stays).map(|template| old.claims(template)).collect();
            if before != size && !claims.is_empty() {
                found.push(ClaimImpact::Size { path: change.path.clone(), size: size.clone(), claims });
            }
        }
        found
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

    fn found(old: (&str, &str), new: (&str, &str)) -> Diff {
        let side = |(text, version): (&str, &str)| {
            EffectiveValues::of(read_values(text).unwrap(), &Chart::at(&version.parse().unwrap()).unwrap())
        };
        diff(&side(old), &side(new), Mode::default())
    }

    /// How many changes need an object deleted first, and what becomes of claims.
    fn told(old: &str, new: &str) -> (usize, Vec<String>) {
        let found = found((old, "23.1.1"), (new, "23.1.1"));
        let fixed = found.live().filter(|change| change.effects().contains(Effect::Immutable)).count();
        let named = |claims: &[Claims]| claims.iter().map(|claims| claims.first("cache")).collect::<Vec<_>>().join(" ");
        let kept = found.kept().into_iter().map(|kept| match kept {
            ClaimImpact::Unused(claims) => format!("unused {}", named(&claims)),
            ClaimImpact::Size { path, size, claims } => format!("{path} {} {}", size.as_str().unwrap(), named(&claims)),
        });
        (fixed, kept.collect())
    }

    #[test]
    fn a_set_that_is_replaced_is_not_deleted_first() {
        let sizes = "{master: {persistence: {size: 20Gi}}, replica: {persistence: {size: 20Gi}}";
        let size = |kept: &str| kept.to_owned();
        let (fixed, kept) = told("", &format!("{sizes}}}"));
        assert_eq!(fixed, 2);
        assert_eq!(
            kept,
            [
                size("master.persistence.size 20Gi redis-data-cache-redis-master-0"),
                size("replica.persistence.size 20Gi redis-data-cache-redis-replicas-0"),
            ]
        );
        let (fixed, kept) = told("", &format!("{sizes}, sentinel: {{enabled: true}}}}"));
        assert_eq!(fixed, 0);
        assert_eq!(kept, ["unused redis-data-cache-redis-master-0 redis-data-cache-redis-replicas-0"]);
        // The set of the primary stays.
        let (fixed, kept) = told("", &format!("{sizes}, architecture: standalone}}"));
        assert_eq!(fixed, 1);
        assert_eq!(
            kept,
            [
                "unused redis-data-cache-redis-replicas-0",
                "master.persistence.size 20Gi redis-data-cache-redis-master-0"
            ]
        );
        assert_eq!(told("", &format!("{sizes}, fullnameOverride: other}}")).0, 0);
        assert_eq!(told("", &format!("{sizes}, nameOverride: other}}")).0, 0);
    }

    #[test]
    fn claims_that_are_not_there_are_not_told_of() {
        let off = "master: {persistence: {enabled: false}}\nreplica: {persistence: {enabled: false}}\n";
        assert_eq!(told(off, &format!("{off}sentinel: {{enabled: true}}\n")).1, Vec::<String>::new());
        let gone = "replica: {persistentVolumeClaimRetentionPolicy: {enabled: true, whenDeleted: Delete}}\n";
        let (_, kept) = told(gone, &format!("{gone}architecture: standalone\n"));
        assert_eq!(kept, Vec::<String>::new());
        let own = "architecture: standalone\nmaster: {persistence: {existingClaim: mine}}\n";
        assert_eq!(told(own, &format!("{own}fullnameOverride: other\n")).1, Vec::<String>::new());
    }

    #[test]
    fn a_service_is_no_stateful_set() {
        let path = |text: &str| text.parse::<Path>().unwrap();
        assert_eq!(fixed_kind(&path("master.service.clusterIP")), Some(ObjectKind::Service));
        assert_eq!(fixed_kind(&path("master.persistence.size")), Some(ObjectKind::StatefulSet));
        let (fixed, _) = told("", "master: {service: {clusterIP: 10.0.0.9}}\n");
        assert_eq!(fixed, 1);
        let (fixed, _) = told("", "master: {service: {clusterIP: 10.0.0.9}}\nsentinel: {enabled: true}\n");
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
