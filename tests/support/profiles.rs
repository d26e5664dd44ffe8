//! The embedded profiles with the options that each of them requires.

use redisgen::{
    chart::Chart,
    intent::{Intent, LayeredIntent, Origin},
    plan,
    profile::{self, Embedded},
    values,
    yaml::Map,
};

/// The options that a profile requires from the user.
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

/// What is wished for with this profile.
pub fn options(profile: &str) -> LayeredIntent {
    let mut options = profile::resolve(&[profile.to_owned()], &Embedded).unwrap();
    options.lay(told(profile), &Origin::Flag);
    options
}

/// What is written for this profile.
#[allow(dead_code, reason = "not each test writes it")]
pub fn generated(profile: &str, chart: &Chart) -> Map {
    let plan = plan::resolve(&options(profile), None, chart).unwrap();
    values::render(&plan, chart, &Map::new(), |_| false).values
}
