//! File names as URI references (RFC 3986).

use std::path::{self, Path};

/// A reference to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reference {
    /// Relative to the working directory.
    Relative(String),
    Absolute(String),
}

impl Reference {
    pub(super) fn to(file: &str) -> Self {
        if Path::new(file).is_absolute() {
            // A path with a drive letter has no leading `/`.
            let path = encoded(file);
            let root = if path.starts_with('/') { "file://" } else { "file:///" };
            return Self::Absolute(format!("{root}{path}"));
        }
        Self::Relative(encoded(super::without_dot_slash(file)))
    }
}

/// Percent-encodes a path. A colon is encoded too, because it would end a scheme in the first segment.
fn encoded(file: &str) -> String {
    let mut reference = String::with_capacity(file.len());
    for c in file.chars() {
        if path::is_separator(c) {
            reference.push('/');
        } else if c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=@".contains(c) {
            reference.push(c);
        } else {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                reference.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    reference
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_of_a_path_are_encoded() {
        for (file, expected) in [
            ("redis/values.yaml", "redis/values.yaml"),
            ("././/redis/values.yaml", "redis/values.yaml"),
            ("../a b/ä%20?#.yaml", "../a%20b/%C3%A4%2520%3F%23.yaml"),
            ("c:d.yaml", "c%3Ad.yaml"),
            ("a+b@{c}=[d]|\u{1f980}\n", "a+b@%7Bc%7D=%5Bd%5D%7C%F0%9F%A6%80%0A"),
            ("-", "-"),
        ] {
            assert_eq!(Reference::to(file), Reference::Relative(expected.to_owned()), "{file}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn absolute_files_have_a_scheme() {
        assert_eq!(Reference::to("/a b/c"), Reference::Absolute("file:///a%20b/c".to_owned()));
        assert_eq!(Reference::to("a\\b"), Reference::Relative("a%5Cb".to_owned()));
    }
}
