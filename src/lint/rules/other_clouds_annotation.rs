//! See `other_clouds_annotation.md`: the help text, the web page and the test of this rule.

use crate::{
    cloud::{self, ADDRESS_POOLS, AnnotationKind, Cloud, Visibility},
    lint::{
        prelude::*,
        services::{Annotation, Service, annotations, balancer::internal_annotation, load_balancers},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "other-clouds-annotation",
    group: Group::Access,
    severity: Severity::Warning,
    summary: "annotation that this cloud or this kind of load balancer does not read",
    docs: include_str!("other_clouds_annotation.md"),
    fix: FixAvailability::None,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let of_load_balancers = annotations(subject).filter(|(service, _)| service.is_load_balancer());
    let unread = of_load_balancers.filter_map(|(service, annotation)| unread(&service, annotation));
    let mixed =
        load_balancers(subject).filter(|_| subject.origin.cloud.is_none()).filter_map(|service| mixed(&service));
    unread.chain(mixed).collect()
}

/// The facts about an annotation of certain clouds. None for an annotation that belongs to no cloud, to an Ingress, or to
/// a controller for every cloud.
fn owned(annotation: &Annotation) -> Option<&'static cloud::Annotation> {
    let known = annotation.facts?;
    let somebodys = !known.clouds.is_empty() && !known.clouds.iter().any(|cloud| ADDRESS_POOLS.contains(cloud));
    (somebodys && known.kind != AnnotationKind::IngressOnly).then_some(known)
}

/// The finding about an annotation that the known cloud does not read, or that the selected load balancer does not read.
fn unread(service: &Service, annotation: &Annotation) -> Option<Finding> {
    let known = owned(annotation)?;
    let cloud = service.subject.origin.cloud;
    let elsewhere = cloud.filter(|cloud| !known.clouds.contains(cloud));
    let finding = match (elsewhere, service.unmet_condition(known)) {
        (Some(cloud), _) => {
            let message = format!("`{}` works on {}, not on {cloud}", annotation.key, names(&known.clouds));
            Finding::at(annotation.key_span, message).labelled("no effect here")
        }
        (None, Some(condition)) => {
            let verb = if condition.is { "only with" } else { "only without" };
            let message = format!("`{}` works {verb} `{}: {}`", annotation.key, condition.key, condition.value);
            let finding = Finding::at(annotation.key_span, message).labelled("no effect here");
            match service.all_annotations().find(|other| other.key == condition.key) {
                Some(other) => finding.mark(other.key_span, "this annotation selects another kind of load balancer"),
                None => finding,
            }
        }
        (None, None) => return None,
    };
    let meant = annotation.text().and_then(|text| known.makes_internal(text)) == Some(true);
    let Some(cloud) = cloud.filter(|_| meant && service.visibility() == Visibility::Unset) else {
        let open = meant && service.visibility() == Visibility::Unset;
        return Some(if open { finding.severity(Severity::Error) } else { finding });
    };
    let finding = finding.severity(Severity::Error);
    Some(match internal_annotation(cloud) {
        Some((key, value)) => {
            finding.help(format!("on {cloud}, set `{key}: \"{value}\"` to make the load balancer internal"))
        }
        None => finding,
    })
}

/// The finding about annotations of different clouds, if the cloud is unknown.
fn mixed(service: &Service) -> Option<Finding> {
    let mut all: Vec<(&Annotation, &cloud::Annotation)> =
        service.annotations.iter().filter_map(|one| Some((one, owned(one)?))).collect();
    all.sort_by_key(|(one, _)| one.key_span.start);
    let (first, known) = *all.first()?;
    // OVHcloud also reads the annotations of OpenStack.
    let apart = |other: &&cloud::Annotation| !other.clouds.iter().any(|cloud| known.clouds.contains(cloud));
    let (other, of_other) = all.iter().find(|(_, other)| apart(other))?;
    let (one, two) = (names(&known.clouds), names(&of_other.clouds));
    let message =
        format!("`{}` works on {two}, but `{}` works on {one}: one of them has no effect", other.key, first.key);
    let finding =
        Finding::at(other.key_span, message).labelled(format!("for {two}")).mark(first.key_span, format!("for {one}"));
    let is_mentioned = |cloud: &Cloud| {
        all.iter().any(|(one, known)| {
            let internal = one.text().and_then(|text| known.makes_internal(text));
            known.clouds.contains(cloud) && internal == Some(true)
        })
    };
    let [here, there] = [known, of_other].map(|known| known.clouds.iter().any(is_mentioned));
    Some(match (here, there) {
        (true, false) => finding.help(format!("on {two} no annotation makes this load balancer internal")),
        (false, true) => finding.help(format!("on {one} no annotation makes this load balancer internal")),
        // The values are for several clouds.
        (true, true) | (false, false) => finding.severity(Severity::Info),
    })
}

fn names(clouds: &[Cloud]) -> String {
    let names: Vec<String> = clouds.iter().map(Cloud::to_string).collect();
    names.join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{chart::Chart, source::Origin, yaml::Document};

    fn found(cloud: Option<Cloud>, annotations: &[&str]) -> Vec<(String, Option<Severity>)> {
        let chart = Chart::at(&"23.1.1".parse().unwrap()).unwrap();
        let lines: String = annotations.iter().map(|line| format!("      {line}\n")).collect();
        let text = format!("master:\n  service:\n    type: LoadBalancer\n    annotations:\n{lines}");
        let document = Document::parse(&text).unwrap();
        let subject = Subject::new(&document, Origin { cloud, ..Origin::default() }, &chart).unwrap();
        check(&subject).into_iter().map(|found| (found.message, found.severity)).collect()
    }

    const AWS: &str = "service.beta.kubernetes.io/aws-load-balancer-internal: \"true\"";
    const GCP: &str = "networking.gke.io/load-balancer-type: Internal";

    #[test]
    fn what_makes_nothing_internal_on_the_known_cloud_is_an_error() {
        let errors = found(Some(Cloud::Gcp), &[AWS]);
        assert_eq!(errors.len(), 1);
        assert!(errors[0].0.ends_with("works on aws, not on gcp"), "{errors:?}");
        assert_eq!(errors[0].1, Some(Severity::Error));
        assert_eq!(found(Some(Cloud::Gcp), &[AWS, GCP])[0].1, None, "a warning, for it is internal all the same");
        assert_eq!(found(Some(Cloud::Aws), &[AWS]), []);
    }

    #[test]
    fn each_cloud_with_its_own_is_worth_an_info() {
        assert_eq!(found(None, &[AWS, GCP])[0].1, Some(Severity::Info));
        assert_eq!(found(None, &[AWS, "cloud.google.com/network-tier: Standard"])[0].1, None);
    }

    #[test]
    fn what_several_clouds_read_and_what_runs_everywhere_is_no_mix() {
        let octavia = "service.beta.kubernetes.io/openstack-internal-load-balancer: \"true\"";
        assert_eq!(found(None, &[octavia, "loadbalancer.ovhcloud.com/class: octavia"]), []);
        assert_eq!(found(None, &[AWS, "lbipam.cilium.io/ips: 10.0.0.9", "prometheus.io/scrape: \"true\""]), []);
        assert_eq!(found(Some(Cloud::K3s), &["metallb.io/address-pool: inside"]), []);
    }
}
