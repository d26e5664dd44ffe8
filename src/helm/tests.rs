use super::*;

fn release<'a>() -> Release<'a> {
    Release {
        name: "backend-redis",
        namespace: "backend",
        create_namespace: true,
        repository: Repository::Oci,
        chart: "redis",
        version: "23.1.1",
        values: Values::File("redis-opts.yaml"),
        helm: Helm::Four,
        atomic: false,
        wait: false,
        timeout: None,
        dry_run: None,
        secret: None,
        needed: Vec::new(),
        set: Vec::new(),
    }
}

fn secret<'a>(keys: &[(&'a str, KeySource<'a>)]) -> Option<SecretStep<'a>> {
    Some(SecretStep { name: "redis-auth", keys: keys.to_vec() })
}

fn lines(release: &Release) -> Vec<String> {
    steps(release).unwrap().iter().map(|step| step.argv.words().collect::<Vec<_>>().join(" ")).collect()
}

fn refused(release: &Release) -> String {
    steps(release).unwrap_err().to_string()
}

#[test]
fn one_command_is_enough_for_a_registry() {
    assert_eq!(
        lines(&release()),
        ["helm upgrade --install backend-redis oci://registry-1.docker.io/bitnamicharts/redis --version 23.1.1 \
          --namespace backend --create-namespace -f redis-opts.yaml"]
    );
}

#[test]
fn a_classic_repository_is_made_known_first() {
    let release = Release { repository: Repository::Classic, create_namespace: false, ..release() };
    assert_eq!(
        lines(&release),
        [
            "helm repo add bitnami https://charts.bitnami.com/bitnami",
            "helm repo update bitnami",
            "helm upgrade --install backend-redis bitnami/redis --version 23.1.1 --namespace backend -f redis-opts.yaml",
        ]
    );
}

#[test]
fn repositories_as_they_are_written() {
    for (text, reference) in [
        ("oci", "oci://registry-1.docker.io/bitnamicharts/redis --version 23.1.1"),
        ("oci://registry.example.com:5000/charts/", "oci://registry.example.com:5000/charts/redis --version 23.1.1"),
        ("oci://registry.example.com/charts/redis", "oci://registry.example.com/charts/redis --version 23.1.1"),
        ("classic", "bitnami/redis --version 23.1.1"),
        ("https://charts.example.com/a b", ""),
        ("https://charts.example.com/x", "redis --repo https://charts.example.com/x --version 23.1.1"),
        ("./redis-23.1.1.tgz", "./redis-23.1.1.tgz"),
        ("/charts/my redis", "/charts/my redis"),
        ("redis", ""),
        ("charts/redis", ""),
        ("-x", ""),
        ("", ""),
        ("ftp://charts.example.com", ""),
        ("https://", ""),
        ("https://user:secret@charts.example.com", ""),
        ("oci://registry.example.com", ""),
        ("oci://registry.example.com/Charts", ""),
        ("oci://registry.example.com/charts/redis:23.1.1", ""),
        ("oci://registry.example.com/charts/redis@sha256:00", ""),
        ("oci:///charts", ""),
        ("./a\nb", ""),
    ] {
        match text.parse() {
            Ok(repository) => {
                let line = lines(&Release { repository, ..release() }).pop().unwrap();
                assert!(
                    line.starts_with(&format!("helm upgrade --install backend-redis {reference} --namespace")),
                    "{line}"
                );
                assert_ne!(reference, "", "{text}");
            }
            Err(error) => assert_eq!(reference, "", "{error}"),
        }
    }
}

#[test]
fn flags_in_the_words_of_the_helm_that_reads_them() {
    let asked = Release { atomic: true, wait: true, timeout: Some("10m"), dry_run: Some(DryRun::Server), ..release() };
    let flags = |helm| lines(&Release { helm, ..asked.clone() })[0].split_once("opts.yaml ").unwrap().1.to_owned();
    assert_eq!(flags(Helm::Three), "--atomic --wait --timeout 10m --dry-run=server");
    assert_eq!(flags(Helm::Four), "--rollback-on-failure --wait --timeout 10m --dry-run=server");
}

#[test]
fn what_is_missing_is_found_before_anything_is_made() {
    let release = Release {
        repository: Repository::Classic,
        secret: secret(&[("redis-password", KeySource::Variable("REDIS_PASSWORD"))]),
        needed: vec![Prerequisite::MonitoringNamespace("monitoring"), Prerequisite::TlsSecret("redis-tls")],
        ..release()
    };
    let kinds: Vec<_> = steps(&release).unwrap().iter().map(|step| step.kind).collect();
    use StepKind::{Check, Namespace, Release as Upgrade, Repository as Known, Secret};
    assert_eq!(kinds, [Check, Check, Known, Known, Namespace, Secret, Upgrade]);

    let tried = |how| {
        let steps = steps(&Release { dry_run: Some(how), ..release.clone() }).unwrap();
        steps.iter().map(|step| step.kind).collect::<Vec<_>>()
    };
    assert_eq!(tried(DryRun::Server), [Check, Check, Known, Known, Upgrade]);
    assert_eq!(tried(DryRun::Client), [Known, Known, Upgrade]);
}

#[test]
fn what_is_made_on_the_way_is_not_looked_for() {
    let release = Release {
        secret: secret(&[("redis-password", KeySource::Variable("REDIS_PASSWORD"))]),
        needed: vec![Prerequisite::MonitoringNamespace("backend"), Prerequisite::AclSecret("redis-auth")],
        ..release()
    };
    assert!(steps(&release).unwrap().iter().all(|step| step.kind != StepKind::Check));
    let steps = steps(&Release { create_namespace: false, ..release }).unwrap();
    assert_eq!(steps.iter().filter(|step| step.kind == StepKind::Check).count(), 1);
}

#[test]
fn a_password_is_on_no_command_line() {
    let keys = [("redis-password", KeySource::Variable("REDIS_PASSWORD")), ("ca", KeySource::File("a,b.crt"))];
    let steps = steps(&Release { secret: secret(&keys), create_namespace: false, ..release() }).unwrap();
    let step = &steps[0];
    assert_eq!(
        step.argv.words().collect::<Vec<_>>()[3..],
        [
            "generic",
            "redis-auth",
            "--namespace",
            "backend",
            "--from-file=redis-password=/dev/stdin",
            "--from-file=\"ca=a,b.crt\""
        ]
    );
    assert_eq!(step.unless.as_ref().unwrap().words().last(), Some("backend"));
    assert_eq!(step.stdin, Some(Stdin::Variable("REDIS_PASSWORD".to_owned())));
}

#[test]
fn a_secret_that_kubectl_could_not_make() {
    let refused = |keys: &[(&'static str, KeySource<'static>)]| refused(&Release { secret: secret(keys), ..release() });
    let variable = KeySource::Variable("A");
    assert_eq!(refused(&[]), "Secret `redis-auth` has no key: expected the key that the chart reads");
    assert_eq!(
        refused(&[("a", variable), ("b", variable)]),
        "keys `a` and `b` of Secret `redis-auth` both come from a variable, and kubectl reads only one value from \
         stdin. Use a file for one of them"
    );
    assert_eq!(
        refused(&[("a", variable), ("a", KeySource::File("b"))]),
        "Secret `redis-auth` has the key `a` twice: keep one of them"
    );
    assert!(refused(&[("a", KeySource::File("b=c"))]).contains("kubectl requires a path without `=`"));
}

#[test]
fn refusals_name_what_was_found_and_what_is_demanded() {
    assert_eq!(
        refused(&Release { name: "Redis\u{1b}", ..release() }),
        r"`Redis\u{1b}` is not a valid release name: Helm requires at most 53 of `a-z`, `0-9`, `-` and `.`, with a letter or digit at both ends of each part"
    );
    for (wrong, what) in [
        (Release { namespace: "a.b", ..release() }, "namespace name"),
        (Release { version: "^23", ..release() }, "chart version"),
        (Release { chart: "../redis", ..release() }, "chart name"),
        (Release { timeout: Some("10"), ..release() }, "timeout"),
        (Release { values: Values::File(""), ..release() }, "values file"),
        (Release { needed: vec![Prerequisite::AclSecret("a_b")], ..release() }, "Secret name"),
        (Release { needed: vec![Prerequisite::MonitoringNamespace("")], ..release() }, "namespace name"),
    ] {
        let message = refused(&wrong);
        assert!(message.contains(&format!("is not a valid {what}: ")), "{message}");
    }
    assert_eq!(steps(&Release { values: Values::Command(&[]), ..release() }), Err(Error::NoCommand));
}

#[test]
fn the_reasons_can_be_pasted_into_a_shell_that_takes_no_comments() {
    let release = Release {
        repository: Repository::Classic,
        secret: secret(&[("redis-password", KeySource::Variable("REDIS_PASSWORD"))]),
        needed: vec![
            Prerequisite::MonitoringNamespace("monitoring"),
            Prerequisite::TlsSecret("redis-tls"),
            Prerequisite::AclSecret("redis-acl"),
            Prerequisite::PullSecret("registry"),
        ],
        ..release()
    };
    let tried = Release { dry_run: Some(DryRun::Client), ..release.clone() };
    for step in [release, tried].iter().flat_map(|release| steps(release).unwrap()) {
        let plain = |c: char| c.is_ascii_alphanumeric() || " ,.:+-_".contains(c);
        assert!(step.why.chars().all(plain), "{}", step.why);
    }
}

#[test]
fn json_has_a_version_and_leaves_out_what_is_not() {
    let words = ["redisgen", "values"].map(str::to_owned);
    let release = Release {
        create_namespace: false,
        values: Values::Command(&words),
        secret: secret(&[("redis-password", KeySource::Variable("REDIS_PASSWORD"))]),
        ..release()
    };
    let json: serde_json::Value = serde_json::from_str(&steps_json(&steps(&release).unwrap())).unwrap();
    assert_eq!(json["version"], STEPS_VERSION);
    let [secret, upgrade] = json["steps"].as_array().unwrap().as_slice() else { panic!("{json}") };
    assert_eq!(secret["kind"], "secret");
    assert_eq!(secret["stdin"], serde_json::json!({ "variable": "REDIS_PASSWORD" }));
    assert_eq!(
        secret["unless"],
        serde_json::json!(["kubectl", "get", "secret", "redis-auth", "--namespace", "backend"])
    );
    assert_eq!(upgrade["stdin"], serde_json::json!({ "command": ["redisgen", "values"] }));
    assert_eq!(upgrade["argv"][0], "helm");
    assert!(upgrade.get("unless").is_none());
}
