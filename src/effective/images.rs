//! The images that a release pulls, as its values and its chart set them.

use semver::Version;

use super::EffectiveValues;
use crate::{
    chart::{
        self, FactFamily, Image, KeyUse, LATEST, Setting, Tags, Topology, Verdict, catalogue_image, condition,
        newest_frozen,
    },
    yaml::{Path, Value},
};

/// An image of the chart that the release uses.
pub struct PulledImage {
    /// The image with the chart's defaults.
    pub image: Image,
    pub registry: String,
    /// The repository without the registry.
    pub repository: String,
    pub from: ImageSource,
    pub tag: Tag,
    /// The digest that pins the image. Kubernetes then ignores the tag.
    pub digest: Option<String>,
}

/// The origin of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageSource {
    /// The repository of the chart's default, which no longer has the chart's tags. The images moved to `to`.
    MovedAway { to: String },
    /// The repository that the chart's images moved to.
    Legacy,
    /// The catalogue of hardened images.
    Secure,
    /// The chart's repository in another registry.
    Mirror,
    /// Another repository, or one whose images never moved.
    Other,
    /// A template sets the repository or the registry.
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tag {
    /// The chart's default tag.
    ChartDefault,
    Set(String),
    /// The tag is set to an empty value.
    Empty,
}

impl PulledImage {
    /// The address with the tag and without a digest: `docker.io/bitnami/redis:8.2.1-debian-12-r0`.
    pub fn address(&self) -> String {
        match self.tag() {
            Some(tag) => format!("{}:{tag}", self.name()),
            None => self.name(),
        }
    }

    /// The address that a node pulls: with the digest if there is one, else with the tag.
    pub fn pulled_as(&self) -> String {
        match &self.digest {
            Some(digest) => format!("{}@{digest}", self.name()),
            None => self.address(),
        }
    }

    /// The address without tag and digest.
    pub fn name(&self) -> String {
        match self.registry.is_empty() {
            true => self.repository.clone(),
            false => format!("{}/{}", self.registry, self.repository),
        }
    }

    /// The tag, whether or not a digest overrides it.
    pub fn tag(&self) -> Option<&str> {
        match &self.tag {
            Tag::ChartDefault => Some(&self.image.tag),
            Tag::Set(tag) => Some(tag),
            Tag::Empty => None,
        }
    }

    pub fn is_pinned(&self) -> bool {
        self.digest.is_some()
    }

    /// Whether the tag moves to each new image.
    pub fn is_moving(&self) -> bool {
        !self.is_pinned() && self.tag() == Some(LATEST)
    }

    /// The Redis version that the tag names. `None` for a digest, a moving tag and images whose tags are not known to
    /// be Redis versions.
    pub fn redis(&self) -> Option<Version> {
        let is_redis = REDIS_IMAGES.contains(&self.image.name()) && REDIS_KEYS.contains(&self.image.path.as_str());
        let tag = self.tag().filter(|_| is_redis && !self.is_pinned())?;
        let name = self.repository.rsplit('/').next().unwrap_or_default();
        // A tag in Bitnami's format shows that Bitnami built the image, even if a mirror renames the image.
        let is_known = self.repository.contains("bitnami")
            || tag.contains("-debian-")
            || chart::is_not_bitnami(&self.registry, &self.repository);
        let (number, rest) = tag.split_at(tag.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(tag.len()));
        let is_version = rest.is_empty() || rest.starts_with('-');
        number.parse().ok().filter(|_| is_known && is_version && REDIS_IMAGES.contains(&name))
    }

    /// Whether the image is the newest one in the frozen catalogue.
    pub fn is_newest_frozen(&self) -> bool {
        let frozen = catalogue_image(&self.repository).filter(|image| image.tags == Tags::Frozen);
        let newest = frozen.and_then(|image| image.newest?.parse::<Version>().ok());
        newest.is_some() && self.redis() == newest
    }

    /// Whether no known Bitnami catalogue has the tag, because the version is newer than the freeze.
    pub fn is_in_no_catalogue(&self) -> bool {
        let name = self.repository.rsplit('/').next().unwrap_or_default();
        let version = |text: &str| text.split('-').next().and_then(|number| number.parse::<Version>().ok());
        match (newest_frozen(name).and_then(version), self.tag().and_then(version)) {
            (Some(newest), Some(tag)) => tag > newest && !self.is_pinned(),
            _ => false,
        }
    }

    /// The key of a part of the image: `repository`, `tag`.
    pub fn key(&self, part: &str) -> String {
        format!("{}.{part}", self.image.path)
    }
}

/// The images whose tags the repository no longer has. Digests and the tag `latest` are not known to be gone.
pub fn unavailable(pulled: &[PulledImage]) -> Vec<&PulledImage> {
    let is_gone = |image: &&PulledImage| match &image.tag {
        Tag::Set(tag) => tag != LATEST,
        _ => true,
    };
    pulled
        .iter()
        .filter(|image| matches!(image.from, ImageSource::MovedAway { .. }) && !image.is_pinned())
        .filter(is_gone)
        .collect()
}

/// The images that the values redirect to a repository that still has them.
pub fn redirected(pulled: &[PulledImage]) -> Vec<&PulledImage> {
    pulled.iter().filter(|image| matches!(image.from, ImageSource::Legacy | ImageSource::Mirror)).collect()
}

/// All images of a release, in the order of the catalogue.
pub fn pulled(values: &EffectiveValues) -> Vec<PulledImage> {
    let chart = &values.chart;
    let used = chart.images().iter().filter(|image| chart.uses(image, values.topology, |switch| values.on(switch)));
    used.filter(|image| is_rendered(values, image))
        .map(|image| {
            let text_of = |part: &str| values.text(&format!("{}.{part}", image.path));
            let registry = values.places(Setting::Registry).iter().find_map(|key| values.text(key));
            let registry = registry.or_else(|| text_of("registry")).unwrap_or_default().to_owned();
            let repository = text_of("repository").unwrap_or_default().to_owned();
            let from = from(values, image, &registry, &repository);
            let digest = text_of("digest").filter(|_| chart.takes(&format!("{}.digest", image.path)));
            let digest = digest.map(str::to_owned);
            PulledImage { tag: tag(values, image), image: image.clone(), registry, repository, from, digest }
        })
        .collect()
}

/// Whether the chart renders a container of the image.
///
/// Only this container reads its pull policy, and the rows `@uses-one-of` of `settings.tsv` add what the measurement
/// cannot show.
///
/// Replication has primary and replica pods, and a measurement in replication holds for both together. The measurements
/// of the other topologies therefore separate conditions on one kind of pod.
fn is_rendered(values: &EffectiveValues, image: &Image) -> bool {
    let key = format!("{}.pullPolicy", image.path);
    let one_of = values.facts_about(FactFamily::UsesOneOf, &image.path);
    if !one_of.is_empty() && !one_of.iter().any(|switch| values.on(switch)) {
        return false;
    }
    let holds = |topology: Topology| {
        let KeyUse { verdict, terms, .. } = values.chart.read(&key, topology);
        let is_off = |term: &condition::Term| values.term_holds(term) == Some(false);
        // The topologies differ in Sentinel, therefore the Sentinel switch is left out.
        let counts = |term: &&condition::Term| term.key() != Some(SENTINEL);
        verdict == Verdict::Read && !terms.iter().filter(counts).any(is_off)
    };
    match values.chart.read(&key, values.topology).verdict {
        Verdict::Unmeasured | Verdict::Unknown => true,
        _ if values.topology == Topology::Replication => {
            holds(Topology::Replication) && (holds(Topology::Standalone) || holds(Topology::Sentinel))
        }
        _ => holds(values.topology),
    }
}

/// An image of a container that the user adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnImage {
    /// The key of the image in its list: `master.sidecars[0].image`.
    pub key: Path,
    pub address: String,
}

/// The images of all containers that the user adds to lists that the chart reads in this topology.
pub fn of_own_containers(values: &EffectiveValues) -> Vec<OwnImage> {
    let keys = chart::key_paths().into_iter().filter(|path| CONTAINERS.iter().any(|list| path.ends_with(list)));
    let read = keys.filter(|path| {
        let KeyUse { verdict, terms, .. } = values.chart.read(path, values.topology);
        verdict == Verdict::Read && values.all_hold(terms) != Some(false)
    });
    let mut images = Vec::new();
    for (path, list) in read.filter_map(|path| Some((path.parse::<Path>().ok()?, values.value(path)?))) {
        for (at, container) in list.as_list().unwrap_or_default().iter().enumerate() {
            let image = container.as_map().and_then(|container| container.get("image")?.as_str());
            images.extend(
                image.map(|address| OwnImage { key: path.index(at).key("image"), address: address.to_owned() }),
            );
        }
    }
    images
}

/// The endings of the keys that hold lists of whole containers.
const CONTAINERS: [&str; 2] = [".sidecars", ".initContainers"];
/// The names of the images that run Redis.
const REDIS_IMAGES: [&str; 2] = ["redis", "redis-sentinel"];
const REDIS_KEYS: [&str; 2] = ["image", "sentinel.image"];
const SENTINEL: &str = "sentinel.enabled";

/// Whether a repository is known to be another image than Bitnami's.
///
/// A mirror may use another prefix. A repository from a template does not count as another image.
pub fn is_foreign(repository: &str) -> bool {
    let parts: Vec<&str> = repository.split('/').collect();
    let names_bitnami = parts.iter().any(|part| part.contains("bitnami"));
    let name = parts.last().copied().unwrap_or_default();
    !repository.contains("{{")
        && !repository.is_empty()
        && !names_bitnami
        && (parts.len() == 1 || parts[0] == "library" || !REDIS_IMAGES.contains(&name))
}

fn from(values: &EffectiveValues, image: &Image, registry: &str, repository: &str) -> ImageSource {
    if registry.contains("{{") || repository.contains("{{") {
        return ImageSource::Unknown;
    }
    if values.chart.secured_in(image, values.topology).as_deref() == Some(repository) {
        return ImageSource::Secure;
    }
    let Some(to) = values.chart.moved_to(image, values.topology) else { return ImageSource::Other };
    match (registry == image.registry, repository == image.repository) {
        (true, true) => ImageSource::MovedAway { to },
        (true, false) if repository == to => ImageSource::Legacy,
        (false, true) => ImageSource::Mirror,
        _ => ImageSource::Other,
    }
}

fn tag(values: &EffectiveValues, image: &Image) -> Tag {
    let key = format!("{}.tag", image.path);
    if values.explicit_value(&key).is_none() {
        return Tag::ChartDefault;
    }
    match values.value(&key) {
        None => Tag::Empty,
        Some(Value::String(tag)) if tag.is_empty() => Tag::Empty,
        Some(Value::String(tag)) if *tag == image.tag => Tag::ChartDefault,
        Some(Value::String(tag)) => Tag::Set(tag.clone()),
        Some(Value::Int(number)) => Tag::Set(number.to_string()),
        Some(Value::Float(number)) => Tag::Set(number.to_string()),
        // A tag of another type is reported by the check of types.
        Some(_) => Tag::ChartDefault,
    }
}
