//! The topology as a picture, without fonts of its own, for light and dark pages.
//!
//! The columns are clients, Services, workloads and volumes. The width of a character is that of common monospaced
//! fonts, rounded up.

use std::fmt::Write as _;

use super::{
    graph::{Graph, Node, Origin, ServiceNode},
    sections,
};
use crate::overview::{Overview, Writes};

/// Sizes in pixels of the picture.
const CHARACTER: f64 = 7.6;
const BOLD_CHARACTER: f64 = 8.2;
const LINE: f64 = 17.0;
const PADDING: f64 = 10.0;
const GAP: f64 = 18.0;
const COLUMN_GAP: f64 = 70.0;
const MARGIN: f64 = 20.0;
const HEAD: f64 = 34.0;
/// The room between a primary and its replicas, for the word `replication`.
const COPY_GAP: f64 = 44.0;
/// The longest line of a box, in characters. Longer texts are broken.
const MOST: usize = 36;

/// Colors for light pages, and then for dark ones. Text on its background has a contrast of 7 to 1 or more.
const STYLE: &str = "\
  svg { --ink: #1f2328; --page: #ffffff; --origin: #eaeef2; --service: #ddf4ff; --workload: #dafbe1; --volume: #fff8c5; --edge: #57606a; --open: #a40e26 }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #f0f6fc; --page: #0d1117; --origin: #21262d; --service: #0c2d6b; --workload: #033a16; --volume: #3b2300; --edge: #9198a1; --open: #ff9492 }
  }
  text { font-family: ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; font-size: 12px; fill: var(--ink) }
  .title { font-weight: bold }
  .page { fill: var(--page) }
  rect { stroke: var(--edge); stroke-width: 1 }
  .page { stroke: none }
  .origin rect { fill: var(--origin) }
  .service rect { fill: var(--service) }
  .workload rect { fill: var(--workload) }
  .volume rect { fill: var(--volume) }
  .public rect { stroke: var(--open); stroke-width: 2 }
  path { fill: none; stroke: var(--edge); stroke-width: 1.2 }
  .writes { stroke-width: 2.6 }
  .weak { stroke-dasharray: 4 4 }
  marker path { fill: var(--edge); stroke: none }
";

/// A box with its lines and its place.
struct Placed {
    kind: &'static str,
    title: Vec<String>,
    lines: Vec<String>,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

impl Placed {
    fn new(kind: &'static str, node: &Node) -> Self {
        let title = broken(&node.title);
        let lines: Vec<String> = node.lines.iter().flat_map(|line| broken(line)).collect();
        let longest = |lines: &[String], character: f64| {
            lines.iter().map(|line| columns(line) as f64 * character).fold(0.0, f64::max)
        };
        let width = longest(&title, BOLD_CHARACTER).max(longest(&lines, CHARACTER)) + 2.0 * PADDING;
        let height = (title.len() + lines.len()) as f64 * LINE + 2.0 * PADDING;
        Self { kind, title, lines, x: 0.0, y: 0.0, width, height }
    }

    fn middle(&self) -> f64 {
        self.y + self.height / 2.0
    }

    fn bottom(&self) -> f64 {
        self.y + self.height
    }
}

/// The columns of a text. A character that is not of ASCII may be as wide as two.
fn columns(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

/// A text in lines, broken at blanks, and inside of words that are longer than a line.
fn broken(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut().filter(|line| columns(line) + 1 + columns(word) <= MOST) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => {
                let mut line = String::new();
                for c in word.chars() {
                    if columns(&line) >= MOST - 1 {
                        lines.push(std::mem::take(&mut line));
                    }
                    line.push(c);
                }
                lines.push(line);
            }
        }
    }
    lines
}

/// Places a column of boxes at `x` from the top, and returns its right edge. All boxes get the same width.
fn column<'a>(boxes: impl Iterator<Item = &'a mut Placed>, x: f64, gaps: &[f64]) -> f64 {
    let mut boxes: Vec<&mut Placed> = boxes.collect();
    let width = boxes.iter().map(|placed| placed.width).fold(0.0, f64::max);
    let mut y = 0.0;
    for (at, placed) in boxes.iter_mut().enumerate() {
        (placed.x, placed.y, placed.width) = (x, y, width);
        y = placed.bottom() + gaps.get(at).copied().unwrap_or(GAP);
    }
    x + width
}

/// Moves a column down until its middle is at `middle`.
fn center<'a>(boxes: impl Iterator<Item = &'a mut Placed>, middle: f64) {
    let mut boxes: Vec<&mut Placed> = boxes.collect();
    let height = boxes.last().map_or(0.0, |last| last.bottom());
    boxes.iter_mut().for_each(|placed| placed.y += middle - height / 2.0);
}

pub(super) fn render(overview: &Overview) -> String {
    let graph = Graph::of(overview);
    // Services in the order of their workloads have the fewest crossings.
    let mut order: Vec<&ServiceNode> = graph.services.iter().collect();
    order.sort_by_key(|service| (service.leads_to.len() != 1, service.leads_to.first().copied()));
    let mut from: Vec<Origin> = graph.origins.clone();
    from.sort_by_key(|origin| order.iter().position(|service| service.origin == *origin));
    let mut origins: Vec<Placed> = from
        .iter()
        .map(|origin| Placed::new("origin", &Node { title: origin.title().to_owned(), lines: Vec::new() }))
        .collect();
    let mut services: Vec<Placed> = order
        .iter()
        .map(|service| {
            let is_public = service.origin == Origin::Public;
            Placed::new(if is_public { "service public" } else { "service" }, &service.node)
        })
        .collect();
    let mut workloads: Vec<Placed> =
        graph.workloads.iter().map(|workload| Placed::new("workload", &workload.node)).collect();
    let mut volumes: Vec<(usize, Placed)> = Vec::new();
    for (index, workload) in graph.workloads.iter().enumerate() {
        volumes.extend(workload.volumes.iter().map(|volume| (index, Placed::new("volume", volume))));
    }

    let gaps: Vec<f64> = (0..workloads.len())
        .map(|at| if graph.copies.iter().any(|(_, replica)| *replica == at + 1) { COPY_GAP } else { GAP })
        .collect();
    let right = column(origins.iter_mut(), MARGIN, &[]);
    let right = column(services.iter_mut(), right + COLUMN_GAP, &[]);
    let mut right = column(workloads.iter_mut(), right + COLUMN_GAP, &gaps);
    if !volumes.is_empty() {
        right = column(volumes.iter_mut().map(|(_, placed)| placed), right + COLUMN_GAP, &[]);
    }
    let height = |boxes: &[Placed]| boxes.last().map_or(0.0, Placed::bottom);
    let of_volumes = volumes.last().map_or(0.0, |(_, placed)| placed.bottom());
    let tallest = [height(&origins), height(&services), height(&workloads), of_volumes].into_iter().fold(0.0, f64::max);
    let middle = HEAD + MARGIN + tallest / 2.0;
    center(origins.iter_mut(), middle);
    center(services.iter_mut(), middle);
    center(workloads.iter_mut(), middle);
    beside(&mut volumes, &workloads);

    let bottom = origins.iter().chain(&services).chain(&workloads).chain(volumes.iter().map(|(_, placed)| placed));
    let bottom = bottom.map(Placed::bottom).fold(0.0, f64::max) + GAP + LINE;
    let title = sections::title(overview);
    let legend = "thick: writes reach the primary; dashed: names of pods, monitoring, replication";
    let longest = (columns(&title) as f64 * BOLD_CHARACTER).max(columns(legend) as f64 * CHARACTER);
    let width = (right + MARGIN).max(longest + 2.0 * MARGIN).ceil();
    let bottom = (bottom + MARGIN).ceil();

    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {bottom}\" width=\"{width}\" \
         height=\"{bottom}\" role=\"img\" aria-labelledby=\"title\">\n<title id=\"title\">{0}</title>\n<style>\n\
         {STYLE}</style>\n<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" \
         markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0 L8 4 L0 8 Z\"/></marker></defs>\n\
         <rect class=\"page\" width=\"{width}\" height=\"{bottom}\"/>\n\
         <text class=\"title\" x=\"{MARGIN}\" y=\"{1}\">{0}</text>\n",
        escaped(&title),
        MARGIN + 12.0
    );
    for (service, placed) in order.iter().zip(&services) {
        let origin = from.iter().position(|origin| *origin == service.origin);
        if let Some(origin) = origin {
            edge(&mut svg, &origins[origin], placed, if service.is_headless { "weak" } else { "" });
        }
        for workload in &service.leads_to {
            edge(&mut svg, placed, &workloads[*workload], kind(service));
        }
    }
    for (primary, replica) in &graph.copies {
        let (from, to) = (&workloads[*primary], &workloads[*replica]);
        let x = from.x + from.width / 2.0;
        // Writing to a string cannot fail.
        let _ = writeln!(
            svg,
            "<path class=\"weak\" marker-end=\"url(#arrow)\" d=\"M{x} {} L{x} {}\"/>\n<text x=\"{}\" y=\"{}\">replication</text>",
            from.bottom(),
            to.y,
            x + 8.0,
            (from.bottom() + to.y) / 2.0 + 4.0
        );
    }
    for (workload, placed) in &volumes {
        let from = &workloads[*workload];
        let _ =
            writeln!(svg, "<path d=\"M{} {} L{} {}\"/>", from.x + from.width, from.middle(), placed.x, placed.middle());
    }
    for placed in origins.iter().chain(&services).chain(&workloads).chain(volumes.iter().map(|(_, placed)| placed)) {
        draw(&mut svg, placed);
    }
    let _ = writeln!(svg, "<text x=\"{MARGIN}\" y=\"{}\">{}</text>\n</svg>", bottom - MARGIN, escaped(legend));
    svg
}

/// Places each volume next to its workload, below the volume above it.
fn beside(volumes: &mut [(usize, Placed)], workloads: &[Placed]) {
    let mut least = HEAD + MARGIN;
    for at in 0..volumes.len() {
        let workload = volumes[at].0;
        let is_first = at == 0 || volumes[at - 1].0 != workload;
        if is_first {
            let together: f64 = volumes[at..]
                .iter()
                .take_while(|(other, _)| *other == workload)
                .map(|(_, placed)| placed.height + GAP)
                .sum();
            least = least.max(workloads[workload].middle() - (together - GAP) / 2.0);
        }
        let placed = &mut volumes[at].1;
        placed.y = least;
        least = placed.bottom() + GAP;
    }
}

/// The style of the edge from a Service to its pods.
fn kind(service: &ServiceNode) -> &'static str {
    match service.writes {
        _ if service.is_headless => "weak",
        Writes::Primary => "writes",
        Writes::NoRedis => "weak",
        Writes::ByChance | Writes::Refused => "",
    }
}

fn edge(svg: &mut String, from: &Placed, to: &Placed, class: &str) {
    let (x1, y1, x2, y2) = (from.x + from.width, from.middle(), to.x, to.middle());
    let half = (x2 - x1) / 2.0;
    // Writing to a string cannot fail.
    let _ = writeln!(
        svg,
        "<path class=\"edge {class}\" marker-end=\"url(#arrow)\" d=\"M{x1} {y1} C{} {y1} {} {y2} {x2} {y2}\"/>",
        x1 + half,
        x2 - half
    );
}

fn draw(svg: &mut String, placed: &Placed) {
    let Placed { kind, title, lines, x, y, width, height } = placed;
    let _ = writeln!(
        svg,
        "<g class=\"node {kind}\"><rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"5\"/>"
    );
    let mut baseline = y + PADDING + 12.0;
    for (line, class) in title.iter().map(|line| (line, "title")).chain(lines.iter().map(|line| (line, "line"))) {
        let _ =
            writeln!(svg, "<text class=\"{class}\" x=\"{}\" y=\"{baseline}\">{}</text>", x + PADDING, escaped(line));
        baseline += LINE;
    }
    svg.push_str("</g>\n");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
