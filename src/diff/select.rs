//! Patterns that select paths for a comparison.

use std::{fmt, str::FromStr};

use crate::yaml::{Path, PathError, Segment};

/// A path that matches itself and everything below it. The step `*` matches any one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Path);

impl FromStr for Pattern {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Pattern {
    /// Whether the pattern matches the path or a path above it.
    pub fn covers(&self, path: &Path) -> bool {
        self.0.len() <= path.len() && self.is_prefix_match(path)
    }

    /// Whether the pattern matches the path, a path above it or a path below it.
    ///
    /// A change of a whole block touches each path below the block.
    pub fn touches(&self, path: &Path) -> bool {
        self.is_prefix_match(path)
    }

    fn is_prefix_match(&self, path: &Path) -> bool {
        let same =
            |(expected, step): (&Segment, &Segment)| expected == step || *expected == Segment::Key("*".to_owned());
        self.0.segments().iter().zip(path.segments()).all(same)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_one_step() {
        let covers = |pattern: &str, path: &str| pattern.parse::<Pattern>().unwrap().covers(&path.parse().unwrap());
        assert!(covers("master", "master.service.type"));
        assert!(covers("*.service", "master.service.type"));
        assert!(!covers("*.type", "master.service.type"));
        assert!(!covers("mast", "master.service"));
        assert!(!covers("master.service.type", "master.service"));
        assert!("master.service.type".parse::<Pattern>().unwrap().touches(&"master.service".parse().unwrap()));
    }
}
