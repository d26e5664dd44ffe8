//! Reads the options of a profile from its text.
//!
//! The YAML document knows places, and serde knows the fields. serde gets only the lines of the fields. The errors of
//! serde are short, so [`explain`] looks for the cause.

use super::{
    Base, Fault, Place, Profile, ProfileError, ProfileText,
    entries::{DESCRIPTION, EXTENDS, OWN_FIELDS, PREFER, Reader, kind_name},
    explain, is_name,
};
use crate::{
    escape::quote_short,
    intent::Intent,
    yaml::{Document, Entry, Kind, Node, NodeId},
};

/// The largest profile in bytes: a larger file is not a profile.
pub const MOST_BYTES: usize = 256 << 10;

impl Profile {
    /// Reads the profile of this name.
    ///
    /// # Errors
    ///
    /// When the text is not a valid profile, with the place.
    pub fn parse(name: &str, found: &ProfileText) -> Result<Self, ProfileError> {
        let ProfileText { file, bytes, .. } = found;
        let place = |line, column| Place { file: file.clone(), line, column };
        if bytes.len() > MOST_BYTES {
            return Err(ProfileError::at(&place(1, 1), Fault::Large { most: MOST_BYTES }));
        }
        let text = str::from_utf8(bytes).map_err(|error| {
            let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            ProfileError::at(&place(before.matches('\n').count() + 1, column), Fault::Encoding)
        })?;
        let document = Document::parse(text)
            .map_err(|error| ProfileError::at(&place(error.line, error.column), Fault::Yaml(error.message)))?;
        Reader { name, found, document }.read()
    }
}

impl Reader<'_> {
    fn read(&self) -> Result<Profile, ProfileError> {
        let entries = self.entries()?;
        self.check_plainness(&entries)?;
        let own = |field| entries.iter().find(|entry| self.key(entry) == field);
        let description = match own(DESCRIPTION) {
            Some(entry) => self.one_line(entry)?,
            None => return Err(ProfileError::at(&self.place_of(entries[0].key), Fault::NoDescription)),
        };
        let extends = own(EXTENDS).map_or(Ok(Vec::new()), |entry| self.bases(entry))?;
        let preferred = own(PREFER).map_or(Ok(Vec::new()), |entry| self.preferred(entry))?;
        let stated: Vec<Entry> =
            entries.iter().copied().filter(|entry| !OWN_FIELDS.contains(&self.key(entry))).collect();
        for entry in &stated {
            let field = self.key(entry);
            if preferred.iter().any(|other| self.key(other) == field) {
                let fault = Fault::StatedAndPreferred { field: field.to_owned() };
                return Err(ProfileError::at(&self.place_of(entry.key), fault));
            }
        }
        Ok(Profile {
            name: self.name.to_owned(),
            file: self.found.file.clone(),
            embedded: self.found.embedded,
            description,
            extends,
            intent: self.intent(&stated)?,
            prefer: self.intent(&preferred)?,
        })
    }

    /// The entries of the map of a profile, at least one.
    fn entries(&self) -> Result<Vec<Entry>, ProfileError> {
        let document = &self.document;
        let [root, more @ ..] = document.documents() else {
            return Err(ProfileError::at(&self.place(1, 1), Fault::Empty));
        };
        if let Some(second) = more.first() {
            return Err(ProfileError::at(&self.place_of(*second), Fault::SeveralDocuments));
        }
        let fault = match document.node(*root).kind {
            Kind::Map { entries: [], .. } => Fault::Empty,
            Kind::Map { entries, .. } => {
                self.check_duplicates()?;
                return Ok(entries.to_vec());
            }
            _ if self.is_null(*root) => Fault::Empty,
            kind => Fault::NotAMap { found: kind_name(kind) },
        };
        Err(ProfileError::at(&self.place_of(*root), fault))
    }

    fn check_duplicates(&self) -> Result<(), ProfileError> {
        let Some(duplicate) = self.document.duplicates().first() else {
            return Ok(());
        };
        let first_line = self.document.node(duplicate.first.key).span.line;
        let fault = Fault::Duplicate { key: quote_short(&duplicate.key), first_line };
        Err(ProfileError::at(&self.place_of(duplicate.second.key), fault))
    }

    /// Refuses aliases, anchors and tags: profiles do not need them, and serde would read an alias without its anchor.
    fn check_plainness(&self, entries: &[Entry]) -> Result<(), ProfileError> {
        let mut nodes: Vec<NodeId> = entries.iter().rev().flat_map(|entry| [entry.value, entry.key]).collect();
        while let Some(id) = nodes.pop() {
            let node = self.document.node(id);
            let what = match node {
                Node { anchor: Some(_), .. } => "an anchor",
                Node { tag: Some(_), .. } => "a tag",
                Node { kind: Kind::Alias { .. }, .. } => "an alias",
                Node { kind: Kind::Scalar { .. }, .. } => continue,
                Node { kind: Kind::List { items, .. }, .. } => {
                    nodes.extend(items.iter().rev());
                    continue;
                }
                Node { kind: Kind::Map { entries, .. }, .. } => {
                    nodes.extend(entries.iter().rev().flat_map(|entry| [entry.value, entry.key]));
                    continue;
                }
            };
            return Err(ProfileError::at(&self.place_of(id), Fault::Indirect { what }));
        }
        Ok(())
    }

    fn one_line(&self, entry: &Entry) -> Result<String, ProfileError> {
        let fault = match self.document.node(entry.value).kind {
            _ if self.is_null(entry.value) => Fault::NoValue { field: DESCRIPTION.to_owned() },
            Kind::Scalar { text, .. } if !text.trim().is_empty() && !text.trim().contains('\n') => {
                return Ok(text.trim().to_owned());
            }
            Kind::Scalar { text, .. } => {
                let found = if text.trim().is_empty() { "an empty text" } else { "several lines" };
                self.misfit(DESCRIPTION, found, "one line about the purpose of the profile")
            }
            kind => self.misfit(DESCRIPTION, &format!("a {}", kind_name(kind)), "one line of text"),
        };
        Err(ProfileError::at(&self.place_of(entry.value), fault))
    }

    fn bases(&self, entry: &Entry) -> Result<Vec<Base>, ProfileError> {
        let expected = "the name of a profile, or a list of names";
        let nodes = match self.document.node(entry.value).kind {
            Kind::List { items, .. } => items.to_vec(),
            _ => vec![entry.value],
        };
        let mut bases: Vec<Base> = Vec::new();
        for node in nodes {
            let place = self.place_of(node);
            let fault = match self.document.node(node).kind {
                _ if self.is_null(node) => Fault::NoValue { field: EXTENDS.to_owned() },
                Kind::Scalar { text, .. } if !is_name(text) => Fault::BaseName { name: quote_short(text) },
                Kind::Scalar { text, .. } => match bases.iter().find(|base| base.name == text) {
                    Some(first) => Fault::Duplicate { key: text.to_owned(), first_line: first.place.line },
                    None => {
                        bases.push(Base { name: text.to_owned(), place });
                        continue;
                    }
                },
                kind => self.misfit(EXTENDS, &format!("a {}", kind_name(kind)), expected),
            };
            return Err(ProfileError::at(&place, fault));
        }
        Ok(bases)
    }

    fn preferred(&self, entry: &Entry) -> Result<Vec<Entry>, ProfileError> {
        let fault = match self.document.node(entry.value).kind {
            _ if self.is_null(entry.value) => Fault::NoValue { field: PREFER.to_owned() },
            Kind::Map { entries, .. } => match entries.iter().find(|entry| OWN_FIELDS.contains(&self.key(entry))) {
                Some(own) => {
                    let fault = Fault::NotPreferable { name: self.key(own).to_owned() };
                    return Err(ProfileError::at(&self.place_of(own.key), fault));
                }
                None => return Ok(entries.to_vec()),
            },
            kind => self.misfit(PREFER, &format!("a {}", kind_name(kind)), "indented options with their values"),
        };
        Err(ProfileError::at(&self.place_of(entry.value), fault))
    }

    /// Reads the fields of `entries`.
    fn intent(&self, entries: &[Entry]) -> Result<Intent, ProfileError> {
        if let Some(entry) = entries.iter().find(|entry| self.is_null(entry.value)) {
            // serde reads null as a missing field. The error names a missing value, unless the field is unknown.
            explain::check_name(self, entry)?;
            let fault = Fault::NoValue { field: self.key(entry).to_owned() };
            return Err(ProfileError::at(&self.place_of(entry.key), fault));
        }
        self.read_alone(entries).map_err(|error| explain::explain(self, entries, &error))
    }

    fn misfit(&self, field: &str, found: &str, expected: &str) -> Fault {
        Fault::Value { field: field.to_owned(), found: found.to_owned(), expected: format!("expected {expected}") }
    }
}
