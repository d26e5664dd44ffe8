//! Services.

use super::{
    model::{Object, Port, Service},
    part::{Item, Part},
    rows::text_of,
};
use crate::{
    chart::ServiceKind,
    yaml::{Map, Value},
};

pub(super) fn of(part: &Part, object: Object) -> Service {
    Service {
        behind: part.text("behind").and_then(|word| kind(&word)),
        service_type: part.text("type").unwrap_or_else(|| "ClusterIP".to_owned()),
        is_headless: part.is("headless"),
        ports: ports(part),
        annotations: part.pairs("annotation"),
        source_ranges: part.texts("range"),
        base: part.text("base").unwrap_or_default(),
        object,
    }
}

fn kind(word: &str) -> Option<ServiceKind> {
    Some(match word {
        "primary" => ServiceKind::Primary,
        "replicas" => ServiceKind::Replicas,
        "nodes" => ServiceKind::AllNodes,
        "current-primary" => ServiceKind::CurrentPrimary,
        "each-pod" => ServiceKind::EachPod,
        "metrics" => ServiceKind::Metrics,
        _ => return None,
    })
}

/// The ports; the first one of a name counts.
fn ports(part: &Part) -> Vec<Port> {
    let mut ports: Vec<Port> = Vec::new();
    for item in part.items("port") {
        let port = match item {
            Item::Text(text) => of_text(&text),
            Item::Value(value) => value.as_map().map(of_value),
        };
        if let Some(port) = port
            && !ports.iter().any(|known| known.name == port.name)
        {
            ports.push(port);
        }
    }
    ports
}

/// `NAME PORT TARGET NODE-PORT`
fn of_text(text: &str) -> Option<Port> {
    let mut words = text.split(' ');
    let (name, port, target) = (words.next()?, words.next()?, words.next()?);
    Some(Port {
        name: name.to_owned(),
        port: port.parse().unwrap_or_default(),
        target: target.to_owned(),
        node_port: words.next().and_then(|word| word.parse().ok()),
    })
}

/// A port that the user adds. Without a target, it is the port.
fn of_value(value: &Map) -> Port {
    let text = |key: &str| value.get(key).filter(|value| **value != Value::Null).map(text_of);
    let port = text("port").unwrap_or_default();
    Port {
        name: text("name").unwrap_or_default(),
        target: text("targetPort").unwrap_or_else(|| port.clone()),
        node_port: text("nodePort").and_then(|port| port.parse().ok()),
        port: port.parse().unwrap_or_default(),
    }
}
