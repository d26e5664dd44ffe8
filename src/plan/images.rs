//! Where the images come from: all that this chart can use, alike.

use super::{Draft, Refusal, Way};
use crate::intent::{Images, Intent};

/// What is done to every image that the chart uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageChoice {
    /// taken from the frozen catalogue
    pub legacy: bool,
    /// digests by the key of the image
    pub digests: Vec<(String, String)>,
}

pub(super) fn settle(intent: &Intent, draft: &mut Draft) -> Result<ImageChoice, Refusal> {
    let mut choice = ImageChoice { legacy: intent.images == Some(Images::Legacy), digests: Vec::new() };
    if let Some(registry) = &intent.registry {
        if registry.is_empty()
            || registry.contains("://")
            || registry.contains(char::is_whitespace)
            || registry.ends_with('/')
        {
            let text = format!(
                "`{registry}` is no registry; expected one as `registry.example.com` or `registry.example.com/mirror`"
            );
            return Err(Refusal::new(&["registry"], text));
        }
        draft.say("registry", registry.as_str(), &["registry"], "the registry that mirrors the images")?;
        if draft.can("allow-other-images") {
            let why = "the chart refuses other registries unless it is told that they are meant";
            draft.say("allow-other-images", true, &["registry"], why)?;
        }
    } else if choice.legacy && draft.can("allow-legacy-images") {
        let why = "the chart refuses other repositories unless it is told that they are meant";
        draft.say("allow-legacy-images", true, &["images"], why)?;
    }
    if let Some(secrets) = &intent.pull_secrets {
        draft.say("pull-secrets", secrets.clone(), &["pull_secrets"], "the Secrets to pull the images with")?;
    }
    if let Some(digests) = &intent.digests {
        if !draft.can("digests") {
            return Err(draft.cannot("digests", &["digests"]));
        }
        for pinned in digests {
            let images = draft.chart.images();
            let keys: Vec<_> = images.iter().filter(|image| image.name() == pinned.image).collect();
            if keys.is_empty() {
                let mut known: Vec<_> = images.iter().map(|image| image.name().to_owned()).collect();
                known.sort();
                known.dedup();
                let text = format!(
                    "chart {} has no image `{}`; it has {}",
                    draft.chart.version(),
                    pinned.image,
                    known.join(", ")
                );
                return Err(Refusal::new(&["digests"], text));
            }
            choice.digests.extend(keys.into_iter().map(|image| (image.path.clone(), pinned.digest.clone())));
        }
    }
    if intent.images.is_none() && intent.registry.is_none() {
        let ways = [
            Way {
                field: "images",
                says: "`images: legacy` (frozen, no security fixes)",
                take: |intent| intent.images = Some(Images::Legacy),
            },
            Way {
                field: "registry",
                says: "`registry` with a mirror",
                take: |intent| intent.registry = Some("registry.example.com".to_owned()),
            },
        ];
        let fact = "pods will not start: docker.io/bitnami no longer serves the images of this chart";
        draft.advise("image-catalogue-moved", fact, &ways, "");
    }
    Ok(choice)
}
