//! One file a subcommand: its arguments, its reading and writing, one call into the core.

mod advice;
pub mod chart;
pub mod command;
pub mod completions;
pub mod context;
pub mod diff;
pub mod explain;
pub mod files;
pub mod images;
pub mod lint;
mod loaded_file;
pub mod migrate;
pub mod profiles;
pub mod rules;
pub mod sources;
pub mod style;
mod value_tree;
pub mod values;
pub mod wishes;

/// The formats of a command whose output people and programs read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Text,
    Json,
}
