//! Edits of the user's files: the smallest change of the text, with its comments.
//!
//! The text is split into the entries of its maps and lists, each with the lines that belong to the entry. An edit
//! moves and replaces entries, and all other bytes stay. The result is parsed again, and must have the values that
//! the same edits give on the values themselves ([`model`]). Otherwise the edit fails and changes nothing: a bug here
//! refuses an edit, and never corrupts a file.
//!
//! A head comment is a full-line comment directly above a key, with the indentation of the key. A comment below a key
//! belongs to the key if it is indented deeper. Every other comment keeps its place, and so does a first line such as
//! `# yaml-language-server: ...`. A comment that would move into brackets is written above them.

mod block;
mod carry;
mod finish;
mod flow;
mod model;
mod neighbours;
mod ops;
mod part;
mod place;
mod tree;
mod write;

use std::fmt;

use super::{Document, Error, Map, Path, Value};
pub use model::apply_to_values;
use tree::Tree;

/// One change of a text. Its paths refer to the text after the edits before it.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// Changes the key of the entry at `path`, in its place.
    Rename { path: Path, to: String },
    /// Moves the entry at `from`, with its comments, to the path `to`.
    ///
    /// Missing parents are created. Parents that become empty are removed, and their comments move too. A map merges
    /// into an existing map, and replaces an existing null.
    ///
    /// A new entry of a map replaces the entry that `from` is, or was inside of; if that entry stays, the
    /// new one follows it. An entry from another map is appended.
    Move { from: Path, to: Path },
    /// Removes the entry or item at `path`, with its comments.
    ///
    /// Parents that become empty are `{}`. With `prune` they are removed, unless they contain a comment.
    Delete { path: Path, prune: bool },
    /// Replaces the value of the entry or item at `path`.
    Set { path: Path, value: Value },
    /// Appends an entry to its map, or an item to its list. Missing parents are created.
    Insert { path: Path, value: Value, comment: Option<String> },
}

impl Edit {
    /// The path of the entry that the edit changes.
    pub fn path(&self) -> &Path {
        match self {
            Self::Rename { path, .. }
            | Self::Delete { path, .. }
            | Self::Set { path, .. }
            | Self::Insert { path, .. } => path,
            Self::Move { from, .. } => from,
        }
    }

    /// The same edit for a text that has the values below the path `at`.
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

/// Path with its position in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub path: Path,
    /// Line and column in the text before all edits, both counted from 1. `None` for an entry that an edit added.
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

/// Reason why a text was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Helm cannot read the text before any edit.
    #[error(transparent)]
    Unreadable(#[from] Error),
    #[error("`{0}` is not in the file")]
    NotFound(Path),
    #[error("{there} exists already: {what} cannot replace it")]
    Clash { what: Place, there: Place },
    #[error("{place}: {why}")]
    Refused { place: Place, why: String },
}

/// Applies all edits in order, or none of them.
///
/// # Errors
///
/// If Helm cannot read the text as values, if a path does not exist or the target exists already, or if the edit
/// cannot be made in this text without a change of something else.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    Ok(apply_to(&Document::parse(text)?, edits)?.into_text())
}

/// Applies all edits in order to a text that is parsed already, or none of them. The result is parsed.
///
/// # Errors
///
/// As [`apply`].
pub fn apply_to(document: &Document, edits: &[Edit]) -> Result<Document, EditError> {
    if document.has_core_scalars() {
        return apply_to(&Document::parse(document.text())?, edits);
    }
    if let Some(start) = list_start(document) {
        // A list at the top is edited as the value of a key, in a line of its own.
        let below: Vec<Edit> = edits.iter().map(|edit| edit.below(&Path::of([TOP]))).collect();
        let (before, after) = document.text().split_at(start);
        let line = format!("{TOP}:\n");
        let edited = apply(&format!("{before}{line}{after}"), &below)?;
        return Ok(Document::parse(&format!("{before}{}", &edited[start + line.len()..]))?);
    }
    match apply_all(document, edits) {
        // The edits are applied one by one to name the one that fails.
        Err(Failed::Differs(_)) if edits.len() > 1 => {
            let (first, more) = edits.split_first().ok_or_else(|| EditError::NotFound(Path::root()))?;
            let start = apply_to(document, std::slice::from_ref(first))?;
            more.iter().try_fold(start, |document, edit| apply_to(&document, std::slice::from_ref(edit)))
        }
        Err(Failed::Differs(why)) => {
            let path = edits.first().map_or_else(Path::root, |edit| edit.path().clone());
            let at = document.find(&path).map(|found| {
                let span = document.node(found.key.unwrap_or(found.value)).span;
                (span.line, span.column)
            });
            Err(EditError::Refused { place: Place { path, at }, why })
        }
        Err(Failed::Refused(error)) => Err(error),
        Ok(edited) => Ok(edited),
    }
}

/// The key of a list at the top, while it is edited.
const TOP: &str = "top";

/// The start of the line of a list at the top of the only document.
fn list_start(document: &Document) -> Option<usize> {
    let text = document.text();
    let [root] = document.documents() else { return None };
    let node = document.node(*root);
    let start = text.get(..node.span.start)?.rfind('\n').map_or(0, |at| at + 1);
    // A flow list, or a list in the line of `---`, cannot follow a line of its own.
    let is_block = matches!(node.kind, super::Kind::List { flow: false, .. });
    (is_block && text.get(start..node.span.start)?.trim().is_empty()).then_some(start)
}

enum Failed {
    Refused(EditError),
    /// The values of the result are not the expected values.
    Differs(String),
}

impl<E: Into<EditError>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self::Refused(error.into())
    }
}

fn apply_all(document: &Document, edits: &[Edit]) -> Result<Document, Failed> {
    let text = document.text();
    let mut expected = values(document)?;
    if edits.is_empty() {
        return Ok(document.clone());
    }
    let mut tree = Tree::of(document)?;
    let mut rest = edits;
    while let Some((edit, more)) = rest.split_first() {
        if let Some(done) = tree.delete_neighbours(rest, &mut expected).map_err(Failed::Differs)? {
            rest = &rest[done..];
            continue;
        }
        let done = tree.apply(edit, &expected)?;
        rest = more;
        let Some(values) = expected.get_mut(done.document) else { continue };
        apply_to_values(values, edit, done.pruned).map_err(Failed::Differs)?;
    }
    let result = tree.finish();
    let edited = Document::parse(&result).map_err(|error| {
        Failed::Differs(if text.contains('&') && text.contains('*') {
            "an alias (`*`) would lose its anchor (`&`)".to_owned()
        } else {
            format!("the result would not be valid YAML ({error})")
        })
    })?;
    match values(&edited) {
        Ok(values) if values == expected => Ok(edited),
        Ok(values) => Err(Failed::Differs(difference(&expected, &values))),
        Err(error) => Err(Failed::Differs(format!("the result would not be valid YAML ({error})"))),
    }
}

/// Values of each document of a text.
fn values(document: &Document) -> Result<Vec<Map>, Error> {
    let read = |root: &super::NodeId| match document.value(*root)? {
        Value::Null => Ok(Map::new()),
        Value::Map(map) => Ok(map),
        other => {
            let span = document.node(*root).span;
            Err(Error::new(span.line, span.column, format!("found a {}: expected a YAML mapping", other.kind())))
        }
    };
    match document.documents() {
        [] => Ok(vec![Map::new()]),
        roots => roots.iter().map(read).collect(),
    }
}

/// Describes the first key that would change by mistake. Values are left out, because they may be secret.
fn difference(expected: &[Map], found: &[Map]) -> String {
    if expected.len() != found.len() {
        return "the result would have other documents".to_owned();
    }
    let mut path = Path::root();
    for (expected, found) in expected.iter().zip(found) {
        if expected != found {
            first_difference(expected, found, &mut path);
            break;
        }
    }
    let anchored = "an anchor, alias, merge key or block of text depends on the change";
    format!("`{path}` would get another value: {anchored}")
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
