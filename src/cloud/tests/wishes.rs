//! Single wishes: what is promised in so many words.

use super::*;

fn pairs<'a>(pairs: &'a [(&'a str, &'a str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn refused(cloud: Cloud, wish: &LoadBalancerRequest) -> Refusal {
    service(cloud, wish).expect_err("a refusal")
}

#[test]
fn aws_internal_is_internal_with_each_controller_and_nothing_else() {
    let service = service(Cloud::Aws, &wish(Reachability::Internal)).unwrap();
    let expected = pairs(&[
        ("service.beta.kubernetes.io/aws-load-balancer-internal", "true"),
        ("service.beta.kubernetes.io/aws-load-balancer-scheme", "internal"),
    ]);
    assert_eq!(service.annotations, expected);
    assert_eq!((service.class, service.load_balancer_ip), (None, None));
    assert_eq!(service.tcp_keepalive, Some(30), "half of the 60 s of a Classic Load Balancer");
}

#[test]
fn an_annotation_for_other_controllers_identifies_none() {
    let detected = |annotations: &[(&str, &str)]| -> Vec<String> {
        detect_controllers(Cloud::Aws, annotations, None).into_iter().map(|way| typed(way.controller)).collect()
    };
    let internal = ("service.beta.kubernetes.io/aws-load-balancer-internal", "true");
    let scheme = ("service.beta.kubernetes.io/aws-load-balancer-scheme", "internal");
    assert_eq!(detected(&[internal, scheme]), ["in-tree"]);
    assert_eq!(detected(&[scheme]), ["aws-load-balancer-controller", "eks-auto-mode"]);
    assert_eq!(detected(&[internal]), ["in-tree", "in-tree-nlb"]);
}

#[test]
fn aws_load_balancer_controller_goes_without_a_class_where_the_chart_has_no_key_for_it() {
    let controller = Some(LbController::AwsLoadBalancerController);
    let wish = LoadBalancerRequest { controller, class_available: false, ..wish(Reachability::Public) };
    let service = service(Cloud::Aws, &wish).unwrap();
    let expected = pairs(&[
        ("service.beta.kubernetes.io/aws-load-balancer-type", "external"),
        ("service.beta.kubernetes.io/aws-load-balancer-nlb-target-type", "instance"),
        ("service.beta.kubernetes.io/aws-load-balancer-scheme", "internet-facing"),
    ]);
    assert_eq!(service.annotations, expected);
    assert_eq!(service.class, None);
}

#[test]
fn a_class_without_an_alternative_is_required_or_refused() {
    let wish = LoadBalancerRequest { controller: Some(LbController::GkeClass), ..wish(Reachability::Internal) };
    let service = service(Cloud::Gcp, &wish).unwrap();
    assert_eq!(service.class.as_deref(), Some("networking.gke.io/l4-regional-internal"));
    assert!(service.class_required);
    let refusal = refused(Cloud::Gcp, &LoadBalancerRequest { class_available: false, ..wish });
    assert_eq!(refusal.wish, RequestedOption::LbController);
}

#[test]
fn idle_timeouts_are_told_in_the_unit_of_the_cloud() {
    let said = |cloud, controller, seconds| {
        let wish = LoadBalancerRequest { controller, idle_timeout: Some(seconds), ..wish(Reachability::Internal) };
        let annotations = service(cloud, &wish).unwrap().annotations;
        let detect_controllers = annotations
            .into_iter()
            .filter(|(key, _)| annotation(key).is_some_and(|row| row.kind == AnnotationKind::IdleTimeout));
        detect_controllers
            .map(|(key, value)| format!("{}={value}", key.rsplit('/').next().unwrap()))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let lbc = Some(LbController::AwsLoadBalancerController);
    assert_eq!(said(Cloud::Aws, None, 3600), "aws-load-balancer-connection-idle-timeout=3600");
    assert_eq!(
        said(Cloud::Aws, lbc, 3600),
        "aws-load-balancer-listener-attributes.TCP-6379=tcp.idle_timeout.seconds=3600 \
         aws-load-balancer-listener-attributes.TCP-26379=tcp.idle_timeout.seconds=3600"
    );
    assert_eq!(said(Cloud::Azure, None, 1800), "azure-load-balancer-tcp-idle-timeout=30");
    assert_eq!(said(Cloud::Azure, None, 301), "azure-load-balancer-tcp-idle-timeout=6", "rounded up, and said so");
    assert_eq!(said(Cloud::Openstack, None, 3600), "timeout-client-data=3600000 timeout-member-data=3600000");
    assert_eq!(said(Cloud::Stackit, None, 7200), "tcp-idle-timeout=7200s");
    assert_eq!(
        said(Cloud::Openstack, None, u32::MAX),
        "timeout-client-data=4294967295000 timeout-member-data=4294967295000"
    );
}

#[test]
fn minutes_that_do_not_come_out_even_are_known() {
    let rounded = |seconds| {
        let wish = LoadBalancerRequest { idle_timeout: Some(seconds), ..wish(Reachability::Internal) };
        service(Cloud::Azure, &wish).unwrap().rounded_minutes
    };
    assert_eq!(rounded(300), None);
    assert_eq!(rounded(301), Some(6));
}

#[test]
fn idle_timeouts_out_of_range_are_refused() {
    let lbc = Some(LbController::AwsLoadBalancerController);
    let cases = [
        (Cloud::Aws, None, 4000, 4001),
        (Cloud::Aws, None, 1, 0),
        (Cloud::Aws, lbc, 6000, 6001),
        (Cloud::Aws, lbc, 60, 59),
        (Cloud::Azure, None, 1800, 1801),
        (Cloud::Azure, None, 240, 239),
        (Cloud::Ibm, None, 7200, 7201),
    ];
    for (cloud, controller, good, bad) in cases {
        let wish =
            |seconds| LoadBalancerRequest { controller, idle_timeout: Some(seconds), ..wish(Reachability::Internal) };
        assert!(service(cloud, &wish(good)).is_ok(), "{cloud:?} {good}");
        assert_eq!(refused(cloud, &wish(bad)).wish, RequestedOption::IdleTimeout, "{cloud:?} {bad}");
    }
}

#[test]
fn what_is_set_for_each_port_needs_the_ports() {
    let controller = Some(LbController::AwsLoadBalancerController);
    let wish =
        LoadBalancerRequest { controller, idle_timeout: Some(600), ..LoadBalancerRequest::new(Reachability::Internal) };
    assert_eq!(refused(Cloud::Aws, &wish).wish, RequestedOption::IdleTimeout);
}

#[test]
fn a_controller_of_another_cloud_is_refused_with_those_that_are_there() {
    let refusal = refused(
        Cloud::Oci,
        &LoadBalancerRequest { controller: Some(LbController::GkeClass), ..wish(Reachability::Internal) },
    );
    assert_eq!(
        refusal.to_string(),
        "the controller creates no load balancers on this cloud (`oci` with `gke-class`). Use `oci-lb` or `oci-nlb`"
    );
}

#[test]
fn the_default_on_linode_goes_by_the_reach() {
    let controller = |reach| {
        service(Cloud::Linode, &LoadBalancerRequest { subnet: None, ..wish(reach) }).map(|service| service.controller)
    };
    assert_eq!(controller(Reachability::Public), Ok(LbController::LinodeClassic));
    assert_eq!(controller(Reachability::Internal).unwrap_err().wish, RequestedOption::Subnet);
}

#[test]
fn addresses_out_of_a_pool_are_internal_only_by_pool_or_address() {
    for cloud in [Cloud::Metallb, Cloud::KubeVip, Cloud::Cilium] {
        let wish = wish(Reachability::Internal);
        assert_eq!(refused(cloud, &wish).wish, RequestedOption::InternalLb);
        assert!(service(cloud, &LoadBalancerRequest { static_address: Some("10.0.0.5"), ..wish }).is_ok());
        let by_pool = service(cloud, &LoadBalancerRequest { subnet: Some("private"), ..wish });
        assert_eq!(by_pool.is_ok(), cloud == Cloud::Metallb);
    }
}

#[test]
fn what_goes_into_json_stays_json() {
    let ranges = strings(&["10.0.0.0/8", "fd00::/8"]);
    let acl = |ranges| {
        let annotations =
            service(Cloud::Linode, &LoadBalancerRequest { source_ranges: ranges, ..wish(Reachability::Public) });
        annotations.unwrap().annotations.remove(0).1
    };
    assert_eq!(acl(&ranges), r#"{"allowList":{"ipv4":["10.0.0.0/8"],"ipv6":["fd00::/8"]}}"#);
    assert_eq!(acl(&ranges[1..]), r#"{"allowList":{"ipv6":["fd00::/8"]}}"#);
    let odd = r#"a"b\${port}""#;
    for cloud in [Cloud::Upcloud, Cloud::Cloudscale] {
        let annotations = service(cloud, &LoadBalancerRequest { subnet: Some(odd), ..wish(Reachability::Internal) })
            .unwrap()
            .annotations;
        let value: serde_json::Value = serde_json::from_str(&annotations[0].1).unwrap();
        let found = value.pointer("/networks/0/uuid").or_else(|| value.pointer("/0/subnet"));
        assert_eq!(found.and_then(serde_json::Value::as_str), Some(odd));
    }
}

#[test]
fn several_addresses_do_not_fit_into_one_field() {
    let two = LoadBalancerRequest { static_address: Some("10.0.0.5,10.0.0.6"), ..wish(Reachability::Internal) };
    assert_eq!(refused(Cloud::Gcp, &two).wish, RequestedOption::StaticAddress);
    let controller = Some(LbController::AwsLoadBalancerController);
    assert!(service(Cloud::Aws, &LoadBalancerRequest { controller, ..two }).is_ok());
}

#[test]
fn empty_wishes_are_refused() {
    let ranges = strings(&["10.0.0.0/8", " "]);
    let cases = [
        (RequestedOption::Subnet, LoadBalancerRequest { subnet: Some(""), ..wish(Reachability::Internal) }),
        (
            RequestedOption::StaticAddress,
            LoadBalancerRequest { static_address: Some(" "), ..wish(Reachability::Internal) },
        ),
        (RequestedOption::SourceRanges, LoadBalancerRequest { source_ranges: &ranges, ..wish(Reachability::Internal) }),
        (RequestedOption::IdleTimeout, LoadBalancerRequest { idle_timeout: Some(0), ..wish(Reachability::Internal) }),
    ];
    for (name, wish) in cases {
        assert_eq!(refused(Cloud::Azure, &wish).wish, name);
    }
}

#[test]
fn what_a_value_means_depends_on_the_annotation() {
    let internal = |key: &str, value| annotation(key).unwrap().makes_internal(value);
    let aws = "service.beta.kubernetes.io/aws-load-balancer-internal";
    assert_eq!(
        [internal(aws, "0.0.0.0/0"), internal(aws, "False"), internal(aws, "false")],
        [Some(true), Some(true), Some(false)]
    );
    let azure = "service.beta.kubernetes.io/azure-load-balancer-internal";
    assert_eq!([internal(azure, "true"), internal(azure, "True")], [Some(true), Some(false)]);
    let gke = "networking.gke.io/load-balancer-type";
    assert_eq!([internal(gke, "internal"), internal(gke, "INTERNAL")], [Some(true), Some(false)]);
    let oci = "service.beta.kubernetes.io/oci-load-balancer-internal";
    assert_eq!([internal(oci, "T"), internal(oci, "yes")], [Some(true), Some(false)]);
    assert_eq!(internal("service.beta.kubernetes.io/aws-load-balancer-subnets", "a"), None);
}

#[test]
fn an_annotation_is_found_by_its_key_or_its_longest_beginning() {
    let kind = |key: &str| annotation(key).map(|row| row.kind);
    assert_eq!(kind("alb.ingress.kubernetes.io/scheme"), Some(AnnotationKind::IngressOnly));
    assert_eq!(kind("kubernetes.io/ingress.class"), Some(AnnotationKind::IngressOnly));
    assert!(annotation("service.beta.kubernetes.io/alicloud-loadbalancer-address-type").unwrap().deprecated);
    assert_eq!(
        kind("service.beta.kubernetes.io/aws-load-balancer-listener-attributes.TCP-6379"),
        Some(AnnotationKind::IdleTimeout)
    );
    assert_eq!(kind("external-dns.kubernetes.io/ttl"), Some(AnnotationKind::ExternalDns));
    assert_eq!(kind("beta.kubernetes.io/azure-loadbalancer-internal"), None);
}

#[test]
fn durations_are_read_as_go_does() {
    let takes = |value| annotation("lb.stackit.cloud/tcp-idle-timeout").unwrap().takes(value);
    assert!(["60s", "1h30m", "1.5h", "0", "250ms", "2µs"].into_iter().all(takes));
    assert!(!["", "60", "s", "1 s", "1d", "-1s", "1h30", "."].into_iter().any(takes));
}

#[test]
fn external_dns_is_asked_by_the_prefix_of_its_version() {
    let (key, value) = external_dns("redis.example.com", ExternalDnsPrefix::Alpha);
    assert_eq!((key.as_str(), value.as_str()), ("external-dns.alpha.kubernetes.io/hostname", "redis.example.com"));
    assert_eq!(external_dns("a", ExternalDnsPrefix::Current).0, "external-dns.kubernetes.io/hostname");
    let current = external_dns_prefixes().iter().find(|row| row.name == ExternalDnsPrefix::Current);
    assert_eq!(current.and_then(|row| row.from), Some("0.22.0"));
    assert!(external_dns_prefixes().iter().all(|row| row.prefix == row.name.as_str()));
}

#[test]
fn times_are_read_in_the_unit_of_their_annotation() {
    let seconds = |key: &str, value| annotation(key).unwrap().seconds(value);
    assert_eq!(seconds("service.beta.kubernetes.io/azure-load-balancer-tcp-idle-timeout", "4"), Some(240.0));
    assert_eq!(seconds("loadbalancer.openstack.org/timeout-client-data", "50000"), Some(50.0));
    assert_eq!(seconds("lb.stackit.cloud/tcp-idle-timeout", "1h30m"), Some(5400.0));
    assert_eq!(seconds("service.beta.kubernetes.io/oci-load-balancer-connection-idle-timeout", "10m"), None);
    assert_eq!(seconds("service.beta.kubernetes.io/aws-load-balancer-internal", "1"), None);
}

#[test]
fn annotations_and_class_tell_who_makes_the_balancer() {
    let ways = |cloud, annotations: &[(&str, &str)], class| -> Vec<String> {
        detect_controllers(cloud, annotations, class).into_iter().map(|way| typed(way.controller)).collect()
    };
    let internal = ("service.beta.kubernetes.io/aws-load-balancer-internal", "true");
    let nlb = ("service.beta.kubernetes.io/aws-load-balancer-type", "nlb");
    let scheme = ("service.beta.kubernetes.io/aws-load-balancer-scheme", "internal");
    assert_eq!(ways(Cloud::Aws, &[internal], None), ["in-tree", "in-tree-nlb"]);
    assert_eq!(ways(Cloud::Aws, &[internal, nlb], None), ["in-tree-nlb"]);
    assert_eq!(ways(Cloud::Aws, &[nlb, scheme], None), [""; 0], "they contradict each other");
    assert_eq!(ways(Cloud::Aws, &[], Some("eks.amazonaws.com/nlb")), ["eks-auto-mode"]);
    assert_eq!(ways(Cloud::Aws, &[], Some("example.org/mine")), [""; 0]);
    let target = ("service.beta.kubernetes.io/aws-load-balancer-nlb-target-type", "ip");
    assert_eq!(ways(Cloud::Aws, &[target, scheme], None), ["aws-load-balancer-controller", "eks-auto-mode"]);
    assert_eq!(ways(Cloud::Oci, &[("oci.oraclecloud.com/load-balancer-type", "nlb")], None), ["oci-nlb"]);
    assert_eq!(ways(Cloud::Azure, &[internal], None), ["cloud-controller-manager"]);
}
