//! The only way a file of the user's is changed: the smallest edit of its text, with its comments.
//!
//! The text is taken apart into the entries of its maps and lists, each with the lines that belong to it; edits move
//! and replace those, and all other bytes stay. The result is read again and must mean what the same edits make of the
//! values ([`model`]), else nothing is changed: a mistake here refuses, it never corrupts.
//!
//! A head comment is a full-line comment directly above a key at the key's own indentation; a comment below a key that
//! is indented deeper than the key belongs to the key as well. Every other comment stays where it is, and so does a first
//! line like `# yaml-language-server: ...`. A comment that would come into brackets is put above them.

mod block;
mod carry;
mod finish;
mod flow;
mod model;
mod ops;
mod part;
mod place;
mod tree;
mod write;

use std::fmt;

use super::{Document, Error, Map, Path, Value};
pub use model::model;
use tree::Tree;

/// One change of a text. A path means what it means after the edits before.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// Gives the entry at `path` another key, where it stands.
    Rename { path: Path, to: String },
    /// Carries the entry at `from` with its comments to the path `to`. Missing parents are created, and those that it
    /// leaves empty go; their comments come along. A map is merged into one that stands there, or takes the place of
    /// a null.
    ///
    /// What is new in a map stands where it came from: in the place of the entry of that map that `from` is or is
    /// inside of, or right behind it if that stays. Only what comes from another map stands at the end.
    Move { from: Path, to: Path },
    /// Takes the entry or item at `path` out, with its comments. Parents that get empty become `{}`, or, with `prune`,
    /// go too, unless a comment is left inside.
    Delete { path: Path, prune: bool },
    /// Gives the entry or item at `path` another value.
    Set { path: Path, value: Value },
    /// Adds an entry at the end of its map, or an item at the end of its list. Missing parents are created.
    Insert { path: Path, value: Value, comment: Option<String> },
}

impl Edit {
    /// The place that it is about.
    pub fn path(&self) -> &Path {
        match self {
            Self::Rename { path, .. }
            | Self::Delete { path, .. }
            | Self::Set { path, .. }
            | Self::Insert { path, .. } => path,
            Self::Move { from, .. } => from,
        }
    }

    /// The same edit, with paths from the top of a text in which the values stand at `at`.
    #[must_use]
    pub fn below(&self, at: &Path) -> Self {
        match self {
            Self::Rename { path, to } => Self::Rename { path: at.join(path), to: to.clone() },
            Self::Move { from, to } => Self::Move { from: at.join(from), to: at.join(to) },
            Self::Delete { path, prune } => Self::Delete { path: at.join(path), prune: *prune },
            Self::Set { path, value } => Self::Set { path: at.join(path), value: value.clone() },
            Self::Insert { path, value, comment } => {
                Self::Insert { path: at.join(path), value: value.clone(), comment: comment.clone() }
            }
        }
    }
}

/// A path and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub path: Path,
    /// Line and column in the text before all edits, both counted from 1; none for what an edit has put there.
    pub at: Option<(usize, usize)>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.at {
            write!(f, "{line}:{column}: ")?;
        }
        if self.path.is_root() { f.write_str("the top") } else { write!(f, "`{}`", self.path) }
    }
}

/// Why a text was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The text is not read by Helm, before any edit.
    #[error(transparent)]
    Unreadable(#[from] Error),
    #[error("`{0}` is not in the file")]
    NotFound(Path),
    #[error("{there} stands there already: {what} cannot take its place")]
    Clash { what: Place, there: Place },
    #[error("{place}: {why}")]
    Refused { place: Place, why: String },
}

/// Makes the edits one after the other; all of them or, with an error, none.
///
/// # Errors
///
/// When the text is not what Helm reads as values, a path leads nowhere or to a place that is taken, or the text is
/// written in a way that does not let the edit be made without touching something else.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    match together(text, edits) {
        // One at a time the guilty one gets named.
        Err(Failed::Differs(_)) if edits.len() > 1 => {
            edits.iter().try_fold(text.to_owned(), |text, edit| apply(&text, std::slice::from_ref(edit)))
        }
        Err(Failed::Differs(why)) => {
            let path = edits.first().map_or_else(Path::root, |edit| edit.path().clone());
            let at = Document::parse(text).ok().and_then(|document| {
                let found = document.find(&path)?;
                let span = document.node(found.key.unwrap_or(found.value)).span;
                Some((span.line, span.column))
            });
            Err(EditError::Refused { place: Place { path, at }, why })
        }
        Err(Failed::Refused(error)) => Err(error),
        Ok(text) => Ok(text),
    }
}

enum Failed {
    Refused(EditError),
    /// The result does not mean what it should.
    Differs(String),
}

impl<E: Into<EditError>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self::Refused(error.into())
    }
}

fn together(text: &str, edits: &[Edit]) -> Result<String, Failed> {
    let document = Document::parse(text)?;
    let mut expected = values(&document)?;
    if edits.is_empty() {
        return Ok(text.to_owned());
    }
    let mut tree = Tree::of(&document)?;
    for edit in edits {
        let done = tree.apply(edit, &expected)?;
        let Some(values) = expected.get_mut(done.document) else { continue };
        model(values, edit, done.pruned).map_err(Failed::Differs)?;
    }
    let result = tree.finish();
    let document = Document::parse(&result).map_err(|error| {
        Failed::Differs(if text.contains('&') && text.contains('*') {
            "an alias (`*`) would not find its anchor (`&`) any more".to_owned()
        } else {
            format!("the text would not be read any more ({error})")
        })
    })?;
    match values(&document) {
        Ok(values) if values == expected => Ok(result),
        Ok(values) => Err(Failed::Differs(difference(&expected, &values))),
        Err(error) => Err(Failed::Differs(format!("the text would not be read any more ({error})"))),
    }
}

/// What each document of a text means.
fn values(document: &Document) -> Result<Vec<Map>, Error> {
    let read = |root: &super::NodeId| match document.value(*root)? {
        Value::Null => Ok(Map::new()),
        Value::Map(map) => Ok(map),
        other => {
            let span = document.node(*root).span;
            Err(Error::new(span.line, span.column, format!("found a {}: expected `key: value` lines", other.kind())))
        }
    };
    match document.documents() {
        [] => Ok(vec![Map::new()]),
        roots => roots.iter().map(read).collect(),
    }
}

/// Names the first key that would change and must not; the values themselves may be secret.
fn difference(expected: &[Map], found: &[Map]) -> String {
    if expected.len() != found.len() {
        return "the text would fall into other documents".to_owned();
    }
    let mut path = Path::root();
    for (expected, found) in expected.iter().zip(found) {
        if expected != found {
            first_difference(expected, found, &mut path);
            break;
        }
    }
    let anchored = "an anchor, alias, merge key or block of text there needs what would change";
    format!("`{path}` would not be read as it should: {anchored}")
}

fn first_difference(expected: &Map, found: &Map, path: &mut Path) {
    let differs = |key: &&str| expected.get(key) != found.get(key);
    let Some(key) = expected.keys().chain(found.keys()).find(differs) else { return };
    path.push(super::Segment::Key(key.to_owned()));
    if let (Some(Value::Map(expected)), Some(Value::Map(found))) = (expected.get(key), found.get(key)) {
        first_difference(expected, found, path);
    }
}

#[cfg(test)]
mod tests;
