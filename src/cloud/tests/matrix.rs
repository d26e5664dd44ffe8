//! Every wish on every way, as one line each; lines that say the same as `alone` are left out.

use super::*;
use std::fmt::Write as _;

const EXPECTED: &str = include_str!("matrix.txt");

#[test]
fn every_wish_on_every_way() {
    let actual = matrix();
    if std::env::var_os("REDISGEN_UPDATE").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/cloud/tests/matrix.txt"), &actual).unwrap();
        return;
    }
    for (number, (actual, expected)) in actual.lines().zip(EXPECTED.lines()).enumerate() {
        assert_eq!(actual, expected, "line {} of matrix.txt", number + 1);
    }
    assert_eq!(actual.lines().count(), EXPECTED.lines().count());
}

fn matrix() -> String {
    let mut text = String::new();
    for way in controllers() {
        for reach in [Reachability::Internal, Reachability::Public] {
            let bare = LoadBalancerRequest { controller: Some(way.controller), ..wish(reach) };
            let needs_subnet = service(way.cloud, &bare).is_err_and(|refusal| refusal.wish == RequestedOption::Subnet);
            let base = if needs_subnet { LoadBalancerRequest { subnet: Some("net-1"), ..bare } } else { bare };
            let ranges = strings(&["10.0.0.0/8", "fd00::/8"]);
            let head = format!("{} {} {}", typed(way.cloud), typed(way.controller), typed(reach));
            writeln!(text, "{head}").unwrap();
            let options = [
                ("subnet", LoadBalancerRequest { subnet: Some("net-1"), ..bare }),
                ("address", LoadBalancerRequest { static_address: Some("10.0.0.5"), ..base }),
                ("address id", LoadBalancerRequest { static_address: Some("ip-1"), ..base }),
                ("ranges", LoadBalancerRequest { source_ranges: &ranges, ..base }),
                ("idle 600", LoadBalancerRequest { idle_timeout: Some(600), ..base }),
                ("no class", LoadBalancerRequest { class_available: false, ..base }),
            ];
            let alone = outcome(way.cloud, &bare);
            writeln!(text, "  alone: {alone}").unwrap();
            for (name, wish) in options {
                let outcome = outcome(way.cloud, &wish);
                if outcome != alone {
                    writeln!(text, "  {name}: {outcome}").unwrap();
                }
            }
        }
    }
    text
}

fn outcome(cloud: Cloud, wish: &LoadBalancerRequest) -> String {
    let service = match service(cloud, wish) {
        Ok(service) => service,
        Err(refusal) => return format!("refused {}: {}. {}", refusal.wish, refusal.why, refusal.instead),
    };
    let mut parts: Vec<String> = service.annotations.iter().map(|(key, value)| format!("{key}={value}")).collect();
    parts.extend(service.class.map(|class| format!("class {class}")));
    parts.extend(service.load_balancer_ip.map(|address| format!("loadBalancerIP {address}")));
    if !service.source_ranges.is_empty() {
        parts.push(format!("loadBalancerSourceRanges {}", service.source_ranges.join(",")));
    }
    let notes: Vec<&str> = service.notes.iter().map(|note| note.id).collect();
    parts.push(format!("({})", notes.join(" ")));
    parts.join(" ")
}
