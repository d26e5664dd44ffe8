//! What can be wrong with a profile, and how it is said.

use std::fmt;

use crate::{
    line::short,
    near::{did_you_mean, near},
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
    #[error("found no profile `{name}`: {}`redisgen profiles list` shows all there are", did_you_mean(.near))]
    Unknown { name: String, near: Option<String> },
    #[error(
        "`{name}` can be no name of a profile: expected letters, digits, `-` and `_`, or the path of a file with a `/` \
         in it or `.yaml` at its end"
    )]
    Name { name: String },
    #[error("found more than {most} bases one below the other on the way to `{name}`: extend fewer of them")]
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
            return Self::Name { name: short(name) };
        }
        Self::Unknown { name: short(name), near: near(name, names.iter().map(String::as_str)) }
    }
}

/// What is wrong at a place of a profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("found more than {most} bytes: a profile has some lines")]
    Large { most: usize },
    #[error("found a byte that is not UTF-8: save the file as UTF-8")]
    Encoding,
    #[error("{0}")]
    Yaml(String),
    #[error("found an empty profile: expected `description:` and at least one field or base")]
    Empty,
    #[error("found a {found}: expected `field: value` lines")]
    NotAMap { found: &'static str },
    #[error("found a second document: expected one profile a file; take the `---` out, or make two files of it")]
    SeveralDocuments,
    #[error("found {what}: a profile is flat, write the value itself")]
    Indirect { what: &'static str },
    #[error("found `{key}` a second time, first in line {first_line}: keep one of them")]
    Duplicate { key: String, first_line: usize },
    #[error("found {name}, which is no field: {hint}")]
    UnknownField { name: String, hint: String },
    #[error(
        "found `{name}`: a profile never holds a password; name where it comes from with `existing-secret`, \
         `password-env` or `password-file`"
    )]
    Password { name: String },
    #[error("found no value for `{field}`: write one, or take the line out")]
    NoValue { field: String },
    #[error("found {found} for `{field}`: {expected}")]
    Value { field: String, found: String, expected: String },
    #[error("`{field}`: {message}")]
    Grammar { field: String, message: String },
    #[error("found no `description`: expected one line that says what the profile is for")]
    NoDescription,
    #[error("found `{field}` here and under `prefer`: a field is either stated or preferred, keep one of them")]
    StatedAndPreferred { field: String },
    #[error("found `{name}` under `prefer`: expected fields only; move it to the top of the profile")]
    NotPreferable { name: String },
    #[error("`{name}` can be no name of a profile: expected letters, digits, `-` and `_`")]
    BaseName { name: String },
    #[error("found no profile `{name}` to extend: {}`redisgen profiles list` shows all there are", did_you_mean(.near))]
    UnknownBase { name: String, near: Option<String> },
    #[error(
        "`{name}` extends `{name}`, which means the next profile of that name outward, and there is none: take the base \
         out, or rename one of them"
    )]
    NothingOutward { name: String },
    #[error("found a profile that extends itself: {}; take one of these bases out", arrows(.chain))]
    Cycle { chain: Vec<String> },
}

fn arrows(chain: &[String]) -> String {
    chain.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" -> ")
}
