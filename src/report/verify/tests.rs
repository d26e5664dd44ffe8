use super::*;
use crate::{report::Color, verify::checks};

fn outcome() -> Outcome {
    let check = |id: &str| *checks::ALL.iter().find(|check| check.id == id).unwrap();
    let verdicts = vec![
        check("roles").ok("is the only primary").on("a:1").from("ROLE: master 1 []"),
        check("password").wrong("asks for no password <&>").on("b:2").from("PING: PONG\u{1b}[31m"),
        check("monitor").not_asked("no cluster was asked"),
        check("writes").note("leads to a replica").on("svc"),
    ];
    Outcome { verdicts, settled_after: Some(15) }
}

fn rendered(format: Format) -> String {
    let subject = Subject { name: "cache", namespace: Some("ns") };
    render(format, subject, &outcome(), View::from(Color::Off))
}

#[test]
fn the_text_has_the_reply_of_what_is_wrong() {
    let expected = "\
ok         roles        a:1: is the only primary
wrong      password     b:2: asks for no password <&>
                        PING: PONG\\u{1b}[31m
not asked  monitor      no cluster was asked
note       writes       svc: leads to a replica
1 ok, 1 wrong, 1 note, 1 not asked; asked again for 15 s
";
    assert_eq!(rendered(Format::Text), expected);
}

#[test]
fn json_has_each_verdict_with_its_reply() {
    let report: serde_json::Value = serde_json::from_str(&rendered(Format::Json)).unwrap();
    assert_eq!(report["version"], 1);
    assert_eq!(report["verdicts"][0]["reply"], "ROLE: master 1 []");
    assert_eq!(report["verdicts"][2]["status"], "not-asked");
    assert_eq!(report["summary"]["notAsked"], 1);
    assert_eq!(report["summary"]["askedAgain"], 15);
}

#[test]
fn junit_has_a_case_for_each_verdict() {
    let report = rendered(Format::Junit);
    assert!(report.contains(r#"tests="4" failures="1" errors="0" skipped="1""#), "{report}");
    assert!(report.contains(r#"<testcase name="password b:2" classname="cache"><failure type="wrong""#), "{report}");
    assert!(report.contains("no password &lt;&amp;&gt;") && !report.contains('\u{1b}'), "{report}");
}

#[test]
fn github_annotates_what_is_wrong() {
    let expected = "\
::error title=verify password::b:2: asks for no password <&>%0APING: PONG\\u{1b}[31m
::notice title=verify writes::svc: leads to a replica
cache: 1 ok, 1 wrong, 1 note, 1 not asked; asked again for 15 s
";
    assert_eq!(rendered(Format::Github), expected);
}
