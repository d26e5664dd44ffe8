//! The text for a person, as it looks.

use super::*;
use crate::report::{
    Format,
    tests::{TEXT, diagnostic, mark, rendered, samples},
};

const REPORT: &str = "\
warning[plaintext-password]: password in the file
 --> redis/values.yaml:3:13
  |
3 |   password: <redacted>
  |             ^^^^^^^^^^ in plain text
  |
 ::: redis/values.yaml:9:5
  |
9 |     requirepass <redacted>
  |     ---------------------- and again

error[unknown-key]: unknown key `master.persistance` (chart 23.1.1)
 --> redis/values.yaml:5:3
  |
5 |   persistance:
  |   ^^^^^^^^^^^ Helm ignores this key
  |
  = help: did you mean `master.persistence`?
  = note: fix available (unsafe): rename the key to `master.persistence`

info[too-few]: two replicas & <no> more
  --> redis/values.yaml:11:3
   |
11 |   replicaCount: 2
   |   ^^^^^^^^^^^^
   |
  ::: redis/values.yaml:2:1
   |
 2 | auth:
   | ---- far above

";

#[test]
fn it_looks_like_this() {
    assert_eq!(rendered(Format::Text, TEXT, &samples()), REPORT);
}

#[test]
fn an_unreadable_text_is_named_and_not_shown() {
    let text = "password: [hunter2\n";
    let report =
        rendered(Format::Text, text, &[diagnostic("a", Severity::Error, "odd", vec![mark(text, "[", "here")])]);
    assert_eq!(report, "error[a]: odd\n--> redis/values.yaml:1:11\n\n");
}

#[test]
fn long_lines_are_cut_around_their_marks() {
    let text = format!("a: '{}' # {} needle {}\n", "x".repeat(90_000), "ö".repeat(90_000), "y".repeat(90_000));
    let report =
        rendered(Format::Text, &text, &[diagnostic("a", Severity::Error, "odd", vec![mark(&text, "needle", "it")])]);
    assert!(report.contains("needle") && report.len() < 1000, "{report}");
    assert!(report.contains("redis/values.yaml:1:180010\n"), "{report}");
}

#[test]
fn findings_in_one_long_line_cost_no_more_than_in_many_lines() {
    let time = |end: &str| {
        let text = format!("{{{}}}\n", format!("ab: 1,{end}").repeat(100_000));
        let places =
            (0..1000).map(|at| crate::yaml::Span { start: 700 * at + 1, end: 700 * at + 3, line: 1, column: 1 });
        let odd = |span| diagnostic("a", Severity::Error, "odd", vec![Mark { span, label: String::new() }]);
        let start = std::time::Instant::now();
        let report = rendered(Format::Text, &text, &places.map(odd).collect::<Vec<_>>());
        assert_eq!(report.matches("^^").count(), 1000);
        start.elapsed()
    };
    let (many, one) = (time("\n"), time(" "));
    // A walk through the whole line for each finding costs a thousand times as much.
    assert!(one < many * 50, "{one:?} in one line, {many:?} in many");
}

#[test]
fn tall_marks_show_their_first_line() {
    let text = format!("a:\n{}", "  - x\n".repeat(1000));
    let marks = vec![mark(&text, &text[..4000], "all of it")];
    let report = rendered(Format::Text, &text, &[diagnostic("a", Severity::Error, "odd", marks)]);
    assert_eq!(report, "error[a]: odd\n --> redis/values.yaml:1:1\n  |\n1 | a:\n  | ^^ all of it\n\n");
}

#[test]
fn invisible_characters_are_escaped() {
    let text = "\"a\u{202e}b\": 1\n";
    let mut one = diagnostic("a", Severity::Error, "odd\n\u{1b}[31m", vec![mark(text, "1", "x\u{7}")]);
    one.help = vec!["do\r\nthis".to_owned()];
    let checked = CheckedFile { file: "a\u{1b}b", text, document: None, chart: None, diagnostics: &[one] };
    let report = part(&checked, Color::Off.into());
    assert!(!report.contains(['\u{1b}', '\u{202e}', '\u{7}', '\r']), "{report:?}");
    assert!(report.contains(r"odd\n\u{1b}[31m") && report.contains(r"a\u{1b}b:1:"), "{report}");
}

#[test]
fn places_at_the_end_and_without_marks_are_shown() {
    for text in ["", "a: 1", "a: 1\n", "a: 1\r\n\r\n"] {
        let end = crate::yaml::Span { start: text.len(), end: text.len(), line: 9, column: 9 };
        let marks = vec![Mark { span: end, label: "here".to_owned() }];
        for marks in [marks, Vec::new()] {
            let report = rendered(Format::Text, text, &[diagnostic("a", Severity::Error, "odd", marks)]);
            assert!(report.starts_with("error[a]: odd\n"), "{report}");
            assert!(report.contains("redis/values.yaml:"), "{report}");
        }
    }
}
