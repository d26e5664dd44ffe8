//! One file a subcommand: its arguments, its reading and writing, one call into the core.

pub mod chart;
pub mod profiles;
