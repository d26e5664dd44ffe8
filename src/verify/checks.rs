//! All checks, in the order of a report. Each has a file.

use super::check::Check;

mod addresses;
mod monitor;
mod nodes;
mod password;
mod persistence;
mod pods;
mod roles;
mod sentinels;
mod settings;
mod tls;
mod version;
mod writes;

pub const ALL: &[&Check] = &[
    &nodes::CHECK,
    &pods::CHECK,
    &addresses::CHECK,
    &tls::CHECK,
    &password::CHECK,
    &roles::CHECK,
    &sentinels::CHECK,
    &writes::CHECK,
    &version::CHECK,
    &settings::CHECK,
    &persistence::CHECK,
    &monitor::CHECK,
];
