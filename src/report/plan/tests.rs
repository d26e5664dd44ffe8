//! Every format of three releases with hand-built objects.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use super::*;
use crate::{overview::tests, report::Color};

const FORMATS: [Format; 5] = [Format::Text, Format::Markdown, Format::Mermaid, Format::Svg, Format::Json];

fn overviews() -> [Overview; 3] {
    [tests::sentinel(), tests::replication(), tests::standalone()]
}

fn rendered(overview: &Overview, format: Format, width: Option<usize>) -> String {
    let view = View { color: Color::Off, width };
    let chart = Chart::at(&overview.chart_version.parse().unwrap()).unwrap();
    plan(&PlanReport { overview, chart: &chart, findings: &[], refusals: &[], live: &[], clients: &[], view }, format)
}

#[test]
fn every_format_names_each_service_and_each_workload() {
    for overview in overviews() {
        for format in FORMATS {
            let text = rendered(&overview, format, None);
            for object in overview.objects.rendered().filter(|object| object.kind != "ConfigMap") {
                let is_drawn = matches!(object.kind.as_str(), "Service" | "StatefulSet");
                if is_drawn || !matches!(format, Format::Mermaid | Format::Svg) {
                    assert!(text.contains(&object.name), "{format:?} lacks {}:\n{text}", object.name);
                }
            }
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{format:?}");
        }
    }
}

#[test]
fn the_text_fits_the_terminal() {
    for overview in overviews() {
        for width in [None, Some(80), Some(120), Some(60)] {
            let text = rendered(&overview, Format::Text, width);
            let most = width.unwrap_or(COLUMNS);
            for line in text.lines() {
                // No fold cuts a word, a quoted argument or an address.
                let is_word = !line.trim().contains(' ') || line.contains('\'') || line.contains(".svc.");
                assert!(line.chars().count() <= most || most < COLUMNS && is_word, "{most}: {line}");
            }
            assert_eq!(text.contains('┌'), most >= COLUMNS);
        }
    }
}

#[test]
fn the_drawing_leads_from_clients_to_volumes() {
    let text = rendered(&tests::replication(), Format::Text, None);
    let drawing: String =
        text.lines().skip(1).take_while(|line| *line != "Services").map(|line| format!("{line}\n")).collect();
    assert_eq!(drawing, include_str!("tests/replication.txt"));
}

#[test]
fn a_picture_is_xml_with_a_box_for_each_object() {
    for overview in overviews() {
        let svg = rendered(&overview, Format::Svg, None);
        let document = roxmltree::Document::parse(&svg).unwrap();
        let boxes = |kind: &str| {
            let classes = document.descendants().filter_map(|node| node.attribute("class"));
            classes.filter(|class| class.starts_with("node ") && class.contains(kind)).count()
        };
        assert_eq!(boxes("service"), overview.objects.services.len());
        assert_eq!(boxes("workload"), overview.objects.workloads.len());
        let claims: usize = overview.objects.workloads.iter().map(|workload| workload.claims.len()).sum();
        assert_eq!(boxes("volume"), claims);
    }
}

#[test]
fn boxes_of_a_picture_do_not_overlap() {
    for overview in overviews() {
        let svg = rendered(&overview, Format::Svg, None);
        let document = roxmltree::Document::parse(&svg).unwrap();
        let number = |node: roxmltree::Node, name: &str| node.attribute(name).unwrap().parse::<f64>().unwrap();
        let rects: Vec<[f64; 4]> = document
            .descendants()
            .filter(|node| node.has_tag_name("rect") && node.attribute("class").is_none())
            .map(|node| ["x", "y", "width", "height"].map(|name| number(node, name)))
            .collect();
        for (at, [x, y, width, height]) in rects.iter().enumerate() {
            assert!(*x >= 0.0 && *y >= 0.0, "{svg}");
            for [other_x, other_y, other_width, other_height] in &rects[at + 1..] {
                let apart = x + width <= *other_x
                    || other_x + other_width <= *x
                    || y + height <= *other_y
                    || other_y + other_height <= *y;
                assert!(apart, "{svg}");
            }
        }
    }
}

/// Texts that would end a string, a tag, a table or a line.
#[test]
fn no_text_of_the_values_breaks_a_format() {
    let nasty = "a\"b<c>&d|e`f]g\nh{i}--> #;%%";
    let mut overview = tests::replication();
    overview.objects.services[0].object.name = nasty.to_owned();
    overview.objects.workloads[0].claims[0].class = Some(nasty.to_owned());
    overview.reach[0].why = nasty.to_owned();
    overview.objects.unknown.push(nasty.to_owned());
    let svg = rendered(&overview, Format::Svg, None);
    let document = roxmltree::Document::parse(&svg).unwrap();
    let texts: String = document.descendants().filter_map(|node| node.text()).collect();
    assert!(texts.contains("a\"b<c>&d|e`f]g\\nh{i}-->"), "{texts}");
    for line in rendered(&overview, Format::Mermaid, None).lines().filter(|line| line.contains('"')) {
        assert_eq!(line.matches('"').count(), 2, "{line}");
        assert!(!line.contains("<c>"), "{line}");
    }
    let markdown = rendered(&overview, Format::Markdown, None);
    assert!(!markdown.contains("<c>"), "{markdown}");
    let json: serde_json::Value = serde_json::from_str(&rendered(&overview, Format::Json, None)).unwrap();
    assert_eq!(json["version"], 1);
}

#[test]
fn a_secret_of_an_annotation_is_hidden() {
    let secret = "s3cr3tx";
    let mut overview = tests::sentinel();
    let annotations = &mut overview.objects.services[0].annotations;
    annotations.insert("password".to_owned(), secret.to_owned());
    annotations.insert("note".to_owned(), format!("redis://:{secret}@host:6379"));
    overview.reach[0].why = format!("annotation `url: redis://:{secret}@host`");
    overview.objects.others[0].fields.insert("password".to_owned(), secret.to_owned());
    for format in FORMATS {
        let text = rendered(&overview, format, None);
        assert!(!text.contains(secret), "{format:?}: {text}");
    }
}

#[test]
fn json_has_the_code_of_each_client() {
    let json: serde_json::Value = serde_json::from_str(&rendered(&tests::sentinel(), Format::Json, None)).unwrap();
    let code = json["clients"]["code"].as_array().unwrap();
    assert_eq!(code.len(), 12);
    assert!(json["renders"].as_bool().unwrap());
    assert_eq!(json["reach"][0]["access"], "internal");
    assert_eq!(json["failures"]["failover"]["mayLose"], 1);
}
