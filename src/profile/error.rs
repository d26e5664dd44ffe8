//! Errors of profiles and their messages.

use std::fmt;

use crate::{
    escape::quote_short,
    suggest::{did_you_mean, near},
};

/// Counted from 1, the column in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub file: String,
    pub line: usize,
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Why profiles could not be resolved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    #[error("{place}: {fault}")]
    Text { place: Place, fault: Box<Fault> },
    #[error("unknown profile `{name}`: {}`redisgen profiles list` shows all profiles", did_you_mean(.near))]
    Unknown { name: String, near: Option<String> },
    #[error(
        "`{name}` is not a valid profile name: expected letters, digits, `-` and `_`, or a path with a `/` or the \
         ending `.yaml`"
    )]
    Name { name: String },
    #[error("found a chain of more than {most} base profiles for `{name}`: use fewer base profiles")]
    Deep { name: String, most: usize },
    #[error("{file}: {reason}")]
    Unreadable { file: String, reason: String },
}

impl ProfileError {
    pub(super) fn at(place: &Place, fault: Fault) -> Self {
        Self::Text { place: place.clone(), fault: Box::new(fault) }
    }

    pub(super) fn unknown(name: &str, names: &[String]) -> Self {
        if !super::is_name(name) {
            return Self::Name { name: quote_short(name) };
        }
        Self::Unknown { name: quote_short(name), near: near(name, names.iter().map(String::as_str)) }
    }
}

/// An error at a place of a profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("found more than {most} bytes: a profile is a short file")]
    Large { most: usize },
    #[error("found a byte that is not UTF-8: save the file as UTF-8")]
    Encoding,
    #[error("{0}")]
    Yaml(String),
    #[error("found an empty profile: expected `description:` and at least one field or base")]
    Empty,
    #[error("found a {found}: expected a YAML mapping")]
    NotAMap { found: &'static str },
    #[error("found a second document: expected one profile per file. Remove the `---`, or use two files")]
    SeveralDocuments,
    #[error("found {what}: expected the value")]
    Indirect { what: &'static str },
    #[error("found `{key}` a second time, first in line {first_line}: keep one of them")]
    Duplicate { key: String, first_line: usize },
    #[error("unknown field {name}: {hint}")]
    UnknownField { name: String, hint: String },
    #[error(
        "found `{name}`: a profile never holds a password. Set its source with `existing-secret`, `password-env` or \
         `password-file`"
    )]
    Password { name: String },
    #[error("found no value for `{field}`: set a value, or remove the line")]
    NoValue { field: String },
    #[error("found {found} for `{field}`: {expected}")]
    Value { field: String, found: String, expected: String },
    #[error("`{field}`: {message}")]
    Grammar { field: String, message: String },
    #[error("missing `description`: expected one line about the purpose of the profile")]
    NoDescription,
    #[error("found `{field}` here and under `prefer`: keep one of them")]
    StatedAndPreferred { field: String },
    #[error("found `{name}` under `prefer`: expected only options. Move `{name}` to the top level of the profile")]
    NotPreferable { name: String },
    #[error("`{name}` is not a valid profile name: expected letters, digits, `-` and `_`")]
    BaseName { name: String },
    #[error("unknown base profile `{name}`: {}`redisgen profiles list` shows all profiles", did_you_mean(.near))]
    UnknownBase { name: String, near: Option<String> },
    #[error(
        "`{name}` extends itself, and no outer folder and no built-in profile has that name. Remove `extends`, or \
         rename the profile"
    )]
    NothingOutward { name: String },
    #[error("found a profile that extends itself: {}. Remove one of these base profiles", arrows(.chain))]
    Cycle { chain: Vec<String> },
}

fn arrows(chain: &[String]) -> String {
    chain.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" -> ")
}
