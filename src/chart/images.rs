//! Which images a release uses, and where they went when the chart's own catalogue was closed.

use super::{Chart, Image, Topology};

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
