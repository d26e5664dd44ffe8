//! Runs the printed commands with real Helm.

#![allow(clippy::unwrap_used)] // as in the tests of the standard harness

use std::fs;

use redisgen::{
    helm::{CLASSIC_REPOSITORY, DryRun, Release, Repository, StepKind, Values, steps},
    templates::{Header, values_header},
    yaml,
};

use cluster::{Cluster, chart};

use crate::{Check, support::Helm};

mod cluster;

type ClusterCheck = fn(&Cluster);

const CHECKS: [(&str, ClusterCheck); 8] = [
    ("takes every flag", takes_every_flag),
    ("asks a registry for the chart", asks_a_registry),
    ("takes the chart from a classic repository", takes_the_chart_from_a_classic_repository),
    ("reads the values from stdin", reads_the_values_from_stdin),
    ("reads files of nasty names", reads_files_of_nasty_names),
    ("agrees about names", agrees_about_names),
    ("agrees about times", agrees_about_times),
    ("reads nothing in a header", reads_nothing_in_a_header),
];

pub fn checks() -> Vec<Check> {
    let mut checks = Vec::new();
    for (major, helm) in [3, 4].into_iter().zip(Helm::both()) {
        for (name, check) in CHECKS {
            checks.push(match &helm {
                Ok(helm) => {
                    let helm = helm.clone();
                    Check::panicking(format!("helm {major} {name}"), move || check(&Cluster::start(&helm)))
                }
                Err(missing) => Check::missing(&format!("helm {major} {name}"), missing),
            });
        }
    }
    checks
}

fn major(cluster: &Cluster) -> yaml::Helm {
    match cluster.helm.major {
        3 => yaml::Helm::Three,
        _ => yaml::Helm::Four,
    }
}

fn release<'a>(cluster: &Cluster) -> Release<'a> {
    Release {
        name: "backend-redis",
        namespace: "backend",
        create_namespace: true,
        repository: Repository::Path(chart().to_str().unwrap().to_owned()),
        chart: "redis",
        version: "1.0.0",
        values: Values::File("values.yaml"),
        helm: major(cluster),
        atomic: false,
        wait: false,
        timeout: None,
        dry_run: Some(DryRun::Client),
        secret: None,
        needed: Vec::new(),
        set: Vec::new(),
    }
}

/// The arguments of the steps of this kind, without the program.
fn args(release: &Release, kind: StepKind) -> Vec<Vec<String>> {
    let of_kind = steps(release).unwrap().into_iter().filter(|step| step.kind == kind);
    of_kind.map(|step| step.argv.words().skip(1).map(str::to_owned).collect()).collect()
}

/// Runs the last step and gives what Helm printed.
fn upgrade(cluster: &Cluster, release: &Release, stdin: &str) -> String {
    let args = args(release, StepKind::Release).remove(0);
    cluster.expect(&args.iter().map(String::as_str).collect::<Vec<_>>(), stdin)
}

fn takes_every_flag(cluster: &Cluster) {
    fs::write(cluster.path().join("values.yaml"), "read: here\n").unwrap();
    for bits in 0..16_u8 {
        let on = |bit: u8| bits & (1 << bit) != 0;
        for dry_run in [None, Some(DryRun::Client), Some(DryRun::Server)] {
            let release = Release {
                create_namespace: on(0),
                atomic: on(1),
                wait: on(2),
                timeout: on(3).then_some("1m30s"),
                dry_run,
                ..release(cluster)
            };
            let printed = upgrade(cluster, &release, "");
            assert!(!printed.contains("deprecated"), "{printed}");
            let outcome = if dry_run.is_some() { "\\\"read\\\":\\\"here\\\"" } else { "STATUS: deployed" };
            assert!(printed.contains(outcome), "{printed}");
        }
    }
}

/// Helm accepts all arguments and fails only at the network, because no registry is reachable.
fn asks_a_registry(cluster: &Cluster) {
    fs::write(cluster.path().join("values.yaml"), "").unwrap();
    for repository in ["oci", "oci://registry.example.com/charts"] {
        let release = Release { repository: repository.parse().unwrap(), ..release(cluster) };
        let args = args(&release, StepKind::Release).remove(0);
        let output = cluster.run(&args.iter().map(String::as_str).collect::<Vec<_>>(), "");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && stderr.contains("proxyconnect"), "{stderr}");
        let host = repository.split('/').nth(2).unwrap_or("registry-1.docker.io");
        assert!(stderr.contains(host), "{stderr}");
    }
}

fn takes_the_chart_from_a_classic_repository(cluster: &Cluster) {
    fs::write(cluster.path().join("values.yaml"), "read: here\n").unwrap();
    let direct = Release { repository: cluster.repository.parse().unwrap(), ..release(cluster) };
    assert!(upgrade(cluster, &direct, "").contains("here"));

    let named = Release { repository: Repository::Classic, ..direct };
    for _ in ["first", "again"] {
        for args in args(&named, StepKind::Repository) {
            let here = |arg: &String| arg.replace(CLASSIC_REPOSITORY, &cluster.repository);
            let args: Vec<String> = args.iter().map(here).collect();
            cluster.expect(&args.iter().map(String::as_str).collect::<Vec<_>>(), "");
        }
    }
    assert!(upgrade(cluster, &named, "").contains("here"));
}

fn reads_the_values_from_stdin(cluster: &Cluster) {
    let from = ["redisgen".to_owned(), "values".to_owned()];
    let release = Release { values: Values::Command(&from), ..release(cluster) };
    assert!(upgrade(cluster, &release, "read: piped\n").contains("piped"));
}

fn reads_files_of_nasty_names(cluster: &Cluster) {
    let names =
        ["-", "-f.yaml", "a,b", "a\"b", "\"", "a b", " ", "a:b", "1:b", ":", "a%20b", "ö'$x`", "#", "a?b", "-,\""];
    for name in names {
        fs::write(cluster.path().join(name), "read: here\n").unwrap();
        let printed = upgrade(cluster, &Release { values: Values::File(name), ..release(cluster) }, "read: stdin\n");
        assert!(printed.contains("here"), "{name}: {printed}");
        fs::remove_file(cluster.path().join(name)).unwrap();
    }
    // What is refused, Helm could not have read.
    fs::write(cluster.path().join("50%.yaml"), "read: here\n").unwrap();
    assert!(steps(&Release { values: Values::File("50%.yaml"), ..release(cluster) }).is_err());
    let path = chart();
    assert!(!cluster.run(&["template", "r", path.to_str().unwrap(), "-f", "./50%.yaml"], "").status.success());
}

fn agrees_about_names(cluster: &Cluster) {
    let (longest, longer) = ("a".repeat(53), "a".repeat(54));
    let names =
        ["redis", "1redis", "my.redis", &longest, &longer, "", "redis-", "a..b", ".a", "Redis", "a_b", "a\n", "ö"];
    let path = chart();
    for name in names {
        let ours = steps(&Release { name, values: Values::File("v"), ..release(cluster) }).is_ok();
        let theirs = cluster.run(&["template", name, path.to_str().unwrap()], "").status.success();
        assert_eq!(ours, theirs, "{name:?}");
    }
}

/// Except that a time has to be longer than zero, which Helm does not ask.
fn agrees_about_times(cluster: &Cluster) {
    let times = [
        "10m",
        "1h30m",
        ".5s",
        "1.s",
        "+1m",
        "1us",
        "1\u{b5}s",
        "1\u{3bc}s",
        "2562047h",
        "2562048h",
        "",
        "10",
        "m",
        ".s",
        "1..5s",
        "1.2.3s",
        "10 m",
        "1d",
        "10M",
        "+",
        "1m-1s",
    ];
    let path = chart();
    for time in times {
        let ours = steps(&Release { timeout: Some(time), ..release(cluster) }).is_ok();
        let theirs = cluster.run(&["template", "r", path.to_str().unwrap(), "--timeout", time], "").status.success();
        assert_eq!(ours, theirs, "{time:?}");
    }
}

fn reads_nothing_in_a_header(cluster: &Cluster) {
    let ascii = (0..=0xff_u32).filter_map(char::from_u32);
    let wide = ['\u{2028}', '\u{2029}', '\u{202e}', '\u{2066}', '\u{feff}', '\u{fffe}', '\u{ffff}', '\u{1f980}'];
    let facts: Vec<String> = ascii.chain(wide).map(|c| format!("a{c}b: 1")).collect();
    let command = ["redisgen".to_owned(), "values\nb: 1".to_owned()];
    let header = Header {
        generator: "redisgen\nc: 1",
        command: &command,
        hidden: None,
        chart: "redis",
        version: "1.0.0",
        app_version: None,
        released: None,
        facts: &facts,
        install: None,
    };
    fs::write(cluster.path().join("values.yaml"), values_header(&header).unwrap() + "read: here\n").unwrap();
    let printed = upgrade(cluster, &release(cluster), "");
    assert!(printed.contains(r#"values: "{\"read\":\"here\"}""#), "{printed}");
}
