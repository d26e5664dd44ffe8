//! The topology as a Mermaid flowchart.

use std::fmt::Write as _;

use super::graph::{Graph, Node, ServiceNode};
use crate::overview::{Overview, Writes};

pub(super) fn render(overview: &Overview) -> String {
    let graph = Graph::of(overview);
    let mut text = String::from("flowchart LR\n");
    // Writing to a string cannot fail.
    for (index, origin) in graph.origins.iter().enumerate() {
        let _ = writeln!(text, "  origin{index}([\"{}\"])", origin.title());
    }
    for (index, service) in graph.services.iter().enumerate() {
        let _ = writeln!(text, "  service{index}[\"{}\"]", label(&service.node));
    }
    for (index, workload) in graph.workloads.iter().enumerate() {
        let _ = writeln!(text, "  workload{index}[[\"{}\"]]", label(&workload.node));
        for (number, volume) in workload.volumes.iter().enumerate() {
            let _ = writeln!(text, "  volume{index}x{number}[(\"{}\")]", label(volume));
        }
    }
    for (index, service) in graph.services.iter().enumerate() {
        let origin = graph.origins.iter().position(|origin| *origin == service.origin).unwrap_or_default();
        let _ = writeln!(text, "  origin{origin} --> service{index}");
        for workload in &service.leads_to {
            let _ = writeln!(text, "  service{index} {} workload{workload}", arrow(service));
        }
    }
    for (primary, replica) in &graph.copies {
        let _ = writeln!(text, "  workload{primary} -. replication .-> workload{replica}");
    }
    for (index, workload) in graph.workloads.iter().enumerate() {
        for number in 0..workload.volumes.len() {
            let _ = writeln!(text, "  workload{index} --- volume{index}x{number}");
        }
    }
    text
}

fn arrow(service: &ServiceNode) -> &'static str {
    match service.writes {
        _ if service.is_headless => "-.->",
        Writes::Primary => "== writes ==>",
        Writes::ByChance => "-- any node -->",
        Writes::Refused => "-- reads -->",
        Writes::NoRedis => "-.->",
    }
}

/// The lines of a node, each as text that Mermaid shows unchanged.
fn label(node: &Node) -> String {
    let lines = std::iter::once(&node.title).chain(&node.lines);
    lines.map(|line| escaped(line)).collect::<Vec<_>>().join("<br/>")
}

/// Mermaid reads entities with a number of the character. Letters, digits and plain punctuation stay.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            _ if c.is_alphanumeric() || " .,:-_/()".contains(c) => escaped.push(c),
            _ => {
                let _ = write!(escaped, "#{};", u32::from(c));
            }
        }
    }
    escaped
}
