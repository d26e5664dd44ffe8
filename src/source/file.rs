//! A text as a file of releases: each with its values, its chart and its place.
//!
//! lint, diff and migrate begin here, and nowhere else.

use std::rc::Rc;

use super::{Charts, ClaimSource, Hints, Unread, ValuesBlock, VersionClaim, of_keys, places, resolve};
use crate::{
    effective::EffectiveValues,
    encryption,
    yaml::{Document, Map, Path, merge, merge::Layers},
};

/// A text that holds values of the chart.
#[derive(Debug, Clone)]
pub struct File {
    pub text: String,
    /// What is known of the text from elsewhere: it is read again with that after a change.
    pub known: Hints,
    /// The whole text, with all that is around the values.
    pub document: Rc<Document>,
    /// The values in each place, in the order of the text.
    pub releases: Vec<FoundRelease>,
    /// Why places are left out: there is no chart of the version that they are for.
    pub refused: Vec<String>,
}

/// The values of a release in one place of a file, for the chart that takes them.
#[derive(Debug, Clone)]
pub struct FoundRelease {
    pub part: ValuesBlock,
    pub release: EffectiveValues,
    /// Who named the chart version.
    pub told: VersionClaim,
    /// Others that name a version, and were not asked.
    pub unheard: Vec<VersionClaim>,
}

/// The values of one release, from all places of a file that hold some of them.
#[derive(Debug, Clone)]
pub struct JoinedRelease<'a> {
    /// From the place that counts least to the one that counts most; empty where only another file has the release.
    pub places: Vec<&'a FoundRelease>,
    pub release: EffectiveValues,
    pub told: VersionClaim,
}

/// Reads a text, and finds for each place of values the chart that they are for.
///
/// # Errors
///
/// When the text holds no values of the chart, or is no YAML that Helm reads.
pub fn read(text: &str, known: &Hints, charts: &Charts) -> Result<File, Unread> {
    let parts = places(text, known)?;
    let whole = parts.iter().find(|part| !part.inset.is_part()).map(|part| part.document.clone());
    let (mut releases, mut refused) = (Vec::new(), Vec::new());
    for part in parts {
        let values = part.values();
        match resolve::resolve_version(&part, &values, known, charts) {
            Ok(resolve::ResolvedVersion { told, chart, unheard }) => {
                let release = part.origin.release(values, &chart);
                releases.push(FoundRelease { part, release, told, unheard });
            }
            Err(why) => refused.push(why),
        }
    }
    let document = whole.map_or_else(|| Document::parse(text).map(Rc::new), Ok)?;
    Ok(File { text: text.to_owned(), known: known.clone(), document, releases, refused })
}

impl FoundRelease {
    /// Where in the file the values are; empty for a file of nothing else.
    pub fn at(&self) -> Path {
        let ValuesBlock { inset, origin, .. } = &self.part;
        if inset.is_part() || !origin.at.is_root() { origin.at.clone() } else { Path::root() }
    }

    /// The same values beside others of the release. Where only keys tell the chart version, those of all values do.
    ///
    /// # Errors
    ///
    /// When there is no chart of the version that the keys tell.
    pub fn beside(&self, around: Layers, charts: &Charts) -> Result<Self, String> {
        let (mut told, mut chart) = (self.told.clone(), self.release.chart.clone());
        if matches!(told.by, ClaimSource::Keys(_)) {
            told = of_keys(&around.with(&self.release.written));
            chart = charts(&told.requirement).map_err(|error| format!("{error} ({})", told.by))?;
        }
        let mut part = self.part.clone();
        part.origin.around = around.clone();
        let release = self.release.with(self.release.written.clone(), around, &chart);
        Ok(Self { part, release, told, unheard: self.unheard.clone() })
    }

    /// Whether a text is the values of one release and nothing else.
    pub fn is_whole_file(&self) -> bool {
        !self.part.inset.is_part() && self.part.origin.at.is_root()
    }
}

impl File {
    /// The values of each release, which may be in several places.
    pub fn joined(&self) -> Vec<JoinedRelease<'_>> {
        let mut groups: Vec<Vec<&FoundRelease>> = Vec::new();
        // Values that reach no chart change nothing; alone they are all that there is to compare.
        let all_dropped = self.releases.iter().all(|found| found.part.origin.is_dropped);
        for found in self.releases.iter().filter(|found| all_dropped || !found.part.origin.is_dropped) {
            let together = found.part.origin.together;
            let is_same =
                |other: &&mut Vec<&FoundRelease>| together.is_some() && other[0].part.origin.together == together;
            match groups.iter_mut().find(is_same) {
                Some(group) => group.push(found),
                None => groups.push(vec![found]),
            }
        }
        groups.into_iter().map(JoinedRelease::of).collect()
    }
}

impl<'a> JoinedRelease<'a> {
    /// The places of one release, one at least.
    fn of(places: Vec<&'a FoundRelease>) -> Self {
        let first = places[0];
        let mut values = first.release.written.clone();
        for more in &places[1..] {
            merge::merge_into(&mut values, more.release.written.clone());
        }
        // The block that SOPS adds is written anew with each change, and read by nobody else.
        if values.get("sops").is_some_and(encryption::is_sops) {
            values.remove("sops");
        }
        // What stands together is in the values already.
        let around = match first.part.origin.together {
            Some(_) => Layers::default(),
            None => first.release.around.clone(),
        };
        let release = first.release.with(values, around, &first.release.chart);
        Self { release, told: first.told.clone(), places }
    }

    /// The release without any values, for a comparison with a file that does not have it.
    #[must_use]
    pub fn without_values(&self) -> Self {
        let release = EffectiveValues::of(Map::new(), &self.release.chart);
        Self { places: Vec::new(), release, told: self.told.clone() }
    }
}
