//! Errors of `redisgen.toml` and their messages.

use crate::{chart::RequirementError, suggest::did_you_mean, yaml::PathError};

use super::GlobError;

/// An error of `redisgen.toml`, with its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {fault}")]
pub struct ConfigError {
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// Column, counted from 1 in characters.
    pub column: usize,
    pub fault: Box<Fault>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("{0}")]
    Toml(String),
    #[error("found `{key}` a second time: keep one of them")]
    Duplicate { key: String },
    #[error("unknown field `{field}` {of}: {}expected {known}", did_you_mean(.near))]
    UnknownField { field: String, of: &'static str, near: Option<String>, known: String },
    #[error("unknown rule `{id}`: {}`redisgen rules` lists all rules", did_you_mean(.near))]
    UnknownRule { id: String, near: Option<String> },
    #[error("found {found} for `{field}`: {}expected {expected}", did_you_mean(.near))]
    Value { field: String, found: String, near: Option<String>, expected: String },
    #[error("missing `glob` in `[[files]]`: expected the files of this block, such as `glob = \"redis/*.yaml\"`")]
    NoGlob,
    #[error("`{field}`: {error}")]
    Glob { field: String, error: GlobError },
    #[error("`chart-version`: {0}")]
    Version(RequirementError),
    #[error("`at`: {0}")]
    Path(PathError),
}
