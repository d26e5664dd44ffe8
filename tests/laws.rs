//! Laws over every profile and every chart version of the catalogue, without a Helm.
//!
//! The verdicts of the catalogue on which keys are read come from renders of the real chart (`tests/oracle`).

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails, and says what it did")]

use redisgen::{
    chart::{self, Chart},
    intent::{Intent, Origin},
    plan,
    profile::{self, EMBEDDED, Embedded},
    values,
    yaml::{self, Map, Notes},
};

#[path = "support/keys.rs"]
mod keys;

/// What a profile cannot know and needs to be told.
fn told(profile: &str) -> Intent {
    let mut intent = Intent::default();
    match profile {
        "metallb-internal" => intent.subnet = Some("private".into()),
        "kube-vip-internal" | "cilium-internal" => intent.static_address = Some("10.0.0.5".into()),
        "cloudscale-internal" | "linode-internal" | "tencent-internal" | "upcloud-internal" | "yandex-internal" => {
            intent.subnet = Some("0b8bd1f9-7e35-4f4f-9b0c-1d2f9c5a6e77".into());
        }
        _ => {}
    }
    intent
}

/// For every profile and every version: no wish is refused; every key that is set is one that this chart reads in
/// this topology, and says something else than the default; what is written is read back.
#[test]
fn profiles_hold_for_every_version() {
    let mut seen = 0;
    for (name, _) in EMBEDDED {
        let mut wishes = profile::resolve(&[(*name).to_owned()], &Embedded).unwrap();
        wishes.lay(told(name), &Origin::Flag);
        for release in chart::versions() {
            let chart = Chart::at(&release.version).unwrap();
            let at = format!("{name} on {}", release.version);
            let plan = plan::resolve(&wishes, None, &chart).unwrap_or_else(|refusal| panic!("{at}: {refusal}"));
            let values = values::render(&plan, &chart, &Map::new(), |_| false).values;
            assert_eq!(keys::unread(&values, &chart, plan.topology), None, "{at}, {}", plan.topology);
            for key in keys::keys(&values, &chart) {
                seen += 1;
                let default = chart.key(&key).and_then(|key| key.default);
                assert_ne!(values.get_at(&key.parse().unwrap()), default.as_ref(), "{at}: {key} repeats the default");
            }
            let text = yaml::emit(&values, &Notes::new());
            assert_eq!(
                yaml::read_values(&text).unwrap_or_else(|error| panic!("{at}: {error}\n{text}")),
                values,
                "{at}"
            );
        }
    }
    assert!(seen > 50_000, "only {seen} keys were looked at");
}
