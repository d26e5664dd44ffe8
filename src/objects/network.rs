//! Rules that the user adds to a NetworkPolicy or a Role, as texts like those of the table.

use super::rows::text_of;
use crate::yaml::{Map, Value};

/// The rules of one item of a list, for the field with this name: `ingress`, `egress` or `rules`.
pub(super) fn rules(field: &str, value: &Value) -> Vec<String> {
    let Some(rule) = value.as_map() else { return Vec::new() };
    match field {
        "ingress" => traffic(rule, "from"),
        "egress" => traffic(rule, "to"),
        _ => vec![rights(rule)],
    }
}

/// `get,list pods a,b`
fn rights(rule: &Map) -> String {
    let parts = ["verbs", "resources", "resourceNames"].map(|field| rule.get(field).map(text_of).unwrap_or_default());
    parts.join(" ").trim_end().to_owned()
}

/// `6379 from pods a=b in namespaces c=d`, for each of the other sides.
fn traffic(rule: &Map, direction: &str) -> Vec<String> {
    let ports: Vec<String> = list(rule, "ports").iter().filter_map(Value::as_map).map(port).collect();
    let ports = if ports.is_empty() { "all ports".to_owned() } else { ports.join(",") };
    let sides: Vec<String> = list(rule, direction).iter().filter_map(Value::as_map).map(side).collect();
    let sides = if sides.is_empty() { vec!["anywhere".to_owned()] } else { sides };
    sides.into_iter().map(|side| format!("{ports} {direction} {side}")).collect()
}

fn port(port: &Map) -> String {
    let number = port.get("port").map(text_of).unwrap_or_default();
    let end = port.get("endPort").map(|end| format!("-{}", text_of(end))).unwrap_or_default();
    let protocol = port.get("protocol").map(text_of).filter(|protocol| protocol != "TCP");
    format!("{number}{end}{}", protocol.map(|protocol| format!("/{protocol}")).unwrap_or_default())
}

fn side(side: &Map) -> String {
    if let Some(block) = side.get("ipBlock").and_then(Value::as_map) {
        let except = block.get("except").map(|except| format!(" except {}", text_of(except))).unwrap_or_default();
        return format!("{}{except}", block.get("cidr").map(text_of).unwrap_or_default());
    }
    let pods = side.get("podSelector").map(|selector| selected("pods", selector));
    let namespaces = side.get("namespaceSelector").map(|selector| selected("namespaces", selector));
    match (pods, namespaces) {
        (Some(pods), Some(namespaces)) => format!("{pods} in {namespaces}"),
        (pods, namespaces) => pods.or(namespaces).unwrap_or_else(|| "anywhere".to_owned()),
    }
}

/// `pods a=b`, or `all pods`.
fn selected(what: &str, selector: &Value) -> String {
    let Some(selector) = selector.as_map() else { return format!("all {what}") };
    let labels = selector.get("matchLabels").map(text_of).unwrap_or_default();
    match (labels.is_empty(), selector.contains_key("matchExpressions")) {
        (true, false) => format!("all {what}"),
        (true, true) => format!("{what} by expressions"),
        (false, false) => format!("{what} {labels}"),
        (false, true) => format!("{what} {labels} and expressions"),
    }
}

fn list<'m>(map: &'m Map, key: &str) -> &'m [Value] {
    map.get(key).and_then(Value::as_list).unwrap_or_default()
}
