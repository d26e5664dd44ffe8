//! The log, as it looks.

use serde_json::{Value as Json, json};

use super::*;
use crate::report::{
    Color, Format, render,
    tests::{TEXT, diagnostic, mark, rendered, samples},
};

fn log(checked: &[CheckedFile]) -> Json {
    serde_json::from_str(&render(Format::Sarif, checked, Color::Off)).expect("JSON")
}

fn results(text: &str, diagnostics: &[Diagnostic]) -> Json {
    let log: Json = serde_json::from_str(&rendered(Format::Sarif, text, diagnostics)).expect("JSON");
    log["runs"][0]["results"].clone()
}

#[test]
fn it_looks_like_this() {
    let place = |line, column, end, label: &str| {
        let mut place = json!({"physicalLocation": {
            "artifactLocation": {"uri": "redis/values.yaml", "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": line, "startColumn": column, "endLine": line, "endColumn": end},
        }});
        if !label.is_empty() {
            place["message"] = json!({"text": label});
        }
        place
    };
    let mut related = place(2, 1, 5, "far above");
    related["id"] = json!(1);
    let samples = samples();
    let expected = json!([{
        "ruleId": "unknown-key",
        "level": "error",
        "message": {"text": "unknown key `master.persistance` (chart 23.1.1)\ndid you mean `master.persistence`?\n\
            fix available (unsafe): rename the key to `master.persistence`"},
        "locations": [place(5, 3, 14, "Helm ignores this key")],
        "partialFingerprints": {"ruleAndMessage/v1": fingerprint(&samples[1], 1)},
    }, {
        "ruleId": "too-few",
        "level": "note",
        "message": {"text": "two replicas & <no> more"},
        "locations": [place(11, 3, 15, "")],
        "relatedLocations": [related],
        "partialFingerprints": {"ruleAndMessage/v1": fingerprint(&samples[2], 1)},
    }]);
    assert_eq!(results(TEXT, &samples[1..]), expected);
}

fn fingerprint(diagnostic: &Diagnostic, nth: usize) -> String {
    format!("{:016x}:{nth}", fingerprint::fnv(&[diagnostic.rule, &diagnostic.message]))
}

#[test]
fn rules_with_findings_have_their_pages() {
    let rule = rules::all()[0];
    let odd = |rule| diagnostic(rule, Severity::Error, "odd", Vec::new());
    let diagnostics = [odd("unreadable"), odd(rule.id), odd(rule.id)];
    let checked = CheckedFile { file: "a", text: "", document: None, chart: None, diagnostics: &diagnostics };
    let log = log(&[checked.clone(), checked]);
    let rules = &log["runs"][0]["tool"]["driver"]["rules"];
    assert_eq!(rules[1], json!({"id": "unreadable"}));
    assert_eq!(rules[0]["id"], rule.id);
    assert_eq!(rules[0]["help"], json!({"text": rule.docs, "markdown": rule.docs}));
    assert_eq!(rules[0]["shortDescription"]["text"], rule.summary);
    let about = rules[0]["fullDescription"]["text"].as_str().expect("a text");
    assert!(!about.is_empty() && !about.contains('#') && rule.docs.contains(about), "{about}");
    assert_eq!(rules.as_array().map(Vec::len), Some(2));
    assert_eq!(log["runs"][0]["results"].as_array().map(Vec::len), Some(6));
}

#[test]
fn fingerprints_survive_moved_lines_and_are_unique() {
    let prints = |text: &str| {
        let odd = |needle| diagnostic("a", Severity::Error, "odd", vec![mark(text, needle, "")]);
        let results = results(text, &[odd("a"), odd("b")]);
        [0, 1].map(|at| results[at]["partialFingerprints"]["ruleAndMessage/v1"].as_str().map(str::to_owned))
    };
    let [first, second] = prints("a: 1\nb: 2\n");
    assert!(first.is_some() && first != second);
    assert_eq!(prints("# more\n\na: 1\n# yet\nb: 2\n"), [first, second]);
}

#[test]
fn brackets_of_a_message_are_no_link() {
    assert_eq!(unlinked("a [b] (c) \\"), "a [b] (c) \\");
    assert_eq!(unlinked("[b](c) \\"), "\\[b\\](c) \\\\");
}

#[test]
fn no_files_are_a_run_without_results() {
    let none = log(&[]);
    assert_eq!(none["runs"][0]["results"], json!([]));
    let clean = CheckedFile { file: "a", text: "", document: None, chart: None, diagnostics: &[] };
    assert_eq!(log(&[clean]), none);
}
