//! Folds texts at the width of a terminal.
//!
//! A fold changes no word. Prose continues below its last column, and a shell command continues after a `\`. A line without
//! a place for a fold stays long.

use std::fmt::Write as _;

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm, core::display_width};

/// The fewest characters that the last column of a folded line has; a narrower one would be a column of single words.
const NARROWEST: usize = 24;

/// Indentation of the further lines of a command.
const FURTHER: usize = 4;

/// End of a folded line of a command.
const GOES_ON: &str = " \\";

/// Folds the prose of a text. A line of a table continues below its last column, and any other line continues with two
/// more characters of indentation.
pub(crate) fn text(text: &str, width: usize) -> String {
    lines(text, |line, folded| wrap(line, width, hanging(line, width), folded))
}

/// Folds the prose of a text. Each further line has an indentation of `indent` characters.
pub(crate) fn hung(text: &str, width: usize, indent: usize) -> String {
    lines(text, |line, folded| wrap(line, width, indent, folded))
}

fn lines(text: &str, fold: impl Fn(&str, &mut String)) -> String {
    let mut folded = String::with_capacity(text.len() + text.len() / 8);
    for line in text.split_inclusive('\n') {
        let (bare, end) = line.strip_suffix('\n').map_or((line, ""), |bare| (bare, "\n"));
        fold(bare, &mut folded);
        folded.push_str(end);
    }
    folded
}

/// Folds one line. Each further line sets the colours again, because a pager resets them at the end of a line.
fn wrap(line: &str, width: usize, indent: usize, folded: &mut String) {
    if display_width(line) <= width {
        folded.push_str(line);
        return;
    }
    let indent = " ".repeat(indent);
    let options = Options::new(width.max(1))
        .subsequent_indent(&indent)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    let mut open = String::new();
    for (at, piece) in textwrap::wrap(line, options).iter().enumerate() {
        let shown = match at {
            0 => piece,
            _ => {
                folded.push('\n');
                folded.push_str(&indent);
                folded.push_str(&open);
                piece.strip_prefix(indent.as_str()).unwrap_or(piece)
            }
        };
        folded.push_str(shown);
        for code in shown.split("\u{1b}[").skip(1).filter_map(|rest| rest.split_once('m').map(|(code, _)| code)) {
            match code {
                "" | "0" => open.clear(),
                // Writing to a string cannot fail.
                code => drop(write!(open, "\u{1b}[{code}m")),
            }
        }
        if !open.is_empty() {
            folded.push_str("\u{1b}[0m");
        }
    }
}

/// Indentation of the further lines: below the last column, if that leaves enough width for words.
fn hanging(line: &str, width: usize) -> usize {
    let plain = self::plain(line);
    let start = plain.len() - plain.trim_start_matches(' ').len();
    let most = width - NARROWEST.min(width / 2);
    let mut column = None;
    let (mut at, mut blanks) = (0, 0);
    for c in plain.chars() {
        if c != ' ' && blanks > 1 && at > start && at <= most {
            column = Some(at);
        }
        blanks = if c == ' ' { blanks + 1 } else { 0 };
        at += display_width(c.encode_utf8(&mut [0; 4]));
    }
    column.unwrap_or((start + 2).min(most))
}

/// Removes colour codes from a text.
pub(crate) fn plain(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |plain, rest| plain + rest.split_once('m').map_or(rest, |(_, rest)| rest))
}

/// Folds the commands and comments of a script. A folded command continues after a `\`, and a shell reads the same words.
/// Words in quotes and scripts with a here-document are not folded.
pub(crate) fn script(script: &str, width: usize) -> String {
    if script.contains("<<") {
        return script.to_owned();
    }
    let mut folded = String::with_capacity(script.len() + script.len() / 8);
    let mut quotes = Quotes::None;
    for line in script.split_inclusive('\n') {
        let (bare, end) = line.strip_suffix('\n').map_or((line, ""), |bare| (bare, "\n"));
        let begins_in_quotes = quotes != Quotes::None;
        if !begins_in_quotes && bare.trim_start().starts_with('#') {
            comment(bare, width, &mut folded);
        } else {
            let indent = bare.len() - bare.trim_start().len() + FURTHER;
            let pieces = pieces(bare, &mut quotes, width.saturating_sub(indent + GOES_ON.len()));
            if display_width(bare) <= width {
                folded.push_str(bare);
            } else {
                command(bare, &pieces, width, begins_in_quotes, &mut folded);
            }
        }
        folded.push_str(end);
    }
    folded
}

fn comment(line: &str, width: usize, folded: &mut String) {
    let (indent, text) = line.split_at(line.len() - line.trim_start().len());
    // An indented line is a command for the user to copy.
    let prefix = format!("{indent}# ");
    if text.starts_with("#   ") {
        folded.push_str(line);
        return;
    }
    let mut wrapped = String::new();
    wrap(text, width.saturating_sub(indent.len()), 2, &mut wrapped);
    for (at, piece) in wrapped.split('\n').enumerate() {
        if at == 0 {
            let _ = write!(folded, "{indent}{piece}");
        } else {
            let _ = write!(folded, "\n{prefix}{}", piece.trim_start());
        }
    }
}

/// The open quotes of a shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quotes {
    None,
    Single,
    Double,
}

/// The parts of a line between blanks at which a shell ends a word. An option is in one part with its value if both fit
/// in this width.
fn pieces(line: &str, quotes: &mut Quotes, width: usize) -> Vec<std::ops::Range<usize>> {
    let mut words: Vec<std::ops::Range<usize>> = Vec::new();
    let mut start = None;
    let mut is_escaped = false;
    for (at, c) in line.char_indices() {
        let ends = c == ' ' && *quotes == Quotes::None && !is_escaped;
        match (ends, start) {
            (true, Some(from)) => {
                words.push(from..at);
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
        *quotes = match (*quotes, c) {
            _ if is_escaped => *quotes,
            (Quotes::None, '\'') => Quotes::Single,
            (Quotes::None, '"') => Quotes::Double,
            (Quotes::Single, '\'') | (Quotes::Double, '"') => Quotes::None,
            (now, _) => now,
        };
        is_escaped = c == '\\' && !is_escaped && *quotes != Quotes::Single;
    }
    words.extend(start.map(|from| from..line.len()));
    let mut pieces: Vec<std::ops::Range<usize>> = Vec::new();
    let mut takes_value = false;
    for word in words {
        let text = &line[word.clone()];
        let is_option = text.starts_with('-') && text.len() > 1;
        let is_operator = ["|", "||", "&&", ">", ">>", "2>", ";"].contains(&text);
        match pieces.last_mut() {
            Some(last)
                if takes_value && !is_option && !is_operator && display_width(&line[last.start..word.end]) <= width =>
            {
                last.end = word.end;
            }
            _ => pieces.push(word),
        }
        // An operator stays with the next word. It is unknown whether a flag without `=` has a value.
        takes_value = is_operator || is_option && text != "--" && !text.contains('=');
    }
    pieces
}

fn command(line: &str, pieces: &[std::ops::Range<usize>], width: usize, begins_in_quotes: bool, folded: &mut String) {
    let indent = line.len() - line.trim_start().len();
    let further = " ".repeat(if begins_in_quotes { 0 } else { indent } + FURTHER);
    // A fold requires a blank outside of quotes. A continued line already has its `\`.
    let mut used = 0;
    let mut until = 0;
    for (at, piece) in pieces.iter().enumerate() {
        let text = &line[piece.clone()];
        let needed = display_width(text);
        let is_last = at + 1 == pieces.len();
        let room = if is_last { width } else { width.saturating_sub(GOES_ON.len()) };
        if at == 0 {
            folded.push_str(&line[..piece.end]);
            used = display_width(&line[..piece.end]);
        } else if text == "\\" || used + (piece.start - until) + needed <= room {
            folded.push_str(&line[until..piece.end]);
            used += piece.start - until + needed;
        } else {
            folded.push_str(GOES_ON);
            folded.push('\n');
            folded.push_str(&further);
            folded.push_str(text);
            used = further.len() + needed;
        }
        until = piece.end;
    }
    folded.push_str(&line[until..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_goes_on_below_its_last_column() {
        let line = "  auth-off  warning  Redis or Sentinel does not require a password of its clients\n";
        assert_eq!(
            text(line, 50),
            "  auth-off  warning  Redis or Sentinel does not\n                     require a password of its\n                     clients\n"
        );
        assert_eq!(text("note: a b c d e f g h i j k l m n o\n", 30), "note: a b c d e f g h i j k l\n  m n o\n");
        assert_eq!(text("short\n\n", 30), "short\n\n");
        assert_eq!(hung("1. a b c d e f", 10, 3), "1. a b c d\n   e f");
    }

    #[test]
    fn a_word_is_never_cut() {
        let word = "x".repeat(50);
        assert_eq!(text(&format!("see {word} there"), 20), format!("see\n  {word}\n  there"));
    }

    #[test]
    fn colours_begin_again_in_each_line() {
        let line = "\u{1b}[1mone two three four five six seven\u{1b}[0m";
        let folded = text(line, 26);
        assert_eq!(folded, "\u{1b}[1mone two three four five\u{1b}[0m\n  \u{1b}[1msix seven\u{1b}[0m");
    }

    /// Removes each `\\` at the end of a line with the line end, as a shell does before it splits words.
    fn joined(script: &str) -> String {
        script.replace("\\\n", "")
    }

    #[test]
    fn a_folded_command_has_the_same_words() {
        for line in [
            "helm --namespace default upgrade redis oci://registry-1.docker.io/bitnamicharts/redis --version 28.0.7",
            "  kubectl exec redis-0 --container redis -- sh -c 'export A=\"a b\"; redis-cli  -p \"$PORT\"' | grep -o \"a  b\" > out",
            "for pod in $(kubectl get pods --output name); do echo \"$pod\"; done; printf %s a\\ b\\ c 'x  y'  z",
            "helm upgrade redis chart --set a=b \\",
        ] {
            for width in [20, 40, 60, 80] {
                let folded = script(line, width);
                assert_eq!(shlex::split(&joined(&folded)), shlex::split(&joined(line)), "{folded}");
                for part in folded.lines() {
                    let words = part.trim().trim_end_matches('\\').trim_end();
                    assert!(part.len() <= width || pieces(words, &mut Quotes::None, 0).len() == 1, "{part}");
                }
            }
        }
    }

    #[test]
    fn an_option_stays_with_its_value() {
        let line = "helm upgrade redis chart --version 28.0.7 --values a.yaml";
        assert_eq!(script(line, 40), "helm upgrade redis chart \\\n    --version 28.0.7 --values a.yaml");
    }

    #[test]
    fn text_in_quotes_and_here_documents_stay() {
        let quoted = "sh -c 'one two three four five\nsix seven eight nine ten eleven' && echo one two three\n";
        let folded = script(quoted, 20);
        assert!(folded.contains("'one two three four five\nsix seven eight nine ten eleven'"), "{folded}");
        assert_eq!(shlex::split(&joined(&folded)), shlex::split(quoted), "{folded}");
        let document = "cat <<EOF\none two three four five six\nEOF\n";
        assert_eq!(script(document, 10), document);
    }

    #[test]
    fn a_comment_goes_on_as_a_comment() {
        assert_eq!(script("# one two three four\n", 12), "# one two\n# three four\n");
    }
}
