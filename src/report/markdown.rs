//! For a comment on a pull request: a table for each file with findings, folded up where it holds no error.
//!
//! It shows no line of the file.

use std::fmt::Write as _;

use super::{
    CheckedFile, TextReport, Totals,
    place::{Lines, Place},
    totals::counted,
};
use crate::escape::one_line;

/// Forges take no longer comment: GitHub's ends at 65,536 characters.
pub(super) const MOST_BYTES: usize = 60_000;

pub(super) fn part(judged: &CheckedFile) -> String {
    if judged.diagnostics.is_empty() {
        return String::new();
    }
    let lines = Lines::of(judged.text);
    let totals = Totals::of(judged);
    let open = if totals.errors > 0 { " open" } else { "" };
    let mut text = format!(
        "<details{open}>\n<summary>{}: {}</summary>\n\n| severity | line | rule | finding |\n|---|---|---|---|\n",
        code(judged.file),
        totals.counts()
    );
    for found in judged.diagnostics {
        let Place { line, column, .. } = lines.of_finding(found);
        let said: Vec<String> = super::message_lines(found).iter().map(|line| prose(line)).collect();
        // Writing to a string cannot fail.
        let _ =
            writeln!(text, "| {} | {line}:{column} | {} | {} |", found.severity, code(found.rule), said.join("<br>"));
    }
    text.push_str("\n</details>\n");
    text
}

pub(super) fn whole(parts: &[&TextReport]) -> String {
    let mut text = format!("**redisgen lint**: {}\n", super::totals(parts));
    let mut left = Totals::default();
    for part in parts.iter().filter(|part| !part.text.is_empty()) {
        // Once one is left out, those behind it are too: what is shown has no gap.
        if left.files > 0 || text.len() + part.text.len() > MOST_BYTES {
            left += part.totals;
        } else {
            text.push('\n');
            text.push_str(&part.text);
        }
    }
    if left.files > 0 {
        let (counts, files) = (left.counts(), counted(left.files, "file"));
        let _ = writeln!(text, "\nnot shown, because the comment would be too long: {counts} in {files}");
    }
    text
}

/// A message, what stands in backticks as code.
pub(super) fn prose(text: &str) -> String {
    let pieces: Vec<&str> = text.split('`').collect();
    // Nobody can tell what is quoted where one of the backticks has no other.
    if pieces.len().is_multiple_of(2) {
        return code(text);
    }
    let shown = pieces.iter().enumerate().map(|(at, piece)| match (at % 2, piece.is_empty()) {
        (1, true) => escaped("``"),
        (1, false) => code(piece),
        // A forge looks for names of people in all but code.
        _ => escaped(piece).replace("&#64;", "&#64;&#8203;"),
    });
    shown.collect()
}

/// Not as a span in backticks, in which neither a pipe nor a backtick can be escaped for good.
pub(super) fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(text))
}

/// A text on one line in which nothing means anything, in Markdown, in a table or in HTML.
pub(super) fn escaped(text: &str) -> String {
    let line = one_line(text);
    let mut written = String::with_capacity(line.len());
    for c in line.chars() {
        // These mean nothing within a line.
        if c.is_ascii_punctuation() && !" .,;-()?%'=/".contains(c) {
            let _ = write!(written, "&#{};", u32::from(c));
        } else {
            written.push(c);
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lint::Severity,
        report::{
            Color, Format, render,
            tests::{TEXT, found, mark, rendered, samples},
        },
    };

    #[test]
    fn it_looks_like_this() {
        let wanted = "\
**redisgen lint**: 1 error, 1 warning, 1 info in 1 file (1 file checked)

<details open>
<summary><code>redis/values.yaml</code>: 1 error, 1 warning, 1 info</summary>

| severity | line | rule | finding |
|---|---|---|---|
| warning | 3:13 | <code>plaintext-password</code> | password in the file |
| error | 5:3 | <code>unknown-key</code> | unknown key <code>master.persistance</code> (chart 23.1.1)<br>\
did you mean <code>master.persistence</code>?<br>\
fix available (unsafe)&#58; rename the key to <code>master.persistence</code> |
| info | 11:3 | <code>too-few</code> | two replicas &#38; &#60;no&#62; more |

</details>
";
        assert_eq!(rendered(Format::Markdown, TEXT, &samples()), wanted);
    }

    #[test]
    fn files_without_errors_are_folded_up_and_those_without_findings_left_out() {
        let samples = samples();
        let judged = |diagnostics| CheckedFile { file: "a", text: TEXT, chart: None, diagnostics };
        let report = render(Format::Markdown, &[judged(&samples[..1]), judged(&[])], Color::Off);
        assert!(
            report.starts_with("**redisgen lint**: 1 warning in 1 file (2 files checked)\n\n<details>\n"),
            "{report}"
        );
        assert_eq!(report.matches("<details").count(), 1);
        let none = render(Format::Markdown, &[judged(&[])], Color::Off);
        assert_eq!(none, "**redisgen lint**: no findings (1 file checked)\n");
    }

    #[test]
    fn what_is_quoted_is_code_and_nothing_else_means_anything() {
        for (message, wanted) in [
            ("`a|b_c` is <b>", "<code>a&#124;b&#95;c</code> is &#60;b&#62;"),
            ("a ` b", "<code>a &#96; b</code>"),
            ("a `` b", "a &#96;&#96; b"),
            ("@all `@all`", "&#64;&#8203;all <code>&#64;all</code>"),
            ("[x](http://y) \\| *z*\n#1", "&#91;x&#93;(http&#58;//y) &#92;&#124; &#42;z&#42;&#92;n&#35;1"),
        ] {
            let escaped = prose(&one_line(message));
            assert_eq!(escaped, wanted);
        }
    }

    #[test]
    fn it_fits_into_a_comment_and_says_what_does_not() {
        let long = found("a", Severity::Error, &"x".repeat(1000), vec![mark(TEXT, "auth", "")]);
        let judged = CheckedFile { file: "a", text: TEXT, chart: None, diagnostics: &[long] };
        let report = render(Format::Markdown, &vec![judged; 100], Color::Off);
        assert!(report.len() < 65_536 && report.len() > 50_000, "{}", report.len());
        let shown = report.matches("<details").count();
        let left = 100 - shown;
        let last = format!("\nnot shown, because the comment would be too long: {left} errors in {left} files\n");
        assert!(
            report.ends_with(&last) && report.starts_with("**redisgen lint**: 100 errors in 100 files"),
            "{report}"
        );
    }
}
