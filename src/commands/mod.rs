//! One file a subcommand: its arguments, its reading and writing, one call into the core.

pub mod chart;
pub mod command;
pub mod completions;
pub mod explain;
pub mod files;
pub mod lint;
pub mod profiles;
pub mod rules;
pub mod style;
pub mod values;
pub mod wishes;
