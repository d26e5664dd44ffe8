//! The elements and attributes of a JUnit report, as Jenkins and GitLab document them. What a CI system reads out of a
//! report is asked of a parser, in `tests/report_readers.rs`.

use roxmltree::{Document, Node};

/// Each element: its attributes, and the elements and the text that it may hold.
const ELEMENTS: [(&str, &[&str], &[&str]); 5] = [
    ("testsuites", &["name", "tests", "failures", "errors"], &["testsuite"]),
    ("testsuite", &["name", "tests", "failures", "errors", "skipped"], &["testcase"]),
    ("testcase", &["name", "classname"], &["failure", "system-out"]),
    ("failure", &["type", "message"], &["text"]),
    ("system-out", &[], &["text"]),
];

/// What is wrong with a report, if anything is.
pub fn wrong(report: &str) -> Option<String> {
    match Document::parse(report) {
        Ok(document) if document.root_element().has_tag_name("testsuites") => {
            document.descendants().filter(Node::is_element).find_map(wrong_element)
        }
        Ok(_) => Some("the root is no `testsuites`".to_owned()),
        Err(error) => Some(error.to_string()),
    }
}

fn wrong_element(node: Node) -> Option<String> {
    let name = node.tag_name().name();
    let Some((_, attributes, children)) = ELEMENTS.iter().find(|(known, ..)| *known == name) else {
        return Some(format!("unknown element `{name}`"));
    };
    if !node.attributes().map(|attribute| attribute.name()).eq(attributes.iter().copied()) {
        return Some(format!("the attributes of `{name}` are not {attributes:?}"));
    }
    let is_number = |attribute: &&&str| node.attribute(**attribute).is_some_and(|text| text.parse::<usize>().is_ok());
    let counts = ["tests", "failures", "errors", "skipped"];
    if let Some(count) = attributes.iter().filter(|name| counts.contains(name)).find(|count| !is_number(count)) {
        return Some(format!("`{count}` of `{name}` is no number"));
    }
    let is_known = |child: &Node| match child.is_text() {
        true => children.contains(&"text") || child.text().is_some_and(|text| text.trim().is_empty()),
        false => children.contains(&child.tag_name().name()),
    };
    let unknown = node.children().find(|child| !is_known(child));
    unknown.map(|child| format!("`{name}` holds {child:?}"))
}

#[test]
fn what_is_not_valid_is_found() {
    let suites = |inner: &str| {
        wrong(&format!("<testsuites name='a' tests='1' failures='0' errors='0'>{inner}</testsuites>")).is_none()
    };
    let suite = |inner: &str| {
        suites(&format!("<testsuite name='a' tests='1' failures='0' errors='0' skipped='0'>{inner}</testsuite>"))
    };
    assert!(suites("") && suite("") && wrong("<testsuite/>").is_some() && wrong("<testsuites/>").is_some());
    assert!(suite("<testcase name='a' classname='b'><failure type='b' message='c'>d</failure></testcase>"));
    assert!(!suites("<testcase name='a' classname='b'/>") && !suites("<testsuite name='a'/>") && !suites("text"));
    assert!(!suite("<testcase/>") && !suite("<testcase name='a' classname='b' line='1'/>") && !suite("<failure/>"));
    assert!(!suite("<testcase name='a' classname='b'><system-out><b/></system-out></testcase>") && !suite("\u{1}"));
    assert!(!suites("<testsuite name='a' tests='1' failures='no' errors='0' skipped='0'/>"));
}
