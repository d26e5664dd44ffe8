//! A file with releases: the values, the chart and the place of each.
//!
//! lint, diff and migrate read every file with this module.

use std::{collections::HashMap, sync::Arc};

use super::{Charts, ClaimSource, Hints, Unread, ValuesBlock, VersionClaim, all_places, document_of, of_keys, resolve};
use crate::{
    effective::EffectiveValues,
    encryption,
    yaml::{Document, Map, Path, merge, merge::Layers},
};

/// A text that contains values of the chart.
#[derive(Debug, Clone)]
pub struct File {
    pub text: String,
    /// The hints for the text, which a second read after a change needs again.
    pub hints: Hints,
    /// The whole document, with everything outside of the values.
    pub document: Arc<Document>,
    /// The values of each place, in the order of the text.
    pub releases: Vec<FoundRelease>,
    /// The global values of parent charts, which other charts of a release read too.
    pub globals: Vec<FoundRelease>,
    /// Why places are left out: no chart has their version.
    pub refused: Vec<String>,
}

/// The values of a release in one place of a file, with their chart.
#[derive(Debug, Clone)]
pub struct FoundRelease {
    pub part: ValuesBlock,
    pub release: EffectiveValues,
    /// The claim that decided the chart version.
    pub claim: VersionClaim,
    /// The claims that this claim overrides.
    pub overridden: Vec<VersionClaim>,
}

/// The values of one release, merged from all their places in a file.
#[derive(Debug, Clone)]
pub struct JoinedRelease<'a> {
    /// The places of the values, lowest precedence first. Empty if only another file has the release.
    pub places: Vec<&'a FoundRelease>,
    pub release: EffectiveValues,
    pub claim: VersionClaim,
}

/// Reads a text and resolves the chart of the values in each place.
///
/// # Errors
///
/// If the text contains no values of the chart, or Helm cannot parse its YAML.
pub fn read(text: &str, hints: &Hints, charts: &Charts) -> Result<File, Unread> {
    let parts = all_places(text, hints)?;
    let whole = parts.iter().find(|part| !part.inset.is_part()).map(|part| part.document.clone());
    let (mut releases, mut globals, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for part in parts {
        let values = part.values();
        match resolve::resolve_version(&part, &values, hints, charts) {
            Ok(resolve::ResolvedVersion { claim, chart, overridden }) => {
                let release = part.origin.release(values, &chart);
                let of_kind = if part.origin.only.is_some() { &mut globals } else { &mut releases };
                of_kind.push(FoundRelease { part, release, claim, overridden });
            }
            Err(why) => refused.push(why),
        }
    }
    let document = whole.unwrap_or_else(|| Arc::new(document_of(text, hints)));
    Ok(File { text: text.to_owned(), hints: hints.clone(), document, releases, globals, refused })
}

impl FoundRelease {
    /// The path of the values in the file. The root for a file with nothing else.
    pub fn at(&self) -> Path {
        let ValuesBlock { inset, origin, .. } = &self.part;
        if inset.is_part() || !origin.at.is_root() { origin.at.clone() } else { Path::root() }
    }

    /// Adds other layers of the release to these values.
    ///
    /// If only keys decide the chart version, the keys of all layers decide it together.
    ///
    /// # Errors
    ///
    /// If no chart has the resolved version.
    pub fn with_layers(&self, other_layers: Layers, charts: &Charts) -> Result<Self, String> {
        let (mut claim, mut chart) = (self.claim.clone(), self.release.chart.clone());
        if matches!(claim.by, ClaimSource::Keys(_)) {
            claim = of_keys(&other_layers.with(&self.release.written));
            chart = charts(&claim.requirement).map_err(|error| format!("{error} ({})", claim.by))?;
        }
        let mut part = self.part.clone();
        part.origin.other_layers = other_layers.clone();
        let release = self.release.with(self.release.written.clone(), other_layers, &chart);
        Ok(Self { part, release, claim, overridden: self.overridden.clone() })
    }

    /// Whether the file contains the values of one release and nothing else.
    pub fn is_whole_file(&self) -> bool {
        !self.part.inset.is_part() && self.part.origin.at.is_root()
    }
}

impl File {
    /// The document, if it has the whole text as YAML, without any changes.
    pub fn whole_document(&self) -> Option<Arc<Document>> {
        let parts = self.releases.iter().chain(&self.globals).map(|found| &found.part);
        let mut whole = parts.filter(|part| !part.inset.is_part() && part.document.text() == self.text);
        whole.next().map(|part| part.document.clone())
    }

    /// The values of each release, merged from all places.
    pub fn joined(&self) -> Vec<JoinedRelease<'_>> {
        let mut groups: Vec<Vec<&FoundRelease>> = Vec::new();
        let mut group_of: HashMap<usize, usize> = HashMap::new();
        // Values that reach no chart change nothing, but a file with only such values still has to be compared.
        let all_dropped = self.releases.iter().all(|release| release.part.origin.is_dropped);
        for release in self.releases.iter().filter(|release| all_dropped || !release.part.origin.is_dropped) {
            let group = release.part.origin.release_group;
            match group.and_then(|group| group_of.get(&group)) {
                Some(at) => groups[*at].push(release),
                None => {
                    group_of.extend(group.map(|group| (group, groups.len())));
                    groups.push(vec![release]);
                }
            }
        }
        groups.into_iter().map(JoinedRelease::of).collect()
    }
}

impl<'a> JoinedRelease<'a> {
    /// Merges the places of one release. There must be one place at least.
    fn of(places: Vec<&'a FoundRelease>) -> Self {
        let first = places[0];
        let mut values = first.release.written.clone();
        for more in &places[1..] {
            merge::merge_into(&mut values, more.release.written.clone());
        }
        // SOPS rewrites its own block with each change, and no chart reads the block.
        if values.get("sops").is_some_and(encryption::is_sops) {
            values.remove("sops");
        }
        // The places of one release are merged already.
        let other_layers = match first.part.origin.release_group {
            Some(_) if !first.part.origin.has_other_files => Layers::default(),
            _ => first.release.other_layers.clone(),
        };
        let release = first.release.with(values, other_layers, &first.release.chart);
        Self { release, claim: first.claim.clone(), places }
    }

    /// The same release without any values, for a comparison with a file that lacks the release.
    #[must_use]
    pub fn without_values(&self) -> Self {
        let release = EffectiveValues::of(Map::new(), &self.release.chart);
        Self { places: Vec::new(), release, claim: self.claim.clone() }
    }
}
