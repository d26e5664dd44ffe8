//! Patterns of paths, in the syntax of `.gitignore`.

use std::path::Path;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// Several patterns: a path matches if one pattern matches.
///
/// A name without `/` matches in any folder. `*` matches within one folder, `**` across folders, and a folder matches
/// all its files.
#[derive(Debug, Clone)]
pub struct Globs(GlobSet);

/// An invalid pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{glob}` is not a glob: {why}")]
pub struct GlobError {
    pub glob: String,
    pub why: String,
}

impl Default for Globs {
    /// Patterns that match nothing.
    fn default() -> Self {
        Self(GlobSet::empty())
    }
}

impl Globs {
    /// # Errors
    ///
    /// The first invalid pattern.
    pub fn new<G: AsRef<str>>(texts: &[G]) -> Result<Self, GlobError> {
        let mut set = GlobSetBuilder::new();
        for text in texts {
            let glob = text.as_ref();
            let wrong = |why: String| GlobError { glob: glob.to_owned(), why };
            let from_top = glob.strip_prefix("./").or_else(|| glob.strip_prefix('/'));
            let bare = from_top.unwrap_or(glob).trim_end_matches('/');
            if bare.is_empty() {
                return Err(wrong("the glob matches no file".to_owned()));
            }
            let anywhere = if from_top.is_none() && !bare.contains('/') { "**/" } else { "" };
            for end in ["", "/**"] {
                let glob = GlobBuilder::new(&format!("{anywhere}{bare}{end}")).literal_separator(true).build();
                set.add(glob.map_err(|error| wrong(error.kind().to_string()))?);
            }
        }
        Ok(Self(set.build().map_err(|error| GlobError {
            glob: error.glob().unwrap_or("").to_owned(),
            why: error.kind().to_string(),
        })?))
    }

    /// Whether there is no pattern.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a pattern matches the path, which starts at the folder of the patterns.
    pub fn matches(&self, path: &Path) -> bool {
        self.0.is_match(path.strip_prefix(".").unwrap_or(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(glob: &str, path: &str) -> bool {
        Globs::new(&[glob]).unwrap().matches(Path::new(path))
    }

    #[test]
    fn they_mean_what_they_mean_in_gitignore() {
        for (glob, path) in [
            ("*.yaml", "a.yaml"),
            ("*.yaml", "redis/prod/a.yaml"),
            ("redis/*.yaml", "redis/a.yaml"),
            ("redis/*.yaml", "./redis/a.yaml"),
            ("./redis/*.yaml", "redis/a.yaml"),
            ("redis/**/*.yaml", "redis/a.yaml"),
            ("redis/**/*.yaml", "redis/b/c/a.yaml"),
            ("vendor", "redis/vendor/a.yaml"),
            ("vendor/", "vendor/b/a.yaml"),
            ("redis/prod", "redis/prod/b/a.yaml"),
            ("a.{yaml,yml}", "b/a.yml"),
        ] {
            assert!(matches(glob, path), "{glob} {path}");
        }
        for (glob, path) in [
            ("redis/*.yaml", "redis/prod/a.yaml"),
            ("redis/*.yaml", "b/redis/a.yaml"),
            ("/a.yaml", "redis/a.yaml"),
            ("vendor", "vendored/a.yaml"),
            ("*.yaml", "a.yml"),
        ] {
            assert!(!matches(glob, path), "{glob} {path}");
        }
    }

    #[test]
    fn what_is_none_is_named() {
        let wrong = Globs::new(&["a", "redis/["]).unwrap_err();
        assert!(wrong.to_string().starts_with("`redis/[` is not a glob: "), "{wrong}");
        assert!(Globs::new(&["./"]).is_err());
        assert!(!Globs::default().matches(Path::new("a")));
    }
}
