use std::{collections::BTreeMap, fs};

use clap::ValueEnum as _;

use super::*;
use crate::cloud::{self, Cloud};

/// Profiles in memory: shelves of names and texts.
struct Shelves(Vec<Vec<(&'static str, &'static str)>>);

impl Source for Shelves {
    fn find(&self, name: &str, from: usize) -> Result<Option<ProfileText>, ProfileError> {
        let shelves = self.0.iter().enumerate().skip(from);
        let mut found = shelves.flat_map(|(shelf, texts)| texts.iter().map(move |(known, text)| (shelf, known, text)));
        Ok(found.find(|(_, known, _)| **known == name).map(|(shelf, name, text)| ProfileText {
            file: format!("{shelf}/{name}.yaml"),
            shelf,
            embedded: false,
            bytes: Cow::Borrowed(text.as_bytes()),
        }))
    }

    fn names(&self) -> Vec<String> {
        let names: std::collections::BTreeSet<_> =
            self.0.iter().flatten().map(|(name, _)| (*name).to_owned()).collect();
        names.into_iter().collect()
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The layers by name, and each field with its value, who said it and whether it is preferred.
fn resolved(source: &Shelves, asked: &[&str]) -> (Vec<String>, BTreeMap<String, String>) {
    let layers = layers(&names(asked), source).expect("resolves");
    let options = layer_profiles(&layers);
    let values = serde_json::to_value(&options.intent).expect("serializes");
    let fields = options.origins.iter().map(|(field, origin)| {
        let Origin::Profile(name) = origin else { panic!("{field} comes from a flag") };
        let weak = if options.preferred.contains_key(field) { " preferred" } else { "" };
        (field.to_string(), format!("{} {name}{weak}", values[field.to_string()]))
    });
    (layers.into_iter().map(|layer| layer.name).collect(), fields.collect())
}

fn refused(source: &Shelves, asked: &[&str]) -> String {
    resolve(&names(asked), source).expect_err("is refused").to_string()
}

#[test]
fn the_list_is_the_folder() {
    let listed: Vec<_> = EMBEDDED.iter().map(|(name, _)| format!("{name}.yaml")).collect();
    assert!(listed.is_sorted());
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/profiles");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    files.sort();
    assert_eq!(listed, files);
}

#[test]
fn every_embedded_profile_resolves() {
    for (name, text) in EMBEDDED {
        let found = Embedded.find(name, 0).expect("reads").expect("is there");
        let profile = Profile::parse(name, &found).unwrap_or_else(|error| panic!("{error}"));
        assert!(profile.description.chars().count() <= 120, "{name}: `{}` is long for a list", profile.description);
        assert!(!profile.description.ends_with('.'), "{name}: a description has no full stop");
        let options = resolve(&names(&[name]), &Embedded).unwrap_or_else(|error| panic!("{error}"));
        assert!(!options.intent.set_fields().is_empty(), "{name}");
        assert!(text.contains("\n# ") || text.contains("\n  # "), "{name}: no comment says why");
    }
}

#[test]
fn the_cloud_of_a_profile_is_in_its_name() {
    for (name, _) in EMBEDDED {
        let options = resolve(&names(&[name]), &Embedded).unwrap_or_else(|error| panic!("{error}"));
        let cloud = options.intent.cloud.map(|cloud| serde_json::to_value(cloud).expect("serializes"));
        let named = name.strip_suffix("-internal");
        assert_eq!(cloud.as_ref().and_then(|cloud| cloud.as_str()), named, "{name}");
        assert_eq!(options.intent.access, named.map(|_| crate::intent::Access::InternalLb), "{name}");
    }
}

/// A profile of a cloud exists where an internal load balancer can be had; what it leaves to a flag, its description
/// names.
#[test]
fn a_cloud_has_a_profile_if_it_can_have_an_internal_load_balancer() {
    let had = |cloud, subnet, address, intent: &Intent| {
        let wish = cloud::LoadBalancerRequest {
            subnet,
            static_address: address,
            controller: intent.lb_controller,
            idle_timeout: intent.idle_timeout,
            ports: &[6379, 26379],
            ..cloud::LoadBalancerRequest::new(cloud::Reachability::Internal)
        };
        cloud::service(cloud, &wish)
    };
    let (subnet, address) = (Some("subnet-1"), Some("10.0.0.5"));
    for cloud in Cloud::value_variants() {
        let name = format!("{}-internal", cloud.to_possible_value().expect("a name").get_name());
        let Some((_, text)) = EMBEDDED.iter().find(|(known, _)| *known == name) else {
            let none = Intent::default();
            let tries =
                [had(*cloud, None, None, &none), had(*cloud, subnet, None, &none), had(*cloud, None, address, &none)];
            assert!(tries.iter().all(Result::is_err), "{name} is missing");
            continue;
        };
        let intent = resolve(&names(&[&name]), &Embedded).unwrap_or_else(|error| panic!("{error}")).intent;
        let asks = |flag: &str| text.lines().next().is_some_and(|description| description.contains(flag));
        let plain = had(*cloud, None, None, &intent);
        let with_subnet = had(*cloud, subnet, None, &intent);
        let with_address = had(*cloud, None, address, &intent);
        match &plain {
            Ok(service) => {
                // Behind a proxy, TCP keepalive keeps no connection anyway.
                let way = cloud::controller(*cloud, service.controller).expect("is known");
                let suits = service.tcp_keepalive.filter(|_| way.balancer == cloud::Balancer::Passthrough);
                let (stated, suits) = (intent.tcp_keepalive.unwrap_or(300), suits.unwrap_or(u32::MAX));
                assert!(stated <= suits, "{name}: tcp-keepalive {stated}, at most {suits} suits the balancer");
            }
            Err(refusal) => {
                assert!(
                    asks("; requires --"),
                    "{name} leaves something out that its description does not ask for: {refusal}"
                );
                assert!(with_subnet.is_ok() == asks("--subnet"), "{name}: {with_subnet:?}");
                assert!(with_address.is_ok() == asks("--static-address"), "{name}: {with_address:?}");
            }
        }
    }
}

#[test]
fn what_only_some_chart_versions_can_is_preferred() {
    let some =
        ["topology:standalone", "master-service", "per-pod", "spread", "disruption-budget", "monitor", "tls-secret"];
    for (name, _) in EMBEDDED {
        let found = Embedded.find(name, 0).expect("reads").expect("is there");
        let profile = Profile::parse(name, &found).unwrap_or_else(|error| panic!("{error}"));
        let stated = serde_json::to_value(&profile.intent).expect("serializes");
        for (field, value) in stated.as_object().expect("a map") {
            let valued = format!("{field}:{}", value.as_str().unwrap_or_default());
            assert!(!some.contains(&field.as_str()) && !some.contains(&valued.as_str()), "{name} states `{field}`");
        }
    }
}

#[test]
fn bases_come_first_and_once() {
    let source = Shelves(vec![vec![
        ("top", "description: d\nextends: [left, right]\nquorum: 4\n"),
        ("left", "description: d\nextends: root\nreplicas: 3\n"),
        ("right", "description: d\nextends: [root]\nsize: 3Gi\n"),
        ("root", "description: d\nreplicas: 1\nsize: 1Gi\nquorum: 1\nrelease: r\n"),
    ]]);
    let (layers, fields) = resolved(&source, &["top"]);
    assert_eq!(layers, ["root", "left", "right", "top"]);
    assert_eq!(fields["replicas"], "3 left");
    assert_eq!(fields["size"], "\"3Gi\" right");
    assert_eq!(fields["quorum"], "4 top");
    assert_eq!(fields["release"], "\"r\" root");

    // Not even the base of the second profile wipes out what the first said over it.
    assert_eq!(resolved(&source, &["left", "right"]).0, ["root", "left", "right"]);
    // What is asked for by name is laid where it was asked for.
    let (layers, fields) = resolved(&source, &["left", "root"]);
    assert_eq!(layers, ["root", "left", "root"]);
    assert_eq!(fields["replicas"], "1 root");
}

#[test]
fn a_preference_is_the_weaker_wish() {
    let source = Shelves(vec![vec![
        ("soft", "description: d\nprefer: {replicas: 1, quorum: 1, size: 1Gi}\n"),
        ("firm", "description: d\nreplicas: 2\n"),
        ("softer", "description: d\nprefer: {replicas: 3, quorum: 3}\n"),
    ]]);
    let (_, fields) = resolved(&source, &["soft", "firm", "softer"]);
    assert_eq!(fields["replicas"], "2 firm", "a stated field wins over a preferred one before and behind it");
    assert_eq!(fields["quorum"], "3 softer preferred", "the later preference wins over the earlier");
    assert_eq!(fields["size"], "\"1Gi\" soft preferred");
    assert_eq!(resolved(&source, &["firm", "soft"]).1["replicas"], "2 firm");
    assert_eq!(resolved(&source, &["soft", "firm"]).1["replicas"], "2 firm");
}

#[test]
fn a_profile_can_add_to_the_one_that_it_hides() {
    let source = Shelves(vec![
        vec![("ha", "description: d\nextends: ha\nreplicas: 4\n")],
        vec![("ha", "description: d\nextends: ha\nsize: 1Gi\n"), ("top", "description: d\nextends: ha\n")],
        vec![("ha", "description: d\nreplicas: 2\nquorum: 2\n")],
    ]);
    let (layers, fields) = resolved(&source, &["top"]);
    assert_eq!(layers, ["ha", "ha", "ha", "top"], "also for those who extend it from further out");
    assert_eq!(fields["replicas"], "4 ha");
    assert_eq!(fields["quorum"], "2 ha");
}

#[test]
fn what_is_not_there_is_told_with_what_may_be_meant() {
    let source = Shelves(vec![vec![("production", "description: d\n")]]);
    assert_eq!(
        refused(&source, &["prodution"]),
        "unknown profile `prodution`: did you mean `production`? `redisgen profiles list` shows all profiles"
    );
    assert_eq!(refused(&source, &["x"]), "unknown profile `x`: `redisgen profiles list` shows all profiles");
    for name in ["", "..", "../production", "a b", ".hidden", "-v", "é", "a\0b"] {
        assert!(refused(&source, &[name]).contains("is not a valid profile name"), "{name}");
    }
}

#[test]
fn a_cycle_names_the_whole_chain() {
    let source = Shelves(vec![
        vec![("start", "description: d\nextends: a\n"), ("ha", "description: d\nextends: b\n")],
        vec![("a", "description: d\nextends:\n  - b\n"), ("b", "description: d\nextends: [ha]\n")],
    ]);
    assert_eq!(
        refused(&source, &["start"]),
        "0/ha.yaml:2:10: found a profile that extends itself: `b` -> `ha` -> `b`. Remove one of these base profiles"
    );
}

#[test]
fn a_long_chain_of_bases_is_no_danger() {
    struct Endless;
    impl Source for Endless {
        fn find(&self, name: &str, _: usize) -> Result<Option<ProfileText>, ProfileError> {
            let next = name[1..].parse::<u32>().expect("a number") + 1;
            let text = format!("description: d\nextends: p{next}\n");
            let bytes = Cow::Owned(text.into_bytes());
            Ok(Some(ProfileText { file: name.to_owned(), shelf: 0, embedded: false, bytes }))
        }

        fn names(&self) -> Vec<String> {
            Vec::new()
        }
    }
    let error = resolve(&names(&["p0"]), &Endless).expect_err("is refused").to_string();
    assert!(error.contains("a chain of more than"), "{error}");
}

#[test]
fn the_schema_knows_every_field() {
    let schema = schema();
    let properties = schema["properties"].as_object().expect("properties");
    for (field, _) in fields::fields() {
        let described = properties[&field]["description"].as_str();
        assert!(described.is_some_and(|text| !text.is_empty()), "{field}");
    }
    assert_eq!(properties.len(), fields::fields().len() + entries::OWN_FIELDS.len());
    assert_eq!(schema["required"], serde_json::json!(["description"]));
    assert_eq!(schema["additionalProperties"], false);
    assert!(!schema.to_string().contains("null"), "a field has no null");
    assert_eq!(schema, super::schema());
}

proptest::proptest! {
    /// Whatever is read, it ends in a profile or in one line.
    #[test]
    fn no_text_is_a_danger(
        name in 0..EMBEDDED.len(),
        cut in 0..2000_usize,
        put in "([a-z-]{0,12}|[:\\[\\]{}#&*!|>%@`'\"?,\n \t-]|\\PC|description: d\n|prefer:\n  |: ){0,8}",
        drop in 0..40_usize,
    ) {
        let text = EMBEDDED[name].1;
        let before = text.chars().take(cut);
        let text: String = before.chain(put.chars()).chain(text.chars().skip(cut + drop)).collect();
        let bytes = Cow::Owned(text.into_bytes());
        let found = ProfileText { file: "f".to_owned(), shelf: 0, embedded: false, bytes };
        if let Err(error) = Profile::parse("p", &found) {
            let error = error.to_string();
            proptest::prop_assert!(error.starts_with("f:") && error.lines().count() == 1, "{}", error);
        }
    }
}
