//! The images that a release pulls, as its values and its chart set them together.

use semver::Version;

use super::EffectiveValues;
use crate::{
    chart::{
        self, FactFamily, Image, KeyUse, LATEST, Setting, Tags, Topology, Verdict, catalogue_image, condition,
        newest_frozen,
    },
    yaml::{Path, Value},
};

/// An image of the chart that this release uses.
pub struct Pulled {
    /// With what the chart itself says.
    pub image: Image,
    pub registry: String,
    /// Without the registry.
    pub repository: String,
    pub from: ImageSource,
    pub tag: Tag,
    /// The digest that it is pinned to, so that the tag does not count.
    pub digest: Option<String>,
}

/// Where an image is pulled from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageSource {
    /// From where the chart has it, which no longer holds it under the tags of the chart; it went to this repository.
    Left { to: String },
    /// From the repository that it went to.
    Legacy,
    /// From the catalogue of hardened images.
    Secure,
    /// The image of the chart, from another registry.
    Mirror,
    /// An image of another name, or one that never moved.
    Other,
    /// A template says it.
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tag {
    /// That of the chart.
    Own,
    Said(String),
    /// Written, and there is nothing.
    Nothing,
}

impl Pulled {
    /// The address of its tag: `docker.io/bitnami/redis:8.2.1-debian-12-r0`. The digest of a pinned image is not part of
    /// it.
    pub fn address(&self) -> String {
        match self.tag() {
            Some(tag) => format!("{}:{tag}", self.name()),
            None => self.name(),
        }
    }

    /// What the chart writes into its pods, and a node pulls: the digest in place of the tag where it is pinned.
    pub fn pulled_as(&self) -> String {
        match &self.digest {
            Some(digest) => format!("{}@{digest}", self.name()),
            None => self.address(),
        }
    }

    /// Registry and repository.
    pub fn name(&self) -> String {
        match self.registry.is_empty() {
            true => self.repository.clone(),
            false => format!("{}/{}", self.registry, self.repository),
        }
    }

    /// The tag that counts where there is no digest.
    pub fn tag(&self) -> Option<&str> {
        match &self.tag {
            Tag::Own => Some(&self.image.tag),
            Tag::Said(tag) => Some(tag),
            Tag::Nothing => None,
        }
    }

    pub fn is_pinned(&self) -> bool {
        self.digest.is_some()
    }

    /// Whether its tag is moved to each new release.
    pub fn is_moving(&self) -> bool {
        !self.is_pinned() && self.tag() == Some(LATEST)
    }

    /// The version of Redis that its tag names; none where a digest counts, where the tag moves, and for an image of
    /// which nobody knows that its tags are versions of Redis.
    pub fn redis(&self) -> Option<Version> {
        let is_redis = REDIS_IMAGES.contains(&self.image.name()) && REDIS_KEYS.contains(&self.image.path.as_str());
        let tag = self.tag().filter(|_| is_redis && !self.is_pinned())?;
        let name = self.repository.rsplit('/').next().unwrap_or_default();
        // A tag of Bitnami's tells who built the image, whatever a mirror calls it.
        let is_known = self.repository.contains("bitnami")
            || tag.contains("-debian-")
            || chart::is_not_bitnami(&self.registry, &self.repository);
        let (number, rest) = tag.split_at(tag.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(tag.len()));
        let is_version = rest.is_empty() || rest.starts_with('-');
        number.parse().ok().filter(|_| is_known && is_version && REDIS_IMAGES.contains(&name))
    }

    /// Whether it comes from the frozen catalogue, and no newer one is there.
    pub fn is_newest_frozen(&self) -> bool {
        let frozen = catalogue_image(&self.repository).filter(|image| image.tags == Tags::Frozen);
        let newest = frozen.and_then(|image| image.newest?.parse::<Version>().ok());
        newest.is_some() && self.redis() == newest
    }

    /// Whether no known catalogue of Bitnami's has the tag: a versioned one that came after the freeze.
    pub fn is_nowhere(&self) -> bool {
        let name = self.repository.rsplit('/').next().unwrap_or_default();
        let version = |text: &str| text.split('-').next().and_then(|number| number.parse::<Version>().ok());
        match (newest_frozen(name).and_then(version), self.tag().and_then(version)) {
            (Some(newest), Some(tag)) => tag > newest && !self.is_pinned(),
            _ => false,
        }
    }

    /// The key that says a part of it: `repository`, `tag`.
    pub fn key(&self, part: &str) -> String {
        format!("{}.{part}", self.image.path)
    }
}

/// Those whose tags are gone from where they are pulled. Of `latest`, and of a digest, nobody knows.
pub fn left(pulled: &[Pulled]) -> Vec<&Pulled> {
    let gone = |image: &&Pulled| match &image.tag {
        Tag::Said(tag) => tag != LATEST,
        _ => true,
    };
    pulled
        .iter()
        .filter(|image| matches!(image.from, ImageSource::Left { .. }) && !image.is_pinned())
        .filter(gone)
        .collect()
}

/// Those that were taken along to where they can be pulled from.
pub fn moved(pulled: &[Pulled]) -> Vec<&Pulled> {
    pulled.iter().filter(|image| matches!(image.from, ImageSource::Legacy | ImageSource::Mirror)).collect()
}

/// All of them, in the order of the catalogue.
pub fn pulled(values: &EffectiveValues) -> Vec<Pulled> {
    let chart = &values.chart;
    let images = chart.images().into_iter();
    let used = images.filter(|image| chart.uses(image, values.topology, |switch| values.on(switch)));
    used.filter(|image| is_rendered(values, image))
        .map(|image| {
            let said = |part: &str| values.text(&format!("{}.{part}", image.path));
            let registry =
                values.places(Setting::Registry).iter().find_map(|key| values.text(key)).or_else(|| said("registry"));
            let registry = registry.unwrap_or_default();
            let repository = said("repository").unwrap_or_default();
            let from = from(values, &image, &registry, &repository);
            let digest = said("digest").filter(|_| chart.takes(&format!("{}.digest", image.path)));
            Pulled { tag: tag(values, &image), image, registry, repository, from, digest }
        })
        .collect()
}

/// Whether a container of the image is rendered, as far as it was measured for its pull policy, which nothing else
/// reads, and by the rows `@uses-one-of` of `settings.tsv`.
///
/// In replication there are two kinds of pods. What was measured there holds for both, so that of a condition on either
/// the topologies that have one of them tell.
fn is_rendered(values: &EffectiveValues, image: &Image) -> bool {
    let key = format!("{}.pullPolicy", image.path);
    let one_of = values.facts_about(FactFamily::UsesOneOf, &image.path);
    if !one_of.is_empty() && !one_of.iter().any(|switch| values.on(switch)) {
        return false;
    }
    let holds = |topology: Topology| {
        let KeyUse { verdict, switches } = values.chart.read(&key, topology);
        let is_off = |term: &condition::Term| values.term_holds(term) == Some(false);
        // Whether there is Sentinel is what tells the topologies apart.
        let counts = |term: &condition::Term| term.key() != Some(SENTINEL);
        verdict == Verdict::Read && !condition::terms(switches).filter(counts).any(|term| is_off(&term))
    };
    match values.chart.read(&key, values.topology).verdict {
        Verdict::Unmeasured | Verdict::Unknown => true,
        _ if values.topology == Topology::Replication => {
            holds(Topology::Replication) && (holds(Topology::Standalone) || holds(Topology::Sentinel))
        }
        _ => holds(values.topology),
    }
}

/// An image that a container of the user's own pulls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnImage {
    /// The key of the list, with the place in it: `master.sidecars[0].image`.
    pub key: Path,
    pub address: String,
}

/// The images of the containers that values bring along, in the lists of them that the chart reads in this topology.
pub fn of_own_containers(values: &EffectiveValues) -> Vec<OwnImage> {
    let keys = chart::key_paths().into_iter().filter(|path| CONTAINERS.iter().any(|list| path.ends_with(list)));
    let read = keys.filter(|path| {
        let KeyUse { verdict, switches } = values.chart.read(path, values.topology);
        verdict == Verdict::Read && values.holds(switches) != Some(false)
    });
    let mut found = Vec::new();
    for (path, list) in read.filter_map(|path| Some((path.parse::<Path>().ok()?, values.value(path)?))) {
        for (at, container) in list.as_list().unwrap_or_default().iter().enumerate() {
            let image = container.as_map().and_then(|container| container.get("image")?.as_str());
            found.extend(
                image.map(|address| OwnImage { key: path.index(at).key("image"), address: address.to_owned() }),
            );
        }
    }
    found
}

/// The endings of the keys that take whole containers.
const CONTAINERS: [&str; 2] = [".sidecars", ".initContainers"];
/// The images that run Redis, by their names and by their keys.
const REDIS_IMAGES: [&str; 2] = ["redis", "redis-sentinel"];
const REDIS_KEYS: [&str; 2] = ["image", "sentinel.image"];
const SENTINEL: &str = "sentinel.enabled";

/// Whether the last two parts of a repository are none of Bitnami's. A mirror may have another prefix; one that is made
/// by a template, or has only the name, is not judged.
pub fn is_foreign(repository: &str) -> bool {
    let parts: Vec<&str> = repository.split('/').collect();
    let mirrors = parts.iter().any(|part| part.contains("bitnami"));
    let name = parts.last().copied().unwrap_or_default();
    !repository.contains("{{")
        && !repository.is_empty()
        && !mirrors
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
        (true, true) => ImageSource::Left { to },
        (true, false) if repository == to => ImageSource::Legacy,
        (false, true) => ImageSource::Mirror,
        _ => ImageSource::Other,
    }
}

fn tag(values: &EffectiveValues, image: &Image) -> Tag {
    let key = format!("{}.tag", image.path);
    if values.said(&key).is_none() {
        return Tag::Own;
    }
    match values.value(&key) {
        None => Tag::Nothing,
        Some(Value::String(tag)) if tag.is_empty() => Tag::Nothing,
        Some(Value::String(tag)) if tag == image.tag => Tag::Own,
        Some(Value::String(tag)) => Tag::Said(tag),
        Some(Value::Int(number)) => Tag::Said(number.to_string()),
        Some(Value::Float(number)) => Tag::Said(number.to_string()),
        // What becomes of another shape, its type tells.
        Some(_) => Tag::Own,
    }
}
