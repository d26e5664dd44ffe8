//! The place of the chart version of a release, in the files that redisgen can change.

use super::{EmbeddedText, Hints, Parsed, repository::Release};
use crate::yaml::Path;

impl Release {
    /// The file that a change of the version changes. `None` if only a chart around has the version.
    pub fn version_file(&self) -> Option<&str> {
        if self.parent.is_some() {
            return None;
        }
        match &self.version_place {
            Some(place) => place.file.as_deref(),
            None => self.declaration.as_ref().map(|(file, _)| file.as_str()),
        }
    }

    /// The text and the path of the version in the text of this file. `None` if the version is an expression or in a text
    /// that no edit can change.
    pub fn version_in(&self, text: &str, hints: &Hints) -> Option<(EmbeddedText, Path)> {
        match (&self.version_place, &self.declaration) {
            (Some(place), _) => Some((place.inset(text)?, place.path.clone())),
            (None, Some((_, number))) => Parsed::of(text, hints, None).declarations.get(*number)?.version.at.clone(),
            (None, None) => None,
        }
    }
}
