//! Images of a release, their recognition by the chart, and their new places since the chart's own catalogue was
//! closed.

use std::sync::LazyLock;

use super::{
    Chart, FactFamily, Image, Setting, Topology,
    catalogue::{self, Decoded},
    catalogue_image,
    pack::{Entry, ImageRow, Section},
};
use crate::yaml::Value;

/// Result of the chart's image verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognition {
    Recognized,
    /// The image is not listed, and is from the catalogue that older images moved to.
    Legacy,
    Unrecognized,
}

impl Image {
    /// Last part of the repository: `redis-exporter`.
    pub fn name(&self) -> &str {
        self.repository.rsplit('/').next().unwrap_or(&self.repository)
    }
}

impl Chart {
    /// Whether a release of this topology uses the image. `on` returns whether the switch at a key is on.
    ///
    /// Source: the rows `@uses` of `settings.tsv`.
    pub fn uses(&self, image: &Image, topology: Topology, on: impl Fn(&str) -> bool) -> bool {
        let switches = self.facts_about(FactFamily::Uses, &image.path, topology);
        switches.iter().any(|switch| switch.path.is_empty() || on(switch.path))
    }

    /// Whether the chart recognizes an image with this registry and repository.
    ///
    /// The chart searches the text of the annotation `images` in its Chart.yaml, which lists the images of
    /// `values.yaml`. It searches for `REGISTRY/REPOSITORY`, and otherwise for both parts separately, anywhere in the
    /// text. `redis` is therefore recognized as a part of `bitnami/redis`, and `bitnami/other` is not recognized.
    /// `fails.tsv` has the versions that do not render with an unrecognized image.
    ///
    /// Source: `templates/_errors.tpl` of the library chart `common`, and the annotation. Every version that reads
    /// the annotation lists the same images there as in `values.yaml`.
    pub fn recognition(&self, registry: &str, repository: &str) -> Recognition {
        // The annotation lists the chart's own images: most images need no search.
        if self.images().iter().any(|image| image.registry == registry && image.repository == repository) {
            return Recognition::Recognized;
        }
        let listed = self.listed_images();
        let full = format!("{registry}/{repository}");
        if listed.contains(registry) && listed.contains(repository) || listed.contains(&full) {
            return Recognition::Recognized;
        }
        // The chart searches for legacy images only if it recognizes the registry.
        let is_legacy = self.legacy_images().iter().any(|catalogue| full.contains(&format!("{catalogue}/")));
        if listed.contains(registry) && is_legacy { Recognition::Legacy } else { Recognition::Unrecognized }
    }

    /// Text of the annotation `images`.
    fn listed_images(&self) -> &str {
        self.own_lists().listed_images.get_or_init(|| {
            let listed = |image: &Image| {
                (image.name().to_owned(), format!("{}/{}:{}", image.registry, image.repository, image.tag))
            };
            let mut images: Vec<(String, String)> = self.images().iter().map(listed).collect();
            images.sort();
            images.dedup();
            images.iter().map(|(name, image)| format!("- name: {name}\n  image: {image}\n")).collect()
        })
    }

    /// Parts of image names by which the chart recognizes the catalogue of older images.
    ///
    /// Source: the row `@legacy-images` of `settings.tsv`.
    fn legacy_images(&self) -> Vec<String> {
        let places = self.places(Setting::LegacyImages, Topology::Standalone);
        places.iter().map(|place| place.path.replace('\\', "")).collect()
    }

    /// Repository on the same registry that has the image since the chart's own catalogue was closed. `None` if the
    /// image did not move.
    ///
    /// Source: the rows `@legacy` of `settings.tsv`, and `catalogues.tsv`, which lists the images of that catalogue.
    pub fn moved_to(&self, image: &Image, topology: Topology) -> Option<String> {
        self.in_catalogue(Setting::Legacy, image, topology)
    }

    /// Repository of the image in the catalogue of hardened images. `None` if the catalogue does not have the image,
    /// or if this chart version cannot use images from there.
    ///
    /// Source: the rows `@secure` of `settings.tsv`, and `catalogues.tsv`.
    pub fn secured_in(&self, image: &Image, topology: Topology) -> Option<String> {
        self.in_catalogue(Setting::Secure, image, topology)
    }

    fn in_catalogue(&self, setting: Setting, image: &Image, topology: Topology) -> Option<String> {
        let catalogue = self.places(setting, topology).first()?;
        let repository = format!("{}/{}", catalogue.path, image.name());
        catalogue_image(&repository).is_some().then_some(repository)
    }

    /// Whether the registry still serves the images of this version under their own names and tags.
    pub fn images_are_served(&self) -> bool {
        self.places(Setting::Legacy, Topology::Standalone).is_empty()
    }

    /// Whether the images of this version have a moving tag. The version of Redis then depends on the day of the
    /// pull.
    pub fn has_moving_images(&self) -> bool {
        self.images().iter().any(|image| image.path == "image" && self.is_moving(image))
    }

    /// Whether the chart's own tag of an image moves.
    pub fn is_moving(&self, image: &Image) -> bool {
        image.tag == LATEST
    }

    /// Version of Redis for messages: `8.2.1`, or `8.10.1 when the chart was published` if the tag of the image
    /// moves.
    pub fn redis(&self) -> String {
        let app_version = self.app_version();
        match self.has_moving_images() {
            true => format!("{app_version} {WHEN_PUBLISHED}"),
            false => app_version.to_owned(),
        }
    }

    /// File of Bitnami's images that the chart's scripts need in the image at this key, in this topology.
    ///
    /// Source: the rows `@bitnami-files` of `settings.tsv`.
    pub fn file_of_bitnami(&self, image: &str, topology: Topology) -> Option<&'static str> {
        self.facts_about(FactFamily::BitnamiFiles, image, topology).first().map(|place| place.path)
    }

    /// Whether Bitnami's image with this tag, at this key, is built for amd64 only. `None` if that is not known.
    ///
    /// Source: the rows `@amd64-only` of `settings.tsv`, for each version that has the tag, and `@amd64-only-tags`.
    pub fn is_amd64_only(&self, image: &str, tag: &str) -> Option<bool> {
        let marks = self.places(Setting::Amd64OnlyTags, Topology::Standalone);
        if marks.iter().any(|mark| tag.contains(mark.path)) {
            return Some(true);
        }
        let images = catalogue::table(Section::Images);
        let entry = images.named(image).find(|entry| images.row::<ImageRow>(*entry).tag == tag)?;
        let words = catalogue::table(Section::Settings);
        Some(words.named("@amd64-only").any(|row| row.holds(entry.since)))
    }
}

/// An image in its versions.
struct ImageFacts {
    image: Image,
    /// The tag as the default of its key.
    tag: Value,
}

static IMAGES: LazyLock<Decoded<ImageFacts>> = LazyLock::new(|| {
    Decoded::new(Section::Images, |entry, table| {
        let ImageRow { registry, repository, tag } = table.row(entry);
        let path = catalogue::names().name(entry.name).to_owned();
        let (registry, repository) = (registry.to_owned(), repository.to_owned());
        ImageFacts { image: Image { path, registry, repository, tag: tag.to_owned() }, tag: tag.into() }
    })
});

/// Images of the embedded version at a position.
pub(super) fn of_version(version: u16) -> Vec<Image> {
    IMAGES.holding(catalogue::names().all(), version).map(|facts| facts.image.clone()).collect()
}

/// Tag of the image at a key in the embedded version at a position.
pub(super) fn tag(image: &str, version: u16) -> Option<&'static Value> {
    Some(&IMAGES.holding(catalogue::names().named(image), version).next()?.tag)
}

/// All tags of the image at a key, each with its versions.
pub(super) fn tags(image: &str) -> impl Iterator<Item = (Entry, &'static Value)> {
    IMAGES.of(catalogue::names().named(image)).map(|(entry, facts)| (entry, &facts.tag))
}

/// The moving tag.
pub const LATEST: &str = "latest";
/// Suffix for the version of an application whose image tag moves.
pub const WHEN_PUBLISHED: &str = "when the chart was published";

#[cfg(test)]
mod tests {
    use super::*;

    fn moves(version: &str, topology: Topology, on: &[&str]) -> Vec<(String, Option<String>)> {
        let chart = Chart::at(&version.parse().unwrap()).unwrap();
        let images = chart.images();
        let used = images.iter().filter(|image| chart.uses(image, topology, |key| on.contains(&key)));
        used.map(|image| (image.path.clone(), chart.moved_to(image, topology))).collect()
    }

    /// Every expected recognition was checked by rendering.
    #[test]
    fn an_image_is_recognized_as_the_chart_does_it() {
        for version in ["20.5.0", "20.13.4", "21.2.19", "23.1.1"] {
            let chart = Chart::at(&version.parse().unwrap()).unwrap();
            for (registry, repository, expected) in [
                ("docker.io", "bitnami/redis", Recognition::Recognized),
                ("docker.io", "bitnami/redis-exporter", Recognition::Recognized),
                ("docker.io", "redis", Recognition::Recognized),
                ("", "bitnami/redis", Recognition::Recognized),
                ("docker.io/bitnami", "redis", Recognition::Recognized),
                ("docker.io", "bitnami/other", Recognition::Unrecognized),
                ("docker.io", "library/redis", Recognition::Unrecognized),
                ("docker.io", "bitnamilegacy/redis", Recognition::Legacy),
                ("mirror.test", "bitnami/redis", Recognition::Unrecognized),
                ("mirror.test", "docker.io/bitnamilegacy/redis", Recognition::Unrecognized),
            ] {
                assert_eq!(chart.recognition(registry, repository), expected, "{registry}/{repository} in {version}");
            }
        }
        // The registry serves these images under another host name, too.
        for version in ["24.1.2", "25.5.3", "28.0.7"] {
            let chart = Chart::at(&version.parse().unwrap()).unwrap();
            for (registry, repository, expected) in [
                ("docker.io", "bitnami/redis", Recognition::Recognized),
                ("docker.io", "bitnami/redis-exporter", Recognition::Recognized),
                ("docker.io", "redis", Recognition::Recognized),
                ("docker.io/bitnami", "redis", Recognition::Recognized),
                ("", "bitnami/redis", Recognition::Recognized),
                ("registry-1.docker.io", "bitnami/redis", Recognition::Recognized),
                ("registry-1.docker.io", "bitnami/kubectl", Recognition::Recognized),
                ("registry-1.docker.io", "redis", Recognition::Recognized),
                ("docker.io", "bitnamilegacy/redis", Recognition::Legacy),
                ("registry-1.docker.io", "bitnamilegacy/redis", Recognition::Legacy),
                ("docker.io", "bitnamisecure/redis", Recognition::Unrecognized),
                ("registry-1.docker.io", "bitnamisecure/redis", Recognition::Unrecognized),
                ("registry-1.docker.io", "bitnami/other", Recognition::Unrecognized),
                ("registry-1.docker.io", "library/redis", Recognition::Unrecognized),
                ("mirror.test", "bitnami/redis", Recognition::Unrecognized),
                ("mirror.test", "docker.io/bitnamilegacy/redis", Recognition::Unrecognized),
                ("quay.io", "bitnami/redis", Recognition::Unrecognized),
            ] {
                assert_eq!(chart.recognition(registry, repository), expected, "{registry}/{repository} in {version}");
            }
        }
    }

    #[test]
    fn every_image_has_a_pull_policy_of_its_own() {
        for version in crate::chart::version_numbers() {
            let chart = Chart::at(&version).unwrap();
            let lacks = |image: &&Image| !chart.takes(&format!("{}.pullPolicy", image.path));
            let images = chart.images();
            let without: Vec<_> = images.iter().filter(lacks).map(|image| &image.path).collect();
            assert!(without.is_empty(), "{version}: {without:?}");
        }
    }

    #[test]
    fn images_for_amd64_only_are_known_by_their_tags() {
        let chart = Chart::at(&"23.1.1".parse().unwrap()).unwrap();
        for (tag, expected) in [
            ("7.0.5-debian-11-r25", Some(true)),
            ("6.0.8-debian-10-r99", Some(true)),
            ("7.0.9-debian-11-r0", Some(false)),
            ("8.2.1-debian-12-r0", Some(false)),
            ("8.2.1-debian-12-r77", None),
        ] {
            assert_eq!(chart.is_amd64_only("image", tag), expected, "{tag}");
        }
    }

    #[test]
    fn the_redis_of_a_moving_tag_is_that_of_the_day_of_the_chart() {
        let redis = |version: &str| Chart::at(&version.parse().unwrap()).unwrap().redis();
        assert_eq!(redis("23.1.1"), "8.2.1");
        assert_eq!(redis("28.0.7"), "8.10.1 when the chart was published");
    }

    #[test]
    fn images_are_those_of_the_topology_and_the_switches() {
        let redis = ("image".to_owned(), Some("bitnamilegacy/redis".to_owned()));
        assert_eq!(moves("23.1.1", Topology::Standalone, &["sentinel.enabled"]), std::slice::from_ref(&redis));
        let with = moves("23.1.1", Topology::Sentinel, &["sentinel.enabled", "sentinel.masterService.enabled"]);
        let paths: Vec<_> = with.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["image", "kubectl.image", "sentinel.image"]);
        // The only image that did not move.
        let old = moves("10.5.6", Topology::Standalone, &["volumePermissions.enabled"]);
        assert_eq!(old, [redis, ("volumePermissions.image".to_owned(), None)]);
    }
}
