//! Time to look up one chart version, compared with all versions: `cargo bench --bench catalogue`.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use redisgen::chart::{self, Chart, Requirement, Setting, Topology};
use semver::Version;

fn catalogue(c: &mut Criterion) {
    let version = Version::new(23, 1, 1);
    let chart = Chart::at(&version).expect("23.1.1 is embedded");
    c.bench_function("find one version", |b| b.iter(|| Chart::at(black_box(&version))));
    c.bench_function("one key of one version", |b| {
        b.iter(|| chart.key(black_box("sentinel.masterService.annotations")));
    });
    c.bench_function("the rank of a path", |b| {
        b.iter(|| chart.rank(black_box("sentinel.masterService.annotations.example")));
    });
    c.bench_function("the places of a word", |b| {
        b.iter(|| chart.places(black_box(Setting::Persistence), Topology::Sentinel));
    });
    c.bench_function("what is read of one key", |b| {
        b.iter(|| chart.read(black_box("sentinel.masterService.annotations"), Topology::Sentinel));
    });
    c.bench_function("all keys of one version", |b| b.iter(|| keys(&version)));
    let versions: Vec<Version> = chart::versions().map(|release| release.version).collect();
    c.bench_function("all keys of all versions", |b| b.iter(|| versions.iter().map(keys).sum::<usize>()));
    let requirement: Requirement = "^18".parse().expect("a range");
    c.bench_function("choose a version", |b| b.iter(|| requirement.choose(black_box(&versions))));
}

fn keys(version: &Version) -> usize {
    Chart::at(version).map_or(0, |chart| chart.keys().map(black_box).count())
}

criterion_group!(benches, catalogue);
criterion_main!(benches);
