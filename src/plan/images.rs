//! Where the images come from: all that this chart can use, alike.

use super::{Draft, RecommendedOption, Refusal};
use crate::{
    chart::{self, Chart, Setting, Topology},
    intent::{Field, Images, Intent, PullPolicy},
};

/// What is done to every image that the chart uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageChoice {
    pub catalogue: Catalogue,
    /// digests by the key of the image
    pub digests: Vec<(String, String)>,
    /// as Kubernetes writes it
    pub pull_policy: Option<&'static str>,
}

/// Where an image is taken from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Catalogue {
    /// where the chart has it
    #[default]
    Chart,
    /// the frozen catalogue for every image
    Frozen,
    /// the frozen catalogue, for images without another source in an overlay
    FrozenUnlessSaid,
    /// the hardened one, with its only free tag
    Secure,
}

pub(super) fn settle(intent: &Intent, draft: &mut Draft) -> Result<ImageChoice, Refusal> {
    let mut choice = ImageChoice { catalogue: catalogue(intent, draft)?, ..ImageChoice::default() };
    if let Some(registry) = &intent.registry {
        if registry.is_empty()
            || registry.contains("://")
            || registry.contains(char::is_whitespace)
            || registry.ends_with('/')
        {
            let text = format!(
                "`{registry}` is not a registry: expected a host such as `registry.example.com`, or a host and a path \
                 such as `registry.example.com/mirror`"
            );
            return Err(Refusal::new(&[Field::Registry], text));
        }
        draft.say(Setting::Registry, registry.as_str(), &[Field::Registry], "registry with a mirror of the images")?;
        if draft.can(Setting::AllowOtherImages) {
            let why = "the chart refuses another registry without this key";
            draft.say(Setting::AllowOtherImages, true, &[Field::Registry], why)?;
        }
    } else {
        let setting = match choice.catalogue {
            Catalogue::Chart => None,
            Catalogue::Frozen | Catalogue::FrozenUnlessSaid => Some(Setting::AllowLegacyImages),
            Catalogue::Secure => Some(Setting::AllowOtherImages),
        };
        if let Some(setting) = setting.filter(|setting| draft.can(*setting)) {
            let why = "the chart refuses another repository without this key";
            draft.say(setting, true, &[Field::Images], why)?;
        }
    }
    if let Some(policy) = intent.pull_policy {
        if !draft.can(Setting::PullPolicy) {
            return Err(draft.cannot(Setting::PullPolicy, &[Field::PullPolicy]));
        }
        choice.pull_policy = Some(match policy {
            PullPolicy::Always => "Always",
            PullPolicy::IfNotPresent => "IfNotPresent",
            PullPolicy::Never => "Never",
        });
    }
    if let Some(secrets) = &intent.pull_secrets {
        draft.say(Setting::PullSecrets, secrets.clone(), &[Field::PullSecrets], "Secrets for the registry")?;
    }
    if let Some(digests) = &intent.digests {
        if !draft.can(Setting::Digests) {
            return Err(draft.cannot(Setting::Digests, &[Field::Digests]));
        }
        for pinned in digests {
            let images = draft.chart.images();
            let keys: Vec<_> = images.iter().filter(|image| image.name() == pinned.image).collect();
            if keys.is_empty() {
                let mut known: Vec<_> = images.iter().map(|image| image.name().to_owned()).collect();
                known.sort();
                known.dedup();
                let text = format!(
                    "chart {} has no image `{}`: expected one of {}",
                    draft.chart.version(),
                    pinned.image,
                    known.join(", ")
                );
                return Err(Refusal::new(&[Field::Digests], text));
            }
            choice.digests.extend(keys.into_iter().map(|image| (image.path.clone(), pinned.digest.clone())));
        }
    }
    if choice.catalogue == Catalogue::FrozenUnlessSaid && !choice.pins("image") {
        frozen(draft);
    }
    match choice.catalogue {
        Catalogue::Frozen => draft.accepted.push((FROZEN_IMAGES, Field::Images)),
        // This catalogue has no other tag.
        Catalogue::Secure => draft.accepted.push(("floating-tag", Field::Images)),
        Catalogue::Chart | Catalogue::FrozenUnlessSaid => {}
    }
    Ok(choice)
}

impl ImageChoice {
    /// Whether the image at a key has a digest.
    pub fn pins(&self, image: &str) -> bool {
        self.digests.iter().any(|(key, _)| key == image)
    }
}

fn catalogue(intent: &Intent, draft: &Draft) -> Result<Catalogue, Refusal> {
    let version = draft.chart.version();
    match intent.images.unwrap_or(Images::Auto) {
        Images::Chart => Ok(Catalogue::Chart),
        // A mirror has the images under the names of the chart.
        Images::Auto if intent.registry.is_some() || draft.chart.images_are_served() => Ok(Catalogue::Chart),
        Images::Auto => Ok(Catalogue::FrozenUnlessSaid),
        Images::Legacy if draft.chart.images_are_served() => {
            let text = format!(
                "the frozen catalogue has no images for chart {version}. Use `images: chart`, which the registry \
                 serves, or `images: secure`"
            );
            Err(Refusal::new(&[Field::Images], text))
        }
        Images::Legacy => Ok(Catalogue::Frozen),
        Images::Secure => {
            let all = |image| draft.chart.secured_in(image, draft.topology).is_some();
            if draft.chart.images().iter().all(all) {
                return Ok(Catalogue::Secure);
            }
            let since =
                chart::setting_intervals(Setting::Secure, draft.topology).into_iter().map(|(since, _)| since).next();
            let redis = draft.chart.redis();
            let reason = format!(
                "chart {version} needs Redis {redis}, and the hardened catalogue serves only the tag `latest` for \
                 free. Use chart {} or later",
                since.as_ref().map(ToString::to_string).unwrap_or_default()
            );
            Err(Refusal { since, ..Refusal::new(&[Field::Images], reason) })
        }
    }
}

/// Recommends other images than those that their registry no longer serves.
fn frozen(draft: &mut Draft) {
    if FrozenImages::of(draft.chart).is_none() {
        return;
    }
    let ways = [
        RecommendedOption {
            field: Field::Images,
            says: "`images: secure` (hardened, the tag `latest`)",
            take: |intent| intent.images = Some(Images::Secure),
        },
        RecommendedOption {
            field: Field::Registry,
            says: "`registry` with a mirror",
            take: |intent| intent.registry = Some("registry.example.com".to_owned()),
        },
        RecommendedOption {
            field: Field::Images,
            says: "`images: legacy` to accept the frozen images",
            take: |intent| intent.images = Some(Images::Legacy),
        },
    ];
    draft.warn(FROZEN_IMAGES, &ways);
}

/// The rule about images that are gone from their registry.
pub const FROZEN_IMAGES: &str = "redis-with-known-holes";

/// What the frozen catalogue has for a chart version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrozenImages {
    /// the name of the catalogue
    pub catalogue: String,
    /// the version of Redis
    pub redis: String,
    /// how many known security holes that has
    pub holes: usize,
    /// since when its line of releases gets no more fixes
    pub ended: Option<&'static str>,
}

impl FrozenImages {
    /// None where the images of the chart are served.
    pub fn of(chart: &Chart) -> Option<Self> {
        let image = chart.images().iter().find(|image| image.path == "image")?;
        let moved = chart.moved_to(image, Topology::Standalone)?;
        let redis = chart.app_version();
        let version = redis.parse().ok();
        Some(Self {
            catalogue: moved.split('/').next().unwrap_or_default().to_owned(),
            redis: redis.to_owned(),
            holes: version.as_ref().map_or(0, |redis| chart::vulnerabilities(redis).len()),
            ended: version.as_ref().and_then(chart::end_of_life),
        })
    }
}
