//! See `source_ranges_ignored.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::{Encoding, ServiceSetting},
    cloud::{self, Controller, Reachability, RequestedOption, Visibility, annotation},
    lint::{
        keys::is_open,
        prelude::*,
        services::{Service, load_balancers},
    },
    yaml::{Path, Value, edit::Edit},
};

pub(super) static RULE: Rule = Rule {
    id: "source-ranges-ignored",
    group: Group::Access,
    severity: Severity::Warning,
    summary: "source ranges that this chart version breaks or this load balancer does not read",
    docs: include_str!("source_ranges_ignored.md"),
    fix: FixAvailability::Either,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

const FIELD: &str = "loadBalancerSourceRanges";

fn check(subject: &Subject) -> Vec<Finding> {
    let restricted = load_balancers(subject).filter(|service| !service.texts(FIELD).is_empty());
    restricted.flat_map(|service| [broken(&service), unread(&service), twice(&service)]).flatten().collect()
}

/// The finding about several ranges in a chart version that prints a list without commas.
fn broken(service: &Service) -> Option<Finding> {
    let path = service.field(FIELD)?;
    let place = service
        .place(ServiceSetting::SourceRanges)
        .filter(|place| place.path == path && place.form == Encoding::Joined)?;
    let Some(Value::List(items)) = service.value(FIELD) else { return None };
    if items.len() < 2 {
        return None;
    }
    let version = service.subject.chart.version();
    let message =
        format!("chart {version} prints the items of `{path}` without commas: Kubernetes refuses the Service");
    let finding = Finding::at(service.span(FIELD), message)
        .labelled(format!("Kubernetes reads one range instead of {}", items.len()));
    let finding = finding.severity(Severity::Error);
    let items: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
    let Some(items) = items else { return Some(finding) };
    let edits = vec![Edit::Set { path: place.path.parse().ok()?, value: vec![items.join(", ")].into() }];
    Some(finding.fix(Fix::new(Applicability::Safe, "write all ranges into one item, separated by commas", edits)))
}

/// The effect of source ranges on the load balancer of the cloud.
fn unread(service: &Service) -> Option<Finding> {
    let way = service.controller()?;
    let internal = match service.visibility() {
        Visibility::Internal => true,
        Visibility::Public | Visibility::Unset => false,
        Visibility::Unknown => return None,
    };
    let ranges = service.texts(FIELD);
    let path = service.field(FIELD)?;
    let at = |message: String| Finding::at(service.span(FIELD), message);
    match needs(way, internal, &ranges) {
        Ok(needs) => {
            let missing = needs.into_iter().find(|(key, _)| !service.all_annotations().any(|one| one.key == *key));
            let (key, value) = missing?;
            let message = format!("`{path}` has no effect on {} without `{key}`", way.cloud);
            let finding = at(message).labelled("every client is allowed");
            let below = service.field("annotations")?;
            let path = below.parse::<Path>().ok()?.key(&key);
            if !is_open(service.subject, &path) {
                return Some(finding);
            }
            let edits = vec![Edit::Insert { path, value: value.as_str().into(), comment: None }];
            Some(finding.fix(Fix::new(Applicability::Unsafe, format!("add `{key}: \"{value}\"`"), edits)))
        }
        Err(Some(cloud::Refusal { why, instead, evidence, .. })) => {
            let finding = at(format!("`{path}` has no effect on {}: {why}", way.cloud)).help(instead);
            Some(match (evidence, internal) {
                (None, _) => finding.severity(Severity::Info),
                (Some(_), true) => finding,
                (Some(_), false) => finding.severity(Severity::Error).labelled("Redis is reachable from the internet"),
            })
        }
        Err(None) => None,
    }
}

/// The annotations that source ranges require, or why the load balancer does not support source ranges. None if redisgen
/// does not know.
fn needs(way: &Controller, internal: bool, ranges: &[String]) -> Result<Vec<(String, String)>, Option<cloud::Refusal>> {
    let request = |source_ranges, subnet| cloud::LoadBalancerRequest {
        controller: Some(way.controller),
        source_ranges,
        subnet,
        ports: &[6379],
        ..cloud::LoadBalancerRequest::new(if internal { Reachability::Internal } else { Reachability::Public })
    };
    // Some load balancers are internal because of their subnet, and others accept no subnet.
    let both = |subnet| {
        (cloud::service(way.cloud, &request(&[], subnet)), cloud::service(way.cloud, &request(ranges, subnet)))
    };
    let recipes = [None, Some("subnet")].map(both);
    let Some((Ok(without), with)) = recipes.into_iter().find(|(without, _)| without.is_ok()) else { return Err(None) };
    match with {
        Ok(with) => {
            let more = with.annotations.into_iter().filter(|one| !without.annotations.contains(one));
            Ok(more.collect())
        }
        Err(refusal) => Err(Some(refusal).filter(|refusal| refusal.wish == RequestedOption::SourceRanges)),
    }
}

/// The old annotation, which controllers read only if the field is empty.
fn twice(service: &Service) -> Option<Finding> {
    let instead = format!("spec.{FIELD}");
    let replaced = |key: &str| annotation(key).is_some_and(|known| known.replacement == Some(instead.as_str()));
    let old = service.all_annotations().find(|one| replaced(&one.key))?;
    let path = service.field(FIELD)?;
    let message = format!("`{}` has no effect because `{path}` is set", old.key);
    Some(
        Finding::at(old.key_span, message)
            .labelled("no effect here")
            .mark(service.span(FIELD), "this field takes precedence"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{chart::Chart, cloud::Cloud, source::Origin, yaml::Document};

    fn found(cloud: Cloud, annotations: &[&str]) -> Vec<Option<Severity>> {
        let chart = Chart::at(&"23.1.1".parse().unwrap()).unwrap();
        let lines: String = annotations.iter().map(|line| format!("      {line}\n")).collect();
        let ranges = "    loadBalancerSourceRanges:\n      - 10.0.0.0/8\n";
        let text = format!("master:\n  service:\n    type: LoadBalancer\n{ranges}    annotations:\n{lines}");
        let document = Document::parse(&text).unwrap();
        let subject = Subject::new(&document, Origin { cloud: Some(cloud), ..Origin::default() }, &chart).unwrap();
        check(&subject).into_iter().map(|found| found.severity).collect()
    }

    const OTHER: &str = "example.org/team: red";

    #[test]
    fn a_public_balancer_that_does_not_read_them_is_an_error() {
        assert_eq!(found(Cloud::Hetzner, &[OTHER]), [Some(Severity::Error)]);
        assert_eq!(found(Cloud::Civo, &[OTHER]), [Some(Severity::Error)]);
    }

    #[test]
    fn what_is_not_known_is_an_info_and_what_is_read_is_silent() {
        assert_eq!(found(Cloud::Tencent, &[OTHER]), [Some(Severity::Info)]);
        for cloud in [Cloud::Aws, Cloud::Gcp, Cloud::Azure, Cloud::Oci, Cloud::Metallb, Cloud::Ovh] {
            assert_eq!(found(cloud, &[OTHER]), [], "{cloud}");
        }
    }

    #[test]
    fn what_they_need_besides_is_asked_for() {
        let vultr = "service.beta.kubernetes.io/vultr-loadbalancer-firewall-rules: 10.0.0.0/8,6379";
        assert_eq!(found(Cloud::Vultr, &[OTHER]), [None]);
        assert_eq!(found(Cloud::Vultr, &[vultr]), []);
        let nlb = "oci.oraclecloud.com/load-balancer-type: nlb";
        assert_eq!(found(Cloud::Oci, &[nlb]), [None]);
        assert_eq!(found(Cloud::Oci, &[nlb, "oci.oraclecloud.com/security-rule-management-mode: NSG"]), []);
    }

    #[test]
    fn the_annotation_of_old_gives_way_to_the_field() {
        let old = "service.beta.kubernetes.io/load-balancer-source-ranges: 10.0.0.0/8";
        assert_eq!(found(Cloud::Aws, &[old]), [None]);
    }
}
