//! Image catalogues on Docker Hub: which images and which tags they serve.

use std::sync::LazyLock;

use crate::table::{Table, optional, table};

const TABLE: Table<5> = table!("src/chart/data/catalogues.tsv", ["catalogue", "image", "tags", "newest", "source"]);

/// Tags of an image that a catalogue serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tags {
    /// Every tag.
    All,
    /// Every tag up to the newest; no new tags are added.
    Frozen,
    /// Only the tag `latest`.
    Latest,
}

/// Image in a catalogue of Docker Hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CatalogueImage {
    pub tags: Tags,
    /// Newest version of a frozen image, if it is known: `8.2.1`.
    pub newest: Option<&'static str>,
}

/// Looks up an image by its repository without the registry: `bitnamilegacy/redis`. `None` if no known catalogue has
/// the image.
///
/// Source: `catalogues.tsv`.
pub fn catalogue_image(repository: &str) -> Option<CatalogueImage> {
    let (catalogue, name) = repository.split_once('/')?;
    ROWS.iter().find(|(row, image, _)| *row == catalogue && *image == name).map(|(.., found)| *found)
}

/// Newest version of an image of this name in the frozen catalogue, if it is known: `8.2.1`.
pub fn newest_frozen(name: &str) -> Option<&'static str> {
    ROWS.iter()
        .find(|(_, image, found)| *image == name && found.tags == Tags::Frozen)
        .and_then(|(.., found)| found.newest)
}

/// Whether the image is known to have no files of Bitnami, such as the official image. The image is identified by its
/// place on Docker Hub, or by a name that a mirror keeps.
pub fn is_not_bitnami(registry: &str, repository: &str) -> bool {
    let is_other = |owner: &str, name: &str| {
        !owner.starts_with(BITNAMI) && ROWS.iter().any(|(catalogue, image, _)| *catalogue == owner && *image == name)
    };
    match repository.split('/').collect::<Vec<_>>().as_slice() {
        // Docker Hub serves official images without an owner, too.
        [name] => HUB.contains(&registry) && is_other(OFFICIAL, name),
        [.., owner, name] => is_other(owner, name),
        [] => false,
    }
}

/// Whether `registry` is a name of Docker Hub. The empty name is one.
pub fn is_docker_hub(registry: &str) -> bool {
    HUB.contains(&registry)
}

/// Prefix of the names of Bitnami's catalogues.
const BITNAMI: &str = "bitnami";
/// Owner of the official images.
const OFFICIAL: &str = "library";
/// Names of Docker Hub.
const HUB: [&str; 4] = ["", "docker.io", "registry-1.docker.io", "index.docker.io"];

/// Catalogue, image name, and the facts about the image.
type Row = (&'static str, &'static str, CatalogueImage);

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    TABLE.read(|[catalogue, image, tags, newest, _]| {
        let tags = match tags {
            "all" => Tags::All,
            "frozen" => Tags::Frozen,
            "latest" => Tags::Latest,
            _ => return Err(format!("`{tags}` is not `all`, `frozen` or `latest`")),
        };
        Ok((catalogue, image, CatalogueImage { tags, newest: optional(newest) }))
    })
});

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::chart::{Chart, Topology, versions};

    #[test]
    fn every_row_is_read_and_names_its_source() {
        assert_eq!(TABLE.rows().count(), ROWS.len());
        for [.., source] in TABLE.rows() {
            assert!(source.len() > 10, "{source}");
        }
        let keys: Vec<_> = ROWS.iter().map(|(catalogue, image, _)| (catalogue, image)).collect();
        assert!(keys.is_sorted() && keys.iter().collect::<BTreeSet<_>>().len() == keys.len(), "{keys:?}");
    }

    #[test]
    fn images_of_others_are_known_by_owner_and_name() {
        for (registry, repository) in [
            ("docker.io", "redis"),
            ("", "library/redis"),
            ("registry.example.com", "library/redis"),
            ("registry.example.com", "hub/valkey/valkey"),
            ("docker.io", "redis/redis-stack-server"),
        ] {
            assert!(is_not_bitnami(registry, repository), "{registry}/{repository}");
        }
        for (registry, repository) in [
            ("docker.io", "bitnami/redis"),
            ("registry.example.com", "redis"),
            ("registry.example.com", "team/redis"),
            ("docker.io", "bitnamilegacy/redis-sentinel"),
        ] {
            assert!(!is_not_bitnami(registry, repository), "{registry}/{repository}");
        }
        assert_eq!(newest_frozen("redis"), Some("8.2.1"));
        assert_eq!(newest_frozen("os-shell"), None);
    }

    /// Images that the registry no longer serves are in the frozen catalogue with the tag of the chart. All other
    /// images are still served under the name in the chart.
    #[test]
    fn every_image_of_every_version_is_served_somewhere() {
        let newest = |tag: &str| tag.split('-').next().and_then(|version| version.parse::<semver::Version>().ok());
        for release in versions() {
            let chart = Chart::at(&release.version).unwrap();
            for image in chart.images() {
                let at = format!("{}: {}:{}", release.version, image.repository, image.tag);
                let Some(moved) = chart.moved_to(image, Topology::Sentinel) else {
                    let own = catalogue_image(&image.repository).unwrap_or_else(|| panic!("{at}: no such image"));
                    assert!(own.tags == Tags::All || own.tags == Tags::Latest && image.tag == "latest", "{at}");
                    continue;
                };
                let frozen = catalogue_image(&moved).unwrap_or_else(|| panic!("{at}: {moved} is in no catalogue"));
                assert_eq!(frozen.tags, Tags::Frozen, "{at}");
                if let (Some(last), Some(tag)) = (frozen.newest.and_then(newest), newest(&image.tag)) {
                    assert!(tag <= last, "{at} is newer than what is frozen");
                }
            }
        }
    }
}
