//! Tests of the facts and of what becomes of wishes. `matrix.txt` is every wish on every way to a load balancer; after a
//! change that is meant, write it anew with `REDISGEN_UPDATE=1 cargo test --lib cloud`, and read the difference.

mod laws;
mod matrix;
mod wishes;

use super::*;

/// A wish for the internal balancer of the reference scenario's ports.
pub(crate) fn wish(reach: Reachability) -> LoadBalancerRequest<'static> {
    LoadBalancerRequest { ports: &[6379, 26379], ..LoadBalancerRequest::new(reach) }
}

pub(crate) fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// A name as it is typed.
pub(crate) fn typed(value: impl clap::ValueEnum) -> String {
    refusal::word(value)
}
