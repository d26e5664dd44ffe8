//! Time of the parts of a run, from profiles to YAML: `cargo bench --bench core`.

use std::{fmt::Write, hint::black_box};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use redisgen::{
    chart::{self, Chart},
    plan,
    profile::{self, Embedded},
    values,
    yaml::{self, Map, Notes},
};

fn core(c: &mut Criterion) {
    let names = ["aws-internal".to_owned()];
    c.bench_function("resolve a profile", |b| {
        b.iter(|| profile::resolve(black_box(&names), &Embedded));
    });
    let options = profile::resolve(&names, &Embedded).expect("the profile is embedded");

    let newest = chart::newest();
    c.bench_function("open the newest chart and list its keys", |b| {
        b.iter(|| Chart::at(black_box(&newest)).map(|chart| chart.keys().map(black_box).count()));
    });
    let chart = Chart::at(&newest).expect("it is embedded");

    c.bench_function("settle a plan", |b| b.iter(|| plan::resolve(black_box(&options), None, &chart)));
    let plan = plan::resolve(&options, None, &chart).expect("the newest chart can do it");

    let (overlay, notes) = (Map::new(), Notes::new());
    c.bench_function("say it in values", |b| {
        b.iter(|| values::render(black_box(&plan), &chart, &overlay, |_| false));
    });
    let rendered = values::render(&plan, &chart, &overlay, |_| false);
    c.bench_function("write them", |b| b.iter(|| yaml::emit(black_box(&rendered.values), &notes)));

    let text = large_values();
    let mut large = c.benchmark_group("a values file of 100 KB");
    large.throughput(Throughput::Bytes(text.len() as u64));
    large.bench_function("read", |b| b.iter(|| yaml::read_values(black_box(&text))));
    let values = yaml::read_values(&text).expect("it is valid");
    large.bench_function("write", |b| b.iter(|| yaml::emit(black_box(&values), &notes)));
    large.finish();
}

/// Builds a typical values file: nested maps, lists, comments, quotes and block scalars.
fn large_values() -> String {
    let mut text = String::new();
    for number in 0.. {
        if text.len() >= 100_000 {
            break;
        }
        write!(
            text,
            "## The pods of team {number}\n\
             team{number}:\n  \
               replicaCount: {number}\n  \
               persistence:\n    \
                 enabled: false # nothing to keep\n    \
                 size: 8Gi\n  \
               service:\n    \
                 type: LoadBalancer\n    \
                 annotations:\n      \
                   service.beta.kubernetes.io/aws-load-balancer-internal: \"true\"\n    \
                 loadBalancerSourceRanges: [10.0.0.0/8, '172.16.0.0/12']\n  \
               configuration: |-\n    \
                 maxmemory {number}mb\n    \
                 maxmemory-policy allkeys-lru\n  \
               tolerations:\n    \
                 - key: dedicated\n      \
                   effect: NoSchedule\n"
        )
        .expect("memory takes text");
    }
    text
}

criterion_group!(benches, core);
criterion_main!(benches);
