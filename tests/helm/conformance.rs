//! What a flag promises is what the chart renders: every flag, in every topology, over the chart versions of
//! `versions()`, through a real `helm template` of the real chart.
//!
//! The charts are not here. `REDISGEN_CHARTS` names a folder that holds `VERSION/redis` for each; `tools/oracle` says
//! how it is filled. Without it the run checks that the values are still the ones that were proven (`proven.tsv`).
//!
//! - `REDISGEN_CHARTS=DIR cargo test --test helm conformance::` runs the representative slice
//! - `REDISGEN_VERSIONS=18.0.0,18.1.0` chooses versions
//! - `REDISGEN_MATRIX=broad` takes the last version of every minor
//! - `REDISGEN_MATRIX=full` runs all of it, `REDISGEN_MATRIX=record` also writes `proven.tsv` and `PROVEN.md`

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails, and says what it did")]

mod cases;
mod manifests;
mod matrix;
mod reference;

use crate::Check;

pub fn checks() -> Vec<Check> {
    vec![
        Check::new("every_flag_has_a_case", matrix::every_flag_has_a_case),
        Check::new("what_a_flag_promises_is_rendered", matrix::run),
    ]
}
