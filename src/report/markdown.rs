//! Reports for a comment on a pull request: a table for each file with findings, collapsed if the file has no error.
//!
//! The report shows no line of the file.

use std::fmt::Write as _;

use super::{
    CheckedFile, TextReport, Totals,
    place::{Lines, Place},
    totals::counted,
};
use crate::escape::one_line;

/// The most bytes of a comment. GitHub accepts at most 65,536 characters.
pub(super) const MOST_BYTES: usize = 60_000;

pub(super) fn part(checked: &CheckedFile) -> String {
    if checked.diagnostics.is_empty() {
        return String::new();
    }
    let lines = Lines::of(checked.text);
    let totals = Totals::of(checked);
    let open = if totals.errors > 0 { " open" } else { "" };
    let mut text = format!(
        "<details{open}>\n<summary>{}: {}</summary>\n\n| severity | line | rule | finding |\n|---|---|---|---|\n",
        code(checked.file),
        totals.counts()
    );
    for diagnostic in checked.diagnostics {
        let Place { line, column, .. } = lines.of_finding(diagnostic);
        let message: Vec<String> = super::message_lines(diagnostic).iter().map(|line| prose(line)).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {line}:{column} | {} | {} |",
            diagnostic.severity,
            code(diagnostic.rule),
            message.join("<br>")
        );
    }
    text.push_str("\n</details>\n");
    text
}

pub(super) fn whole(parts: &[&TextReport]) -> String {
    let mut text = format!("**redisgen lint**: {}\n", super::totals(parts));
    let mut omitted = Totals::default();
    for part in parts.iter().filter(|part| !part.text.is_empty()) {
        // All files after the first omitted one are omitted too, which leaves no gap in the list.
        if omitted.files > 0 || text.len() + part.text.len() > MOST_BYTES {
            omitted += part.totals;
        } else {
            text.push('\n');
            text.push_str(&part.text);
        }
    }
    if omitted.files > 0 {
        let (counts, files) = (omitted.counts(), counted(omitted.files, "file"));
        let _ = writeln!(text, "\nnot shown, because the comment would be too long: {counts} in {files}");
    }
    text
}

/// A message with its backticked parts as code.
pub(super) fn prose(text: &str) -> String {
    let pieces: Vec<&str> = text.split('`').collect();
    // An odd backtick leaves open which parts are quoted, therefore the whole text becomes code.
    if pieces.len().is_multiple_of(2) {
        return code(text);
    }
    let rendered = pieces.iter().enumerate().map(|(at, piece)| match (at % 2, piece.is_empty()) {
        (1, true) => escaped("``"),
        (1, false) => code(piece),
        // A forge turns `@name` into a mention everywhere but in code.
        _ => escaped(piece).replace("&#64;", "&#64;&#8203;"),
    });
    rendered.collect()
}

/// Code as HTML. Markdown code spans cannot reliably contain a pipe or a backtick.
pub(super) fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(text))
}

/// A text on one line without any special meaning in Markdown, tables or HTML.
pub(super) fn escaped(text: &str) -> String {
    let line = one_line(text);
    let mut written = String::with_capacity(line.len());
    for c in line.chars() {
        // These characters have no special meaning inside of a line.
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
            tests::{TEXT, diagnostic, mark, rendered, samples},
        },
    };

    #[test]
    fn it_looks_like_this() {
        let expected = "\
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
        assert_eq!(rendered(Format::Markdown, TEXT, &samples()), expected);
    }

    #[test]
    fn files_without_errors_are_collapsed_and_files_without_findings_omitted() {
        let samples = samples();
        let checked = |diagnostics| CheckedFile { file: "a", text: TEXT, document: None, chart: None, diagnostics };
        let report = render(Format::Markdown, &[checked(&samples[..1]), checked(&[])], Color::Off);
        assert!(
            report.starts_with("**redisgen lint**: 1 warning in 1 file (2 files checked)\n\n<details>\n"),
            "{report}"
        );
        assert_eq!(report.matches("<details").count(), 1);
        let none = render(Format::Markdown, &[checked(&[])], Color::Off);
        assert_eq!(none, "**redisgen lint**: no findings (1 file checked)\n");
    }

    #[test]
    fn backticks_are_code_and_everything_else_is_escaped() {
        for (message, expected) in [
            ("`a|b_c` is <b>", "<code>a&#124;b&#95;c</code> is &#60;b&#62;"),
            ("a ` b", "<code>a &#96; b</code>"),
            ("a `` b", "a &#96;&#96; b"),
            ("@all `@all`", "&#64;&#8203;all <code>&#64;all</code>"),
            ("[x](http://y) \\| *z*\n#1", "&#91;x&#93;(http&#58;//y) &#92;&#124; &#42;z&#42;&#92;n&#35;1"),
        ] {
            let escaped = prose(&one_line(message));
            assert_eq!(escaped, expected);
        }
    }

    #[test]
    fn a_long_report_is_cut_and_counts_the_rest() {
        let long = diagnostic("a", Severity::Error, &"x".repeat(1000), vec![mark(TEXT, "auth", "")]);
        let checked = CheckedFile { file: "a", text: TEXT, document: None, chart: None, diagnostics: &[long] };
        let report = render(Format::Markdown, &vec![checked; 100], Color::Off);
        assert!(report.len() < 65_536 && report.len() > 50_000, "{}", report.len());
        let rendered = report.matches("<details").count();
        let omitted = 100 - rendered;
        let last = format!("\nnot shown, because the comment would be too long: {omitted} errors in {omitted} files\n");
        assert!(
            report.ends_with(&last) && report.starts_with("**redisgen lint**: 100 errors in 100 files"),
            "{report}"
        );
    }
}
