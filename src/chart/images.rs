//! Which images a release uses, which ones the chart recognizes, and where they went when the chart's own catalogue was
//! closed.

use super::{Chart, Image, Topology};

/// How the chart takes an image, where it verifies images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognition {
    Recognized,
    /// It is not listed, and one of those in the catalogue that the older images moved to.
    Legacy,
    Unrecognized,
}

impl Image {
    /// The last part of the repository: `redis-exporter`.
    pub fn name(&self) -> &str {
        self.repository.rsplit('/').next().unwrap_or(&self.repository)
    }
}

impl Chart {
    /// Whether a release of this topology uses the image; `on` tells whether the switch at a key is on.
    ///
    /// Source: the rows `@uses` of `words.tsv`.
    pub fn uses(&self, image: &Image, topology: Topology, on: impl Fn(&str) -> bool) -> bool {
        let switches = self.places(&format!("@uses {}", image.path), topology);
        switches.iter().any(|switch| switch.path.is_empty() || on(&switch.path))
    }

    /// Whether the chart recognizes the image of this registry and repository.
    ///
    /// It looks into the text of the annotation `images` of its Chart.yaml, which lists the images of `values.yaml`: for
    /// `REGISTRY/REPOSITORY`, and where the text does not have that, for the one and the other, each anywhere in it.
    /// So `redis` is recognized as a part of `bitnami/redis`, and `bitnami/other` is not. Whether an image that is not
    /// recognized makes the render fail, `fails.tsv` says.
    ///
    /// Source: `templates/_errors.tpl` of the library chart `common`; the annotation, which has the same images as
    /// `values.yaml` in every version that looks at it.
    pub fn recognition(&self, registry: &str, repository: &str) -> Recognition {
        let listed = self.listed_images();
        let full = format!("{registry}/{repository}");
        if listed.contains(&full) || listed.contains(registry) && listed.contains(repository) {
            return Recognition::Recognized;
        }
        // A registry that is not listed is no catalogue of the chart's at all.
        let moved = self.legacy_catalogues().iter().any(|catalogue| full.contains(&format!("{catalogue}/")));
        if listed.contains(registry) && moved { Recognition::Legacy } else { Recognition::Unrecognized }
    }

    /// The text of the annotation `images`.
    fn listed_images(&self) -> String {
        let mut images: Vec<(String, String)> = self
            .images()
            .iter()
            .map(|image| {
                let name = image.name().to_owned();
                (name, format!("{}/{}:{}", image.registry, image.repository, image.tag))
            })
            .collect();
        images.sort();
        images.dedup();
        images.iter().map(|(name, image)| format!("- name: {name}\n  image: {image}\n")).collect()
    }

    /// The catalogues that the older images moved to, each with its registry.
    fn legacy_catalogues(&self) -> Vec<String> {
        let mut registries: Vec<String> = self.images().into_iter().map(|image| image.registry).collect();
        registries.dedup();
        let catalogues = self.places("@legacy", Topology::Standalone);
        let with = |registry: &String| {
            catalogues.iter().map(move |place| format!("{registry}/{}", place.path)).collect::<Vec<_>>()
        };
        registries.iter().flat_map(with).collect()
    }

    /// The repository that holds the image with its versions since it left that of the chart, on the same registry;
    /// none where it did not move.
    ///
    /// Source: the rows `@legacy` and `@not-legacy` of `words.tsv`.
    pub fn moved_to(&self, image: &Image, topology: Topology) -> Option<String> {
        if self.places("@not-legacy", topology).iter().any(|stays| stays.path == image.repository) {
            return None;
        }
        let catalogue = self.places("@legacy", topology).into_iter().next()?;
        Some(format!("{}/{}", catalogue.path, image.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moves(version: &str, topology: Topology, on: &[&str]) -> Vec<(String, Option<String>)> {
        let chart = Chart::at(&version.parse().unwrap()).unwrap();
        let images = chart.images();
        let used = images.iter().filter(|image| chart.uses(image, topology, |key| on.contains(&key)));
        used.map(|image| (image.path.clone(), chart.moved_to(image, topology))).collect()
    }

    /// Each was rendered.
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
    }

    #[test]
    fn images_are_those_of_the_topology_and_the_switches() {
        let redis = ("image".to_owned(), Some("bitnamilegacy/redis".to_owned()));
        assert_eq!(moves("23.1.1", Topology::Standalone, &["sentinel.enabled"]), std::slice::from_ref(&redis));
        let with = moves("23.1.1", Topology::Sentinel, &["sentinel.enabled", "sentinel.masterService.enabled"]);
        let paths: Vec<_> = with.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["image", "kubectl.image", "sentinel.image"]);
        // It is the only one that stayed.
        let old = moves("10.5.6", Topology::Standalone, &["volumePermissions.enabled"]);
        assert_eq!(old, [redis, ("volumePermissions.image".to_owned(), None)]);
    }
}
