//! YAML: reading, merging, setting and editing values as Helm does.
//!
//! This module knows nothing of Redis. Only its `document` module uses the YAML parser. Only [`emit`] writes a new
//! file, and only [`edit`] changes a file of the user.

use clap::ValueEnum;

#[cfg(test)]
mod arbitrary;
mod document;
pub mod edit;
mod emit;
mod error;
mod items;
mod list;
mod map;
pub mod merge;
mod path;
mod resolve;
pub mod set;
mod value;

pub use document::{
    Comment, Document, DuplicateKey, Entry, FoundNode, Kind, Lines, Node, NodeId, Span, Style, read_values,
};
pub use emit::{Notes, emit, scalar};
pub use error::Error;
pub use items::{ItemChange, items};
pub use list::List;
pub use map::{IntoEntries, Map};
pub use path::{Nearest, Path, PathConflict, PathError, Segment, push_key};
pub use value::Value;

/// A major version of Helm.
///
/// The two read values differently: Helm 3 reads the first document of a file and no more, Helm 4 merges all of them; a
/// null in the defaults of a chart reaches the templates with Helm 3 only. They also differ in some flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Helm {
    #[value(name = "3")]
    Three,
    #[default]
    #[value(name = "4")]
    Four,
}

/// Maximum nesting depth of lists and maps, in documents and in value trees.
///
/// The parser has this limit too. Recursion over a tree of this depth does not overflow the stack.
pub const MAX_DEPTH: usize = 255;
