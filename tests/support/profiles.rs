//! The embedded profiles with the options that each of them requires.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    path::Path,
    sync::LazyLock,
};

use redisgen::{
    chart::Chart,
    intent::{Intent, LayeredIntent, Origin},
    plan,
    profile::{self, EMBEDDED, Embedded},
    values,
    yaml::Map,
};
use semver::Version;

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
pub fn options(profile: &str) -> &'static LayeredIntent {
    // The texts are parsed once.
    static OPTIONS: LazyLock<HashMap<&str, LayeredIntent>> = LazyLock::new(|| {
        let read = |name: &str| {
            let mut options = profile::resolve(&[name.to_owned()], &Embedded).unwrap();
            options.lay(told(name), &Origin::Flag);
            options
        };
        EMBEDDED.iter().map(|(name, _)| (*name, read(name))).collect()
    });
    &OPTIONS[profile]
}

/// What is written for this profile.
#[allow(dead_code, reason = "not each test writes it")]
pub fn generated(profile: &str, chart: &Chart) -> Map {
    let plan = plan::resolve(options(profile), None, chart).unwrap();
    values::render(&plan, chart, &Map::new(), |_| false).values
}

/// The versions at which a fact about the chart changes, other than the tag of an image: each that a row names.
pub fn edges() -> BTreeSet<Version> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/chart/data");
    let rows = ["changes", "fails", "keys", "reads", "settings"]
        .map(|name| fs::read_to_string(data.join(name).with_extension("tsv")).unwrap());
    let cells = rows.iter().flat_map(|text| text.split(['\t', '\n']));
    cells.filter_map(|cell| cell.parse().ok()).collect()
}
