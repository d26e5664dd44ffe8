//! Whether an XML document is what a schema says, for schemas as small as that of JUnit.
//!
//! What an element may hold is turned into a pattern over the names of its children. A schema that says something else
//! than what is known here ends the test: nothing is left unchecked in silence.

use std::collections::BTreeMap;

use regex::Regex;
use roxmltree::{Document, Node};

pub struct Schema<'a> {
    elements: BTreeMap<&'a str, Node<'a, 'a>>,
    types: BTreeMap<&'a str, Node<'a, 'a>>,
}

impl<'a> Schema<'a> {
    pub fn of(document: &'a Document<'a>) -> Self {
        let mut schema = Self { elements: BTreeMap::new(), types: BTreeMap::new() };
        for node in elements(document.root_element()) {
            let name = node.attribute("name").expect("what stands at the top has a name");
            match node.tag_name().name() {
                "element" => schema.elements.insert(name, node),
                "complexType" | "simpleType" => schema.types.insert(name, node),
                other => panic!("the schema has a `{other}`"),
            };
        }
        schema
    }

    /// What is wrong with a document; nothing if it is valid.
    pub fn wrong(&self, xml: &str) -> Vec<String> {
        let document = match Document::parse(xml) {
            Ok(document) => document,
            Err(error) => return vec![format!("no XML: {error}")],
        };
        let mut wrong = Vec::new();
        let root = document.root_element();
        match self.elements.get(root.tag_name().name()) {
            Some(declared) => self.check(root, *declared, &mut wrong),
            None => wrong.push(format!("`{}` is no element", root.tag_name().name())),
        }
        wrong
    }

    fn check(&self, node: Node, declared: Node<'a, 'a>, wrong: &mut Vec<String>) {
        let name = node.tag_name().name();
        let children: String = elements(node).map(|child| format!("{};", child.tag_name().name())).collect();
        let Some(kind) = self.kind(declared) else {
            // A string.
            if !children.is_empty() || node.attributes().len() > 0 {
                wrong.push(format!("`{name}` is a text alone"));
            }
            return;
        };
        let mut pattern = String::new();
        let mut attributes = BTreeMap::new();
        for part in elements(kind) {
            match part.tag_name().name() {
                "attribute" => {
                    attributes.insert(part.attribute("name").expect("an attribute has a name"), part);
                }
                _ => pattern += &content(part),
            }
        }
        if !whole(&pattern).is_match(&children) {
            wrong.push(format!("`{name}` holds `{children}`: expected {pattern}"));
        }
        let text = node.children().any(|child| child.is_text() && !child.text().unwrap_or_default().trim().is_empty());
        if text && kind.attribute("mixed") != Some("true") {
            wrong.push(format!("`{name}` holds a text"));
        }
        for attribute in node.attributes() {
            match attributes.get(attribute.name()) {
                Some(declared) if self.takes(*declared, attribute.value()) => {}
                _ => wrong.push(format!("`{name}` has {}=\"{}\"", attribute.name(), attribute.value())),
            }
        }
        for (attribute, declared) in &attributes {
            if declared.attribute("use") == Some("required") && node.attribute(*attribute).is_none() {
                wrong.push(format!("`{name}` has no `{attribute}`"));
            }
        }
        for child in elements(node) {
            let called = child.tag_name().name();
            let own = kind.descendants().find(|node| is(*node, "element") && node.attribute("name") == Some(called));
            if let Some(declared) = own.or_else(|| self.elements.get(called).copied()) {
                self.check(child, declared, wrong);
            }
        }
    }

    /// What an element is made of; none for a string.
    fn kind(&self, declared: Node<'a, 'a>) -> Option<Node<'a, 'a>> {
        match declared.attribute("type") {
            Some("xs:string") => None,
            Some(named) => Some(self.types[named]),
            None => Some(elements(declared).find(|node| is(*node, "complexType")).expect("an element has a type")),
        }
    }

    fn takes(&self, attribute: Node, value: &str) -> bool {
        match attribute.attribute("type").expect("an attribute has a type") {
            "xs:string" => true,
            named => {
                let patterns = self.types[named].descendants().filter(|node| is(*node, "pattern"));
                patterns.map(|node| whole(node.attribute("value").expect("a pattern"))).all(|it| it.is_match(value))
            }
        }
    }
}

/// The pattern of the children that a part of a type lets in.
fn content(part: Node) -> String {
    let parts: Vec<String> = elements(part).map(content).collect();
    let one = match part.tag_name().name() {
        "element" => format!("{};", part.attribute("ref").or(part.attribute("name")).expect("an element has a name")),
        "sequence" => parts.concat(),
        "choice" => parts.join("|"),
        other => panic!("the schema has a `{other}`"),
    };
    let least = part.attribute("minOccurs").unwrap_or("1");
    let most = part.attribute("maxOccurs").unwrap_or("1");
    format!("(?:{one}){{{least},{}}}", if most == "unbounded" { "" } else { most })
}

fn whole(pattern: &str) -> Regex {
    Regex::new(&format!("^(?:{pattern})$")).expect("a pattern")
}

fn elements<'a, 'b>(node: Node<'a, 'b>) -> impl Iterator<Item = Node<'a, 'b>> {
    node.children().filter(Node::is_element).filter(|node| !is(*node, "annotation"))
}

fn is(node: Node, name: &str) -> bool {
    node.tag_name().name() == name
}
