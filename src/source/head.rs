//! The head of a file that redisgen has written, once the file was changed.

use crate::yaml::Document;

/// What the head says while the file is as it was written, and what is true after a change. Source of the first of
/// each: `templates/header.yaml`.
const SENTENCES: [(&str, &str); 2] = [
    ("; this writes it again:", ", and changed since. The file was first written by:"),
    (
        "To install it, or to upgrade what is there:",
        "To install it where nothing is installed, with this file after -f:",
    ),
];

/// The text with a head that stays true after a change: a command that wrote the file once writes another file now.
///
/// A text without such a head, and one that is no YAML, comes back as it is.
pub fn changed_head(text: &str) -> String {
    let mut changed = text.to_owned();
    let Ok(document) = Document::parse(text) else { return changed };
    for comment in document.comments().iter().rev() {
        let line = document.source(comment.span);
        let is_head = line.starts_with("# Written by redisgen ");
        for (before, after) in SENTENCES {
            let said = if before.starts_with(';') { is_head } else { line.starts_with("# To install it") };
            if let Some(start) = line.strip_suffix(before).filter(|_| said) {
                changed.replace_range(comment.span.start..comment.span.end, &format!("{start}{after}"));
            }
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_promises_nothing_that_a_change_has_made_untrue() {
        let head = include_str!("../../tests/data/helm/header.yaml");
        let told = changed_head(head);
        assert!(
            told.starts_with("# Written by redisgen 1.2.3, and changed since. The file was first written by:\n"),
            "{told}"
        );
        assert!(told.contains("\n# To install it where nothing is installed, with this file after -f:\n"), "{told}");
        assert_eq!(told.lines().count(), head.lines().count());
        assert_eq!(changed_head(&told), told);
    }

    /// Values are not comments.
    #[test]
    fn a_text_that_only_looks_like_a_head_stays() {
        let text = "a: |\n  # Written by redisgen 1; this writes it again:\nb: 1 # To install it, or to upgrade what is there\n";
        assert_eq!(changed_head(text), text);
    }
}
