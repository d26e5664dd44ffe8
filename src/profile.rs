//! Profiles: partial intents with a name, to be laid over one another.
//!
//! A profile is a flat map of the fields of [`Intent`], and `description`, `extends` and `prefer`. What it prefers is
//! wished for only where the chart can, and is the weaker kind of wish wherever it comes from: it never takes the place
//! of what any profile states. Within a kind the later profile wins.
//!
//! Nothing here touches a file; a [`Source`] hands in the texts.

mod embedded;
mod entries;
mod error;
mod explain;
mod fields;
mod read;
mod schema;

use std::borrow::Cow;

use crate::{
    intent::{Intent, Origin, Wishes},
    near::near,
};

pub use embedded::{EMBEDDED, Embedded};
pub use error::{Fault, Place, ProfileError};
pub use read::MOST_BYTES;
pub use schema::schema;

/// One profile, as it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    pub name: String,
    /// Where it was read, as messages say it.
    pub file: String,
    /// Whether redisgen brings it.
    pub embedded: bool,
    /// One line.
    pub description: String,
    pub extends: Vec<Base>,
    /// What it states.
    pub intent: Intent,
    /// What it wishes for only where the chart can.
    pub prefer: Intent,
}

/// A profile that another one starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    pub name: String,
    /// Where it is named.
    pub place: Place,
}

/// The text of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it was read, as messages say it; no two texts share it.
    pub file: String,
    /// The number of the shelf on which it was found.
    pub shelf: usize,
    /// Whether redisgen brings it.
    pub embedded: bool,
    pub bytes: Cow<'static, [u8]>,
}

/// Shelves of profiles, the nearest first, numbered from 0.
pub trait Source {
    /// The profile of this name on the nearest shelf that has one, `from` that shelf on outward.
    ///
    /// A name that [`is_name`] refuses comes from the command line only: a source of files takes it for a path.
    ///
    /// # Errors
    ///
    /// When there is one that cannot be read.
    fn find(&self, name: &str, from: usize) -> Result<Option<Found>, ProfileError>;

    /// Every name that can be found, sorted, each once.
    fn names(&self) -> Vec<String>;
}

/// Whether this can be the name of a profile, and not a path: letters, digits, `-` and `_`.
pub fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

/// What the named profiles wish for, laid over one another in their order.
///
/// # Errors
///
/// When a profile is not there, cannot be read, says what no profile can say, or extends itself.
pub fn resolve(names: &[String], source: &dyn Source) -> Result<Wishes, ProfileError> {
    Ok(lay(&layers(names, source)?))
}

/// The named profiles and all that they extend, in the order in which they are laid: the later one wins.
///
/// The bases of a profile come before it, from left to right, and each of them once in all, so that it does not wipe
/// out what was said over it. A profile that is asked for by name is laid where it was asked for, even if it was a base
/// before.
///
/// The nearest profile of a name is meant, except in `extends` of a profile of that very name: there it is the next one
/// outward, so that a profile can add to the one that it hides.
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

/// Lays profiles over one another.
pub fn lay(layers: &[Profile]) -> Wishes {
    let mut wishes = Wishes::default();
    for profile in layers {
        let origin = Origin::Profile(profile.name.clone());
        let mut prefer = profile.prefer.clone();
        for field in prefer.said() {
            if wishes.origins.contains_key(field) && !wishes.preferred.contains_key(field) {
                prefer.forget(field);
            }
        }
        wishes.prefer(prefer, &origin);
        wishes.lay(profile.intent.clone(), &origin);
    }
    wishes
}

/// How many profiles may stand one below the other, each the base of the next.
const DEEPEST_CHAIN: usize = 64;

struct Stack<'a> {
    source: &'a dyn Source,
    layers: Vec<Profile>,
    /// The profiles in whose bases we are: name and file.
    chain: Vec<(String, String)>,
}

impl Stack<'_> {
    fn put(&mut self, name: &str, found: Found, asked_for: bool) -> Result<(), ProfileError> {
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
