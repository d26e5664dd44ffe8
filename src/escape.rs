//! Texts on one line, for messages and comments.

use std::borrow::Cow;

/// Escapes all characters that would end the line or would not be visible.
///
/// These are control characters, the line ends of YAML 1.1 (U+0085, U+2028, U+2029), noncharacters, which YAML
/// refuses even in comments, and bidirectional controls, which change the order in which a terminal shows the text.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(needs_escape) {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if needs_escape(c) {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    Cow::Owned(line)
}

/// Quotes a text of the user for a message: on one line, and truncated if it is long.
pub(crate) fn quote_short(text: &str) -> String {
    const MOST: usize = 60;
    let mut quote_short = String::new();
    for c in text.chars().take(MOST) {
        if c.is_control() {
            quote_short.extend(c.escape_default());
        } else {
            quote_short.push(c);
        }
    }
    if text.chars().nth(MOST).is_some() {
        quote_short.push('\u{2026}');
    }
    quote_short
}

fn needs_escape(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        || u32::from(c) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_the_line_is_an_escape() {
        assert_eq!(
            one_line("a\nb\r\u{85}\u{2028}\u{2029}\0\u{1b}[31m"),
            r"a\nb\r\u{85}\u{2028}\u{2029}\u{0}\u{1b}[31m"
        );
        assert_eq!(one_line("\u{202e}\u{feff}\u{ffff}\u{1fffe}"), r"\u{202e}\u{feff}\u{ffff}\u{1fffe}");
    }

    #[test]
    fn the_rest_stays() {
        for text in ["", "it's `x` \"y\" \\n", "größe 漢字 🦀"] {
            assert!(matches!(one_line(text), Cow::Borrowed(same) if same == text));
        }
    }
}
