//! Reports for CI servers: a test suite for each file, with a case for each finding or one passing case.
//!
//! Errors and warnings are failures. An information is a passing case with output, because redisgen itself does not
//! fail for it.
//!
//! The name of a case contains no line, because servers identify a case by its name and lines move. The report contains
//! no times, therefore equal results have equal reports.

use std::fmt::Write as _;

use super::{CheckedFile, TextReport, Totals, place::Lines};
use crate::{
    escape::one_line,
    lint::{Diagnostic, Severity},
};

pub(super) fn part(checked: &CheckedFile) -> String {
    let file = escaped(checked.file);
    let totals = Totals::of(checked);
    let failures = totals.errors + totals.warnings;
    let tests = totals.findings().max(1);
    let mut suite =
        format!("  <testsuite name=\"{file}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">\n");
    if checked.diagnostics.is_empty() {
        suite.push_str(&format!("    <testcase name=\"no findings\" classname=\"{file}\"/>\n"));
    } else {
        let lines = Lines::of(checked.text);
        for diagnostic in checked.diagnostics {
            case(&mut suite, &file, diagnostic, &lines);
        }
    }
    suite.push_str("  </testsuite>\n");
    suite
}

pub(super) fn whole(parts: &[&TextReport]) -> String {
    let totals = super::totals(parts);
    let tests: usize = parts.iter().map(|part| part.totals.findings().max(1)).sum();
    let failures = totals.errors + totals.warnings;
    let suites: String = parts.iter().map(|part| part.text.as_str()).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"redisgen lint\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n\
         {suites}</testsuites>\n"
    )
}

fn case(suite: &mut String, file: &str, diagnostic: &Diagnostic, lines: &Lines) {
    let Diagnostic { rule, severity, message, marks, help: _, fix: _, facts_of: _ } = diagnostic;
    let place = lines.of_finding(diagnostic);
    let message = escaped(message);
    let mut text = format!("{file}:{}:{}: {severity}[{}]: {message}", place.line, place.column, escaped(rule));
    for line in super::message_lines(diagnostic).iter().skip(1) {
        text.push('\n');
        text.push_str(&escaped(line));
    }
    for mark in marks.iter().filter(|mark| !mark.label.is_empty()) {
        let place = lines.place(mark.span);
        // Writing to a string cannot fail.
        let _ = write!(text, "\n{file}:{}:{}: {}", place.line, place.column, escaped(&mark.label));
    }
    let name = format!("{}: {message}", escaped(rule));
    let body = match severity {
        Severity::Error | Severity::Warning => {
            format!("<failure type=\"{severity}\" message=\"{message}\">{text}</failure>")
        }
        Severity::Info => format!("<system-out>{text}</system-out>"),
    };
    suite.push_str(&format!("    <testcase name=\"{name}\" classname=\"{file}\">{body}</testcase>\n"));
}

/// A text on one line, without invalid XML characters and with the special characters escaped.
pub(super) fn escaped(text: &str) -> String {
    let line = one_line(text);
    let mut written = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            _ => written.push(c),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{
        Color, Format, render,
        tests::{TEXT, diagnostic, mark, rendered, samples},
    };

    #[test]
    fn it_looks_like_this() {
        let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="redisgen lint" tests="3" failures="2" errors="0">
  <testsuite name="redis/values.yaml" tests="3" failures="2" errors="0" skipped="0">
    <testcase name="plaintext-password: password in the file" classname="redis/values.yaml"><failure type="warning" message="password in the file">redis/values.yaml:3:13: warning[plaintext-password]: password in the file
redis/values.yaml:3:13: in plain text
redis/values.yaml:9:5: and again</failure></testcase>
    <testcase name="unknown-key: unknown key `master.persistance` (chart 23.1.1)" classname="redis/values.yaml"><failure type="error" message="unknown key `master.persistance` (chart 23.1.1)">redis/values.yaml:5:3: error[unknown-key]: unknown key `master.persistance` (chart 23.1.1)
did you mean `master.persistence`?
fix available (unsafe): rename the key to `master.persistence`
redis/values.yaml:5:3: Helm ignores this key</failure></testcase>
    <testcase name="too-few: two replicas &amp; &lt;no&gt; more" classname="redis/values.yaml"><system-out>redis/values.yaml:11:3: info[too-few]: two replicas &amp; &lt;no&gt; more
redis/values.yaml:2:1: far above</system-out></testcase>
  </testsuite>
</testsuites>
"#;
        assert_eq!(rendered(Format::Junit, TEXT, &samples()), expected);
    }

    #[test]
    fn a_file_without_findings_passes() {
        let checked = CheckedFile { file: "a\"<b>", text: "", document: None, chart: None, diagnostics: &[] };
        let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="redisgen lint" tests="1" failures="0" errors="0">
  <testsuite name="a&quot;&lt;b&gt;" tests="1" failures="0" errors="0" skipped="0">
    <testcase name="no findings" classname="a&quot;&lt;b&gt;"/>
  </testsuite>
</testsuites>
"#;
        assert_eq!(render(Format::Junit, &[checked], Color::Off), expected);
    }

    #[test]
    fn characters_that_xml_forbids_are_escaped() {
        let odd = diagnostic("a", Severity::Error, "]]>\0\u{1b}\u{ffff}\n\u{1f980}", vec![mark(TEXT, "auth", "\u{8}")]);
        let report = rendered(Format::Junit, TEXT, &[odd]);
        assert!(report.contains(r#"message="]]&gt;\u{0}\u{1b}\u{ffff}\n🦀""#), "{report}");
        assert!(!report.contains(['\0', '\u{1b}', '\u{ffff}', '\u{8}']), "{report}");
    }
}
