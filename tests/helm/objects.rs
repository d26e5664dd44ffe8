//! The objects of `redisgen plan` are those of the real render: names, workloads, Services, ports, selectors, claims,
//! images, resources and rights, for versions, topologies and sets of values.
//!
//! `REDISGEN_CHARTS` names a folder that holds `VERSION/redis` for each version: then the real Helm renders a slice of
//! the versions, or all of them with `REDISGEN_MATRIX=full`. `REDISGEN_MATRIX=record` writes digests of what the slice
//! rendered to `rendered.tsv`. Without charts, the model is held against these digests.
//!
//! The names, selectors and ports of all versions are held against the measured rows of `objects.tsv`, too.
//!
//! `REDISGEN_RENDERS` names a folder that keeps renders from one run to the next.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails, and says what it did")]

mod facts;
mod matrix;
mod measured;
mod sets;

use crate::{Check, support::Helm};
use std::{env, path::PathBuf};

pub fn checks() -> Vec<Check> {
    let charts = env::var_os("REDISGEN_CHARTS").map(PathBuf::from);
    let [_, helm] = Helm::both();
    let ready = charts.is_some() && helm.is_ok();
    let real = move || matrix::real_renders(&helm.unwrap(), &charts.unwrap());
    vec![
        Check::new("objects_are_those_of_the_catalogue", measured::equal),
        Check::new("objects_are_those_that_were_rendered", matrix::recorded),
        Check::new("objects_are_those_of_the_real_render", real).ignored_if(!ready),
    ]
}
