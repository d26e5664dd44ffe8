//! The images that a release pulls, as its values and its chart set them together.

use super::Effective;
use crate::{chart::Image, yaml::Value};

/// An image of the chart that this release uses.
pub struct Pulled {
    /// With what the chart itself says.
    pub image: Image,
    pub registry: String,
    /// Without the registry.
    pub repository: String,
    pub from: From,
    pub tag: Tag,
    /// Whether it is pinned, so that the tag does not count.
    pub pinned: bool,
}

/// Where an image is pulled from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum From {
    /// From where the chart has it, which no longer holds it under the tags of the chart; it went to this repository.
    Left { to: String },
    /// From the repository that it went to.
    Legacy,
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
    /// The address that a node pulls: `docker.io/bitnami/redis:8.2.1-debian-12-r0`. The digest of a pinned image is
    /// not part of it.
    pub fn address(&self) -> String {
        let tag = match &self.tag {
            Tag::Own => &self.image.tag,
            Tag::Said(tag) => tag,
            Tag::Nothing => return format!("{}/{}", self.registry, self.repository),
        };
        format!("{}/{}:{tag}", self.registry, self.repository)
    }

    /// The key that says a part of it: `repository`, `tag`.
    pub fn key(&self, part: &str) -> String {
        format!("{}.{part}", self.image.path)
    }
}

/// Those whose tags are gone from where they are pulled. Of `latest`, and of a digest, nobody knows.
pub fn left(pulled: &[Pulled]) -> Vec<&Pulled> {
    let gone = |image: &&Pulled| match &image.tag {
        Tag::Said(tag) => tag != "latest",
        _ => true,
    };
    pulled.iter().filter(|image| matches!(image.from, From::Left { .. }) && !image.pinned).filter(gone).collect()
}

/// Those that were taken along to where they can be pulled from.
pub fn moved(pulled: &[Pulled]) -> Vec<&Pulled> {
    pulled.iter().filter(|image| matches!(image.from, From::Legacy | From::Mirror)).collect()
}

/// All of them, in the order of the catalogue.
pub fn pulled(values: &Effective) -> Vec<Pulled> {
    let chart = values.chart;
    let images = chart.images().into_iter();
    let used = images.filter(|image| chart.uses(image, values.topology, |switch| values.on(switch)));
    used.map(|image| {
        let said = |part: &str| values.text(&format!("{}.{part}", image.path));
        let registry = values.places("registry").iter().find_map(|key| values.text(key)).or_else(|| said("registry"));
        let registry = registry.unwrap_or_default();
        let repository = said("repository").unwrap_or_default();
        let from = from(values, &image, &registry, &repository);
        let pinned = said("digest").is_some();
        Pulled { tag: tag(values, &image), image, registry, repository, from, pinned }
    })
    .collect()
}

fn from(values: &Effective, image: &Image, registry: &str, repository: &str) -> From {
    if registry.contains("{{") || repository.contains("{{") {
        return From::Unknown;
    }
    let Some(to) = values.chart.moved_to(image, values.topology) else { return From::Other };
    match (registry == image.registry, repository == image.repository) {
        (true, true) => From::Left { to },
        (true, false) if repository == to => From::Legacy,
        (false, true) => From::Mirror,
        _ => From::Other,
    }
}

fn tag(values: &Effective, image: &Image) -> Tag {
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
