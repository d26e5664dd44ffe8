//! Profiles: named sets of options that are merged.
//!
//! A profile is a flat map with fields of [`Intent`], and `description`, `extends` and `prefer`. A preferred option
//! applies only if the chart version supports it, and never overrides an option that another profile sets directly.
//! Within each kind, a later profile overrides an earlier one.
//!
//! This module reads no files: a [`Source`] provides the texts.

mod embedded;
mod entries;
mod error;
mod explain;
mod fields;
mod read;
mod schema;

use std::borrow::Cow;

use crate::{
    intent::{Intent, LayeredIntent, Origin},
    suggest::near,
};

pub use embedded::{EMBEDDED, Embedded};
pub use error::{Fault, Place, ProfileError};
pub use read::MOST_BYTES;
pub use schema::schema;

/// One profile.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    pub name: String,
    /// The name of its file in messages.
    pub file: String,
    /// Whether the profile is built in.
    pub embedded: bool,
    /// A description of one line.
    pub description: String,
    pub extends: Vec<Base>,
    /// The options of the profile.
    pub intent: Intent,
    /// The options that apply only if the chart version supports them.
    pub prefer: Intent,
}

/// A base profile in `extends`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    pub name: String,
    /// The place of the name.
    pub place: Place,
}

/// The text of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileText {
    /// The name of its file in messages, different for each text.
    pub file: String,
    /// The number of the folder with the profile.
    pub shelf: usize,
    /// Whether the profile is built in.
    pub embedded: bool,
    pub bytes: Cow<'static, [u8]>,
}

/// Folders of profiles, nearest first, numbered from 0.
pub trait Source {
    /// The profile of this name in the nearest folder, starting at the folder `from`.
    ///
    /// A name that [`is_name`] refuses comes only from the command line, and a source of files reads it as a path.
    ///
    /// # Errors
    ///
    /// When the profile is unreadable.
    fn find(&self, name: &str, from: usize) -> Result<Option<ProfileText>, ProfileError>;

    /// All names of profiles, sorted, each once.
    fn names(&self) -> Vec<String>;
}

/// Whether this is a valid profile name, and not a path: letters, digits, `-` and `_`.
pub fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

/// The merged options of the named profiles, in their order.
///
/// # Errors
///
/// When a profile is missing, unreadable or invalid, or extends itself.
pub fn resolve(names: &[String], source: &dyn Source) -> Result<LayeredIntent, ProfileError> {
    Ok(layer_profiles(&layers(names, source)?))
}

/// The named profiles and their base profiles in merge order: a later profile overrides an earlier one.
///
/// Base profiles come in front of their profile, from left to right, and each only once, so a base never overrides a
/// profile that extends it. A profile that a user names keeps its position, even if it is also a base of an earlier
/// one.
///
/// A name means the nearest profile of that name. In `extends` of a profile with the same name, the name means the next
/// outer profile, so a profile can extend the profile that it hides.
///
/// # Errors
///
/// As [`resolve`].
pub fn layers(names: &[String], source: &dyn Source) -> Result<Vec<Profile>, ProfileError> {
    let mut stack = Stack { source, layers: Vec::new(), chain: Vec::new() };
    for name in names {
        let found = source.find(name, 0)?.ok_or_else(|| ProfileError::unknown(name, &source.names()))?;
        stack.put(name, found, true)?;
    }
    Ok(stack.layers)
}

/// Merges profiles.
pub fn layer_profiles(layers: &[Profile]) -> LayeredIntent {
    let mut options = LayeredIntent::default();
    for profile in layers {
        let origin = Origin::Profile(profile.name.clone());
        let mut prefer = profile.prefer.clone();
        for field in prefer.set_fields() {
            if options.origins.contains_key(&field) && !options.preferred.contains_key(&field) {
                prefer.forget(field);
            }
        }
        options.prefer(prefer, &origin);
        options.lay(profile.intent.clone(), &origin);
    }
    options
}

/// The longest chain of base profiles.
const DEEPEST_CHAIN: usize = 64;

struct Stack<'a> {
    source: &'a dyn Source,
    layers: Vec<Profile>,
    /// The profiles whose bases are being read: name and file.
    chain: Vec<(String, String)>,
}

impl Stack<'_> {
    fn put(&mut self, name: &str, found: ProfileText, asked_for: bool) -> Result<(), ProfileError> {
        if !asked_for && self.layers.iter().any(|layer| layer.file == found.file) {
            return Ok(());
        }
        if self.chain.len() >= DEEPEST_CHAIN {
            return Err(ProfileError::Deep { name: name.to_owned(), most: DEEPEST_CHAIN });
        }
        let profile = Profile::parse(name, &found)?;
        self.chain.push((name.to_owned(), found.file));
        for base in &profile.extends {
            let from = if base.name == profile.name { found.shelf + 1 } else { 0 };
            let found = self.source.find(&base.name, from)?.ok_or_else(|| self.unknown_base(base, &profile))?;
            if let Some(start) = self.chain.iter().position(|(_, file)| *file == found.file) {
                let names = self.chain[start..].iter().map(|(name, _)| name.clone());
                let chain = names.chain([base.name.clone()]).collect();
                return Err(ProfileError::at(&base.place, Fault::Cycle { chain }));
            }
            self.put(&base.name, found, false)?;
        }
        self.chain.pop();
        self.layers.push(profile);
        Ok(())
    }

    fn unknown_base(&self, base: &Base, profile: &Profile) -> ProfileError {
        if base.name == profile.name {
            return ProfileError::at(&base.place, Fault::NothingOutward { name: base.name.clone() });
        }
        let names = self.source.names();
        let others = names.iter().map(String::as_str).filter(|name| *name != profile.name);
        let near = near(&base.name, others);
        ProfileError::at(&base.place, Fault::UnknownBase { name: base.name.clone(), near })
    }
}

#[cfg(test)]
mod tests;
