//! Which paths somebody wants to see.

use std::{fmt, str::FromStr};

use crate::yaml::{Path, PathError, Segment};

/// A path, in which `*` stands for any one step; it means all that lies below it, too.
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
    /// Whether a path is meant, or lies below one that is.
    pub fn covers(&self, path: &Path) -> bool {
        self.0.len() <= path.len() && self.agrees(path)
    }

    /// Whether a path is meant, lies below one that is, or above one: with what is at a block something below it is
    /// touched.
    pub fn touches(&self, path: &Path) -> bool {
        self.agrees(path)
    }

    fn agrees(&self, path: &Path) -> bool {
        let same = |(wanted, step): (&Segment, &Segment)| wanted == step || *wanted == Segment::Key("*".to_owned());
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
