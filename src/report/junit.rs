//! For a CI server: a suite for each file, with a case for each finding, or one that passes.
//!
//! Errors and warnings are failures. What is only worth knowing is a case that passes and says it: it would turn a
//! pipeline red that redisgen itself lets through.
//!
//! The name of a case holds no line, so that servers know it again after the lines have moved. No times stand in it:
//! what is the same gives the same report.

use std::fmt::Write as _;

use super::{CheckedFile, TextReport, Totals, place::Lines};
use crate::{
    escape::one_line,
    lint::{Diagnostic, Severity},
};

pub(super) fn part(judged: &CheckedFile) -> String {
    let file = escaped(judged.file);
    let totals = Totals::of(judged);
    let failures = totals.errors + totals.warnings;
    let tests = totals.findings().max(1);
    let mut suite =
        format!("  <testsuite name=\"{file}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">\n");
    if judged.diagnostics.is_empty() {
        suite.push_str(&format!("    <testcase name=\"no findings\" classname=\"{file}\"/>\n"));
    } else {
        let lines = Lines::of(judged.text);
        for found in judged.diagnostics {
            case(&mut suite, &file, found, &lines);
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

fn case(suite: &mut String, file: &str, found: &Diagnostic, lines: &Lines) {
    let Diagnostic { rule, severity, message, marks, help: _, fix: _, facts_of: _ } = found;
    let place = lines.of_finding(found);
    let message = escaped(message);
    let mut text = format!("{file}:{}:{}: {severity}[{}]: {message}", place.line, place.column, escaped(rule));
    for line in super::message_lines(found).iter().skip(1) {
        text.push('\n');
        text.push_str(&escaped(line));
    }
    for mark in marks.iter().filter(|mark| !mark.label.is_empty()) {
        let place = lines.place(mark.span);
        // Writing to a string cannot fail.
        let _ = write!(text, "\n{file}:{}:{}: {}", place.line, place.column, escaped(&mark.label));
    }
    let name = format!("{}: {message}", escaped(rule));
    let said = match severity {
        Severity::Error | Severity::Warning => {
            format!("<failure type=\"{severity}\" message=\"{message}\">{text}</failure>")
        }
        Severity::Info => format!("<system-out>{text}</system-out>"),
    };
    suite.push_str(&format!("    <testcase name=\"{name}\" classname=\"{file}\">{said}</testcase>\n"));
}

/// On one line, without the characters that XML does not have and those that mean something in it.
fn escaped(text: &str) -> String {
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
        tests::{TEXT, found, mark, rendered, samples},
    };

    #[test]
    fn it_looks_like_this() {
        let wanted = r#"<?xml version="1.0" encoding="UTF-8"?>
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
        assert_eq!(rendered(Format::Junit, TEXT, &samples()), wanted);
    }

    #[test]
    fn a_file_without_findings_passes() {
        let judged = CheckedFile { file: "a\"<b>", text: "", chart: None, diagnostics: &[] };
        let wanted = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="redisgen lint" tests="1" failures="0" errors="0">
  <testsuite name="a&quot;&lt;b&gt;" tests="1" failures="0" errors="0" skipped="0">
    <testcase name="no findings" classname="a&quot;&lt;b&gt;"/>
  </testsuite>
</testsuites>
"#;
        assert_eq!(render(Format::Junit, &[judged], Color::Off), wanted);
    }

    #[test]
    fn what_xml_does_not_have_is_an_escape() {
        let odd = found("a", Severity::Error, "]]>\0\u{1b}\u{ffff}\n\u{1f980}", vec![mark(TEXT, "auth", "\u{8}")]);
        let report = rendered(Format::Junit, TEXT, &[odd]);
        assert!(report.contains(r#"message="]]&gt;\u{0}\u{1b}\u{ffff}\n🦀""#), "{report}");
        assert!(!report.contains(['\0', '\u{1b}', '\u{ffff}', '\u{8}']), "{report}");
    }
}
