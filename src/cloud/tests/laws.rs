//! What holds for every row and every wish.

use super::recipe::{Effect, recipes};
use super::*;
use clap::ValueEnum;
use std::collections::{BTreeMap, BTreeSet};

/// Every combination of wishes on every way.
fn every_outcome(mut judge: impl FnMut(&Controller, &LoadBalancerRequest, Result<Service, Refusal>)) {
    let ranges = strings(&["10.0.0.0/8", "192.168.0.0/16", "fd00::/8"]);
    for way in controllers() {
        for reach in [Reachability::Internal, Reachability::Public] {
            for subnet in [None, Some("net-1")] {
                for static_address in [None, Some("10.0.0.5"), Some("ip-1")] {
                    for source_ranges in [&[], ranges.as_slice()] {
                        for idle_timeout in [None, Some(600)] {
                            for class_available in [true, false] {
                                let wish = LoadBalancerRequest {
                                    controller: Some(way.controller),
                                    reach,
                                    source_ranges,
                                    static_address,
                                    subnet,
                                    idle_timeout,
                                    ports: &[6379, 26379],
                                    class_available,
                                };
                                judge(way, &wish, service(way.cloud, &wish));
                            }
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn every_wish_leaves_its_trace_or_is_refused() {
    every_outcome(|way, wish, outcome| {
        let Ok(service) = outcome else { return };
        let text = format!("{:?} {:?} {:?}", service.annotations, service.load_balancer_ip, service.source_ranges);
        let place = format!("{} {wish:?}", typed(way.controller));
        assert!(wish.subnet.is_none_or(|subnet| text.contains(subnet)), "{place}");
        assert!(wish.static_address.is_none_or(|address| text.contains(address)), "{place}");
        assert!(wish.source_ranges.iter().all(|range| text.contains(range)), "{place}");
        let detect_controllers = |text: &str| text.contains("600") || text.contains("\"10\"");
        assert!(wish.idle_timeout.is_none() || detect_controllers(&text), "{place}");
        assert!(wish.class_available || service.class.is_none(), "{place}");
    });
}

#[test]
fn an_internal_balancer_is_internal_by_something_that_is_known() {
    every_outcome(|way, wish, outcome| {
        let Ok(service) = outcome else { return };
        let decided = service.annotations.iter().filter_map(|(key, value)| {
            let row = annotation(key).filter(|row| row.kind == AnnotationKind::Internal)?;
            Some(row.makes_internal(value).unwrap_or(wish.reach == Reachability::Internal))
        });
        let mut decided: BTreeSet<bool> = decided.collect();
        decided.extend(service.class.filter(|class| class.contains("internal")).map(|_| true));
        let by_notes = ["pool-decides", "address-decides", "internal-by-default"];
        decided.extend(service.notes.iter().any(|note| by_notes.contains(&note.id)).then_some(true));
        match wish.reach {
            Reachability::Internal => assert_eq!(decided, BTreeSet::from([true]), "{}", typed(way.controller)),
            Reachability::Public => assert!(!decided.contains(&true), "{}", typed(way.controller)),
        }
    });
}

/// The cluster decides which controller answers a Service that selects none. A controller with a required class, or
/// without a class and with an annotation that selects it, answers no other Service.
#[test]
fn the_default_stays_internal_with_each_controller() {
    let mut checked = Vec::new();
    for cloud in Cloud::value_variants() {
        let wish = LoadBalancerRequest { subnet: Some("net-1"), ..wish(Reachability::Internal) };
        let Ok(default) = service(*cloud, &wish) else { continue };
        for way in controllers().iter().filter(|way| way.cloud == *cloud) {
            let Ok(own) = service(*cloud, &LoadBalancerRequest { controller: Some(way.controller), ..wish }) else {
                continue;
            };
            let of = |kind: AnnotationKind| {
                let is_kind = move |(key, _): &&(String, String)| annotation(key).is_some_and(|row| row.kind == kind);
                own.annotations.iter().filter(is_kind)
            };
            let is_selected = of(AnnotationKind::Controller).any(|pair| !default.annotations.contains(pair));
            if own.class_required || own.class.is_none() && is_selected {
                continue;
            }
            for pair in of(AnnotationKind::Internal) {
                assert!(default.annotations.contains(pair), "{cloud:?} with {}: {pair:?}", typed(way.controller));
            }
            checked.push(typed(way.controller));
        }
    }
    let of_aws = ["in-tree", "aws-load-balancer-controller", "eks-auto-mode"];
    assert!(of_aws.iter().all(|controller| checked.iter().any(|one| one == controller)), "{checked:?}");
}

#[test]
fn every_annotation_that_is_written_is_well_formed_and_known() {
    every_outcome(|way, _, outcome| {
        let Ok(service) = outcome else { return };
        let mut seen = BTreeSet::new();
        for (key, value) in &service.annotations {
            assert!(is_qualified_name(key), "{key}");
            assert!(!value.trim().is_empty() && !value.contains("${"), "{key}={value}");
            assert!(!value.contains("{{"), "a chart would take {value} for a template");
            assert!(
                !value.starts_with(['{', '[']) || serde_json::from_str::<serde_json::Value>(value).is_ok(),
                "{value}"
            );
            assert!(seen.insert(key), "{key} twice");
            let row = annotation(key).unwrap_or_else(|| panic!("{key} is in no row of annotations.tsv"));
            assert!(row.clouds.contains(&way.cloud), "{key} does not belong to {:?}", way.cloud);
            assert!(!row.deprecated && row.takes(value), "{key}={value}");
        }
    });
}

#[test]
fn every_cloud_has_a_default_for_each_reach_and_answers_or_refuses_it() {
    for cloud in Cloud::value_variants() {
        for reach in [Reachability::Internal, Reachability::Public] {
            let defaults = controllers().iter().filter(|row| row.cloud == *cloud && row.is_default_for(reach));
            assert_eq!(defaults.count(), 1, "{cloud:?} {reach:?}");
            if let Err(refusal) = service(*cloud, &wish(reach)) {
                assert!(matches!(refusal.wish, RequestedOption::InternalLb | RequestedOption::Subnet), "{refusal}");
            }
        }
    }
}

#[test]
fn clouds_without_an_internal_balancer_refuse_it() {
    let refuses = Cloud::value_variants().iter().filter(|cloud| {
        service(
            **cloud,
            &LoadBalancerRequest { subnet: Some("net-1"), static_address: None, ..wish(Reachability::Internal) },
        )
        .is_err_and(|refusal| refusal.wish == RequestedOption::InternalLb)
    });
    let refuses: Vec<String> = refuses.map(|cloud| typed(*cloud)).collect();
    assert_eq!(refuses, ["exoscale", "civo", "vultr", "kube-vip", "cilium", "k3s", "bare"]);
}

#[test]
fn no_two_clouds_share_an_internal_annotation_but_those_that_are_one() {
    let mut owners: BTreeMap<&str, BTreeSet<Cloud>> = BTreeMap::new();
    for recipe in recipes() {
        if let Effect::Annotate { key, .. } = recipe.effect
            && annotation(key).is_some_and(|row| row.kind == AnnotationKind::Internal)
        {
            owners.entry(key).or_default().extend(&recipe.clouds);
        }
    }
    assert!(!owners.is_empty());
    for (key, owners) in owners {
        assert!(owners.len() == 1 || owners == BTreeSet::from([Cloud::Openstack, Cloud::Ovh]), "{key}: {owners:?}");
    }
}

#[test]
fn every_row_can_be_read_and_has_a_source() {
    assert!(controllers().iter().all(|row| row.source.len() > 4));
    assert!(recipes().all(|row| row.source.len() > 4));
    assert!(annotations().all(|row| row.source.len() > 4));
    assert!(external_dns_prefixes().iter().all(|row| row.source.len() > 4));
}

#[test]
fn every_row_of_a_recipe_is_of_use() {
    for recipe in recipes() {
        for cloud in &recipe.clouds {
            for controller in &recipe.controllers {
                let known = controllers().iter().any(|row| row.cloud == *cloud && row.controller == *controller);
                assert!(known, "{controller:?} on {cloud:?}: {}", recipe.source);
            }
        }
        if let Effect::Refuse { why, instead, .. } = recipe.effect {
            assert!(!why.ends_with('.') && !instead.ends_with('.'), "{why}; {instead}");
        }
    }
}

#[test]
fn every_key_is_a_name_and_stands_once() {
    let mut keys = BTreeSet::new();
    for row in annotations() {
        let key = row.key.strip_suffix('*').map_or_else(|| row.key.to_owned(), |beginning| format!("{beginning}x"));
        assert!(is_qualified_name(&key), "{key}");
        assert!(keys.insert(row.key), "{key} twice");
        let known = |replacement: &str| {
            replacement.starts_with("spec.") || annotation(replacement).is_some() || replacement.ends_with('*')
        };
        assert!(row.replacement.is_none_or(known), "{key}");
    }
}

#[test]
fn every_name_is_the_same_everywhere_and_documented() {
    fn check<T: ValueEnum + serde::Serialize + schemars::JsonSchema>() {
        let schema = serde_json::to_string(&schemars::schema_for!(T)).unwrap();
        for variant in T::value_variants() {
            let possible = variant.to_possible_value().unwrap();
            let name = format!("\"{}\"", possible.get_name());
            assert!(possible.get_help().is_some(), "{name}");
            assert_eq!(serde_json::to_string(variant).unwrap(), name);
            assert!(schema.contains(&name), "{name} in {schema}");
        }
    }
    check::<Cloud>();
    check::<LbController>();
    check::<Reachability>();
    check::<ExternalDnsPrefix>();
}

#[test]
fn every_controller_has_a_row() {
    for controller in LbController::value_variants() {
        assert!(controllers().iter().any(|row| row.controller == *controller), "{controller:?}");
    }
}

/// What Kubernetes wants of the key of an annotation.
fn is_qualified_name(key: &str) -> bool {
    let part = |text: &str, extra: &[char], most| {
        let alphanumeric = |c: char| c.is_ascii_alphanumeric();
        (1..=most).contains(&text.len())
            && text.starts_with(alphanumeric)
            && text.ends_with(alphanumeric)
            && text.chars().all(|c| alphanumeric(c) || extra.contains(&c))
    };
    match key.split_once('/') {
        Some((prefix, name)) => part(prefix, &['-', '.'], 253) && part(name, &['-', '_', '.'], 63),
        None => part(key, &['-', '_', '.'], 63),
    }
}
