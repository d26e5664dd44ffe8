//! Laws of `redisgen plan` over each profile at each chart version: no panic, each Service in each format, 80 columns, no
//! secret.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use redisgen::{
    chart::{self, Chart, Topology},
    effective::EffectiveValues,
    objects,
    overview::{Overview, Writes},
    profile::EMBEDDED,
    report::{
        Color, View,
        plan::{COLUMNS, Format, PlanReport, plan},
    },
    yaml::{Map, read_values},
};

use crate::support::profiles;

const FORMATS: [Format; 5] = [Format::Text, Format::Markdown, Format::Mermaid, Format::Svg, Format::Json];

fn overview(values: Map, chart: &Chart) -> (Overview, EffectiveValues) {
    let values = EffectiveValues::of(values, chart);
    (Overview::of(objects::of(&values, "redis", "default"), &values, None), values)
}

fn rendered(overview: &Overview, values: &EffectiveValues, format: Format) -> String {
    let refusals = values.refusals();
    let view = View { color: Color::Off, width: None };
    let report = PlanReport {
        overview,
        chart: &values.chart,
        findings: &[],
        refusals: &refusals,
        live: &[],
        clients: &[],
        view,
    };
    plan(&report, format)
}

/// The versions at which facts change; all of them with `REDISGEN_MATRIX=full`.
fn versions() -> Vec<Chart> {
    let full = std::env::var("REDISGEN_MATRIX").is_ok_and(|matrix| matrix == "full");
    let edges = profiles::edges();
    let releases = chart::versions().filter(|release| full || edges.contains(&release.version));
    releases.map(|release| Chart::at(&release.version).unwrap()).collect()
}

#[test]
fn each_profile_is_shown_in_each_format() {
    let mut seen = 0;
    for chart in versions() {
        let mut before: Vec<Map> = Vec::new();
        for (profile, _) in EMBEDDED {
            let generated = profiles::generated(profile, &chart);
            if before.contains(&generated) {
                continue;
            }
            before.push(generated.clone());
            let (overview, values) = overview(generated, &chart);
            let at = format!("{profile} on {}", chart.version());
            check(&overview, &at);
            // Other formats show the same facts: a few versions are enough for them.
            seen += 1;
            let formats = if seen % 8 == 0 { &FORMATS[..] } else { &FORMATS[..1] };
            for &format in formats {
                let text = rendered(&overview, &values, format);
                for service in &overview.objects.services {
                    assert!(text.contains(&service.object.name), "{at}, {format:?}: {}", service.object.name);
                }
                match format {
                    Format::Text => {
                        for line in text.lines() {
                            let is_word = line.contains('\'') || line.trim().split(' ').count() < 3;
                            assert!(line.chars().count() <= COLUMNS || is_word, "{at}: {line}");
                        }
                    }
                    Format::Svg => {
                        drop(roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{at}: {error}")))
                    }
                    Format::Json => {
                        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
                        assert_eq!((json["version"].as_u64(), &json["renders"]), (Some(1), &true.into()), "{at}");
                    }
                    Format::Markdown | Format::Mermaid => {}
                }
            }
        }
    }
    assert!(seen > 500, "only {seen} overviews were shown");
}

/// What holds of every release.
fn check(overview: &Overview, at: &str) {
    assert_eq!(overview.reach.len(), overview.objects.services.len(), "{at}");
    assert!(!overview.objects.workloads.is_empty(), "{at}: no pods");
    assert!(!overview.failures.events.is_empty(), "{at}: no events");
    let writes = |writes: Writes| overview.reach.iter().any(|reach| reach.writes == writes);
    match overview.topology {
        Topology::Sentinel => assert!(overview.clients.sentinel.is_some(), "{at}: no Sentinel"),
        Topology::Replication | Topology::Standalone => assert!(writes(Writes::Primary), "{at}: no way to write"),
    }
    for reach in &overview.reach {
        assert!(!reach.why.is_empty() && !reach.leads_to.is_empty(), "{at}: {reach:?}");
    }
    let ways = if overview.clients.primary.is_some() && overview.clients.sentinel.is_some() { 2 } else { 1 };
    assert!(overview.clients.code().len() >= 6 * ways, "{at}");
    assert!(!overview.commands.is_empty(), "{at}: no commands");
}

#[test]
fn defaults_of_each_version_are_shown() {
    for chart in versions() {
        let (overview, values) = overview(Map::new(), &chart);
        check(&overview, &chart.version().to_string());
        assert_eq!(values.refusals(), [], "{}", chart.version());
        assert!(rendered(&overview, &values, Format::Text).contains(&overview.reach[0].service));
    }
}

/// A password of the values is in no format, under each of its keys.
#[test]
fn no_format_shows_a_password() {
    const SECRET: &str = "cAnary-s3cret";
    for chart in versions() {
        for key in ["password", "auth.password", "global.redis.password", "master.password"] {
            if !chart.takes(key) {
                continue;
            }
            let mut text = String::new();
            for (depth, part) in key.split('.').enumerate() {
                text += &format!("{}{part}:\n", "  ".repeat(depth));
            }
            let text = format!("{} {SECRET}\ncommonAnnotations:\n  password: {SECRET}\n", text.trim_end());
            let (overview, values) = overview(read_values(&text).unwrap(), &chart);
            for format in FORMATS {
                let shown = rendered(&overview, &values, format);
                assert!(!shown.contains(SECRET), "{} {key} {format:?}: {shown}", chart.version());
            }
        }
    }
}
