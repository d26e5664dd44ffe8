//! The images of a release as a list, and the commands that copy them to another registry.
//!
//! This module reads no files and runs no commands. A caller passes values with their chart, and prints the result.

use crate::{
    effective::{
        EffectiveValues,
        images::{self, ImageSource, OwnImage, PulledImage},
    },
    shell::{self, ZeroByte},
};

/// An image that a release pulls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedImage {
    /// The registry; empty for the default of the container runtime.
    pub registry: String,
    pub repository: String,
    pub tag: Option<String>,
    pub digest: Option<String>,
    /// The keys that set the image: `image`, `master.sidecars[0].image`.
    pub keys: Vec<String>,
    /// Whether the image belongs to the chart, whose registry one key sets.
    pub is_of_chart: bool,
    /// Whether the tag moves to each new release.
    pub is_moving: bool,
    /// The repository on the same registry that still serves the tag, if the repository of the image does not.
    pub served_by: Option<String>,
}

impl ListedImage {
    /// The reference that a node pulls.
    pub fn reference(&self) -> String {
        format!("{}{}", self.name(), self.suffix())
    }

    fn name(&self) -> String {
        self.in_repository(&self.repository)
    }

    fn in_repository(&self, repository: &str) -> String {
        match self.registry.is_empty() {
            true => repository.to_owned(),
            false => format!("{}/{repository}", self.registry),
        }
    }

    /// The reference that a registry serves today, if known.
    pub fn source(&self) -> String {
        let repository = self.served_by.as_ref().unwrap_or(&self.repository);
        format!("{}{}", self.in_repository(repository), self.suffix())
    }

    fn suffix(&self) -> String {
        match (&self.digest, &self.tag) {
            (Some(digest), _) => format!("@{digest}"),
            (None, Some(tag)) => format!(":{tag}"),
            (None, None) => String::new(),
        }
    }

    /// The image in another registry, without a digest that only a copy has.
    fn at(&self, registry: &str) -> String {
        match &self.tag {
            Some(tag) => format!("{registry}/{}:{tag}", self.repository),
            None => format!("{registry}/{}", self.repository),
        }
    }

    /// The reference that a node pulls from this registry after a copy.
    pub fn reference_at(&self, registry: &str) -> String {
        format!("{registry}/{}{}", self.repository, self.suffix())
    }
}

/// The images of a release, each once: first those of the chart, then those of containers in the values.
pub fn list(values: &EffectiveValues) -> Vec<ListedImage> {
    let mut found: Vec<ListedImage> = Vec::new();
    let own = images::of_own_containers(values);
    let all = images::pulled(values).into_iter().map(of_chart).chain(own.into_iter().map(of_user));
    for image in all {
        match found.iter_mut().find(|listed| listed.reference() == image.reference()) {
            Some(listed) => {
                listed.keys.extend(image.keys);
                listed.is_of_chart &= image.is_of_chart;
            }
            None => found.push(image),
        }
    }
    found
}

fn of_chart(pulled: PulledImage) -> ListedImage {
    let is_gone = !images::unavailable(std::slice::from_ref(&pulled)).is_empty();
    let served_by = match &pulled.from {
        ImageSource::MovedAway { to } if is_gone && !pulled.is_in_no_catalogue() => Some(to.clone()),
        _ => None,
    };
    ListedImage {
        served_by,
        tag: pulled.tag().map(str::to_owned),
        is_moving: pulled.is_moving(),
        registry: pulled.registry,
        repository: pulled.repository,
        digest: pulled.digest,
        keys: vec![pulled.image.path],
        is_of_chart: true,
    }
}

/// Splits an address as Docker does: the part in front of the first `/` is a registry if it looks like a host.
fn of_user(image: OwnImage) -> ListedImage {
    let OwnImage { key, address } = image;
    let (name, digest) = match address.split_once('@') {
        Some((name, digest)) => (name, Some(digest.to_owned())),
        None => (address.as_str(), None),
    };
    let is_host = |part: &str| part.contains(['.', ':']) || part == "localhost";
    let (registry, rest) = match name.split_once('/') {
        Some((first, rest)) if is_host(first) => (first, rest),
        _ => ("", name),
    };
    let (repository, tag) = match rest.rsplit_once(':') {
        Some((repository, tag)) => (repository, Some(tag.to_owned())),
        None => (rest, None),
    };
    ListedImage {
        served_by: None,
        is_moving: digest.is_none() && tag.as_deref().is_none_or(|tag| tag == crate::chart::LATEST),
        registry: registry.to_owned(),
        repository: repository.to_owned(),
        tag,
        digest,
        keys: vec![key.to_string()],
        is_of_chart: false,
    }
}

/// A program that copies images from one registry to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copier {
    Crane,
    Skopeo,
    Docker,
    Oras,
}

impl Copier {
    /// Whether a copy keeps its digest, with all architectures.
    pub fn keeps_digests(self) -> bool {
        self != Self::Docker
    }

    /// The commands that copy the image, one per line.
    ///
    /// # Errors
    ///
    /// When an argument contains a zero byte.
    pub fn copy(self, image: &ListedImage, registry: &str) -> Result<Vec<String>, ZeroByte> {
        let (from, to) = (image.source(), image.at(registry));
        let commands: Vec<Vec<&str>> = match self {
            Self::Crane => vec![vec!["crane", "copy", &from, &to]],
            Self::Skopeo => {
                let docker = |address: &str| format!("docker://{address}");
                let (from, to) = (docker(&self.hub(image)), docker(&to));
                let words = ["skopeo", "copy", "--all", "--preserve-digests", from.as_str(), to.as_str()];
                return Ok(vec![shell::join(words)?]);
            }
            Self::Docker => {
                vec![vec!["docker", "pull", &from], vec!["docker", "tag", &from, &to], vec!["docker", "push", &to]]
            }
            Self::Oras => {
                let from = self.hub(image);
                return Ok(vec![shell::join(["oras", "cp", "-r", from.as_str(), to.as_str()])?]);
            }
        };
        commands.into_iter().map(shell::join).collect()
    }

    /// The full address for programs without Docker Hub as the default registry.
    fn hub(self, image: &ListedImage) -> String {
        let reference = image.source();
        if !image.registry.is_empty() {
            return reference;
        }
        match image.repository.contains('/') {
            true => format!("docker.io/{reference}"),
            false => format!("docker.io/library/{reference}"),
        }
    }
}

/// Two images that would have the same name in another registry.
pub fn collision<'a>(images: &'a [ListedImage], registry: &str) -> Option<(&'a ListedImage, &'a ListedImage)> {
    images.iter().enumerate().find_map(|(at, image)| {
        let same =
            |other: &&ListedImage| other.at(registry) == image.at(registry) && other.reference() != image.reference();
        images[at + 1..].iter().find(same).map(|other| (image, other))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chart::Chart,
        yaml::{merge::Layers, read_values},
    };

    fn listed(version: &str, values: &str) -> Vec<ListedImage> {
        let chart = Chart::at(&version.parse().unwrap()).unwrap();
        list(&EffectiveValues::new(read_values(values).unwrap(), Layers::default(), &chart))
    }

    fn references(version: &str, values: &str) -> Vec<String> {
        listed(version, values).iter().map(ListedImage::reference).collect()
    }

    #[test]
    fn images_are_those_of_the_switches() {
        assert_eq!(references("11.0.4", "{}"), ["docker.io/bitnami/redis:6.0.8-debian-10-r0"]);
        let with = "sentinel: {enabled: true, masterService: {enabled: true}}\nmetrics: {enabled: true}\n";
        let names = ["redis", "kubectl", "redis-exporter", "redis-sentinel"];
        assert_eq!(references("28.0.7", with), names.map(|name| format!("registry-1.docker.io/bitnami/{name}:latest")));
    }

    /// The switch alone is not enough: there is nothing to prepare without volumes.
    #[test]
    fn an_image_of_which_no_container_is_rendered_is_not_pulled() {
        let redis = ["docker.io/bitnami/redis:8.2.1-debian-12-r0"];
        let off = "volumePermissions: {enabled: true}\nmaster: {persistence: {enabled: false}}\n";
        let shell = "docker.io/bitnami/os-shell:12-debian-12-r51";
        assert_eq!(references("23.1.1", &format!("architecture: standalone\n{off}")), redis);
        assert_eq!(references("23.1.1", off), [redis[0], shell], "the replicas have volumes");
        let none = format!("{off}replica: {{persistence: {{enabled: false}}}}\n");
        assert_eq!(references("23.1.1", &none), redis);
    }

    #[test]
    fn digests_registries_and_own_containers_count() {
        let values = "global: {imageRegistry: r.test/hub}\nimage: {digest: 'sha256:0f'}\n\
                      master: {sidecars: [{name: a, image: 'ghcr.io/x/y:1'}, {name: b, image: nginx}]}\n";
        let found = listed("23.1.1", values);
        let shown: Vec<_> = found.iter().map(|image| (image.reference(), image.is_moving, image.is_of_chart)).collect();
        let expected = [
            ("r.test/hub/bitnami/redis@sha256:0f", false, true),
            ("ghcr.io/x/y:1", false, false),
            ("nginx", true, false),
        ];
        assert_eq!(shown, expected.map(|(text, moves, chart)| (text.to_owned(), moves, chart)));
        assert_eq!(found[1].keys, ["master.sidecars[0].image"]);
        assert_eq!(found[1].reference_at("m.test"), "m.test/x/y:1");
    }

    #[test]
    fn each_program_copies_in_its_own_words() {
        let image = &listed("23.1.1", "image: {digest: 'sha256:0f'}\n")[0];
        let copy = |copier: Copier| copier.copy(image, "m.test/hub").unwrap();
        let from = "docker.io/bitnami/redis@sha256:0f";
        let to = "m.test/hub/bitnami/redis:8.2.1-debian-12-r0";
        assert_eq!(copy(Copier::Crane), [format!("crane copy {from} {to}")]);
        let skopeo = format!("skopeo copy --all --preserve-digests docker://{from} docker://{to}");
        assert_eq!(copy(Copier::Skopeo), [skopeo]);
        assert_eq!(copy(Copier::Oras), [format!("oras cp -r {from} {to}")]);
        let docker = [format!("docker pull {from}"), format!("docker tag {from} {to}"), format!("docker push {to}")];
        assert_eq!(copy(Copier::Docker), docker);
    }

    /// A copy of what is gone comes from where it went, and gets the name that the values have.
    #[test]
    fn what_is_gone_is_copied_from_the_frozen_catalogue() {
        let copied = Copier::Crane.copy(&listed("11.0.4", "{}")[0], "m.test").unwrap();
        let tag = "6.0.8-debian-10-r0";
        assert_eq!(copied, [format!("crane copy docker.io/bitnamilegacy/redis:{tag} m.test/bitnami/redis:{tag}")]);
        let served = Copier::Crane.copy(&listed("28.0.7", "{}")[0], "m.test").unwrap();
        assert_eq!(served, ["crane copy registry-1.docker.io/bitnami/redis:latest m.test/bitnami/redis:latest"]);
    }

    #[test]
    fn two_images_may_not_get_one_name() {
        let values = "master: {sidecars: [{name: a, image: 'a.test/x:1'}, {name: b, image: 'b.test/x:1'}]}\n";
        let found = listed("23.1.1", values);
        assert!(collision(&found, "m.test").is_some());
        assert!(collision(&found[..2], "m.test").is_none());
    }
}
